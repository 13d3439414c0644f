package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var concurrentTests = []test{
	{"reads of one state", (*rig).hammerState},
	{"reads while blocks are staged and sealed", (*rig).hammerForward},
	{"reads while blocks are reverted", (*rig).hammerRevert},
	{"reads while the store is closed", (*rig).hammerClose},
}

const readers = 4

func (r *rig) hammerState(t conform.T) {
	s := r.open(t)
	r.chain(t, s, 5)
	r.stage(t, s, 5, nil, 1)
	old, staged := r.at(t, s, 2), r.at(t, s, 5)
	var wg sync.WaitGroup
	for range 2 * readers {
		wg.Go(func() {
			for range 50 {
				r.shows(t, old, chained(2, 5), "sealed block 2")
				r.declared(t, staged, r.class(1))
			}
		})
	}
	wg.Wait()
}

// hammer is a store under load: a writer, which makes blocks that write one value to all of its cells, and readers,
// which must never see two values in one state, nor that of another block.
type hammer struct {
	*rig
	store framework.Store
	keys  []framework.Key
	tip   atomic.Int64
	done  atomic.Bool
	// mayMiss says that blocks may be gone when they are asked for: reverted, or no longer kept.
	mayMiss bool

	once   sync.Once
	looked chan struct{} // closed when a state was read

	mu     sync.Mutex
	blocks map[framework.Word]framework.BlockNumber // guarded by mu: which block a value belongs to
}

func (r *rig) hammer(t conform.T) *hammer {
	t.Helper()
	h := &hammer{
		rig:     r,
		store:   r.open(t),
		mayMiss: r.Retain > 0,
		looked:  make(chan struct{}),
		blocks:  map[framework.Word]framework.BlockNumber{{}: framework.AtEmpty},
	}
	for i := range 40 {
		h.keys = append(h.keys, r.key(i))
	}
	slices.SortFunc(h.keys, framework.Key.Compare)
	h.tip.Store(int64(framework.AtEmpty))
	return h
}

// stage stages block n with a value that no other block has.
func (h *hammer) stage(t conform.T, n framework.BlockNumber) {
	t.Helper()
	h.mu.Lock()
	value := h.value(len(h.blocks))
	h.blocks[value] = n
	h.mu.Unlock()
	d := new(framework.Diff)
	for _, k := range h.keys {
		d.Writes = append(d.Writes, framework.Write{Key: k, Value: value})
	}
	if err := h.store.Stage(t.Context(), n, h.Protocol, d); err != nil {
		t.Fatalf("Stage(%d): %v", n, err)
	}
	h.tip.Store(int64(n))
}

// during runs readers while write runs. A reader ends when write has ended, or at the first error that stop accepts.
func (h *hammer) during(t conform.T, stop func(error) bool, write func()) {
	t.Helper()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer h.done.Store(true)
	for i := range readers {
		rng := rand.New(rand.NewPCG(h.Seed, uint64(i)))
		wg.Go(func() {
			defer h.once.Do(func() { close(h.looked) })
			for !h.done.Load() && !t.Failed() {
				n := framework.BlockNumber(h.tip.Load()) - framework.BlockNumber(rng.IntN(6))
				if err := h.look(t, max(n, framework.AtEmpty)); err != nil {
					if !stop(err) {
						t.Errorf("state after block %d: %v", n, err)
					}
					return
				}
			}
		})
	}
	write()
}

// look reads one state several times.
func (h *hammer) look(t conform.T, n framework.BlockNumber) error {
	st, err := h.store.At(t.Context(), n)
	if errors.Is(err, framework.ErrNoBlock) && h.mayMiss {
		return nil
	}
	if err != nil {
		return fmt.Errorf("state at %d: %w", n, err)
	}
	defer st.Close()
	var first framework.Word
	for round := range 3 {
		out := make([]framework.Word, len(h.keys))
		if err := st.Read(t.Context(), h.keys, out); err != nil {
			return fmt.Errorf("read at %d: %w", n, err)
		}
		if round == 0 {
			first = out[0]
		}
		for i := range out {
			if out[i] != first {
				return fmt.Errorf("cell %d holds %x in round %d, the first one %x in round 0", i, out[i], round, first)
			}
		}
	}
	h.once.Do(func() { close(h.looked) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if of, ok := h.blocks[first]; !ok || of != n {
		return fmt.Errorf("it holds %x, which belongs to block %d", first, of)
	}
	return nil
}

func never(error) bool { return false }

func (r *rig) hammerForward(t conform.T) {
	h := r.hammer(t)
	h.during(t, never, func() {
		h.stage(t, 0)
		for n := range framework.BlockNumber(60) {
			h.stage(t, n+1) // seals with a block staged above it, as a pipeline does
			h.seal(t, h.store, n)
		}
	})
}

func (r *rig) hammerRevert(t conform.T) {
	h := r.hammer(t)
	h.mayMiss = true
	h.during(t, never, func() {
		next := framework.BlockNumber(0)
		for round := range 30 {
			for range 4 {
				h.stage(t, next)
				h.seal(t, h.store, next)
				next++
			}
			h.stage(t, next)
			to := next - 1 - framework.BlockNumber(round%4)
			if round%10 == 9 {
				to = framework.AtEmpty
			}
			h.revert(t, h.store, to)
			next = to + 1
		}
	})
}

func (r *rig) hammerClose(t conform.T) {
	for range 5 {
		h := r.hammer(t)
		for n := range framework.BlockNumber(8) {
			h.stage(t, n)
			h.seal(t, h.store, n)
		}
		closed := func(err error) bool { return errors.Is(err, framework.ErrClosed) }
		h.during(t, closed, func() {
			<-h.looked
			if err := h.store.Close(); err != nil {
				t.Errorf("Close while states are read: %v", err)
			}
		})
	}
}
