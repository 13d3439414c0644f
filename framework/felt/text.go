package felt

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	maxHexDigits     = 64 // more are refused, so that no one can make us count zeros
	maxDecimalDigits = 80
)

// AppendHex appends z as "0x" and the fewest hexadecimal digits, in lower case, to dst. 0 is
// "0x0".
func (z *Felt) AppendHex(dst []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '0', 'x')
	n := max((z.BitLen()+3)/4, 1)
	dst = slices.Grow(dst, n)
	out := dst[len(dst) : len(dst)+n]
	for _, w := range z {
		for range min(n, 16) {
			n--
			out[n] = digits[w&15]
			w >>= 4
		}
	}
	return dst[:len(dst)+len(out)]
}

// Hex returns what [Felt.AppendHex] appends.
func (z *Felt) Hex() string {
	var buf [2 + maxHexDigits]byte
	return string(z.AppendHex(buf[:0]))
}

// String returns z in hexadecimal, as [Felt.Hex]. It has a value receiver, as Decimal and
// MarshalText have, so that values print as numbers too.
func (z Felt) String() string { return z.Hex() }

// Decimal returns z in decimal.
func (z Felt) Decimal() string {
	const chunk, digits = 1e19, 19 // the greatest power of ten in a word
	var parts [5]uint64
	n := 0
	for x := z; n == 0 || !x.IsZero(); n++ {
		x[3], parts[n] = bits.Div64(0, x[3], chunk)
		x[2], parts[n] = bits.Div64(parts[n], x[2], chunk)
		x[1], parts[n] = bits.Div64(parts[n], x[1], chunk)
		x[0], parts[n] = bits.Div64(parts[n], x[0], chunk)
	}
	var buf [maxDecimalDigits]byte
	out := strconv.AppendUint(buf[:0], parts[n-1], 10)
	for n--; n > 0; n-- {
		s := strconv.FormatUint(parts[n-1], 10)
		out = append(out, "0000000000000000000"[:digits-len(s)]...)
		out = append(out, s...)
	}
	return string(out)
}

// SetHex sets z to the number s: "0x" and 1 to 64 hexadecimal digits in either case, leading
// zeros included. Other texts are ErrSyntax, numbers from P on ErrNotCanonical, and leave z as
// it was.
func (z *Felt) SetHex(s string) error {
	digits, ok := strings.CutPrefix(s, "0x")
	if !ok {
		return fmt.Errorf("%w: %s has no 0x", ErrSyntax, quote(s))
	}
	if len(digits) == 0 || len(digits) > maxHexDigits {
		return fmt.Errorf("%w: %s has %d digits, want 1 to %d", ErrSyntax, quote(s), len(digits), maxHexDigits)
	}
	var x Felt
	for i := (len(digits) - 1) / 16; i >= 0; i-- {
		word := digits[:len(digits)-16*i]
		digits = digits[len(word):]
		for j := range len(word) {
			d := hexDigit(word[j])
			if d > 15 {
				return fmt.Errorf("%w: %q in %s is no hexadecimal digit", ErrSyntax, word[j], quote(s))
			}
			x[i] = x[i]<<4 | uint64(d)
		}
	}
	if !x.Valid() {
		return fmt.Errorf("%w: %s", ErrNotCanonical, quote(s))
	}
	*z = x
	return nil
}

// SetDecimal sets z to the number s, 1 to 80 decimal digits with no sign. Other texts are
// ErrSyntax, numbers from P on ErrNotCanonical, and leave z as it was.
func (z *Felt) SetDecimal(s string) error {
	if len(s) == 0 || len(s) > maxDecimalDigits {
		return fmt.Errorf("%w: %s has %d digits, want 1 to %d", ErrSyntax, quote(s), len(s), maxDecimalDigits)
	}
	var x Felt
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return fmt.Errorf("%w: %q in %s is no decimal digit", ErrSyntax, s[i], quote(s))
		}
		// x is below P, so 10*x + 9 is below 2^256.
		mulAdd(&x, 10, &x, uint64(s[i]-'0'), &One)
		if !x.Valid() {
			return fmt.Errorf("%w: %s", ErrNotCanonical, quote(s))
		}
	}
	*z = x
	return nil
}

// SetString sets z to the number s, which is read by [Felt.SetHex] if it begins with "0x" and
// by [Felt.SetDecimal] if not.
func (z *Felt) SetString(s string) error {
	if strings.HasPrefix(s, "0x") {
		return z.SetHex(s)
	}
	return z.SetDecimal(s)
}

// Parse returns the number s as [Felt.SetString] reads it.
func Parse(s string) (z Felt, err error) {
	err = z.SetString(s)
	return z, err
}

// MustParse returns the number s as [Felt.SetString] reads it, and panics where that fails. It
// is for constants.
func MustParse(s string) Felt {
	z, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return z
}

// MarshalText returns z in hexadecimal, as [Felt.AppendHex] writes it. JSON makes it a string,
// or the key of an object.
func (z Felt) MarshalText() ([]byte, error) {
	return z.AppendHex(make([]byte, 0, 2+maxHexDigits)), nil
}

// UnmarshalText sets z to a number in hexadecimal, as [Felt.SetHex] reads it. In JSON that is
// a string with 0x; a JSON number is an error.
func (z *Felt) UnmarshalText(b []byte) error { return z.SetHex(string(b)) }

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

// quote returns s quoted for an error message, cut to a length that does not flood it.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}
