package replica

import (
	"math/bits"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework"
)

// hash stands for a key. Its second word is never 0.
//
// A block tells keys apart by their hashes alone: to keep and compare keys would more than double the memory that a read
// waits for. Of two keys, which nobody can choose to that end, one pair in 2^127 has the same hash; then the block
// guesses wrong, which costs an execution like any other wrong guess. What an attempt has read is told apart by the keys.
type hash [2]uint64

// seed makes hashes of keys. Keys come from users, who must not be able to choose where they fall.
type seed [10]uint64

func newSeed() (s seed) {
	for i := range s {
		s[i] = rand.Uint64()
	}
	return s
}

// hash mixes the words of a key, two at a time, with what nobody else knows; twice, with different secrets.
func (s *seed) hash(k *framework.Key) hash {
	g, h := uint64(k.Space)*s[4], uint64(k.Space)*s[9]
	g, h = mix(g^k.Owner[0]^s[0], k.Owner[1]^s[1]), mix(h^k.Owner[0]^s[5], k.Owner[1]^s[6])
	g, h = mix(g^k.Owner[2]^s[2], k.Owner[3]^s[3]), mix(h^k.Owner[2]^s[7], k.Owner[3]^s[8])
	g, h = mix(g^k.Slot[0]^s[0], k.Slot[1]^s[1]), mix(h^k.Slot[0]^s[5], k.Slot[1]^s[6])
	g, h = mix(g^k.Slot[2]^s[2], k.Slot[3]^s[3]), mix(h^k.Slot[2]^s[7], k.Slot[3]^s[8])
	return hash{g, h | 1}
}

// mix folds a product, every bit of which depends on many of both factors.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
