package trie

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"
)

// committer computes what changes of the state mean for the tries. It is used by one goroutine at a time and keeps its
// memory, and pages of the head, from one block to the next.
type committer struct {
	workers  int
	pages    *pageCache
	pedersen *patricia.Hasher
	poseidon *patricia.Hasher
	pairs    [][2]felt.Felt
	hashes   []felt.Felt
	leaves   int // hashes of leaves computed so far
}

// newCommitter returns a committer of as many goroutines as workers that keeps about so many bytes of pages.
func newCommitter(workers, cache int) *committer {
	return &committer{
		workers:  workers,
		pages:    newPageCache(cache),
		pedersen: patricia.NewHasher(crypto.PedersenBatch, workers),
		poseidon: patricia.NewHasher(crypto.PoseidonBatch, workers),
	}
}

// hashCount returns how many hashes were computed so far.
func (c *committer) hashCount() int { return c.pedersen.Count() + c.poseidon.Count() + c.leaves }

// commitment is what changes come to.
type commitment struct {
	contracts, classes felt.Felt // roots
	changes            []change  // those that change something, and the storage roots, as cells
	tries              []*patricia.Trie
	written            []writtenPage
}

// writtenPage is a page that was written, nil if it was removed.
type writtenPage struct{ name, page []byte }

// write hands the pages that changed to a batch.
func (c *commitment) write(b kv.Batch) error {
	for _, t := range c.tries {
		if err := t.Write(pageSink{b, c}); err != nil {
			return err
		}
	}
	return nil
}

// wrote is told how the batch went that c was written to.
func (c *committer) wrote(is *commitment, err error) {
	if err != nil {
		c.pages.clear() // what was written may be there or not
		return
	}
	for _, p := range is.written {
		c.pages.set(p.name, p.page)
	}
}

// pageSink is a [patricia.Sink].
type pageSink struct {
	batch kv.Batch
	to    *commitment
}

func (s pageSink) SetPage(name, old, page []byte) error {
	s.to.written = append(s.to.written, writtenPage{name, page})
	if old == nil {
		return s.batch.Set(name, page)
	}
	return s.batch.Replace(name, old, page)
}

func (s pageSink) DeletePage(name []byte) error {
	s.to.written = append(s.to.written, writtenPage{name, nil})
	return s.batch.Delete(name)
}

// touched is a contract that changes.
type touched struct {
	contract
	trie  *patricia.Trie // of its storage, if that changes
	old   felt.Felt      // root of that trie before
	state starknet.ContractState
}

// run computes the commitment after changes, sorted by key, to the state after the head of v, which is what was written
// last. It finds their old values. Who writes the commitment tells wrote.
func (c *committer) run(v *view, changes []change) (*commitment, error) {
	pages := tipPages{c.pages, v}
	changes, err := c.old(v, changes)
	if err != nil {
		return nil, err
	}
	out := new(commitment)
	all := make([]touched, 0, 64)
	for _, contract := range contracts(changes) {
		all = append(all, touched{contract: contract})
	}
	if err = c.each(len(all), func(i int) error { return all[i].merge(pages, c.workers) }); err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].trie != nil {
			out.tries = append(out.tries, all[i].trie)
		}
	}
	c.pedersen.Run(out.tries...)
	out.changes = slices.DeleteFunc(changes, func(ch change) bool { return ch.old == ch.new })
	for i := range all {
		if t := &all[i]; t.trie != nil {
			if t.state.StorageRoot = t.trie.Root(); t.state.StorageRoot != t.old {
				ch := change{rootKey(t.address), framework.Word(t.old), framework.Word(t.state.StorageRoot)}
				out.changes = append(out.changes, ch)
			}
		}
	}
	if out.contracts, err = c.contracts(pages, all, out); err != nil {
		return nil, err
	}
	if out.classes, err = c.classes(pages, compiledClasses(out.changes), out); err != nil {
		return nil, err
	}
	return out, nil
}

// each calls do for 0 to n-1 on as many goroutines as there are workers. It returns one of the errors.
func (c *committer) each(n int, do func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	work := func() {
		for failed.Load() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if err := do(i); err != nil {
				failed.Store(&err)
			}
		}
	}
	var wait sync.WaitGroup
	for w := 1; w < min(c.workers, n); w++ {
		wait.Go(work)
	}
	work()
	wait.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// merge merges the changes of the contract's storage into its trie, and reads what else its leaf needs.
func (t *touched) merge(pages tipPages, workers int) (err error) {
	if len(t.storage) > 0 {
		if t.trie, err = patricia.Open(storageName(t.address), pages); err != nil {
			return err
		}
		t.old = t.trie.Root()
		all := updates(t.storage, bySlot)
		if err := t.trie.Apply(all, workers); err != nil {
			return err
		}
		for i := range all {
			t.storage[i].old = framework.Word(all[i].Old)
		}
	}
	var buf []byte
	read := func(changed *change, k framework.Key) (w framework.Word) {
		if changed != nil {
			return changed.new
		}
		if err == nil {
			w, buf, err = pages.view.flat(buf, k)
		}
		return w
	}
	address := felt.Felt(t.address)
	t.state.Nonce = felt.Felt(read(t.nonce, starknet.NonceKey(address)))
	t.state.ClassHash = felt.Felt(read(t.class, starknet.ClassHashKey(address)))
	if t.trie == nil {
		t.state.StorageRoot = felt.Felt(read(nil, rootKey(t.address)))
	}
	return err
}

// contracts changes the leaves of contracts and returns the root of their trie.
func (c *committer) contracts(pages tipPages, all []touched, out *commitment) (felt.Felt, error) {
	leaves := make([]patricia.Update, len(all))
	states := make([]*starknet.ContractState, len(all))
	for i := range all {
		leaves[i].Key = felt.Felt(all[i].address)
		states[i] = &all[i].state
	}
	c.leaf(leaves, states)
	return c.top(pages, contractsName(), leaves, c.pedersen, out)
}

// leaf sets the values of leaves to the hashes of the states of contracts.
func (c *committer) leaf(leaves []patricia.Update, states []*starknet.ContractState) {
	c.pairs = c.pairs[:0]
	for _, s := range states {
		c.pairs = append(c.pairs, [2]felt.Felt{s.ClassHash, s.StorageRoot})
	}
	c.hashes = append(c.hashes[:0], make([]felt.Felt, len(states))...)
	crypto.PedersenBatch(c.hashes, c.pairs)
	for i, s := range states {
		c.pairs[i] = [2]felt.Felt{c.hashes[i], s.Nonce}
	}
	crypto.PedersenBatch(c.hashes, c.pairs)
	for i := range states {
		c.pairs[i] = [2]felt.Felt{c.hashes[i], {}}
	}
	crypto.PedersenBatch(c.hashes, c.pairs)
	c.leaves += 3 * len(states)
	for i, s := range states {
		leaves[i].Value = c.hashes[i]
		if *s == (starknet.ContractState{}) {
			leaves[i].Value = felt.Felt{}
		}
	}
}

// classes changes the leaves of classes and returns the root of their trie.
func (c *committer) classes(pages tipPages, changes []change, out *commitment) (felt.Felt, error) {
	leaves := updates(changes, byOwner)
	for i := range leaves {
		leaves[i].Value = starknet.ClassLeaf(leaves[i].Value)
	}
	c.leaves += len(leaves)
	return c.top(pages, classesName(), leaves, c.poseidon, out)
}

// top applies leaves to one of the two tries that the root commits to.
func (c *committer) top(pages tipPages, name []byte, leaves []patricia.Update, hasher *patricia.Hasher, out *commitment) (felt.Felt, error) {
	t, err := patricia.Open(name, pages)
	if err != nil {
		return felt.Felt{}, err
	}
	if len(leaves) > 0 {
		if err := t.Apply(leaves, c.workers); err != nil {
			return felt.Felt{}, err
		}
		hasher.Run(t)
		out.tries = append(out.tries, t)
	}
	return t.Root(), nil
}

// changesTo returns writes as changes whose old values are not known.
func changesTo(writes []framework.Write) []change {
	out := make([]change, len(writes))
	for i, w := range writes {
		out[i] = change{key: w.Key, new: w.Value}
	}
	return out
}

// old finds the old values of all changes but those of storage, which the tries know: a read less for each. It drops
// those that change nothing.
func (c *committer) old(v *view, changes []change) ([]change, error) {
	const share = 64
	first, _ := slices.BinarySearchFunc(changes, starknet.SpaceNonce, func(ch change, s uint8) int { return int(ch.key.Space) - int(s) })
	flat := changes[first:]
	err := c.each((len(flat)+share-1)/share, func(part int) error {
		var buf []byte
		for i := part * share; i < min((part+1)*share, len(flat)); i++ {
			var err error
			if flat[i].old, buf, err = v.flat(buf, flat[i].key); err != nil {
				return fmt.Errorf("read %s: %w", starknet.CellName(flat[i].key), err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	flat = slices.DeleteFunc(flat, func(ch change) bool { return ch.old == ch.new })
	return changes[:first+len(flat)], nil
}
