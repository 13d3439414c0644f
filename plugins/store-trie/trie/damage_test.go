package trie_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// sealed is a chain and what is known of each of its blocks.
type sealed struct {
	roots    []framework.Root
	contents [][]framework.Word
}

func buildSealed(t *testing.T, s framework.Store, blocks int) *sealed {
	t.Helper()
	c := &sealed{roots: build(t, s, blocks, 40, 3)}
	for n := range c.roots {
		c.contents = append(c.contents, contents(t, s, framework.BlockNumber(n)))
	}
	return c
}

// check checks that the store is at a block of the chain, with the root and the cells of that block. It returns the
// error of a read that found damage, which must name a file or a block.
func (c *sealed) check(t *testing.T, s framework.Store) (framework.BlockNumber, error) {
	t.Helper()
	head, err := s.Head(t.Context())
	if errors.Is(err, framework.ErrEmpty) {
		return framework.AtEmpty, nil
	}
	if err != nil {
		t.Fatalf("Head: %v", err)
	}
	if head.Number >= framework.BlockNumber(len(c.roots)) || head.Root != c.roots[head.Number] {
		t.Fatalf("head %d has root %v", head.Number, felt.Felt(head.Root))
	}
	st, err := s.At(t.Context(), head.Number)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for i, want := range c.contents[head.Number] {
		got := make([]framework.Word, 1)
		if err := st.Read(t.Context(), []framework.Key{testKey(i)}, got); err != nil {
			return head.Number, err
		}
		if got[0] != want {
			t.Fatalf("block %d: %s is %x, want %x", head.Number, starknet.CellName(testKey(i)), got[0], want)
		}
	}
	return head.Number, nil
}

// TestDamagedFiles flips bits in the files of a closed store, and cuts them off.
func TestDamagedFiles(t *testing.T) {
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			fs := vfs.NewMem()
			config := trie.Config{Path: "db", Backend: backend}
			s, err := trie.OpenFS(fs, config)
			if err != nil {
				t.Fatal(err)
			}
			c := buildSealed(t, s, 6)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			// Opening it again makes Pebble sort its log into a table.
			if s, err = trie.OpenFS(fs, config); err != nil {
				t.Fatal(err)
			}
			last := randomDiff(rand.New(rand.NewPCG(1, 5)), 5)
			c.roots = append(c.roots, add(t, s, 6, last))
			c.contents = append(c.contents, contents(t, s, 6))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			names, err := fs.List("db")
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			damaged, earlier := 0, 0
			for _, name := range names {
				for try := range 12 {
					copied := copyFS(t, fs)
					if !spoil(t, copied, "db/"+name, rng, try%3 == 0) {
						continue
					}
					what := fmt.Sprintf("%s, try %d", name, try)
					s, err := trie.OpenFS(copied, config)
					if err != nil {
						damaged++
						if !namesCulprit(err) {
							t.Errorf("%s: %v, want an error that names a file", what, err)
						}
						continue
					}
					n, err := c.check(t, s)
					if err != nil {
						damaged++
						if !namesCulprit(err) {
							t.Errorf("%s: %v, want an error that names a file", what, err)
						}
					}
					if n < 6 {
						earlier++
					}
					s.Close()
				}
			}
			t.Logf("%d times damage was found, %d times the store was at an earlier block", damaged, earlier)
			if damaged == 0 {
				t.Error("no damage was ever found")
			}
		})
	}
}

// namesCulprit reports whether an error names a file of the database, or the block whose record or page is damaged.
func namesCulprit(err error) bool {
	text := err.Error()
	for _, part := range []string{"db", "block ", ".sst", ".log", "MANIFEST", "OPTIONS", "marker", "file 0"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// copyFS returns a copy of the folder db.
func copyFS(t *testing.T, fs vfs.FS) *vfs.MemFS {
	t.Helper()
	out := vfs.NewMem()
	if ok, err := vfs.Clone(fs, out, "db", "db"); err != nil || !ok {
		t.Fatalf("clone: %v, %v", ok, err)
	}
	return out
}

// spoil changes a file: it cuts it off or flips a bit. It reports false for an empty file.
func spoil(t *testing.T, fs vfs.FS, name string, rng *rand.Rand, cut bool) bool {
	t.Helper()
	f, err := fs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if len(data) == 0 {
		return false
	}
	at := rng.IntN(len(data))
	if cut {
		data = data[:at]
	} else {
		data[at] ^= 1 << rng.IntN(8)
	}
	out, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		t.Fatal(err)
	}
	return true
}

// TestFullDisk fills the disk at every write of a commit in turn.
func TestFullDisk(t *testing.T) {
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			failures := 0
			for at := int32(0); at < 40; at++ {
				mem := vfs.NewCrashableMem()
				var writes atomic.Int32
				armed := errorfs.InjectorFunc(func(op errorfs.Op) error {
					if op.Kind.ReadOrWrite() != errorfs.OpIsWrite || !strings.HasSuffix(op.Path, ".log") {
						return nil // Pebble ends the program where it cannot go on in the background
					}
					if writes.Add(1) > at {
						return syscall.ENOSPC
					}
					return nil
				})
				config := trie.Config{Path: "db", Backend: backend}
				s, err := trie.OpenFS(errorfs.Wrap(mem, armed), config)
				if err != nil {
					continue // full before the first block
				}
				last, failed := fillUp(t, s)
				if failed {
					failures++
				}
				crashed := mem.CrashClone(vfs.CrashCloneCfg{})
				s.Close() // it may complain: the disk is full
				s, err = trie.OpenFS(crashed, config)
				if err != nil {
					t.Fatalf("write %d: opening again: %v", at, err)
				}
				head, err := s.Head(t.Context())
				if errors.Is(err, framework.ErrEmpty) {
					head, err = framework.Head{Number: framework.AtEmpty}, nil
				}
				if err != nil || head.Number < last.Number || head.Number > last.Number+1 ||
					head.Number == last.Number && head.Root != last.Root {
					t.Errorf("write %d: head %v, %v, want %v or the block above", at, head, err, last)
				}
				s.Close()
			}
			if failures == 0 {
				t.Error("the disk was never full")
			}
		})
	}
}

// fillUp seals blocks until one fails or there are ten. It returns the last that did not.
func fillUp(t *testing.T, s *trie.Store) (last framework.Head, failed bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 4))
	last.Number = framework.AtEmpty
	for n := range framework.BlockNumber(10) {
		if err := s.Stage(t.Context(), n, "", randomDiff(rng, 20)); err != nil {
			t.Fatal(err)
		}
		root, err := s.Seal(t.Context(), n)
		if err != nil {
			if !errors.Is(err, kv.ErrFailed) || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Seal(%d) = %v, want ErrFailed for a full disk", n, err)
			}
			if _, again := s.Seal(t.Context(), n); again == nil {
				t.Error("sealing again succeeds")
			}
			return last, true
		}
		last = framework.Head{Number: n, Root: root}
	}
	return last, false
}

// held is a database whose commits wait.
type held struct {
	kv.DB
	commit, free chan struct{}
}

type heldBatch struct {
	kv.Batch
	of *held
}

func (h *held) Batch() kv.Batch { return heldBatch{h.DB.Batch(), h} }

func (b heldBatch) Commit() error {
	b.of.commit <- struct{}{}
	<-b.of.free
	return b.Batch.Commit()
}

// TestPipeline reads block N, staged, while its sealing is held up, and kills the store.
func TestPipeline(t *testing.T) {
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			mem := vfs.NewCrashableMem()
			config := trie.Config{Path: "db", Backend: backend}
			db, err := trie.OpenDB(mem, config)
			if err != nil {
				t.Fatal(err)
			}
			h := &held{db, make(chan struct{}), make(chan struct{})}
			go func() { <-h.commit; h.free <- struct{}{} }() // of a new store
			s, err := trie.OpenOn(h, config)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 8))
			go func() { <-h.commit; h.free <- struct{}{} }()
			first := add(t, s, 0, randomDiff(rng, 50))
			d := randomDiff(rng, 50)
			if err := s.Stage(t.Context(), 1, "", d); err != nil {
				t.Fatal(err)
			}
			sealing := make(chan error)
			go func() {
				_, err := s.Seal(t.Context(), 1)
				sealing <- err
			}()
			<-h.commit // all is computed and nothing is written
			st, err := s.At(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range d.Writes {
				out := make([]framework.Word, 1)
				if err := st.Read(t.Context(), []framework.Key{w.Key}, out); err != nil || out[0] != w.Value {
					t.Errorf("staged %s = %x, %v, want %x", starknet.CellName(w.Key), out[0], err, w.Value)
				}
			}
			st.Close()
			crashed := mem.CrashClone(vfs.CrashCloneCfg{})
			h.free <- struct{}{}
			if err := errors.Join(<-sealing, s.Close()); err != nil {
				t.Fatal(err)
			}
			again, err := trie.OpenFS(crashed, config)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			want := framework.Head{Number: 0, Root: first}
			if head, err := again.Head(t.Context()); err != nil || head != want {
				t.Errorf("after the kill the head is %v, %v, want %v", head, err, want)
			}
		})
	}
}

// TestUnknownLayout opens a folder of a version that is not ours.
func TestUnknownLayout(t *testing.T) {
	mem := vfs.NewMem()
	db, err := trie.OpenDB(mem, trie.Config{Path: "db", Backend: trie.BackendLog})
	if err != nil {
		t.Fatal(err)
	}
	b := db.Batch()
	if err := errors.Join(b.Set([]byte{1}, []byte{99}), b.Commit(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := trie.OpenFS(mem, trie.Config{Path: "db", Backend: trie.BackendLog}); !errors.Is(err, trie.ErrFormat) {
		t.Errorf("Open = %v, want ErrFormat", err)
	}
}

// TestOneOwner opens a folder that is open.
func TestOneOwner(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, trie.BackendPebble, 0)
	c := trie.DefaultConfig()
	c.Path = dir
	if _, err := trie.Open(t.Context(), c); !errors.Is(err, trie.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open = %v, want ErrLocked with the folder", err)
	}
}

// TestPruned keeps three blocks: others are gone, and so is their history.
func TestPruned(t *testing.T) {
	all, few := open(t, t.TempDir(), trie.BackendLog, 0), open(t, t.TempDir(), trie.BackendLog, 3)
	want := build(t, all, 12, 40, 6)
	if diff := cmp.Diff(want, build(t, few, 12, 40, 6)); diff != "" {
		t.Fatal(diff)
	}
	for n := range framework.BlockNumber(12) {
		_, err := few.Prove(t.Context(), n, framework.ProofQuery{Keys: []framework.Key{testKey(0)}})
		if kept := n >= 9; kept != (err == nil) || !kept && !errors.Is(err, framework.ErrNoBlock) {
			t.Errorf("proof of block %d: %v", n, err)
		}
	}
	if err := few.Revert(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	if err := all.Revert(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 7))
	for n := framework.BlockNumber(10); n < 14; n++ {
		d := randomDiff(rng, 30)
		if a, b := add(t, all, n, d), add(t, few, n, d); a != b {
			t.Errorf("block %d after a revert: root %v with all blocks kept, %v with three", n, felt.Felt(a), felt.Felt(b))
		}
	}
}
