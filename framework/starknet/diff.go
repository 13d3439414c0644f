package starknet

import (
	"context"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Diff returns d as writes to cells, sorted by key, each key once. The classes of the result are for the caller
// to add. A contract that is deployed and replaced in d gets the class that replaces. Diff returns ErrUnordered
// if d sets another cell twice.
func (d *StateDiff) Diff() (*framework.Diff, error) {
	w := make([]framework.Write, 0, d.Len()+uint64(len(d.Declared)))
	set := func(k framework.Key, v felt.Felt) { w = append(w, framework.Write{Key: k, Value: framework.Word(v)}) }
	for i := range d.Storage {
		for _, e := range d.Storage[i].Entries {
			set(StorageKey(d.Storage[i].Contract, e.Key), e.Value)
		}
	}
	for _, n := range d.Nonces {
		set(NonceKey(n.Contract), n.Nonce)
	}
	replaced := make(map[felt.Felt]bool, len(d.Replaced))
	for _, c := range d.Replaced {
		set(ClassHashKey(c.Contract), c.ClassHash)
		replaced[c.Contract] = true
	}
	for _, c := range d.Deployed {
		if !replaced[c.Contract] {
			set(ClassHashKey(c.Contract), c.ClassHash)
		}
	}
	for _, c := range d.Declared {
		set(CompiledClassKey(c.ClassHash), c.CompiledClassHash)
		set(DeclaredKey(c.ClassHash), felt.One)
	}
	for _, c := range d.Migrated {
		set(CompiledClassKey(c.ClassHash), c.CompiledClassHash)
	}
	for _, c := range d.DeprecatedDeclared {
		set(DeclaredKey(c), felt.One)
	}
	framework.SortWrites(w)
	for i := 1; i < len(w); i++ {
		if w[i-1].Key == w[i].Key {
			return nil, fmt.Errorf("%w: %s set twice", ErrUnordered, CellName(w[i].Key))
		}
	}
	return &framework.Diff{Writes: w}, nil
}

// FromDiff returns what d means, sorted. before is the state that d changes; it tells deployed contracts from
// replaced classes. A class that gets its mark of declaration in d is declared in d, with a compiled class as
// Sierra and without as Cairo 0; one that only gets a compiled class is migrated. FromDiff returns ErrCell if d
// sets something that Starknet does not have, and errors of before.
func FromDiff(ctx context.Context, d *framework.Diff, before framework.State) (*StateDiff, error) {
	out := new(StateDiff)
	compiled := map[framework.Word]felt.Felt{}
	declared := map[framework.Word]bool{}
	var contracts []framework.Write
	for _, w := range d.Writes {
		if err := CheckWrite(w); err != nil {
			return nil, err
		}
		owner, value := felt.Felt(w.Key.Owner), felt.Felt(w.Value)
		switch w.Key.Space {
		case SpaceStorage:
			out.addStorage(owner, StorageEntry{Key: felt.Felt(w.Key.Slot), Value: value})
		case SpaceNonce:
			out.Nonces = append(out.Nonces, ContractNonce{Contract: owner, Nonce: value})
		case SpaceClassHash:
			contracts = append(contracts, w)
		case SpaceCompiledClass:
			compiled[w.Key.Owner] = value
		case SpaceDeclared:
			declared[w.Key.Owner] = true
		}
	}
	out.addClasses(compiled, declared)
	if err := out.addContracts(ctx, contracts, before); err != nil {
		return nil, err
	}
	out.Sort()
	return out, nil
}

// addStorage adds an entry to the last contract if it is that, and to a new one if not: writes are sorted.
func (d *StateDiff) addStorage(contract felt.Felt, e StorageEntry) {
	if n := len(d.Storage); n == 0 || d.Storage[n-1].Contract != contract {
		d.Storage = append(d.Storage, ContractStorage{Contract: contract})
	}
	last := &d.Storage[len(d.Storage)-1]
	last.Entries = append(last.Entries, e)
}

func (d *StateDiff) addClasses(compiled map[framework.Word]felt.Felt, declared map[framework.Word]bool) {
	for class := range declared {
		if _, ok := compiled[class]; !ok {
			d.DeprecatedDeclared = append(d.DeprecatedDeclared, felt.Felt(class))
		}
	}
	for class, hash := range compiled {
		c := DeclaredClass{ClassHash: felt.Felt(class), CompiledClassHash: hash}
		if declared[class] {
			d.Declared = append(d.Declared, c)
		} else {
			d.Migrated = append(d.Migrated, c)
		}
	}
}

func (d *StateDiff) addContracts(ctx context.Context, writes []framework.Write, before framework.State) error {
	if len(writes) == 0 {
		return nil
	}
	keys := make([]framework.Key, len(writes))
	for i := range writes {
		keys[i] = writes[i].Key
	}
	old := make([]framework.Word, len(keys))
	if err := before.Read(ctx, keys, old); err != nil {
		return fmt.Errorf("read classes before the block: %w", err)
	}
	for i, w := range writes {
		c := ContractClass{Contract: felt.Felt(w.Key.Owner), ClassHash: felt.Felt(w.Value)}
		if old[i] == (framework.Word{}) {
			d.Deployed = append(d.Deployed, c)
		} else {
			d.Replaced = append(d.Replaced, c)
		}
	}
	return nil
}
