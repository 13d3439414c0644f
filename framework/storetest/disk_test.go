package storetest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/storetest"
)

// full is a subject with every ability: durable, with proofs of a kind, and choosy about keys and values.
func full(wrap func(framework.Store) framework.Store) storetest.Subject {
	if wrap == nil {
		wrap = func(s framework.Store) framework.Store { return s }
	}
	var mu sync.Mutex
	folders := make(map[string]*folder)
	return storetest.Subject{
		Open: func(t conform.T, dir string) framework.Store {
			mu.Lock()
			defer mu.Unlock()
			if folders[dir] == nil {
				folders[dir] = new(folder)
			}
			return wrap(open(t, folders[dir]))
		},
		Durable: true,
		Retain:  8,
		Key: func(i int) framework.Key {
			return framework.Key{Space: uint8(i % 2), Owner: framework.Word{uint64(i % 5)}, Slot: framework.Word{uint64(i)}}
		},
		Value:   func(i int) framework.Word { return framework.Word{uint64(i), 0, 0, 1 << 59} },
		Declare: func(class framework.Word) []framework.Write { return []framework.Write{declaration(class)} },
		Refused: []framework.Write{{Value: framework.Word{3: 1 << 60}}},
		Verify:  verify,
	}
}

func declaration(class framework.Word) framework.Write {
	return framework.Write{Key: framework.Key{Space: 9, Slot: class}, Value: framework.Word{1}}
}

// folder is what a disk would keep: the sealed diffs.
type folder struct {
	diffs []framework.Diff
	roots []framework.Root
}

// disk is a memory store which keeps its sealed blocks in a folder, and proves cells by a hash of the answer.
type disk struct {
	framework.Store
	folder *folder
	staged []framework.Diff
}

func open(t conform.T, f *folder) *disk {
	t.Helper()
	d := &disk{Store: newMemory(t, 8), folder: f}
	for n, diff := range f.diffs {
		if err := d.Store.Stage(t.Context(), framework.BlockNumber(n), "", &diff); err != nil {
			t.Fatalf("replay: %v", err)
		}
		if _, err := d.Store.Seal(t.Context(), framework.BlockNumber(n)); err != nil {
			t.Fatalf("replay: %v", err)
		}
	}
	return d
}

func (d *disk) Stage(ctx context.Context, n framework.BlockNumber, protocol string, diff *framework.Diff) error {
	for i, w := range diff.Writes {
		if w.Value[3]>>60 != 0 {
			return fmt.Errorf("write %d: %x is too large", i, w.Value)
		}
	}
	if err := d.Store.Stage(ctx, n, protocol, diff); err != nil {
		return err
	}
	d.staged = append(d.staged, framework.Diff{
		Writes:  append([]framework.Write(nil), diff.Writes...),
		Classes: append([]framework.Class(nil), diff.Classes...),
	})
	return nil
}

func (d *disk) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	root, err := d.Store.Seal(ctx, n)
	if err == nil {
		d.folder.diffs = append(d.folder.diffs, d.staged[0])
		d.folder.roots = append(d.folder.roots, root)
		d.staged = d.staged[1:]
	}
	return root, err
}

func (d *disk) Revert(ctx context.Context, to framework.BlockNumber) error {
	err := d.Store.Revert(ctx, to)
	if err == nil {
		d.folder.diffs, d.folder.roots, d.staged = d.folder.diffs[:to+1], d.folder.roots[:to+1], nil
	}
	return err
}

func (d *disk) Prove(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
	st, err := d.Store.At(ctx, n)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	if n < 0 || int(n) >= len(d.folder.roots) {
		return nil, framework.ErrNoBlock
	}
	values := make([]framework.Word, len(q.Keys))
	if err := st.Read(ctx, q.Keys, values); err != nil {
		return nil, err
	}
	return &framework.Proof{Root: d.folder.roots[n], Body: evidence(d.folder.roots[n], q, values)}, nil
}

func evidence(root framework.Root, q framework.ProofQuery, values []framework.Word) []byte {
	h := sha256.Sum256(fmt.Append(nil, root, q, values))
	return h[:]
}

func verify(root framework.Root, q framework.ProofQuery, values []framework.Word, p *framework.Proof) error {
	if string(p.Body) != string(evidence(root, q, values)) {
		return errors.New("not the hash of the answer")
	}
	return nil
}
