package trie_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// build makes a chain of blocks that write, overwrite and empty cells and declare classes.
func build(t testing.TB, s framework.Store, blocks, writes int, seed uint64) []framework.Root {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	var roots []framework.Root
	for n := range framework.BlockNumber(blocks) {
		d := randomDiff(rng, writes)
		if n%3 == 0 {
			hash := testValue(int(n) + 1000)
			d.Classes = []framework.Class{{Hash: hash, Body: bytes.Repeat([]byte{byte(n)}, 3000)}}
		}
		roots = append(roots, add(t, s, n, d))
	}
	return roots
}

// randomDiff changes some of a few hundred cells; one value in four is 0.
func randomDiff(rng *rand.Rand, writes int) *framework.Diff {
	cells := map[framework.Key]framework.Word{}
	for range writes {
		k := testKey(rng.IntN(300))
		cells[k] = testValue(rng.IntN(50))
		if rng.IntN(4) == 0 {
			cells[k] = framework.Word{}
		}
	}
	d := new(framework.Diff)
	for k, v := range cells {
		d.Writes = append(d.Writes, framework.Write{Key: k, Value: v})
	}
	framework.SortWrites(d.Writes)
	return d
}

func add(t testing.TB, s framework.Store, n framework.BlockNumber, d *framework.Diff) framework.Root {
	t.Helper()
	if err := s.Stage(t.Context(), n, "0.13.2", d); err != nil {
		t.Fatal(err)
	}
	root, err := s.Seal(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// contents reads all cells that build writes.
func contents(t testing.TB, s framework.Store, n framework.BlockNumber) []framework.Word {
	t.Helper()
	st, err := s.At(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var keys []framework.Key
	for i := range 300 {
		keys = append(keys, testKey(i))
	}
	out := make([]framework.Word, len(keys))
	if err := st.Read(t.Context(), keys, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSnapshot(t *testing.T) {
	from := open(t, t.TempDir(), trie.BackendPebble, 0)
	roots := build(t, from, 8, 60, 1)
	for n := range framework.BlockNumber(8) {
		var b bytes.Buffer
		head, err := from.Export(t.Context(), n, &b)
		if want := (framework.Head{Number: n, Root: roots[n]}); err != nil || head != want {
			t.Fatalf("Export(%d) = %v, %v, want %v", n, head, err, want)
		}
		dir := t.TempDir()
		to := open(t, dir, trie.BackendPebble, 0)
		if got, err := to.Import(t.Context(), bytes.NewReader(b.Bytes()), &roots[n]); err != nil || got != head {
			t.Fatalf("Import = %v, %v, want %v", got, err, head)
		}
		if diff := cmp.Diff(contents(t, from, n), contents(t, to, n)); diff != "" {
			t.Errorf("block %d is another one after its import:\n%s", n, diff)
		}
		if _, err := to.Import(t.Context(), bytes.NewReader(b.Bytes()), nil); !errors.Is(err, trie.ErrNotEmpty) {
			t.Errorf("second import: %v, want ErrNotEmpty", err)
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		to = open(t, dir, trie.BackendPebble, 0)
		st, err := to.At(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for c := range framework.BlockNumber(8) {
			_, err := st.Class(t.Context(), testValue(int(c)+1000))
			if declared := c%3 == 0 && c <= n; (err == nil) != declared {
				t.Errorf("class of block %d after the import of block %d: %v", c, n, err)
			}
		}
		st.Close()
		// The imported store goes on as the other did.
		other := open(t, t.TempDir(), trie.BackendPebble, 0)
		build(t, other, int(n)+1, 60, 1)
		d := randomDiff(rand.New(rand.NewPCG(7, 7)), 50)
		if got, want := add(t, to, n+1, d), add(t, other, n+1, d); got != want {
			t.Errorf("block %d on an import has root %v, else %v", n+1, felt.Felt(got), felt.Felt(want))
		}
		to.Close()
		other.Close()
	}
}

// TestSnapshotDamaged flips a bit in each byte of a snapshot, and cuts it off there.
func TestSnapshotDamaged(t *testing.T) {
	from := open(t, t.TempDir(), trie.BackendPebble, 0)
	d := &framework.Diff{Writes: []framework.Write{
		{Key: starknet.StorageKey(felt.One, felt.One), Value: framework.Word{5}},
		{Key: starknet.ClassHashKey(felt.One), Value: framework.Word{6}},
	}, Classes: []framework.Class{{Hash: framework.Word{9}, Body: []byte("body")}}}
	root := add(t, from, 0, d)
	var b bytes.Buffer
	if _, err := from.Export(t.Context(), 0, &b); err != nil {
		t.Fatal(err)
	}
	to, err := trie.OpenFS(vfs.NewMem(), trie.Config{Path: "db", Backend: trie.BackendLog})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	refused := func(what string, i int, snapshot []byte) {
		t.Helper()
		if _, err := to.Import(t.Context(), bytes.NewReader(snapshot), &root); !errors.Is(err, trie.ErrSnapshot) {
			t.Fatalf("%s byte %d of the snapshot: %v, want ErrSnapshot", what, i, err)
		}
		if _, err := to.Head(t.Context()); !errors.Is(err, framework.ErrEmpty) {
			t.Fatalf("%s byte %d of the snapshot: the store is not empty: %v", what, i, err)
		}
	}
	for i := range b.Bytes() {
		damaged := bytes.Clone(b.Bytes())
		damaged[i] ^= 0x10
		refused("flipping", i, damaged)
		refused("cutting off at", i, b.Bytes()[:i])
	}
	wrong := framework.Root{1}
	if _, err := to.Import(t.Context(), bytes.NewReader(b.Bytes()), &wrong); !errors.Is(err, trie.ErrSnapshot) {
		t.Errorf("import of another root than wanted: %v, want ErrSnapshot", err)
	}
	if head, err := to.Import(t.Context(), &b, &root); err != nil || head.Root != root {
		t.Errorf("Import = %v, %v", head, err)
	}
}
