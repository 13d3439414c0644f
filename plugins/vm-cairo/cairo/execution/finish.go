package execution

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// The contract that keeps aliases, and its counter.
var (
	aliasContract = felt.FromUint64(2)
	aliasCounter  = starknet.StorageKey(aliasContract, felt.Felt{})
)

const (
	// firstAlias is the first alias, and the least number that gets one: smaller ones are short already.
	firstAlias = 0x80
	// lastSystem is the highest address of the contracts of the system, whose cells get no aliases.
	lastSystem = 0xf
)

// Finish implements [framework.Executor]. It gives aliases to the cells and contracts that the block has changed, and
// the Blake hash of their code to the classes that it has executed, where the rules want that.
func (e *executor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	if e.closed.Load() {
		return nil, framework.ErrClosed
	}
	var st state
	st.reset(ctx, view)
	if e.block.rules.Switches.Aliases {
		e.allot(&st, e.changed(final))
	}
	if e.block.rules.Switches.Migration {
		e.migrate(&st, final)
	}
	if st.err != nil {
		return nil, st.err
	}
	out := slices.Grow([]framework.Write(nil), len(st.log))
	st.changes(func(c *cell) { out = append(out, framework.Write{Key: c.key, Value: c.value}) })
	framework.SortWrites(out)
	return out, nil
}

// changed returns the cells of contracts that the block has written, sorted.
func (e *executor) changed(final []framework.Final) []*framework.Key {
	var keys []*framework.Key // a key is nine words, of which the sorting moves one
	for i := range e.start {
		keys = append(keys, &e.start[i].Key)
	}
	for i := range final {
		for j := range final[i].Writes {
			if k := &final[i].Writes[j].Key; k.Space <= starknet.SpaceClassHash {
				keys = append(keys, k)
			}
		}
	}
	slices.SortFunc(keys, func(a, b *framework.Key) int {
		if c := a.Owner.Compare(b.Owner); c != 0 {
			return c
		}
		return a.Compare(*b)
	})
	return slices.CompactFunc(keys, func(a, b *framework.Key) bool { return *a == *b })
}

// allot gives aliases.
//
// Source: crates/blockifier/src/state/stateful_compression.rs.
func (e *executor) allot(st *state, keys []*framework.Key) {
	aliases := []framework.Key{aliasCounter}
	for _, x := range named(keys) {
		aliases = append(aliases, starknet.StorageKey(aliasContract, x))
	}
	st.readAll(aliases)
	next := st.read(aliasCounter)
	if next.IsZero() {
		next = felt.FromUint64(firstAlias)
	}
	for _, key := range aliases[1:] {
		if v := st.read(key); v.IsZero() && st.err == nil {
			st.write(key, next)
			next.Add(&next, &felt.One)
		}
	}
	st.write(aliasCounter, next)
}

// named returns what gets an alias of its own when those cells change: for each contract in ascending order first its cells,
// then itself.
func named(keys []*framework.Key) (all []felt.Felt) {
	give := func(x felt.Felt) {
		if !x.IsUint64() || x[0] >= firstAlias {
			all = append(all, x)
		}
	}
	for i, k := range keys {
		owner := felt.Felt(k.Owner)
		if k.Space == starknet.SpaceStorage && (!owner.IsUint64() || owner[0] > lastSystem) {
			give(felt.Felt(k.Slot))
		}
		if i == len(keys)-1 || keys[i+1].Owner != k.Owner {
			give(owner)
		}
	}
	return all
}

// migrate gives the Blake hash of their code to classes that still have the other one.
func (e *executor) migrate(st *state, final []framework.Final) {
	seen := map[framework.Word]bool{}
	for i := range final {
		once := final[i].Outcome.Usage.Once
		for j := range once {
			k := &once[j].Key
			if k.Space != starknet.SpaceDeclared || seen[k.Owner] {
				continue
			}
			seen[k.Owner] = true
			if st.err = e.migrateClass(st, k.Owner); st.err != nil {
				return
			}
		}
	}
}

// migrateClass gives a class that was executed the Blake hash of its code, if it still has the other one.
func (e *executor) migrateClass(st *state, hash framework.Word) error {
	class := felt.Felt(hash)
	key := starknet.CompiledClassKey(class)
	old := st.read(key)
	if old.IsZero() || !st.declared(class) {
		return st.err // of Cairo 0
	}
	k, err := e.vm.classes.of(class, func() (*framework.Class, error) { return st.view.Class(st.ctx, hash) })
	if err == nil && k.blake != nil {
		st.write(key, k.blake())
	}
	return err
}
