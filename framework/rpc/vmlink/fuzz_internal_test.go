package vmlink

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// reader is a VM whose transactions read a cell and write it.
type reader struct{ framework.Executor }

func (r reader) Open(context.Context, *framework.Block) (framework.Executor, error) { return r, nil }

func (reader) Close() error { return nil }

func (reader) Execute(ctx context.Context, _ *framework.Tx, _ framework.Version, view framework.View, out *framework.Outcome) error {
	key := framework.Key{Space: 1}
	var value [1]framework.Word
	if err := view.Read(ctx, []framework.Key{key}, value[:]); err != nil {
		return err
	}
	out.Writes = append(out.Writes, framework.Write{Key: key, Value: framework.Word{1}})
	return nil
}

// stalls is a view that answers when it may.
type stalls struct{ may chan struct{} }

func (s stalls) Read(ctx context.Context, _ []framework.Key, _ []framework.Word) error {
	select {
	case <-s.may:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (stalls) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}

func (stalls) Aborted() bool { return false }

// FuzzMessages sends frames of any messages to the VM, or from the VM, or calls the VM, while an attempt waits for its view. The
// link may end, the attempt then too; nothing may hang or panic.
func FuzzMessages(f *testing.F) {
	for t := range tag(128) {
		for _, payload := range [][]byte{nil, {1}, make([]byte, 12), make([]byte, 64), append(make([]byte, 40), 255, 255, 255, 255)} {
			f.Add(t < tagMiss, uint8(0), appendMessage(nil, t, 1, payload))
		}
	}
	order := order{version: framework.Version{Tx: 1}, block: 1, pins: []framework.Write{{}}}
	f.Add(true, uint8(0), appendMessage(nil, tagRun, 7, order.append(nil)))
	f.Add(false, uint8(0), appendMessage(appendMessage(nil, tagAfter, 1, le.AppendUint64(le.AppendUint32(nil, 1), 1)), tagResult, 1, nil))
	set := codec.AppendAdds(codec.AppendWrites(codec.AppendVersion(nil, framework.Version{}), make([]framework.Write, 2)), nil)
	f.Add(true, uint8(0), appendMessage(nil, tagPublish, 1, set))
	for kind := kindOpen; kind <= kindOutcomes; kind++ {
		f.Add(true, uint8(kind-kindOpen+1), append(le.AppendUint64(nil, 1), make([]byte, 64)...))
	}
	f.Add(true, uint8(1), codec.AppendBlock(nil, new(framework.Block)))
	f.Fuzz(func(t *testing.T, down bool, call uint8, frame []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		client, near, far, handler := pair(t, ctx)
		e, err := client.Open(ctx, new(framework.Block))
		if err != nil {
			t.Fatal(err)
		}
		view, done := stalls{make(chan struct{})}, make(chan error, 1)
		go func() {
			done <- e.Execute(ctx, new(framework.Tx), framework.Version{}, view, new(framework.Outcome))
		}()
		conn, kind := near, kindDown
		if !down {
			conn, kind = far, kindUp
		}
		switch n := kindOutcomes - kindOpen + 1; { // errors: the link may have ended
		case len(frame) > 1<<16:
		case down && link.Kind(call)%(n+1) > 0:
			_, _ = conn.Call(ctx, kindOpen+link.Kind(call)%(n+1)-1, frame, nil)
		default:
			_ = conn.Send(ctx, kind, frame)
			_ = conn.Ping(ctx)
		}
		close(view.may)
		if conn.Broken() != nil {
			client.Lose(framework.ErrPluginGone) // nobody starts the VM again
		}
		select {
		case <-done:
		case <-ctx.Done():
			t.Error("the attempt does not end")
		}
		_ = e.Close()
		if err := errors.Join(near.Close(), far.Close(), handler.Close()); err != nil {
			t.Error(err)
		}
		client.Lose(framework.ErrPluginGone)
	})
}

// pair returns a client, both ends of its link, and what serves a VM at the other one.
func pair(t *testing.T, ctx context.Context) (*Client, *link.Conn, *link.Conn, *Handler) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vmlink") //nolint:usetesting // paths of sockets are short, those of TempDir need not be
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	client, handler := NewClient(0), NewHandler(reader{}, Config{Workers: 1})
	features := []string{FeatureOutcomes, FeatureProposals}
	l, err := link.Listen(filepath.Join(dir, "s"), link.Frames, link.Options{Handler: handler.Handle, Features: features})
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan *link.Conn, 1)
	go func() {
		far, _ := l.Accept(ctx)
		accepted <- far
	}()
	near, err := link.Dial(ctx, l.Ticket(), link.Options{Handler: client.Handle, Features: features})
	far := <-accepted
	if err = errors.Join(err, l.Close()); err != nil || far == nil {
		t.Fatalf("link: %v", err)
	}
	if err := client.Relink(ctx, near, ""); err != nil {
		t.Fatal(err)
	}
	return client, near, far, handler
}
