package core

import (
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework"
)

// set is a set of transactions from which the lowest is taken.
type set struct {
	words []uint64
	low   int // no word below this one holds a transaction
}

const wordBits = 64

func (s *set) add(i framework.TxIndex) {
	w := int(i) / wordBits
	for w >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[w] |= 1 << (uint(i) % wordBits)
	s.low = min(s.low, w)
}

func (s *set) remove(i framework.TxIndex) {
	if w := int(i) / wordBits; w < len(s.words) {
		s.words[w] &^= 1 << (uint(i) % wordBits)
	}
}

// first returns the lowest transaction, or NoTx.
func (s *set) first() framework.TxIndex {
	for ; s.low < len(s.words); s.low++ {
		if w := s.words[s.low]; w != 0 {
			return framework.TxIndex(s.low*wordBits + bits.TrailingZeros64(w))
		}
	}
	return framework.NoTx
}

// cut removes all transactions from i on.
func (s *set) cut(i framework.TxIndex) {
	w := int(i) / wordBits
	if w >= len(s.words) {
		return
	}
	s.words[w] &= 1<<(uint(i)%wordBits) - 1
	clear(s.words[w+1:])
}
