// Package wire is the binary encoding of Starknet's nouns for ledgers and links.
//
// It has one encoding for each value, so that equal values give equal bytes and back. An integer is an
// unsigned varint of the fewest bytes; a felt is its length in bytes and then those, most significant
// first, without leading zeros; a list is its length and its items. A [Reader] refuses everything else,
// and before it allocates a list it checks that the input is long enough for it.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// ErrMalformed is wrapped by every error of this package.
var ErrMalformed = errors.New("malformed encoding")

// AppendUint appends an integer.
func AppendUint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

// AppendBool appends a boolean.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendFelt appends a felt.
func AppendFelt(dst []byte, v felt.Felt) []byte {
	n := (v.BitLen() + 7) / 8
	b := v.Bytes()
	dst = append(dst, byte(n))
	return append(dst, b[felt.Size-n:]...)
}

// AppendFelts appends a list of felts.
func AppendFelts(dst []byte, vs []felt.Felt) []byte {
	dst = AppendUint(dst, uint64(len(vs)))
	for _, v := range vs {
		dst = AppendFelt(dst, v)
	}
	return dst
}

// AppendBytes appends a byte string.
func AppendBytes(dst, v []byte) []byte { return append(AppendUint(dst, uint64(len(v))), v...) }

// AppendText appends a string. What is not UTF-8 in it becomes U+FFFD.
func AppendText(dst []byte, v string) []byte {
	v = strings.ToValidUTF8(v, "\uFFFD")
	return append(AppendUint(dst, uint64(len(v))), v...)
}

// AppendList appends a list whose items item appends.
func AppendList[T any](dst []byte, vs []T, item func(dst []byte, v *T) []byte) []byte {
	dst = AppendUint(dst, uint64(len(vs)))
	for i := range vs {
		dst = item(dst, &vs[i])
	}
	return dst
}

// Reader decodes from front to back. It keeps its first error and then returns zero values.
type Reader struct {
	rest []byte
	what string
	err  error
}

// NewReader returns a reader of data. what names the noun in errors.
func NewReader(data []byte, what string) *Reader { return &Reader{rest: data, what: what} }

// Failf sets the error, unless there is one already.
func (r *Reader) Failf(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("decode %s: %s (%w, %d bytes from the end)",
			r.what, fmt.Sprintf(format, args...), ErrMalformed, len(r.rest))
		r.rest = nil
	}
}

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Finish returns the first error, or one if bytes are left.
func (r *Reader) Finish() error {
	if len(r.rest) != 0 {
		r.Failf("trailing bytes")
	}
	return r.err
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.Failf("input ends")
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// Version reads the first byte of an encoding and fails unless it is want.
func (r *Reader) Version(want byte) {
	if v := r.Byte(); r.err == nil && v != want {
		r.Failf("version %d, want %d", v, want)
	}
}

// Bool reads a boolean.
func (r *Reader) Bool() bool { return r.Below(2) == 1 }

// Below reads one byte that must be below n.
func (r *Reader) Below(n byte) byte {
	b := r.Byte()
	if b >= n {
		r.Failf("byte %d, want below %d", b, n)
		return 0
	}
	return b
}

// Uint reads an integer.
func (r *Reader) Uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || n > 1 && r.rest[n-1] == 0 {
		r.Failf("bad integer")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Count reads the length of a list whose items take at least size bytes each.
func (r *Reader) Count(size int) int {
	n := r.Uint()
	if n > uint64(len(r.rest)/max(size, 1)) {
		r.Failf("list of %d items", n)
		return 0
	}
	return int(n)
}

// Felt reads a felt.
func (r *Reader) Felt() (z felt.Felt) {
	n := int(r.Byte())
	if n > felt.Size || n > len(r.rest) || n > 0 && r.rest[0] == 0 {
		r.Failf("bad felt")
		return z
	}
	var b [felt.Size]byte // words of its own, since what felt decodes escapes to the heap
	copy(b[felt.Size-n:], r.rest[:n])
	for i := range z {
		z[3-i] = binary.BigEndian.Uint64(b[8*i:])
	}
	if !z.Valid() {
		r.Failf("felt not below the prime")
		return felt.Felt{}
	}
	r.take(n)
	return z
}

// take consumes n bytes, which must be there unless there is an error.
func (r *Reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Felts reads a list of felts; nil if it is empty.
func (r *Reader) Felts() []felt.Felt {
	n := r.Count(1)
	if n == 0 {
		return nil
	}
	out := make([]felt.Felt, n)
	for i := range out {
		out[i] = r.Felt()
	}
	return out
}

// Bytes reads a byte string, which shares the memory of the input; nil if it is empty.
func (r *Reader) Bytes() []byte {
	n := r.Count(1)
	if n == 0 {
		return nil
	}
	return r.take(n)
}

// Text reads a string.
func (r *Reader) Text() string {
	b := r.Bytes()
	if !utf8.Valid(b) {
		r.Failf("text is not UTF-8")
		return ""
	}
	return string(b)
}

// List reads a list whose items take at least size bytes each; nil if it is empty.
func List[T any](r *Reader, size int, item func(r *Reader, v *T)) []T {
	n := r.Count(size)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		if item(r, &out[i]); r.err != nil {
			return nil
		}
	}
	return out
}

// AppendUint128 appends an integer below 2^128: its length in bytes and those, as a felt.
func AppendUint128(dst []byte, hi, lo uint64) []byte { return AppendFelt(dst, felt.Felt{lo, hi}) }

// Uint128 reads an integer below 2^128.
func (r *Reader) Uint128() (hi, lo uint64) {
	v := r.Felt()
	if v[2]|v[3] != 0 {
		r.Failf("integer of %d bits", 128+bits.Len64(v[2]))
		return 0, 0
	}
	return v[1], v[0]
}
