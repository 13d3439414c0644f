package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// followsNumber asks the store again at every read of a state.
func followsNumber(s framework.Store) framework.Store {
	return states(s, func(n framework.BlockNumber, b *bentState) {
		b.read = func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			if err := b.State.Read(ctx, keys, out); err != nil {
				return err
			}
			now, err := s.At(ctx, n)
			if err != nil {
				return err
			}
			defer now.Close()
			return now.Read(ctx, keys, out)
		}
	})
}

// showsStaged reads the block above, if there is one, in a state that was opened when there was none.
func showsStaged(s framework.Store) framework.Store {
	return states(s, func(n framework.BlockNumber, b *bentState) {
		if above, err := s.At(context.Background(), n+1); err == nil {
			above.Close()
			return
		}
		b.read = func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			if err := b.State.Read(ctx, keys, out); err != nil {
				return err
			}
			if above, err := s.At(ctx, n+1); err == nil {
				defer above.Close()
				return above.Read(ctx, keys, out)
			}
			return nil
		}
	})
}

// sealsBetween seals all blocks up to n.
func sealsBetween(s framework.Store) framework.Store {
	return &bent{Store: s, seal: func(ctx context.Context, n framework.BlockNumber) (root framework.Root, err error) {
		next := framework.BlockNumber(0)
		if h, err := s.Head(ctx); err == nil {
			next = h.Number + 1
		}
		for ; next < n; next++ {
			if root, err = s.Seal(ctx, next); err != nil {
				return root, err
			}
		}
		return s.Seal(ctx, n)
	}}
}

// keepsStaged finds nothing to do in a revert to the head.
func keepsStaged(s framework.Store) framework.Store {
	return &bent{Store: s, revert: func(ctx context.Context, to framework.BlockNumber) error {
		if h, err := s.Head(ctx); err == nil && h.Number == to {
			return nil
		}
		return s.Revert(ctx, to)
	}}
}

// oneClassTable has one table of classes for all blocks.
func oneClassTable(s framework.Store) framework.Store {
	var table sync.Map
	b := states(s, func(_ framework.BlockNumber, b *bentState) {
		b.class = func(ctx context.Context, hash framework.Word) (*framework.Class, error) {
			c, err := b.State.Class(ctx, hash)
			if known, ok := table.Load(hash); ok && errors.Is(err, framework.ErrNoClass) {
				return known.(*framework.Class), nil
			}
			return c, err
		}
	})
	b.stage = func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		err := s.Stage(ctx, n, "", d)
		if err == nil {
			for _, c := range d.Classes {
				table.Store(c.Hash, &c)
			}
		}
		return err
	}
	return b
}

// losesClasses forgets all classes at a revert, those of the blocks that stay too.
func losesClasses(s framework.Store) framework.Store {
	var reverts atomic.Int64
	b := states(s, func(_ framework.BlockNumber, b *bentState) {
		lost := reverts.Load() > 0
		b.class = func(ctx context.Context, hash framework.Word) (*framework.Class, error) {
			c, err := b.State.Class(ctx, hash)
			if lost && err == nil {
				return nil, framework.ErrNoClass
			}
			return c, err
		}
	})
	b.revert = func(ctx context.Context, to framework.BlockNumber) error {
		if h, err := s.Head(ctx); err == nil && h.Number > to {
			reverts.Add(1)
		}
		return s.Revert(ctx, to)
	}
	b.stage = func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		if len(d.Classes) > 0 {
			reverts.Store(0)
		}
		return s.Stage(ctx, n, "", d)
	}
	return b
}

// otherRoots has the roots that change makes.
func otherRoots(s framework.Store, change func(framework.Head) framework.Root) *bent {
	return &bent{
		Store: s,
		head: func(ctx context.Context) (framework.Head, error) {
			h, err := s.Head(ctx)
			if err == nil {
				h.Root = change(h)
			}
			return h, err
		},
		seal: func(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
			root, err := s.Seal(ctx, n)
			if err == nil {
				root = change(framework.Head{Number: n, Root: root})
			}
			return root, err
		},
	}
}

// zeroCounts hashes empty cells that were written as if they held something.
func zeroCounts(s framework.Store) framework.Store {
	zeros := make(map[framework.BlockNumber]uint64) // sum up to the block
	b := otherRoots(s, func(h framework.Head) framework.Root {
		h.Root[0] += zeros[h.Number]
		return h.Root
	})
	b.stage = func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		err := s.Stage(ctx, n, "", d)
		if err == nil {
			zeros[n] = zeros[n-1]
			for _, w := range d.Writes {
				if w.Value == (framework.Word{}) {
					zeros[n] += 1 + w.Key.Slot[0]
				}
			}
		}
		return err
	}
	return b
}

func numberedRoots(s framework.Store) framework.Store {
	return otherRoots(s, func(h framework.Head) framework.Root {
		h.Root[0] += uint64(h.Number)
		return h.Root
	})
}

// constantRoots has one root for all states but the empty one.
func constantRoots(s framework.Store) framework.Store {
	return otherRoots(s, func(h framework.Head) framework.Root {
		if h.Root == (framework.Root{}) {
			return h.Root
		}
		return framework.Root{1}
	})
}

// keepsDiff reads staged blocks in the diff that it was passed.
func keepsDiff(s framework.Store) framework.Store {
	diffs := make(map[framework.BlockNumber]*framework.Diff)
	var mu sync.Mutex // guards diffs
	b := states(s, func(n framework.BlockNumber, b *bentState) {
		mu.Lock()
		d := diffs[n]
		mu.Unlock()
		b.read = func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			err := b.State.Read(ctx, keys, out)
			if err != nil || d == nil {
				return err
			}
			for i, k := range keys {
				at := slices.IndexFunc(d.Writes, func(w framework.Write) bool { return w.Key == k })
				if at >= 0 {
					out[i] = d.Writes[at].Value
				}
			}
			return nil
		}
	})
	b.stage = func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		err := s.Stage(ctx, n, "", d)
		mu.Lock()
		defer mu.Unlock()
		if err == nil && len(d.Writes) < 100 { // the search takes long
			diffs[n] = d
		}
		return err
	}
	b.seal = func(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
		mu.Lock()
		defer mu.Unlock()
		delete(diffs, n)
		return s.Seal(ctx, n)
	}
	b.revert = func(ctx context.Context, to framework.BlockNumber) error {
		mu.Lock()
		defer mu.Unlock()
		clear(diffs)
		return s.Revert(ctx, to)
	}
	return b
}

// takesTwice lets the last write of a key win.
func takesTwice(s framework.Store) framework.Store {
	return &bent{Store: s, stage: func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		w := slices.Clone(d.Writes)
		slices.Reverse(w)
		w = slices.CompactFunc(w, func(a, b framework.Write) bool { return a.Key == b.Key })
		slices.Reverse(w)
		return s.Stage(ctx, n, "", &framework.Diff{Writes: w, Classes: d.Classes})
	}}
}

// takesUnsorted sorts.
func takesUnsorted(s framework.Store) framework.Store {
	return &bent{Store: s, stage: func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		w := slices.Clone(d.Writes)
		framework.SortWrites(w)
		return s.Stage(ctx, n, "", &framework.Diff{Writes: w, Classes: d.Classes})
	}}
}

// changesDiff leaves out empty cells, in place.
func changesDiff(s framework.Store) framework.Store {
	return &bent{Store: s, stage: func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		err := s.Stage(ctx, n, "", d)
		if err == nil {
			d.Writes = slices.DeleteFunc(d.Writes, func(w framework.Write) bool { return w.Value == framework.Word{} })
		}
		return err
	}}
}

// stagesRefused stages an empty block in the place of a diff that it refuses.
func stagesRefused(s framework.Store) framework.Store {
	return &bent{Store: s, stage: func(ctx context.Context, n framework.BlockNumber, d *framework.Diff) error {
		err := s.Stage(ctx, n, "", d)
		if err != nil && !errors.Is(err, framework.ErrOutOfOrder) {
			_ = s.Stage(ctx, n, "", new(framework.Diff))
		}
		return err
	}}
}

// hidesStaged shows sealed blocks only.
func hidesStaged(s framework.Store) framework.Store {
	return &bent{Store: s, at: func(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
		h, err := s.Head(ctx)
		if n != framework.AtEmpty && (errors.Is(err, framework.ErrEmpty) || err == nil && n > h.Number) {
			return nil, framework.ErrNoBlock
		}
		return s.At(ctx, n)
	}}
}

// remembersOut answers a question that it was asked before from the slice that it filled then.
func remembersOut(s framework.Store) framework.Store {
	return states(s, func(_ framework.BlockNumber, b *bentState) {
		var mu sync.Mutex
		answers := make(map[framework.Key]*framework.Word)
		b.read = func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			if err := b.State.Read(ctx, keys, out); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range keys {
				if known := answers[keys[i]]; known != nil {
					out[i] = *known
				} else {
					answers[keys[i]] = &out[i]
				}
			}
			return nil
		}
	})
}

// deaf does not look at contexts.
func deaf(s framework.Store) framework.Store {
	b := states(s, func(_ framework.BlockNumber, b *bentState) {
		b.read = func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			return b.State.Read(context.WithoutCancel(ctx), keys, out)
		}
	})
	b.seal = func(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
		return s.Seal(context.WithoutCancel(ctx), n)
	}
	return b
}

// cannotClose leaves states open.
func cannotClose(s framework.Store) framework.Store {
	return states(s, func(_ framework.BlockNumber, b *bentState) { b.close = func() error { return nil } })
}

// provesStaged proves the head when asked for a block above it.
func provesStaged(s framework.Store) framework.Store {
	return &bent{Store: s, prove: func(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
		if h, err := s.Head(ctx); err == nil && n > h.Number {
			n = h.Number
		}
		return s.Prove(ctx, n, q)
	}}
}

// countsStaged takes the last staged block for the head.
func countsStaged(s framework.Store) framework.Store {
	return &bent{Store: s, head: func(ctx context.Context) (framework.Head, error) {
		h, err := s.Head(ctx)
		if err == nil {
			if st, err := s.At(ctx, h.Number+1); err == nil {
				st.Close()
				h.Number++
			}
		}
		return h, err
	}}
}

// keepsStagedOnDisk writes staged blocks to the folder when it is closed.
func keepsStagedOnDisk(s framework.Store) framework.Store {
	d := s.(*disk)
	return &bent{Store: s, close: func() error {
		d.folder.diffs = append(d.folder.diffs, d.staged...)
		d.folder.roots = append(d.folder.roots, make([]framework.Root, len(d.staged))...)
		d.staged = nil
		return s.Close()
	}}
}

// losesSealed does not get the last block to the folder in time.
func losesSealed(s framework.Store) framework.Store {
	f, lost := s.(*disk).folder, false
	return &bent{Store: s, close: func() error {
		if n := len(f.diffs); n > 0 && !lost {
			f.diffs, f.roots, lost = f.diffs[:n-1], f.roots[:n-1], true
		}
		return s.Close()
	}}
}

// forgetsRevert has the reverted blocks again when it is opened the next time.
func forgetsRevert(s framework.Store) framework.Store {
	d := s.(*disk)
	var kept folder
	return &bent{
		Store: s,
		revert: func(ctx context.Context, to framework.BlockNumber) error {
			kept = folder{slices.Clone(d.folder.diffs), slices.Clone(d.folder.roots)}
			return s.Revert(ctx, to)
		},
		close: func() error {
			if len(kept.diffs) > len(d.folder.diffs) {
				*d.folder = kept
			}
			return s.Close()
		},
	}
}
