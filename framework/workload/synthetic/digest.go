package synthetic

import (
	"encoding/binary"
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework"
)

// digest is a hash of everything mixed into it, in order. It is the same on every machine and in every
// version, and it is no cryptography.
type digest uint64

// Odd constants with well spread bits (the fractions of the golden ratio and of square roots).
const (
	seed0 = 0x9e3779b97f4a7c15
	seed1 = 0xbb67ae8584caa73b
	seed2 = 0x3c6ef372fe94f82b
	seed3 = 0xa54ff53a5f1d36f1
)

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// word mixes in a word.
func (d *digest) word(w *framework.Word) {
	h := uint64(*d) + seed0
	*d = digest(fold(h^w[0], seed1^w[1]) ^ fold(bits.RotateLeft64(h, 32)^w[2], seed2^w[3]) ^ h*seed3)
}

// bytes mixes in a string of bytes and its length.
func (d *digest) bytes(b []byte) {
	h := fold(uint64(*d)^seed2, seed3^uint64(len(b)))
	for ; len(b) >= 8; b = b[8:] {
		h = fold(h^binary.LittleEndian.Uint64(b), seed1) + seed0
	}
	for _, c := range b {
		h = fold(h^uint64(c), seed1) + seed0
	}
	*d = digest(h)
}

// spread returns a value below 2^250 made from the digest.
func (d digest) spread() (w framework.Word) {
	for i := range w {
		w[i] = fold(uint64(d)+seed0*uint64(i+1), seed2^uint64(d))
	}
	w[3] >>= 6
	return w
}
