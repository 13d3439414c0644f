package vmlink_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var carriers = []link.Carrier{link.Frames, link.GRPCStream}

// served is a VM behind a link of this process.
type served struct {
	*vmlink.Client
	near, far *link.Conn
	handler   *vmlink.Handler
}

// socket returns where a test may listen. Paths of sockets are short, those of TempDir need not be.
func socket(t conform.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vmlink")
	if err != nil {
		t.Fatalf("socket: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// serve puts a VM behind a link.
func serve(t conform.T, carrier link.Carrier, vm framework.VM, c vmlink.Config) *served {
	t.Helper()
	s := &served{Client: vmlink.NewClient()}
	s.connect(t, carrier, vm, c)
	return s
}

// connect gives the client a link to a VM, the first or another one.
func (s *served) connect(t conform.T, carrier link.Carrier, vm framework.VM, c vmlink.Config) {
	t.Helper()
	handler := vmlink.NewHandler(vm, c)
	l, err := link.Listen(socket(t), carrier, link.Options{Handler: handler.Handle})
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
	if err := s.Relink(t.Context(), near); err != nil {
		t.Fatalf("Relink: %v", err)
	}
}
