package codec

import (
	"errors"
	"fmt"
	"slices"
)

// ErrMalformed says that bytes are not an encoding of the value that was asked for. Errors that wrap it say where.
var ErrMalformed = errors.New("malformed")

// Decoder is a cursor over an encoding. Its methods read one value after the other, in the order in which they
// were appended. After the first error they return zero values and leave their targets in an unspecified, but
// valid, state; [Decoder.Err] and [Decoder.End] say what was wrong and where.
type Decoder struct {
	all  []byte
	at   int
	err  error  // the first
	what string // path of the value with the error, from the outside in
	site int    // offset of the error
}

// NewDecoder returns a cursor at the start of b. It never changes b and never keeps parts of it in what it decodes.
func NewDecoder(b []byte) *Decoder { return &Decoder{all: b} }

// Reset moves the cursor to the start of b and forgets the error.
func (d *Decoder) Reset(b []byte) { *d = Decoder{all: b} }

// Len returns the number of bytes that are left.
func (d *Decoder) Len() int { return len(d.all) - d.at }

// Rest returns the bytes that are left, where they lie.
func (d *Decoder) Rest() []byte { return d.all[d.at:] }

// Err returns what was wrong so far, nil if nothing was. It is [ErrMalformed].
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return fmt.Errorf("codec: %s at byte %d: %w: %w", d.what, d.site, ErrMalformed, d.err)
}

// End returns Err, or an error if bytes are left: whoever decodes a payload ends with it.
func (d *Decoder) End() error {
	if d.err == nil && d.at != len(d.all) {
		d.fail("end", fmt.Errorf("%d bytes too many", d.Len()))
	}
	return d.Err()
}

// Fail says that the value of that name, which was read last, is wrong: for whoever knows more of it than that it is a number.
func (d *Decoder) Fail(what string, err error) { d.fail(what, err) }

// fail records the first error, at the cursor, and lets nothing more be read.
func (d *Decoder) fail(what string, err error) {
	if d.err == nil {
		d.err, d.what, d.site = err, what, d.at
		d.at = len(d.all)
	}
}

// within puts the name of the enclosing value in front of the path of the error, if there is one. The caller has
// made sure that there was none before its value began.
func (d *Decoder) within(what string) {
	if d.err != nil {
		d.what = what + "." + d.what
	}
}

// take returns the next n bytes; nil, and an error, if there are fewer.
func (d *Decoder) take(what string, n int) []byte {
	if d.Len() < n {
		d.fail(what, fmt.Errorf("needs %d bytes, %d left", n, d.Len()))
		return nil
	}
	b := d.all[d.at : d.at+n : d.at+n]
	d.at += n
	return b
}

// Count reads the count of a column whose entries take at least size bytes each. It returns no more than what is
// left has room for. what names the column in errors.
func (d *Decoder) Count(what string, size int) int {
	b := d.take(what, 4)
	if b == nil {
		return 0
	}
	n := uint64(le.Uint32(b))
	if n > uint64(d.Len()/size) {
		d.at -= 4
		d.fail(what, fmt.Errorf("%d entries of %d bytes, %d bytes left", n, size, d.Len()-4))
		return 0
	}
	return int(n)
}

// column reads the count of a column of fixed-size entries and returns it with the bytes of all of them.
func (d *Decoder) column(what string, size int) (int, []byte) {
	n := d.Count(what, size)
	return n, d.take(what, n*size)
}

// Uint8 reads one byte.
func (d *Decoder) Uint8() uint8 {
	if b := d.take("u8", 1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads two bytes.
func (d *Decoder) Uint16() uint16 {
	if b := d.take("u16", 2); b != nil {
		return le.Uint16(b)
	}
	return 0
}

// Uint32 reads four bytes.
func (d *Decoder) Uint32() uint32 {
	if b := d.take("u32", 4); b != nil {
		return le.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (d *Decoder) Uint64() uint64 {
	if b := d.take("u64", 8); b != nil {
		return le.Uint64(b)
	}
	return 0
}

// Int64 reads eight bytes, two's complement.
func (d *Decoder) Int64() int64 { return int64(d.Uint64()) }

// Bool reads a byte that is 0 or 1.
func (d *Decoder) Bool() bool {
	b := d.take("bool", 1)
	if b == nil {
		return false
	}
	if b[0] > 1 {
		d.at--
		d.fail("bool", fmt.Errorf("is %d, not 0 or 1", b[0]))
		return false
	}
	return b[0] == 1
}

// Bytes reads bytes into the memory of dst.
func (d *Decoder) Bytes(dst []byte) []byte { return append(dst[:0], d.bytes("bytes")...) }

// String reads a string. It returns old, and allocates nothing, if that is what it reads.
func (d *Decoder) String(old string) string {
	if b := d.bytes("string"); string(b) != old {
		return string(b)
	}
	return old
}

// bytes returns the next byte column where it lies in the input.
func (d *Decoder) bytes(what string) []byte {
	_, b := d.column(what, 1)
	return b
}

// AppendBytes appends b with its length.
func AppendBytes(dst, b []byte) []byte {
	return append(le.AppendUint32(dst, uint32(len(b))), b...)
}

// AppendString appends s as AppendBytes does.
func AppendString(dst []byte, s string) []byte {
	return append(le.AppendUint32(dst, uint32(len(s))), s...)
}

// AppendBool appends a byte that is 0 or 1.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// resize returns s with length n. The entries that s had room for keep their memory, to be decoded into.
func resize[T any](s []T, n int) []T {
	if n > cap(s) {
		s = slices.Grow(s[:cap(s)], n-cap(s))
	}
	return s[:n]
}
