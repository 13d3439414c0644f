package felt

import "fmt"

// maxShort is the length of the longest Cairo short string: one byte more would not fit.
const maxShort = 31

// SetShortString sets z to the Cairo short string s: its ASCII bytes read as one number, the
// first byte the most significant. More than 31 bytes are ErrLength, a byte that isn't ASCII is
// ErrSyntax; z then keeps its value.
func (z *Felt) SetShortString(s string) error {
	if len(s) > maxShort {
		return fmt.Errorf("%w: short string of %d bytes, want at most %d", ErrLength, len(s), maxShort)
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return fmt.Errorf("%w: byte %#x of the short string %q is not ASCII", ErrSyntax, s[i], s)
		}
	}
	z.SetBytesReduce([]byte(s))
	return nil
}

// MustShortString returns the Cairo short string s as [Felt.SetShortString] reads it, and
// panics where that fails. It is for constants.
func MustShortString(s string) (z Felt) {
	if err := z.SetShortString(s); err != nil {
		panic(err)
	}
	return z
}

// ShortString returns the text of z taken as a Cairo short string, and whether z is one that
// can be shown: at most 31 bytes, all of them printable ASCII. 0 is the empty string.
func (z *Felt) ShortString() (string, bool) {
	b := z.Bytes()
	s := b[Size-(z.BitLen()+7)/8:]
	for _, c := range s {
		if c < ' ' || c > '~' {
			return "", false
		}
	}
	return string(s), len(s) <= maxShort
}
