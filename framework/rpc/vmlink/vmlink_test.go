package vmlink_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
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
	named     atomic.Int32 // calls of outcomes
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
	s := &served{Client: vmlink.NewClient(0)}
	if err := s.connect(t.Context(), socket(t), carrier, vm, c, ""); err != nil {
		t.Fatalf("link: %v", err)
	}
	t.Cleanup(func() {
		if err := s.disconnect(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// connect gives the client a link to a VM, the first or another one.
func (s *served) connect(ctx context.Context, path string, carrier link.Carrier, vm framework.VM, c vmlink.Config, died string) error {
	s.handler = vmlink.NewHandler(vm, c)
	var features []string
	if carrier == link.Frames { // over the other carrier the sides do without
		features = append(features, vmlink.FeatureOutcomes, vmlink.FeatureProposals)
	}
	handle := func(r *link.Request) error {
		if r.Kind() == kindOutcomes {
			s.named.Add(1)
		}
		return s.handler.Handle(r)
	}
	l, err := link.Listen(path, carrier, link.Options{Handler: handle, Features: features})
	if err != nil {
		return err
	}
	accepted := make(chan error, 1)
	go func() {
		var err error
		s.far, err = l.Accept(ctx)
		accepted <- err
	}()
	s.near, err = link.Dial(ctx, l.Ticket(), link.Options{Handler: s.Handle, Features: features})
	if err := errors.Join(err, <-accepted, l.Close()); err != nil {
		return err
	}
	return s.Relink(ctx, s.near, died)
}

// disconnect ends the link.
func (s *served) disconnect() error {
	return errors.Join(s.near.Close(), s.far.Close(), s.handler.Close())
}
