package starknet

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// StateDiff is what a block changes. The order of the lists means nothing; [StateDiff.Sort] makes it the
// ascending one in which diffs are compared and encoded.
type StateDiff struct {
	Storage []ContractStorage
	Nonces  []ContractNonce
	// Deployed contracts had no class before, Replaced ones had another.
	Deployed []ContractClass
	Replaced []ContractClass
	// Declared classes are Sierra; DeprecatedDeclared ones are Cairo 0.
	Declared           []DeclaredClass
	DeprecatedDeclared []felt.Felt
	// Migrated classes were declared before with the Poseidon hash of their code and have the Blake2s hash
	// from now on. From 0.14.1.
	Migrated []DeclaredClass
}

// ContractStorage is the slots of a contract that changed.
type ContractStorage struct {
	Contract felt.Felt
	Entries  []StorageEntry
}

// StorageEntry is a slot and its new value.
type StorageEntry struct{ Key, Value felt.Felt }

// ContractNonce is a contract and its new nonce.
type ContractNonce struct{ Contract, Nonce felt.Felt }

// ContractClass is a contract and its new class.
type ContractClass struct{ Contract, ClassHash felt.Felt }

// DeclaredClass is a class and the hash of the code that it compiles to.
type DeclaredClass struct{ ClassHash, CompiledClassHash felt.Felt }

// Len returns the length of the diff that goes into block hashes: the number of storage entries and of items
// in the other lists.
func (d *StateDiff) Len() uint64 {
	n := len(d.Nonces) + len(d.Deployed) + len(d.Replaced) + len(d.Declared) + len(d.DeprecatedDeclared) +
		len(d.Migrated)
	for i := range d.Storage {
		n += len(d.Storage[i].Entries)
	}
	return uint64(n)
}

// Sort sorts all lists of d as numbers, in place, and drops contracts without storage entries.
func (d *StateDiff) Sort() {
	d.Storage = slices.DeleteFunc(d.Storage, func(c ContractStorage) bool { return len(c.Entries) == 0 })
	slices.SortFunc(d.Storage, func(a, b ContractStorage) int { return a.Contract.Cmp(&b.Contract) })
	for i := range d.Storage {
		slices.SortFunc(d.Storage[i].Entries, func(a, b StorageEntry) int { return a.Key.Cmp(&b.Key) })
	}
	slices.SortFunc(d.Nonces, func(a, b ContractNonce) int { return a.Contract.Cmp(&b.Contract) })
	slices.SortFunc(d.Deployed, byContract)
	slices.SortFunc(d.Replaced, byContract)
	slices.SortFunc(d.Declared, byClass)
	slices.SortFunc(d.Migrated, byClass)
	slices.SortFunc(d.DeprecatedDeclared, compareFelts)
}

func byContract(a, b ContractClass) int { return a.Contract.Cmp(&b.Contract) }
func byClass(a, b DeclaredClass) int    { return a.ClassHash.Cmp(&b.ClassHash) }
func compareFelts(a, b felt.Felt) int   { return a.Cmp(&b) }
func feltOfLen[T any](vs []T) felt.Felt { return felt.FromUint64(uint64(len(vs))) }

// Sorted returns a sorted copy of d, see [StateDiff.Sort].
func (d *StateDiff) Sorted() *StateDiff {
	c := &StateDiff{
		Storage:            slices.Clone(d.Storage),
		Nonces:             slices.Clone(d.Nonces),
		Deployed:           slices.Clone(d.Deployed),
		Replaced:           slices.Clone(d.Replaced),
		Declared:           slices.Clone(d.Declared),
		DeprecatedDeclared: slices.Clone(d.DeprecatedDeclared),
		Migrated:           slices.Clone(d.Migrated),
	}
	for i := range c.Storage {
		c.Storage[i].Entries = slices.Clone(c.Storage[i].Entries)
	}
	c.Sort()
	return c
}

// Check returns ErrUnordered unless d is sorted and no list names a thing twice.
func (d *StateDiff) Check() error {
	for i := range d.Storage {
		if !ascends(d.Storage[i].Entries, func(e *StorageEntry) *felt.Felt { return &e.Key }) {
			return fmt.Errorf("%w: storage of %v", ErrUnordered, d.Storage[i].Contract)
		}
	}
	contract := func(c *ContractClass) *felt.Felt { return &c.Contract }
	class := func(c *DeclaredClass) *felt.Felt { return &c.ClassHash }
	for _, l := range []struct {
		name string
		ok   bool
	}{
		{"storage", ascends(d.Storage, func(c *ContractStorage) *felt.Felt { return &c.Contract })},
		{"nonces", ascends(d.Nonces, func(n *ContractNonce) *felt.Felt { return &n.Contract })},
		{"deployed contracts", ascends(d.Deployed, contract)},
		{"replaced classes", ascends(d.Replaced, contract)},
		{"declared classes", ascends(d.Declared, class)},
		{"migrated classes", ascends(d.Migrated, class)},
		{"deprecated classes", ascends(d.DeprecatedDeclared, func(f *felt.Felt) *felt.Felt { return f })},
	} {
		if !l.ok {
			return fmt.Errorf("%w: %s", ErrUnordered, l.name)
		}
	}
	return nil
}

func ascends[T any](list []T, key func(*T) *felt.Felt) bool {
	for i := 1; i < len(list); i++ {
		if !key(&list[i-1]).Less(key(&list[i])) {
			return false
		}
	}
	return true
}

var stateDiffTag = felt.MustShortString("STARKNET_STATE_DIFF0")

// Hash returns the commitment to d that block hashes contain from 0.13.2 on:
//
//	PN(S("STARKNET_STATE_DIFF0"),
//	   n, {contract, class}..,                      // deployed and replaced
//	   n, {class, compiled class}..,                // declared and migrated
//	   n, class..,                                  // deprecated declared
//	   1, 0,                                        // one data availability mode, mode L1
//	   n, {contract, m, {key, value}..}..,          // storage
//	   n, {contract, nonce}..)
//
// each list ascending, contracts without entries left out. The order of d does not matter.
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/block_hash/state_diff_hash.rs.
func (d *StateDiff) Hash() felt.Felt {
	s := d.Sorted()
	contracts := append(s.Deployed, s.Replaced...)
	slices.SortStableFunc(contracts, byContract)
	classes := append(s.Declared, s.Migrated...)
	slices.SortStableFunc(classes, byClass)

	var p crypto.Sponge
	p.Write(stateDiffTag, feltOfLen(contracts))
	for _, c := range contracts {
		p.Write(c.Contract, c.ClassHash)
	}
	p.Write(feltOfLen(classes))
	for _, c := range classes {
		p.Write(c.ClassHash, c.CompiledClassHash)
	}
	p.Write(feltOfLen(s.DeprecatedDeclared))
	p.Write(s.DeprecatedDeclared...)
	p.Write(felt.One, felt.Felt{}, feltOfLen(s.Storage))
	for i := range s.Storage {
		p.Write(s.Storage[i].Contract, feltOfLen(s.Storage[i].Entries))
		for _, e := range s.Storage[i].Entries {
			p.Write(e.Key, e.Value)
		}
	}
	p.Write(feltOfLen(s.Nonces))
	for _, n := range s.Nonces {
		p.Write(n.Contract, n.Nonce)
	}
	return p.Sum()
}
