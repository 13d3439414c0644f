package strictjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case 't':
		return r.literal("true")
	case 'f':
		r.literal("false")
		return false
	}
	r.unexpected("a boolean")
	return false
}

// number reads a number in JSON's grammar and returns its text, and whether it is an integer.
func (r *Reader) number() (text []byte, integer bool) {
	r.peek()
	start := r.pos
	r.skipByte('-')
	if r.skipByte('0') {
		if r.digits() > 0 {
			r.Failf("number with a leading zero")
		}
	} else if r.digits() == 0 {
		r.unexpected("a digit")
	}
	integer = true
	if r.skipByte('.') {
		if integer = false; r.digits() == 0 {
			r.unexpected("a digit")
		}
	}
	if r.skipByte('e') || r.skipByte('E') {
		integer = false
		if !r.skipByte('+') {
			r.skipByte('-')
		}
		if r.digits() == 0 {
			r.unexpected("a digit")
		}
	}
	return r.data[start:r.pos], integer
}

func (r *Reader) skipByte(c byte) bool {
	if r.err == nil && r.pos < len(r.data) && r.data[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *Reader) digits() (n int) {
	for r.err == nil && r.pos < len(r.data) && '0' <= r.data[r.pos] && r.data[r.pos] <= '9' {
		r.pos++
		n++
	}
	return n
}

// Integer reads an integer and returns its digits, with its sign.
func (r *Reader) Integer() []byte {
	if c := r.peek(); c != '-' && (c < '0' || c > '9') {
		r.unexpected("an integer")
		return nil
	}
	text, integer := r.number()
	if !integer {
		r.Failf("want an integer, have %s", clip(text))
	}
	return text
}

// Uint64 reads an integer from 0 to 2^64-1.
func (r *Reader) Uint64() uint64 {
	text := r.Integer()
	if r.err != nil {
		return 0
	}
	v, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		r.Failf("%s is not in 0..2^64-1", clip(text))
	}
	return v
}

// Uint128 reads an integer from 0 to 2^128-1.
func (r *Reader) Uint128() (hi, lo uint64) {
	text := r.Integer()
	for _, d := range text {
		c1, l := bits.Mul64(lo, 10)
		over, h := bits.Mul64(hi, 10)
		l, c := bits.Add64(l, uint64(d-'0'), 0)
		h, c2 := bits.Add64(h, c1, c)
		if d == '-' || over|c2 != 0 {
			r.Failf("%s is not in 0..2^128-1", clip(text))
			return 0, 0
		}
		hi, lo = h, l
	}
	return hi, lo
}

// Text reads a string.
func (r *Reader) Text() string {
	raw := r.RawString()
	if r.err != nil {
		return ""
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	return string(appendUnescaped(nil, inner))
}

// Is reads a string and fails unless it is want.
func (r *Reader) Is(want string) {
	if s := r.Text(); r.err == nil && s != want {
		r.Failf("want %q, have %q", want, clip([]byte(s)))
	}
}

// hexWords reads a string of "0x" and 1 to 64 hexadecimal digits in either case. The words are little-endian.
func (r *Reader) hexWords() (w [4]uint64) {
	raw := r.RawString()
	if r.err != nil {
		return w
	}
	s := raw[1 : len(raw)-1]
	if len(s) < 3 || len(s) > 66 || s[0] != '0' || s[1] != 'x' {
		r.Failf("want 0x and 1 to 64 digits, have %q", clip(s))
		return w
	}
	for i, shift := len(s)-1, 0; i >= 2; i, shift = i-1, shift+4 {
		d := hexDigit(s[i])
		if d > 15 {
			r.Failf("%q is not hexadecimal", clip(s))
			return [4]uint64{}
		}
		w[shift>>6] |= uint64(d) << (shift & 63)
	}
	return w
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// Felt reads a string of hexadecimal digits below the prime.
func (r *Reader) Felt() felt.Felt {
	z := felt.Felt(r.hexWords())
	if !z.Valid() {
		r.Failf("number is not below the prime")
		return felt.Felt{}
	}
	return z
}

// HexUint64 reads a string of hexadecimal digits below 2^64.
func (r *Reader) HexUint64() uint64 {
	w := r.hexWords()
	if w[1]|w[2]|w[3] != 0 {
		r.Failf("number is not below 2^64")
		return 0
	}
	return w[0]
}

// HexUint128 reads a string of hexadecimal digits below 2^128.
func (r *Reader) HexUint128() (hi, lo uint64) {
	w := r.hexWords()
	if w[2]|w[3] != 0 {
		r.Failf("number is not below 2^128")
		return 0, 0
	}
	return w[1], w[0]
}

// Hex256 reads a string of hexadecimal digits, and returns the number as 32 bytes, most significant first.
func (r *Reader) Hex256() (b [32]byte) {
	for i, w := range r.hexWords() {
		binary.BigEndian.PutUint64(b[24-8*i:], w)
	}
	return b
}

// Felts reads an array of felts; nil if it is empty.
func (r *Reader) Felts() []felt.Felt {
	var out []felt.Felt
	r.Array(func(i int) {
		if i == 0 {
			// A felt of a long array takes some 40 bytes of text; what is too much is cut off below.
			out = make([]felt.Felt, 0, min(r.ahead(']')/24+1, 1<<20))
		}
		out = append(out, r.Felt())
	})
	if cap(out) > 2*len(out) {
		out = append([]felt.Felt(nil), out...)
	}
	return out
}

// ahead returns the distance to the next byte c.
func (r *Reader) ahead(c byte) int {
	n := bytes.IndexByte(r.data[r.pos:], c)
	return max(n, 0)
}

func clip(b []byte) []byte { return b[:min(len(b), 80)] }
