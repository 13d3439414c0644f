package storelink_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// asked is a store of which every state counts the cells that it is asked for, by call, and waits for leave to answer.
type asked struct {
	framework.Store
	came  chan struct{} // receives with each call
	leave chan error    // what the next call comes to; nil answers

	mu    sync.Mutex
	calls []int // guarded by mu
}

func (a *asked) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	s, err := a.Store.At(ctx, n)
	return &askedState{s, a}, err
}

type askedState struct {
	framework.State
	of *asked
}

func (s *askedState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	s.of.mu.Lock()
	s.of.calls = append(s.of.calls, len(keys))
	s.of.mu.Unlock()
	s.of.came <- struct{}{}
	select {
	case err := <-s.of.leave:
		return errors.Join(err, s.State.Read(ctx, keys, out))
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *asked) sizes() []int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]int(nil), a.calls...)
}

func cells(from, to int) (keys []framework.Key) {
	for i := from; i < to; i++ {
		keys = append(keys, framework.Key{Slot: framework.Word{uint64(i)}}) //nolint:gosec // not negative
	}
	return keys
}

// openAsked opens the state of a store, in which cell i holds i, behind a link.
func openAsked(t *testing.T) (*asked, framework.State) {
	t.Helper()
	ct := conform.Testing(t)
	store := &asked{Store: newMemory(ct, 0), came: make(chan struct{}, 16), leave: make(chan error, 16)}
	diff := new(framework.Diff)
	for _, k := range cells(1, 5000) {
		diff.Writes = append(diff.Writes, framework.Write{Key: k, Value: k.Slot})
	}
	framework.SortWrites(diff.Writes)
	if err := store.Stage(t.Context(), 0, "", diff); err != nil {
		t.Fatal(err)
	}
	s, err := serve(ct, link.Frames, store).At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return store, s
}

// wants reads cells and compares.
func wants(t *testing.T, s framework.State, keys []framework.Key) {
	t.Helper()
	out := make([]framework.Word, len(keys))
	if err := s.Read(t.Context(), keys, out); err != nil {
		t.Fatalf("Read: %v", err)
	}
	for i := range keys {
		if out[i] != keys[i].Slot {
			t.Fatalf("Read(%v) = %v", keys[i], out[i])
		}
	}
}

func TestState_AsksOnce(t *testing.T) {
	store, s := openAsked(t)
	store.leave <- nil
	store.leave <- nil
	wants(t, s, append(cells(0, 3), cells(0, 3)...))
	wants(t, s, cells(1, 5))
	wants(t, s, cells(0, 5))
	if d := cmp.Diff([]int{3, 2}, store.sizes()); d != "" {
		t.Errorf("cells asked for (-want +got):\n%s", d)
	}
}

// TestState_FailureIsOfWhoAsked has two readers want the same cell: the first fails, and the second asks again.
func TestState_FailureIsOfWhoAsked(t *testing.T) {
	store, s := openAsked(t)
	bad := errors.New("disk")
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- s.Read(t.Context(), cells(7, 8), make([]framework.Word, 1)) }()
	}
	store.leave <- bad
	store.leave <- nil
	first, second := <-results, <-results
	if (first == nil) == (second == nil) {
		t.Errorf("Read = %v and %v, want one error", first, second)
	}
	wants(t, s, cells(7, 8))
}

type prefetcher interface {
	Prefetch(keys []framework.Key, told func([]framework.Write))
}

func TestPrefetch(t *testing.T) {
	store, s := openAsked(t)
	told := make(chan []framework.Write, 8)
	const many = 2500
	s.(prefetcher).Prefetch(append(cells(1, many), cells(1, many)...), func(w []framework.Write) { told <- w }) //nolint:forcetypeassert // fails the test
	read := make(chan struct{})
	go func() {
		defer close(read)
		wants(t, s, cells(1, many)) // waits for what is coming, and asks for nothing
	}()
	for range 3 {
		store.leave <- nil
	}
	<-read
	got := map[framework.Key]bool{}
	for len(got) < many-1 {
		for _, w := range <-told {
			if w.Value != w.Key.Slot || got[w.Key] {
				t.Fatalf("told %v", w)
			}
			got[w.Key] = true
		}
	}
	sum := 0
	for _, n := range store.sizes() {
		sum += n
	}
	if calls := len(store.sizes()); calls != 3 || sum != many-1 {
		t.Errorf("%d calls for %d cells, want 3 for %d", calls, sum, many-1)
	}
}

// TestPrefetch_EndsWithClose closes a state while cells are coming.
func TestPrefetch_EndsWithClose(t *testing.T) {
	store, s := openAsked(t)
	s.(prefetcher).Prefetch(cells(1, 9), func([]framework.Write) { t.Error("told after Close") }) //nolint:forcetypeassert // fails the test
	<-store.came
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	s.(prefetcher).Prefetch(cells(1, 9), nil) //nolint:forcetypeassert // fails the test
	if err := s.Read(t.Context(), cells(1, 2), make([]framework.Word, 1)); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Read after Close = %v, want ErrClosed", err)
	}
}
