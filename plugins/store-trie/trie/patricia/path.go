package patricia

import (
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Paths are the highest bits of keys, as felts whose other bits are 0. Depth 0 is the highest of the 251 bits.

// bit returns the bit of k at a depth.
func bit(k *felt.Felt, depth int) int {
	at := uint(Height - 1 - depth)
	return int(k[at/64] >> (at % 64) & 1)
}

// setBit sets the bit of k at a depth.
func setBit(k *felt.Felt, depth int) {
	at := uint(Height - 1 - depth)
	k[at/64] |= 1 << (at % 64)
}

// common returns how many bits a and b have in common from the highest on.
func common(a, b *felt.Felt) int {
	for i := 3; i >= 0; i-- {
		if x := a[i] ^ b[i]; x != 0 {
			return Height - (64*i + bits.Len64(x))
		}
	}
	return Height
}

// prefix returns the first depth bits of k.
func prefix(k *felt.Felt, depth int) felt.Felt {
	p := *k
	clear := uint(Height - depth)
	for i := range p {
		switch low := uint(i) * 64; {
		case clear >= low+64:
			p[i] = 0
		case clear > low:
			p[i] &= ^uint64(0) << (clear - low)
		}
	}
	return p
}

// segment returns the bits of k from one depth to another as a number.
func segment(k *felt.Felt, from, to int) felt.Felt {
	s := shiftRight(k, uint(Height-to))
	length := uint(to - from)
	for i := range s {
		switch low := uint(i) * 64; {
		case length <= low:
			s[i] = 0
		case length < low+64:
			s[i] &= 1<<(length-low) - 1
		}
	}
	return s
}

// extend returns the path p with the number seg as its bits from one depth to another, which are 0 in p.
func extend(p *felt.Felt, seg *felt.Felt, to int) felt.Felt {
	s := shiftLeft(seg, uint(Height-to))
	for i := range s {
		s[i] |= p[i]
	}
	return s
}

func shiftRight(k *felt.Felt, n uint) (s felt.Felt) {
	words, rest := n/64, n%64
	for i := uint(0); i+words < 4; i++ {
		s[i] = k[i+words] >> rest
		if rest > 0 && i+words+1 < 4 {
			s[i] |= k[i+words+1] << (64 - rest)
		}
	}
	return s
}

func shiftLeft(k *felt.Felt, n uint) (s felt.Felt) {
	words, rest := n/64, n%64
	for i := words; i < 4; i++ {
		s[i] = k[i-words] << rest
		if rest > 0 && i > words {
			s[i] |= k[i-words-1] >> (64 - rest)
		}
	}
	return s
}
