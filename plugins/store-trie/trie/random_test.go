package trie_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// naive is a trie by the definition of the protocol.
func naive(hash func(a, b felt.Felt) felt.Felt, c map[felt.Felt]felt.Felt, height uint) felt.Felt {
	var path felt.Felt
	for length := uint64(0); ; length++ {
		sides := [2]map[felt.Felt]felt.Felt{{}, {}}
		var root felt.Felt
		switch {
		case len(c) == 0:
			return felt.Felt{}
		case height == 0:
			for _, root = range c {
			}
		default:
			for k, v := range c {
				sides[k.Bit(height-1)][k] = v
			}
		}
		height--
		if len(sides[0]) > 0 && len(sides[1]) > 0 {
			root = hash(naive(hash, sides[0], height), naive(hash, sides[1], height))
		}
		if !root.IsZero() {
			if length > 0 {
				l := felt.FromUint64(length)
				root = hash(root, path)
				root.Add(&root, &l)
			}
			return root
		}
		path.Add(&path, &path)
		if len(sides[1]) > 0 {
			path.Add(&path, &felt.One)
		}
	}
}

// naiveRoot is the root of a whole state by the definition of the protocol.
func naiveRoot(cells map[framework.Key]framework.Word) framework.Root {
	storage := map[felt.Felt]map[felt.Felt]felt.Felt{}
	states, classes := map[felt.Felt]starknet.ContractState{}, map[felt.Felt]felt.Felt{}
	for k, v := range cells {
		owner := felt.Felt(k.Owner)
		state := states[owner]
		switch k.Space {
		case starknet.SpaceStorage:
			if storage[owner] == nil {
				storage[owner] = map[felt.Felt]felt.Felt{}
			}
			storage[owner][felt.Felt(k.Slot)] = felt.Felt(v)
		case starknet.SpaceNonce:
			state.Nonce = felt.Felt(v)
		case starknet.SpaceClassHash:
			state.ClassHash = felt.Felt(v)
		case starknet.SpaceCompiledClass:
			classes[owner] = starknet.ClassLeaf(felt.Felt(v))
			continue
		}
		states[owner] = state
	}
	leaves := map[felt.Felt]felt.Felt{}
	for owner, state := range states {
		state.StorageRoot = naive(crypto.Pedersen, storage[owner], proof.Height)
		leaves[owner] = state.Hash()
	}
	contracts := naive(crypto.Pedersen, leaves, proof.Height)
	return framework.Root(starknet.StateRoot(starknet.V0_13_2, contracts, naive(crypto.Poseidon, classes, proof.Height)))
}

// chains are the same chain in a store under test, in the memory store and in plain maps.
type chains struct {
	t      *testing.T
	rng    *rand.Rand
	config trie.Config
	fs     vfs.FS
	store  *trie.Store
	memory *memory.Store
	blocks []map[framework.Key]framework.Word // sealed
	roots  []framework.Root
}

// TestRandomChains makes random operations on all of them: set, unset, revert, open again, prove, prune, import.
func TestRandomChains(t *testing.T) {
	seeds := uint64(2)
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		seeds = 100
	}
	for i, backend := range backends {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s, seed %d", backend, seed), func(t *testing.T) {
				c := &chains{t: t, rng: rand.New(rand.NewPCG(seed, uint64(i))), fs: vfs.NewMem()}
				c.config = trie.Config{Path: "db", Backend: backend, Last: 6 * int(seed%2)}
				c.open()
				var err error
				if c.memory, err = memory.New(memory.Config{}); err != nil {
					t.Fatal(err)
				}
				for range 25 {
					c.step()
				}
				c.store.Close()
			})
		}
	}
}

func (c *chains) open() {
	c.t.Helper()
	var err error
	if c.store, err = trie.OpenFS(c.fs, c.config); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chains) step() {
	c.t.Helper()
	switch n := c.rng.IntN(10); {
	case n < 5 || len(c.blocks) == 0:
		c.seal()
	case n < 6:
		if err := c.store.Close(); err != nil {
			c.t.Fatal(err)
		}
		c.open()
	case n < 7:
		c.revert()
	case n < 8:
		c.move()
	default:
		c.prove()
	}
}

func (c *chains) seal() {
	c.t.Helper()
	n, d := framework.BlockNumber(len(c.blocks)), randomDiff(c.rng, c.rng.IntN(80))
	cells := map[framework.Key]framework.Word{}
	if n > 0 {
		cells = maps.Clone(c.blocks[n-1])
	}
	for _, w := range d.Writes {
		if cells[w.Key] = w.Value; w.Value == (framework.Word{}) {
			delete(cells, w.Key)
		}
	}
	root := add(c.t, c.store, n, d)
	add(c.t, c.memory, n, d)
	if want := naiveRoot(cells); root != want {
		c.t.Fatalf("block %d: root %v, want %v", n, felt.Felt(root), felt.Felt(want))
	}
	if diff := cmp.Diff(contents(c.t, c.memory, n), contents(c.t, c.store, n)); diff != "" {
		c.t.Fatalf("block %d is not that of the memory store:\n%s", n, diff)
	}
	c.blocks, c.roots = append(c.blocks, cells), append(c.roots, root)
}

// kept returns the number of a random block that is kept.
func (c *chains) kept() framework.BlockNumber {
	n := len(c.blocks)
	if c.config.Last > 0 {
		n = min(n, c.config.Last, 4)
	}
	return framework.BlockNumber(len(c.blocks) - 1 - c.rng.IntN(n))
}

func (c *chains) revert() {
	c.t.Helper()
	to := c.kept()
	if _, err := c.store.Export(c.t.Context(), to, new(bytes.Buffer)); err != nil {
		return // it was pruned before an earlier revert
	}
	for _, s := range []framework.Store{c.store, c.memory} {
		if err := s.Revert(c.t.Context(), to); err != nil {
			c.t.Fatal(err)
		}
	}
	c.blocks, c.roots = c.blocks[:to+1], c.roots[:to+1]
	if diff := cmp.Diff(contents(c.t, c.memory, to), contents(c.t, c.store, to)); diff != "" {
		c.t.Fatalf("after a revert, block %d is not that of the memory store:\n%s", to, diff)
	}
}

// move goes on from a snapshot of the head in another folder.
func (c *chains) move() {
	c.t.Helper()
	var b bytes.Buffer
	n := len(c.blocks) - 1
	if _, err := c.store.Export(c.t.Context(), framework.BlockNumber(n), &b); err != nil {
		c.t.Fatal(err)
	}
	if err := c.store.Close(); err != nil {
		c.t.Fatal(err)
	}
	c.config.Path += "x"
	c.open()
	if _, err := c.store.Import(c.t.Context(), &b, &c.roots[n]); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chains) prove() {
	c.t.Helper()
	n := c.kept()
	var q framework.ProofQuery
	var values []framework.Word
	for range c.rng.IntN(12) {
		k := testKey(c.rng.IntN(320))
		q.Keys, values = append(q.Keys, k), append(values, c.blocks[n][k])
	}
	p, err := c.store.Prove(c.t.Context(), n, q)
	if err != nil {
		if _, gone := c.store.At(c.t.Context(), n); gone != nil {
			return // it was pruned before a revert, or is from before a snapshot
		}
		c.t.Fatal(err)
	}
	if err := proof.Check(c.roots[n], q, values, p); err != nil {
		c.t.Fatalf("block %d: %v", n, err)
	}
}
