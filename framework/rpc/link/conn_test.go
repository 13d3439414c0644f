package link_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

func TestCall(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		s, c := tr.open(t, link.Options{Handler: echo}, link.Options{Handler: echo})
		for _, from := range []*link.Conn{s, c} { // both ends can do the same
			dst := make([]byte, 0, 1500)
			for _, k := range []link.Kind{echoInline, echoApart} {
				for _, n := range []int{0, 1, 1000, 64 << 10, 64<<10 + 1, 1_000_000} {
					want := numbered(n)
					got, err := from.Call(ctx, k, want, dst)
					if err != nil {
						t.Fatal(err)
					}
					wantBytes(t, fmt.Sprintf("kind %d, %d bytes", k, n), got, want)
					if 0 < n && n <= cap(dst) && &got[0] != &dst[:1][0] {
						t.Error("the answer is not in the memory of dst, though it fits")
					}
				}
			}
		}
	})
}

// TestCallsOverlap answers calls in the opposite order.
func TestCallsOverlap(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		const n = 50
		var turn [n + 1]chan struct{}
		for i := range turn {
			turn[i] = make(chan struct{})
		}
		_, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			return r.Go(func(_ context.Context, r *link.Request) error {
				i := r.Payload()[0]
				<-turn[i+1]
				defer close(turn[i])
				return r.Answer(r.Payload())
			})
		}}, link.Options{})
		var wg sync.WaitGroup
		for i := range byte(n) {
			wg.Go(func() {
				got, err := c.Call(ctx, echoApart, []byte{i}, nil)
				if err != nil || !slices.Equal(got, []byte{i}) {
					t.Errorf("Call(%d) = %v, %v", i, got, err)
				}
			})
		}
		close(turn[n])
		wg.Wait()
	})
}

// TestOrder sends small and large one-way frames and looks at their order.
func TestOrder(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		const n = 200
		got := make(chan int, n)
		s, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			got <- len(r.Payload())
			return nil
		}}, link.Options{})
		var want []int
		for i := range n {
			size := i
			if i%50 == 7 {
				size += 200_000
			}
			want = append(want, size)
			if err := c.Send(ctx, echoInline, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
		}
		// What was sent before Close arrives.
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		close(got)
		var order []int
		for size := range got {
			order = append(order, size)
		}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Errorf("order of arrival (-want +got):\n%s", diff)
		}
	})
}

// TestErrors sends errors back and forth; package codec tests all their shapes.
func TestErrors(t *testing.T) {
	errs := append(framework.Sentinels(), io.EOF, context.Canceled, context.DeadlineExceeded)
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		var fail error
		_, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			if r.Kind() == echoInline {
				return fail
			}
			return r.Go(func(context.Context, *link.Request) error { return fail })
		}}, link.Options{})
		for _, err := range errs {
			once := fmt.Errorf("open: %w", err)
			fault := &framework.Fault{Plugin: "vm.cairo", Block: 3, Version: framework.Version{Tx: 7, Inc: 1}, Err: once}
			for _, fail = range []error{err, once, fmt.Errorf("run: %w", once), errors.Join(io.ErrShortWrite, err), fault} {
				for _, k := range []link.Kind{echoInline, echoApart} {
					_, got := c.Call(ctx, k, nil, nil)
					if !errors.Is(got, err) || got.Error() != fail.Error() {
						t.Errorf("error %q arrives as %v", fail, got)
					}
				}
			}
			var f *framework.Fault
			if _, got := c.Call(ctx, echoInline, nil, nil); !errors.As(got, &f) || f.Version != fault.Version {
				t.Errorf("the fault of %q is lost: %+v", err, f)
			}
		}
	})
}

func TestHandlerThatDoesNotAnswer(t *testing.T) {
	tests := []struct {
		name    string
		handler link.Handler
		want    string
	}{
		{"unknown", func(*link.Request) error { return nil }, "link: call of kind 32: not supported"},
		{"none", nil, "link: call of kind 32: not supported"},
		{"apart", func(r *link.Request) error {
			return r.Go(func(context.Context, *link.Request) error { return nil })
		}, "link: call of kind 32: not supported"},
		{"panic", func(*link.Request) error { panic("at the disco") }, "link: handler of kind 32: panic: at the disco"},
		{"panic apart", func(r *link.Request) error {
			return r.Go(func(context.Context, *link.Request) error { panic("at the disco") })
		}, "link: handler of kind 32: panic: at the disco"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, c := openPipe(t, link.Options{Handler: tt.handler}, link.Options{})
			for range 2 { // the link goes on
				_, err := c.Call(within(t), echoInline, nil, nil)
				if err == nil || err.Error()[:len(tt.want)] != tt.want {
					t.Errorf("error %v, want %v", err, tt.want)
				}
			}
		})
	}
}

func TestAnswerTwice(t *testing.T) {
	second := make(chan error, 1)
	_, c := openPipe(t, link.Options{Handler: func(r *link.Request) error {
		if err := r.Answer([]byte("once")); err != nil {
			return err
		}
		second <- r.Answer([]byte("twice"))
		return nil
	}}, link.Options{})
	got, err := c.Call(within(t), echoInline, nil, nil)
	if err != nil || string(got) != "once" {
		t.Errorf("Call = %q, %v", got, err)
	}
	if <-second == nil {
		t.Error("the second answer is no error")
	}
}

func TestCancel(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		running, stopped := make(chan struct{}), make(chan error)
		_, c := tr.open(t, link.Options{Calls: 1, Handler: func(r *link.Request) error {
			return r.Go(func(ctx context.Context, _ *link.Request) error {
				running <- struct{}{}
				<-ctx.Done()
				stopped <- ctx.Err()
				return ctx.Err()
			})
		}}, link.Options{})
		ways := []struct {
			want  error
			begin func() (context.Context, context.CancelFunc)
		}{
			{context.Canceled, func() (context.Context, context.CancelFunc) { return context.WithCancel(within(t)) }},
			{context.DeadlineExceeded, func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(within(t), 50*time.Millisecond)
			}},
			{context.Canceled, func() (context.Context, context.CancelFunc) { return context.WithCancel(within(t)) }},
		}
		for _, way := range ways { // each takes the one place that there is, and gives it back
			ctx, cancel := way.begin()
			returned := make(chan error, 1)
			go func() {
				_, err := c.Call(ctx, echoApart, nil, nil)
				returned <- err
			}()
			<-running
			if way.want == context.Canceled {
				cancel()
			}
			if err := <-returned; err != way.want {
				t.Errorf("Call = %v, want %v itself", err, way.want)
			}
			if err := <-stopped; err != context.Canceled {
				t.Errorf("context of the handler: %v, want canceled", err)
			}
			cancel()
		}
	})
}

func TestEndedContext(t *testing.T) {
	_, c := openPipe(t, link.Options{Handler: echo}, link.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, call := c.Call(ctx, echoInline, nil, nil)
	for what, err := range map[string]error{"Call": call, "Send": c.Send(ctx, echoInline, nil), "Ping": c.Ping(ctx)} {
		if err != context.Canceled {
			t.Errorf("%s = %v, want canceled", what, err)
		}
	}
}

func TestKindsOfTheLinkAreNotForAdapters(t *testing.T) {
	_, c := openPipe(t, link.Options{Handler: echo}, link.Options{})
	if err := c.Send(t.Context(), link.FirstKind-1, nil); err == nil {
		t.Error("Send of a kind of the link is no error")
	}
	if _, err := c.Call(t.Context(), link.FirstKind-1, nil, nil); err == nil {
		t.Error("Call of a kind of the link is no error")
	}
}

func TestFeatures(t *testing.T) {
	s, c := openPipe(t, link.Options{Features: []string{"rewind", "publish"}}, link.Options{Features: []string{"publish", "predict"}})
	if diff := cmp.Diff([]string{"rewind", "publish"}, c.Features()); diff != "" {
		t.Errorf("features of the server (-want +got):\n%s", diff)
	}
	for _, conn := range []*link.Conn{s, c} {
		if !conn.Has("publish") || conn.Has("predict") || conn.Has("rewind") {
			t.Error("Has does not agree with the features that both have")
		}
	}
}

func TestTooLarge(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		_, c := tr.open(t, link.Options{MaxMessage: 100_000, Handler: echo}, link.Options{})
		_, err := c.Call(ctx, echoInline, make([]byte, 100_001), nil)
		wantIs(t, "a byte too many", err, link.ErrTooLarge)
		if _, err := c.Call(ctx, echoInline, make([]byte, 100_000), nil); err != nil {
			t.Errorf("the largest: %v", err)
		}
	})
}

// TestAnswerTooLarge answers with more than the caller takes: the caller gets an error, not silence.
func TestAnswerTooLarge(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		large := make([]byte, 100_001)
		_, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			if r.Kind() == echoInline {
				return r.Answer(large)
			}
			return r.Go(func(_ context.Context, r *link.Request) error { return r.Answer(large) })
		}}, link.Options{MaxMessage: 100_000})
		for _, k := range []link.Kind{echoInline, echoApart} {
			if _, err := c.Call(ctx, k, nil, nil); err == nil || err.Error() != link.ErrTooLarge.Error() {
				t.Errorf("kind %d: Call = %v, want %v", k, err, link.ErrTooLarge)
			}
		}
	})
}

func TestPing(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		s, c := tr.open(t, link.Options{}, link.Options{})
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if err := errors.Join(c.Ping(within(t)), s.Ping(within(t))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

// TestHammer does everything at once over each transport.
func TestHammer(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		o := link.Options{
			Handler: func(r *link.Request) error {
				if r.IsCall() {
					return echo(r)
				}
				r.Conn().Grant(r.Kind(), 1)
				return nil
			},
			MaxFrame: 1 << 10, Buffer: 4 << 10, Calls: 5, Credits: map[link.Kind]int{echoInline: 3},
		}
		s, c := tr.open(t, o, o)
		var wg sync.WaitGroup
		for i := range 16 {
			from := []*link.Conn{s, c}[i%2]
			wg.Go(func() {
				for j := range 30 {
					hammer(t, ctx, from, i+j)
				}
			})
		}
		wg.Wait()
	})
}

func hammer(t *testing.T, ctx context.Context, c *link.Conn, i int) {
	want := numbered(1 << (i % 15))
	switch i % 4 {
	case 0:
		if err := c.Send(ctx, echoInline, want); err != nil {
			t.Error(err)
		}
	case 1:
		if err := c.Ping(ctx); err != nil {
			t.Error(err)
		}
	case 2:
		short, cancel := context.WithCancel(ctx)
		go cancel()
		if _, err := c.Call(short, echoApart, want, nil); err != nil && err != context.Canceled {
			t.Error(err)
		}
	case 3:
		got, err := c.Call(ctx, echoApart, want, nil)
		if err != nil {
			t.Error(err)
		}
		wantBytes(t, "answer", got, want)
	}
}
