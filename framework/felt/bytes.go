package felt

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"math/bits"
)

// Bytes returns z as 32 bytes, most significant first.
func (z *Felt) Bytes() (b [Size]byte) {
	z.PutBytes(&b)
	return b
}

// PutBytes stores z in b, most significant byte first.
func (z *Felt) PutBytes(b *[Size]byte) {
	binary.BigEndian.PutUint64(b[0:8], z[3])
	binary.BigEndian.PutUint64(b[8:16], z[2])
	binary.BigEndian.PutUint64(b[16:24], z[1])
	binary.BigEndian.PutUint64(b[24:32], z[0])
}

// AppendBytes appends the 32 bytes of z, most significant first, to dst.
func (z *Felt) AppendBytes(dst []byte) []byte {
	b := z.Bytes()
	return append(dst, b[:]...)
}

// SetBytes sets z to the number in b, most significant byte first. b has to be 32 bytes
// (ErrLength) and the number below P (ErrNotCanonical); otherwise z keeps its value.
func (z *Felt) SetBytes(b []byte) error {
	if len(b) != Size {
		return fmt.Errorf("%w: %d bytes, want %d", ErrLength, len(b), Size)
	}
	x := Felt{
		binary.BigEndian.Uint64(b[24:32]),
		binary.BigEndian.Uint64(b[16:24]),
		binary.BigEndian.Uint64(b[8:16]),
		binary.BigEndian.Uint64(b[0:8]),
	}
	if !x.Valid() {
		return fmt.Errorf("%w: %x", ErrNotCanonical, b)
	}
	*z = x
	return nil
}

// SetBytesReduce sets z to the number in b, of any length and most significant byte first,
// mod P, and returns z.
func (z *Felt) SetBytesReduce(b []byte) *Felt {
	var acc Felt
	for len(b) > 0 {
		n := (len(b)-1)%8 + 1 // the odd bytes come first
		var w uint64
		for _, c := range b[:n] {
			w = w<<8 | uint64(c)
		}
		acc.shiftIn(w)
		b = b[n:]
	}
	return z.Set(&acc)
}

// shiftIn sets z to z*2^64 + w mod P.
func (z *Felt) shiftIn(w uint64) {
	z.Mul(z, &Felt{0, 1})
	z.Add(z, &Felt{w})
}

// SetWords sets z to the little-endian words w, any 256-bit number, mod P and returns z.
func (z *Felt) SetWords(w [4]uint64) *Felt {
	// Below 2^256 the quotient has five bits and is that of the top word, or one more than it.
	k := w[3] >> 59
	t0, b := bits.Sub64(w[0], k, 0)
	t1, b := bits.Sub64(w[1], 0, b)
	t2, b := bits.Sub64(w[2], 0, b)
	t3 := w[3] - k*top - b
	return z.settle(t0, t1, t2, t3)
}

// Big returns z as a number that belongs to the caller.
func (z *Felt) Big() *big.Int {
	if bits.UintSize == 64 {
		return new(big.Int).SetBits([]big.Word{big.Word(z[0]), big.Word(z[1]), big.Word(z[2]), big.Word(z[3])})
	}
	b := z.Bytes()
	return new(big.Int).SetBytes(b[:])
}

// SetBig sets z to x mod P, for x of any size and sign, and returns z.
func (z *Felt) SetBig(x *big.Int) *Felt {
	if w := x.Bits(); bits.UintSize == 64 && len(w) <= len(z) {
		var words [4]uint64
		for i := range w {
			words[i] = uint64(w[i])
		}
		z.SetWords(words)
	} else {
		z.SetBytesReduce(x.Bytes())
	}
	if x.Sign() < 0 {
		z.Neg(z)
	}
	return z
}
