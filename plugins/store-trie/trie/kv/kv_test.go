package kv_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/logkv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/pebblekv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backends open a database on a file system. A new backend is added here.
var backends = map[string]func(fs vfs.FS, path string) (kv.DB, error){
	"pebble": func(fs vfs.FS, path string) (kv.DB, error) { return pebblekv.Open(path, pebblekv.Options{FS: fs}) },
	"log":    func(fs vfs.FS, path string) (kv.DB, error) { return logkv.Open(path, logkv.Options{FS: fs}) },
}

func each(t *testing.T, test func(t *testing.T, open func() kv.DB)) {
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			test(t, func() kv.DB {
				db, err := backend(fs, "db")
				if err != nil {
					t.Fatal(err)
				}
				return db
			})
		})
	}
}

// all reads everything that a view shows.
func all(t *testing.T, v kv.View) map[string]string {
	t.Helper()
	out := map[string]string{}
	last := ""
	err := v.Scan([]byte{0}, []byte{255}, func(key, value []byte) error {
		if string(key) <= last {
			t.Errorf("key %q after %q", key, last)
		}
		last = string(key)
		out[last] = string(value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// replace replaces some of the values that are there: a few bytes of most, all of some.
func replace(t *testing.T, rng *rand.Rand, b kv.Batch, values map[string]string) {
	t.Helper()
	for k, old := range values {
		if rng.IntN(4) > 0 {
			continue
		}
		value := []byte(old)
		for range rng.IntN(4) {
			if len(value) > 0 {
				value[rng.IntN(len(value))] ^= 1 << rng.IntN(8)
			}
		}
		if rng.IntN(8) == 0 {
			value = append(value, "and more"...)
		}
		must(t, b.Replace([]byte(k), []byte(old), value))
		values[k] = string(value)
	}
}

// TestRandom compares a database with a map, through views that stay open and through closing and opening it.
func TestRandom(t *testing.T) {
	each(t, func(t *testing.T, open func() kv.DB) {
		rng := rand.New(rand.NewPCG(1, 1))
		key := func() []byte { return fmt.Appendf(nil, "k%03d", rng.IntN(200)) }
		db, want := open(), map[string]string{}
		for round := range 60 {
			view, before := db.View(), maps.Clone(want)
			b := db.Batch()
			replace(t, rng, b, want)
			for range rng.IntN(40) {
				k := key()
				if _, ok := before[string(k)]; ok && rng.IntN(2) == 0 {
					continue // it may be replaced
				}
				switch rng.IntN(10) {
				case 0, 1:
					must(t, b.Delete(k))
					delete(want, string(k))
				case 2:
					to := slices.Concat(k[:3], []byte("9"))
					must(t, b.DeleteRange(k, to))
					maps.DeleteFunc(want, func(x, _ string) bool { return x >= string(k) && x < string(to) })
				default:
					value := bytes.Repeat([]byte{byte(round)}, rng.IntN(3000))
					must(t, b.Set(k, value))
					want[string(k)] = string(value)
				}
			}
			if rng.IntN(5) == 0 {
				want = maps.Clone(before) // it is not committed
			} else {
				must(t, b.Commit())
			}
			must(t, b.Close())
			if diff := cmp.Diff(before, all(t, view)); diff != "" {
				t.Fatalf("round %d: the view has changed:\n%s", round, diff)
			}
			must(t, view.Close())
			if rng.IntN(8) == 0 {
				must(t, db.Close())
				db = open()
			}
			view = db.View()
			if diff := cmp.Diff(want, all(t, view)); diff != "" {
				t.Fatalf("round %d:\n%s", round, diff)
			}
			k := key()
			value, ok, err := view.Get([]byte("x"), k)
			if v, has := want[string(k)]; err != nil || ok != has || string(value) != "x"+v {
				t.Fatalf("round %d: Get(%s) = %.20q, %v, %v", round, k, value, ok, err)
			}
			must(t, view.Close())
		}
		must(t, db.Close())
	})
}

func TestScanStops(t *testing.T) {
	each(t, func(t *testing.T, open func() kv.DB) {
		db := open()
		b := db.Batch()
		for _, k := range []string{"a", "b", "c"} {
			must(t, b.Set([]byte(k), nil))
		}
		must(t, errors.Join(b.Commit(), b.Close()))
		view, seen := db.View(), ""
		must(t, view.Scan([]byte("b"), []byte("z"), func(key, _ []byte) error {
			seen += string(key)
			return kv.ErrStop
		}))
		wrong := errors.New("wrong")
		if err := view.Scan([]byte("a"), []byte("z"), func(_, _ []byte) error { return wrong }); !errors.Is(err, wrong) {
			t.Errorf("Scan = %v, want the error of the callback", err)
		}
		if seen != "b" {
			t.Errorf("Scan shows %q, want b", seen)
		}
		must(t, errors.Join(view.Close(), db.Close()))
	})
}

// TestLocked opens a folder twice, on the real file system.
func TestLocked(t *testing.T) {
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			db, err := backend(nil, path)
			must(t, err)
			if _, err := backend(nil, path); !errors.Is(err, kv.ErrLocked) {
				t.Errorf("second Open = %v, want ErrLocked", err)
			}
			must(t, db.Close())
			db, err = backend(nil, path)
			must(t, err)
			must(t, db.Close())
		})
	}
}

// TestLogCompacts writes the same keys over and over: the folder must stay small.
func TestLogCompacts(t *testing.T) {
	fs := vfs.NewMem()
	value := bytes.Repeat([]byte{7}, 1<<20)
	for range 20 {
		db, err := logkv.Open("db", logkv.Options{FS: fs})
		must(t, err)
		b := db.Batch()
		for k := range 3 {
			must(t, b.Set([]byte{'k', byte(k)}, value))
		}
		must(t, errors.Join(b.Commit(), b.Close(), db.Close()))
	}
	db, err := logkv.Open("db", logkv.Options{FS: fs})
	must(t, err)
	view := db.View()
	if got := all(t, view); len(got) != 3 || got["k\x01"] != string(value) {
		t.Errorf("%d keys after compacting, want 3", len(got))
	}
	must(t, errors.Join(view.Close(), db.Close()))
	names, err := fs.List("db")
	must(t, err)
	var size int64
	for _, name := range names {
		info, err := fs.Stat(fs.PathJoin("db", name))
		must(t, err)
		size += info.Size()
	}
	if size > 16<<20 {
		t.Errorf("%d MB for 3 MB of values", size>>20)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
