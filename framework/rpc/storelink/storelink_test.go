package storelink_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is a store behind a link of this process.
type served struct {
	*storelink.Store
	near, far *link.Conn
	handler   *storelink.Handler
}

func newMemory(t conform.T, retain int) framework.Store {
	t.Helper()
	store, err := memory.New(memory.Config{Retain: retain})
	if err != nil {
		t.Fatalf("memory: %v", err)
	}
	return store
}

// serve puts a store behind a link.
func serve(t conform.T, carrier link.Carrier, store framework.Store) *served {
	t.Helper()
	s := &served{Store: storelink.New(0)}
	s.connect(t, carrier, store)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// connect gives the store a link, the first or another one.
func (s *served) connect(t conform.T, carrier link.Carrier, store framework.Store) {
	t.Helper()
	handler := storelink.NewHandler(store)
	l, err := link.Listen(filepath.Join(t.TempDir(), "run", "l"), carrier, link.Options{Handler: handler.Handle})
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	var far *link.Conn
	accepted := make(chan error, 1)
	go func() {
		var err error
		far, err = l.Accept(t.Context())
		accepted <- err
	}()
	near, err := link.Dial(t.Context(), l.Ticket(), link.Options{Handler: s.Handle})
	if err := errors.Join(err, <-accepted, l.Close()); err != nil {
		t.Fatalf("link: %v", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(near.Close(), far.Close(), handler.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s.near, s.far, s.handler = near, far, handler
	if err := s.Relink(t.Context(), near, ""); err != nil {
		t.Fatalf("relink: %v", err)
	}
}

func TestConformance(t *testing.T) {
	for _, carrier := range []link.Carrier{link.Frames, link.GRPCStream} {
		t.Run(string(carrier), func(t *testing.T) {
			open := func(t conform.T, _ string) framework.Store { return serve(t, carrier, newMemory(t, 8)) }
			storetest.Run(conform.Testing(t), storetest.Subject{Open: open, Retain: 8})
		})
	}
}

// TestGone checks that the death of the other side is one clear error, for states too, and that nobody hangs.
func TestGone(t *testing.T) {
	s := serve(conform.Testing(t), link.Frames, newMemory(conform.Testing(t), 0))
	state, err := s.At(t.Context(), framework.AtEmpty)
	if err != nil {
		t.Fatal(err)
	}
	s.far.Close()
	<-s.near.Done()
	if _, err := s.Head(t.Context()); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Head() = %v, want ErrPluginGone", err)
	}
	keys, values := make([]framework.Key, 1), make([]framework.Word, 1)
	if err := state.Read(t.Context(), keys, values); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Read() = %v, want ErrPluginGone", err)
	}
	if err := state.Close(); err != nil {
		t.Errorf("closing a state whose store is gone: %v", err)
	}
	if err := s.Close(); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Close() = %v, want ErrPluginGone", err)
	}
}

// counting counts the states of a store that are open.
type counting struct {
	framework.Store
	open atomic.Int64
}

func (c *counting) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	s, err := c.Store.At(ctx, n)
	c.open.Add(1)
	return &countingState{s, c}, err
}

type countingState struct {
	framework.State
	of *counting
}

func (s *countingState) Close() error {
	s.of.open.Add(-1)
	return s.State.Close()
}

func TestHandlerClosesWhatIsLeftOpen(t *testing.T) {
	ct := conform.Testing(t)
	store := &counting{Store: newMemory(ct, 0)}
	s := serve(ct, link.Frames, store)
	for range 3 {
		if _, err := s.At(t.Context(), framework.AtEmpty); err != nil {
			t.Fatal(err)
		}
	}
	if n := store.open.Load(); n != 3 {
		t.Fatalf("%d states open, want 3", n)
	}
	s.near.Close()
	<-s.far.Done()
	if err := errors.Join(s.far.Close(), s.handler.Close()); err != nil || store.open.Load() != 0 {
		t.Errorf("after Close: %v, %d states open, want none", err, store.open.Load())
	}
}

// FuzzHandler sends payloads that no client of ours would send: each must be answered with an error or a value.
func FuzzHandler(f *testing.F) {
	for kind := range uint8(12) {
		f.Add(kind, []byte{})
		f.Add(kind, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		s := serve(conform.Testing(t), link.Frames, newMemory(conform.Testing(t), 0))
		watchdog := time.AfterFunc(10*time.Second, func() { panic("no answer") })
		defer watchdog.Stop()
		_, _ = s.near.Call(t.Context(), link.FirstKind+link.Kind(kind%16), payload, nil)
		if err := s.near.Ping(t.Context()); err != nil {
			t.Errorf("the link ended: %v", err)
		}
	})
}

// TestRelink breaks the link under a state: it goes on with the same store at the end of another one, and what changes
// the store does not.
func TestRelink(t *testing.T) {
	ct := conform.Testing(t)
	memory := newMemory(ct, 0)
	s := &served{Store: storelink.New(20 * time.Second)}
	s.connect(ct, link.Frames, memory)
	key, value := framework.Key{Space: 1}, framework.Word{7}
	diff := &framework.Diff{Writes: []framework.Write{{Key: key, Value: value}}}
	if err := s.Stage(t.Context(), 0, "", diff); err != nil {
		t.Fatal(err)
	}
	state, err := s.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.far.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.near.Done()
	if _, err := s.Seal(t.Context(), 0); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Seal without a link: %v, want ErrPluginGone", err)
	}
	read := make(chan error, 1)
	out := make([]framework.Word, 1)
	go func() { read <- state.Read(t.Context(), []framework.Key{key}, out) }()
	s.connect(ct, link.Frames, memory)
	if err := <-read; err != nil || out[0] != value {
		t.Errorf("Read over another link = %v, %v, want %v", out[0], err, value)
	}
	if _, err := s.Seal(t.Context(), 0); err != nil {
		t.Errorf("Seal over another link: %v", err)
	}
	if err := errors.Join(state.Close(), s.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	s.Lose(framework.ErrPluginGone)
	if _, err := s.Head(t.Context()); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Head after Close: %v", err)
	}
}
