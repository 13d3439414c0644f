package storelink_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// archive is a store whose snapshots are some text.
type archive struct {
	framework.Store
	text  []byte
	fail  error         // of the snapshot, after the text
	stuck chan struct{} // if not nil: closed when the context of a snapshot that never ends was cancelled
	want  *framework.Root
}

var errBroken = errors.New("broken")

func (a *archive) Export(ctx context.Context, n framework.BlockNumber, w io.Writer) (framework.Head, error) {
	if _, err := w.Write(a.text); err != nil {
		return framework.Head{}, err
	}
	if a.stuck != nil {
		<-ctx.Done()
		close(a.stuck)
	}
	return framework.Head{Number: n, Root: framework.Root{1}}, a.fail
}

func (a *archive) Import(_ context.Context, r io.Reader, want *framework.Root) (framework.Head, error) {
	if a.fail != nil {
		_, err := io.CopyN(io.Discard, r, 3)
		return framework.Head{}, errors.Join(err, a.fail)
	}
	text, err := io.ReadAll(r)
	a.text, a.want = text, want
	return framework.Head{Number: 7, Root: framework.Root{2}}, err
}

func TestSnapshot(t *testing.T) {
	ct := conform.Testing(t)
	for _, size := range []int{0, 1, 256 << 10, 1<<20 + 5} {
		text := bytes.Repeat([]byte("x1"), size)[:size]
		a := &archive{Store: newMemory(ct, 0), text: text}
		s := serve(ct, link.Frames, a)
		var b bytes.Buffer
		head, err := s.Export(t.Context(), 5, &b)
		if err != nil || head != (framework.Head{Number: 5, Root: framework.Root{1}}) || !bytes.Equal(b.Bytes(), text) {
			t.Errorf("Export() of %d bytes = %v, %v, %d bytes", size, head, err, b.Len())
		}
		a.text = nil
		head, err = s.Import(t.Context(), &b, &framework.Root{9})
		if err != nil || head != (framework.Head{Number: 7, Root: framework.Root{2}}) || !bytes.Equal(a.text, text) || *a.want != (framework.Root{9}) {
			t.Errorf("Import() of %d bytes = %v, %v, %d bytes, root %v", size, head, err, len(a.text), a.want)
		}
		if _, err := s.Import(t.Context(), strings.NewReader("y"), nil); err != nil || a.want != nil {
			t.Errorf("Import() of any root = %v, root %v", err, a.want)
		}
	}
}

func TestSnapshotFails(t *testing.T) {
	ct := conform.Testing(t)
	s := serve(ct, link.Frames, &archive{Store: newMemory(ct, 0), text: []byte("abc"), fail: framework.ErrNoBlock})
	if _, err := s.Export(t.Context(), 5, io.Discard); !errors.Is(err, framework.ErrNoBlock) {
		t.Errorf("Export() = %v, want ErrNoBlock", err)
	}
	if _, err := s.Import(t.Context(), strings.NewReader(strings.Repeat("abc", 1<<20)), nil); !errors.Is(err, framework.ErrNoBlock) {
		t.Errorf("Import() = %v, want ErrNoBlock", err)
	}
	s = serve(ct, link.Frames, &archive{Store: newMemory(ct, 0), text: []byte("abc")})
	if _, err := s.Export(t.Context(), 5, broken{}); !errors.Is(err, errBroken) {
		t.Errorf("Export() into what takes nothing = %v, want its error", err)
	}
	if _, err := s.Import(t.Context(), broken{}, nil); !errors.Is(err, errBroken) {
		t.Errorf("Import() from what gives nothing = %v, want its error", err)
	}
	s = serve(ct, link.Frames, newMemory(ct, 0))
	if _, err := s.Export(t.Context(), 0, io.Discard); !errors.Is(err, framework.ErrUnsupported) {
		t.Errorf("Export() of a store without snapshots = %v, want ErrUnsupported", err)
	}
	if _, err := s.Import(t.Context(), strings.NewReader(""), nil); !errors.Is(err, framework.ErrUnsupported) {
		t.Errorf("Import() into a store without snapshots = %v, want ErrUnsupported", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errBroken }
func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestSnapshotEndsWithLink checks that an export does not outlive its link.
func TestSnapshotEndsWithLink(t *testing.T) {
	ct := conform.Testing(t)
	a := &archive{Store: newMemory(ct, 0), text: make([]byte, 512<<10), stuck: make(chan struct{})}
	s := serve(ct, link.Frames, a)
	first := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		_, err := s.Export(t.Context(), 5, onWrite(func() { close(first) }))
		ended <- err
	}()
	<-first
	s.near.Close()
	<-s.far.Done()
	if err := errors.Join(s.far.Close(), s.handler.Close()); err != nil {
		t.Error(err)
	}
	<-a.stuck
	if err := <-ended; !errors.Is(err, framework.ErrPluginGone) && !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Export() over a link that has ended = %v", err)
	}
}

// onWrite calls a function at the first write.
func onWrite(f func()) io.Writer { return &writeHook{f} }

type writeHook struct{ f func() }

func (w *writeHook) Write(b []byte) (int, error) {
	if w.f != nil {
		w.f()
		w.f = nil
	}
	return len(b), nil
}
