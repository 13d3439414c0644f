package execution

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"encoding/binary"
	"errors"
	"hash"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// keccakWords is the number of 64-bit words that a round of Keccak absorbs.
const keccakWords = 17

// keccak absorbs words, which the contract has padded. It is paid for by the round.
func (g handler1) keccak(r *request) (serve, uint64) {
	start, n := r.bounds()
	return func(gas *uint64) ([]machine.Cell, []felt.Felt, error) {
		if n%keccakWords != 0 {
			return softly(textInvalidLength)
		}
		rounds := n / keccakWords
		price := g.rules.SyscallPrice(rules.KeccakRound, 0)
		if rounds > *gas/price {
			return softly(textOutOfGas)
		}
		*gas -= rounds * price
		words, err := readFelts(&g.m, start, n)
		if err != nil {
			return nil, nil, err
		}
		var s [25]uint64
		for i := range words {
			if !words[i].IsUint64() {
				return nil, nil, fail("Invalid syscall input: %s; Invalid input for the keccak syscall.", words[i].Hex())
			}
			s[i%keccakWords] ^= words[i][0]
			if i%keccakWords == keccakWords-1 {
				crypto.KeccakF1600(&s)
			}
		}
		g.usage.calls[rules.KeccakRound] += rounds
		if rounds > 0 {
			g.usage.calls[rules.Keccak] = 1
		}
		return []machine.Cell{machine.FeltCell(felt.Felt{s[0], s[1]}), machine.FeltCell(felt.Felt{s[2], s[3]})}, nil, nil
	}, 0
}

// digest is one of the functions of SHA-2 without its padding. Package crypto has no such function, but its hashes can be set
// to any state and asked for it.
type digest struct {
	name  string
	magic string
	word  int // bytes of a word
	fresh func() hash.Hash
}

var (
	digest256 = digest{"sha256_process_block", "sha\x03", 4, sha256.New}
	digest512 = digest{"sha512_process_block", "sha\x07", 8, sha512.New}
)

// resettable is a hash whose state can be set and read.
type resettable interface {
	hash.Hash
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// errNoState says that a hash of the standard library is not one any more.
var errNoState = errors.New("the state of the hash cannot be set")

const (
	stateWords = 8
	blockWords = 16
)

// compress absorbs a block into a state.
func (d *digest) compress(state, block []uint64) ([]uint64, error) {
	size := d.word * blockWords
	text := []byte(d.magic)
	for _, w := range state {
		text = d.append(text, w)
	}
	text = append(text, make([]byte, size)...)            // what is not absorbed yet: nothing
	text = binary.BigEndian.AppendUint64(text, uint64(0)) // how much was absorbed
	var data []byte
	for _, w := range block {
		data = d.append(data, w)
	}
	h, ok := d.fresh().(resettable)
	if !ok {
		return nil, errNoState
	}
	if err := h.UnmarshalBinary(text); err != nil {
		return nil, err
	}
	h.Write(data)
	text, err := h.MarshalBinary()
	if err != nil {
		return nil, err
	}
	out := make([]uint64, stateWords)
	for i := range out {
		at := text[len(d.magic)+i*d.word:]
		if d.word == 4 {
			out[i] = uint64(binary.BigEndian.Uint32(at))
		} else {
			out[i] = binary.BigEndian.Uint64(at)
		}
	}
	return out, nil
}

func (d *digest) append(dst []byte, w uint64) []byte {
	if d.word == 4 {
		return binary.BigEndian.AppendUint32(dst, uint32(w)) //nolint:gosec // checked when it was read
	}
	return binary.BigEndian.AppendUint64(dst, w)
}

// words reads n words of a digest.
func (g handler1) words(d *digest, at machine.Address, n uint64) ([]uint64, error) {
	xs, err := readFelts(&g.m, at, n)
	if err != nil {
		return nil, err
	}
	out := make([]uint64, n)
	for i := range xs {
		if xs[i].BitLen() > 8*d.word {
			return nil, fail("Invalid syscall input: %s; Invalid input for the %s syscall.", xs[i].Hex(), d.name)
		}
		out[i] = xs[i][0]
	}
	return out, nil
}

func (g handler1) sha256(r *request) (serve, uint64) { return g.sha(r, &digest256, &g.made.sha256) }
func (g handler1) sha512(r *request) (serve, uint64) { return g.sha(r, &digest512, &g.made.sha512) }

// sha serves a system call of SHA-2. All states that a frame gets lie one behind the other in a segment.
func (g handler1) sha(r *request, d *digest, next **machine.Address) (serve, uint64) {
	state, block := r.pointer(), r.pointer()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		words, err := g.words(d, block, blockWords)
		if err != nil {
			return nil, nil, err
		}
		old, err := g.words(d, state, stateWords)
		if err != nil {
			return nil, nil, err
		}
		fresh, err := d.compress(old, words)
		if err != nil {
			return nil, nil, err
		}
		if *next == nil {
			at := g.m.AddSegment(machine.NoRule)
			*next = &at
		}
		at := **next
		for i, w := range fresh {
			if err := g.m.Write(at.Plus(uint64(i)), machine.UintCell(w)); err != nil {
				return nil, nil, err
			}
		}
		end := at.Plus(stateWords)
		*next = &end
		return []machine.Cell{at.Cell()}, nil, nil
	}, 0
}
