package trie

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"
)

// layer is a staged block. It is never changed.
type layer struct {
	number  framework.BlockNumber
	version starknet.Version
	writes  []framework.Write // sorted
	classes []framework.Class
}

func newLayer(n framework.BlockNumber, protocol string, d *framework.Diff) (*layer, error) {
	version, err := starknet.ParseVersion(protocol)
	if err != nil {
		return nil, err
	}
	for i := range d.Writes {
		if i > 0 && d.Writes[i-1].Key.Compare(d.Writes[i].Key) >= 0 {
			return nil, fmt.Errorf("write %d is out of order: %s", i, starknet.CellName(d.Writes[i].Key))
		}
		if err := checkWrite(d.Writes[i]); err != nil {
			return nil, fmt.Errorf("write %d: %w", i, err)
		}
	}
	return &layer{n, version, slices.Clone(d.Writes), slices.Clone(d.Classes)}, nil
}

// checkWrite returns an error unless w can be committed to: keys of tries have 251 bits.
func checkWrite(w framework.Write) error {
	if err := starknet.CheckWrite(w); err != nil {
		return err
	}
	if bitLen(w.Key.Owner) > patricia.Height || bitLen(w.Key.Slot) > patricia.Height {
		return fmt.Errorf("%w: %s is at 2^251 or above", starknet.ErrCell, starknet.CellName(w.Key))
	}
	return nil
}

// cell returns the value that the layer sets a cell to, and whether it does.
func (l *layer) cell(k framework.Key) (framework.Word, bool) {
	i, ok := slices.BinarySearchFunc(l.writes, k, func(w framework.Write, k framework.Key) int { return w.Key.Compare(k) })
	if !ok {
		return framework.Word{}, false
	}
	return l.writes[i].Value, true
}

// class returns a class of the layer, or nil.
func (l *layer) class(hash framework.Word) *framework.Class {
	for i := range l.classes {
		if l.classes[i].Hash == hash {
			return &l.classes[i]
		}
	}
	return nil
}

// contract is what a block changes of a contract.
type contract struct {
	address framework.Word
	storage []change // sorted by slot
	nonce   *change
	class   *change
}

// contracts groups sorted changes by the contracts that they are of, which come sorted.
func contracts(changes []change) []contract {
	bounds := [spaceOfClasses + 1]int{}
	for space := range bounds {
		bounds[space], _ = slices.BinarySearchFunc(changes, uint8(space), func(c change, s uint8) int { return int(c.key.Space) - int(s) })
	}
	storage := changes[bounds[starknet.SpaceStorage]:bounds[starknet.SpaceNonce]]
	nonces := changes[bounds[starknet.SpaceNonce]:bounds[starknet.SpaceClassHash]]
	classes := changes[bounds[starknet.SpaceClassHash]:bounds[spaceOfClasses]]
	var out []contract
	for len(storage)+len(nonces)+len(classes) > 0 {
		c := contract{address: lowest(storage, nonces, classes)}
		n := 0
		for n < len(storage) && storage[n].key.Owner == c.address {
			n++
		}
		c.storage, storage = storage[:n], storage[n:]
		c.nonce, nonces = take(nonces, c.address)
		c.class, classes = take(classes, c.address)
		out = append(out, c)
	}
	return out
}

// spaceOfClasses is the first space whose cells are not those of contracts.
const spaceOfClasses = starknet.SpaceCompiledClass

// lowest returns the lowest owner that a list begins with.
func lowest(lists ...[]change) (owner framework.Word) {
	first := true
	for _, l := range lists {
		if len(l) > 0 && (first || l[0].key.Owner.Compare(owner) < 0) {
			owner, first = l[0].key.Owner, false
		}
	}
	return owner
}

// take returns the first change if it is of owner, and the rest.
func take(changes []change, owner framework.Word) (*change, []change) {
	if len(changes) > 0 && changes[0].key.Owner == owner {
		return &changes[0], changes[1:]
	}
	return nil, changes
}

// compiledClasses returns the changes of sorted ones that concern the classes trie.
func compiledClasses(changes []change) []change {
	at := func(space uint8) int {
		i, _ := slices.BinarySearchFunc(changes, space, func(c change, s uint8) int { return int(c.key.Space) - int(s) })
		return i
	}
	return changes[at(starknet.SpaceCompiledClass):at(starknet.SpaceCompiledClass+1)]
}

// updates returns changes of one trie as updates of it, by slot or by owner.
func updates(changes []change, key func(*framework.Key) framework.Word) []patricia.Update {
	out := make([]patricia.Update, len(changes))
	for i := range changes {
		out[i] = patricia.Update{Key: felt.Felt(key(&changes[i].key)), Value: felt.Felt(changes[i].new)}
	}
	return out
}

func bySlot(k *framework.Key) framework.Word  { return k.Slot }
func byOwner(k *framework.Key) framework.Word { return k.Owner }
