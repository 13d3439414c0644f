package proof

import (
	"fmt"
	"maps"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Facts is what a proof shows of the state with its two roots, whatever was asked for: what follows from its nodes
// alone. Fields that no hash binds, such as a wrong storage root, cannot make it say something else; where [Verify]
// demands the exact answer to a request, Facts makes the best of what there is. One goroutine uses it at a time.
type Facts struct {
	contractsRoot, classesRoot felt.Felt
	// The nodes of all tries by their hashes, which say which one is meant, whatever trie it is in.
	pedersen, poseidon map[felt.Felt]*Node
	leaves             map[felt.Felt]starknet.ContractState // by what they hash to

	// What searchRoots tries: data that may have a wrong storage root, and the roots of the storage lists.
	loose []starknet.ContractState
	roots []felt.Felt
}

// Facts checks every node of p and returns what they show, or ErrInvalid if one is not what it says.
func (p *Proof) Facts() (*Facts, error) {
	f := &Facts{
		contractsRoot: p.ContractsRoot, classesRoot: p.ClassesRoot,
		pedersen: map[felt.Felt]*Node{}, poseidon: map[felt.Felt]*Node{},
		leaves: map[felt.Felt]starknet.ContractState{},
		loose:  p.Leaves,
	}
	t, err := newTrie(felt.Felt{}, p.Classes, crypto.PoseidonBatch)
	if err != nil {
		return nil, fmt.Errorf("classes trie: %w", err)
	}
	f.poseidon = t.nodes
	if t, err = newTrie(felt.Felt{}, p.Contracts, crypto.PedersenBatch); err != nil {
		return nil, fmt.Errorf("contracts trie: %w", err)
	}
	f.pedersen = t.nodes
	for i, list := range p.Storage {
		if t, err = newTrie(felt.Felt{}, list, crypto.PedersenBatch); err != nil {
			return nil, fmt.Errorf("storage trie %d: %w", i, err)
		}
		maps.Copy(f.pedersen, t.nodes)
		if root := rootOf(list); !root.IsZero() {
			f.roots = append(f.roots, root)
		}
	}
	for _, c := range p.Leaves {
		f.leaves[c.Hash()] = c
	}
	return f, nil
}

// rootOf returns the hash of the first node that is not below another one of the list.
func rootOf(list []Node) felt.Felt {
	below := make(map[felt.Felt]bool, 2*len(list))
	for i := range list {
		below[list[i].Left], below[list[i].Right], below[list[i].Child] = true, true, true
	}
	for i := range list {
		if !below[list[i].Hash] {
			return list[i].Hash
		}
	}
	return felt.Felt{}
}

// Contract returns a contract, zero if there is none at that address. It returns ErrUnproven if the proof does not show
// it. The storage root that it returns is the true one, also where that of the proof is wrong: some nodes put
// another one there.
func (f *Facts) Contract(address felt.Felt) (starknet.ContractState, error) {
	leaf, err := f.contracts().leaf(&address)
	if err != nil || leaf.IsZero() {
		return starknet.ContractState{}, err
	}
	if c, ok := f.data(leaf); ok {
		return c, nil
	}
	return starknet.ContractState{}, fmt.Errorf("%w: no data hashes to the leaf %v of contract %v", ErrUnproven, leaf, address)
}

func (f *Facts) contracts() *trie { return &trie{f.contractsRoot, f.pedersen} }
func (f *Facts) classes() *trie   { return &trie{f.classesRoot, f.poseidon} }

// data returns what hashes to the leaf of a contract.
func (f *Facts) data(leaf felt.Felt) (starknet.ContractState, bool) {
	if c, ok := f.leaves[leaf]; ok {
		return c, true
	}
	f.searchRoots()
	c, ok := f.leaves[leaf]
	return c, ok
}

// maxPairs bounds the search of roots: a proof that somebody made up may have very many.
const maxPairs = 1 << 14

// searchRoots tries all data of leaves with the roots of all storage that the proof has, once.
func (f *Facts) searchRoots() {
	if len(f.loose)*len(f.roots) <= maxPairs {
		for _, c := range f.loose {
			for _, c.StorageRoot = range f.roots {
				f.leaves[c.Hash()] = c
			}
		}
	}
	f.loose = nil
}

// Value returns what a cell holds, zero if it is empty; of a compiled class, which is not in the state, it returns the
// leaf, as [Result] does. It returns ErrUnproven if the proof does not show it, and ErrQuery for what no proof can show.
func (f *Facts) Value(k framework.Key) (felt.Felt, error) {
	if err := checkKey(k); err != nil {
		return felt.Felt{}, err
	}
	owner, slot := felt.Felt(k.Owner), felt.Felt(k.Slot)
	if k.Space == starknet.SpaceCompiledClass {
		return f.classes().leaf(&owner)
	}
	c, err := f.Contract(owner)
	switch {
	case err != nil || k.Space == starknet.SpaceNonce:
		return c.Nonce, err
	case k.Space == starknet.SpaceClassHash:
		return c.ClassHash, nil
	}
	return (&trie{c.StorageRoot, f.pedersen}).leaf(&slot)
}

// Shown is all that a proof shows to be there, in ascending order.
type Shown struct {
	Contracts []ShownContract
	Slots     []ShownSlot
	Classes   []ShownClass
}

// ShownContract is a contract. Known is false if the proof has no data that hashes to its leaf.
type ShownContract struct {
	Contract
	Known bool
}

// ShownSlot is a slot of a contract that is not empty.
type ShownSlot struct{ Contract, Slot, Value felt.Felt }

// ShownClass is a Sierra class with its leaf.
type ShownClass struct{ Class, Leaf felt.Felt }

// Shown returns all that is not empty in the part of the state that the nodes reach. It returns ErrInvalid for nodes
// that reach absurdly many places.
func (f *Facts) Shown() (*Shown, error) {
	s, budget := new(Shown), maxVisits
	classes, err := f.classes().entries(&budget)
	if err != nil {
		return nil, err
	}
	for _, c := range classes {
		s.Classes = append(s.Classes, ShownClass{c.key, c.leaf})
	}
	contracts, err := f.contracts().entries(&budget)
	if err != nil {
		return nil, err
	}
	for _, c := range contracts {
		data, known := f.data(c.leaf)
		s.Contracts = append(s.Contracts, ShownContract{Contract{c.key, data, c.leaf}, known})
		slots, err := (&trie{data.StorageRoot, f.pedersen}).entries(&budget)
		if err != nil {
			return nil, err
		}
		for _, e := range slots {
			s.Slots = append(s.Slots, ShownSlot{c.key, e.key, e.leaf})
		}
	}
	return s, nil
}
