package memory

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework"
)

// sum is the commitment: the sum, modulo 2^256, of the SHA-256 hashes of all non-empty cells and all declared classes.
//
// Equal states have equal sums, whatever led to them, and a sum follows a change of the state without a look at the
// rest. States that differ by accident have different sums, so it serves to compare stores, nodes and runs. It is no
// commitment for a chain that somebody wants to cheat: who may choose the cells can find another set with the same
// sum (Wagner's generalised birthday), and nothing shorter than the state proves what a cell holds.
type sum framework.Word

// digest is a hash to be summed. The zero digest is that of a cell which is empty.
type digest [4]uint64

// The first byte of what is hashed, so that no cell looks like a class.
const (
	tagCell byte = iota
	tagClass
)

func cellHash(c framework.Write) digest {
	if c.Value == (framework.Word{}) {
		return digest{}
	}
	b := make([]byte, 0, 2+3*32)
	b = append(b, tagCell, c.Key.Space)
	for _, w := range []framework.Word{c.Key.Owner, c.Key.Slot, c.Value} {
		b = appendWord(b, w)
	}
	return hash(b)
}

func classHash(class framework.Word) digest {
	return hash(appendWord([]byte{tagClass}, class))
}

func appendWord(b []byte, w framework.Word) []byte {
	for _, limb := range w {
		b = binary.LittleEndian.AppendUint64(b, limb)
	}
	return b
}

func hash(b []byte) (d digest) {
	h := sha256.Sum256(b)
	for i := range d {
		d[i] = binary.LittleEndian.Uint64(h[8*i:])
	}
	return d
}

func (s *sum) add(d digest) {
	var c uint64
	for i := range s {
		s[i], c = bits.Add64(s[i], d[i], c)
	}
}

func (s *sum) remove(d digest) {
	var c uint64
	for i := range s {
		s[i], c = bits.Sub64(s[i], d[i], c)
	}
}
