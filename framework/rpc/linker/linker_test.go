package linker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/framework/storetest"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// TestMain is the main of a plugin if a host has started this program, and that of the tests otherwise.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		if os.Getenv(oldEnv) != "" {
			os.Exit(serveOld())
		}
		serve.Main(memory.Factory(), synthetic.Factory(), serial.Factory(), blockstm.Factory(), erring())
	}
	goleak.VerifyTestMain(m)
}

// launch starts this program as a plugin.
func launch(t testing.TB, env ...string) *rpc.Process {
	t.Helper()
	dir, err := os.MkdirTemp("", "sw") //nolint:usetesting // TempDir's paths are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := rpc.Launch(t.Context(), rpc.Command{
		Path: os.Args[0], RunDir: dir, StartTimeout: 30 * time.Second, Env: append(rpc.DefaultEnv(), env...),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return p
}

// TestStoreConformance runs the suite on a store in another process.
func TestStoreConformance(t *testing.T) {
	p := launch(t)
	var last atomic.Int64
	storetest.Run(conform.Testing(t), storetest.Subject{
		Retain: 8,
		Open: func(t conform.T, _ string) framework.Store {
			name := fmt.Sprint("store-", last.Add(1))
			i, err := p.Open(t.Context(), plugin.Store, "memory", name, map[string]any{"retain": 8})
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			r, err := linker.Dial(t.Context(), i, 0)
			if err != nil {
				t.Fatalf("link: %v", err)
			}
			s := r.Store()
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			return s
		},
	})
}

// TestStoreKilled checks that the death of the process is one clear error, soon, and that closing still works.
func TestStoreKilled(t *testing.T) {
	p := launch(t)
	i, err := p.Open(t.Context(), plugin.Store, "memory", "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := linker.Dial(t.Context(), i, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Store()
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := s.Head(ctx); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Head() = %v, want ErrPluginGone", err)
	}
	if err := s.Close(); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Close() = %v, want ErrPluginGone", err)
	}
}

// TestAttachRefuses checks that a bad offer is an error of the call, not of the process.
func TestAttachRefuses(t *testing.T) {
	i, err := launch(t).Open(t.Context(), plugin.VM, "", "vm", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, peer := range map[string]rpc.Peer{
		"no token":       {Kind: plugin.Store},
		"nobody listens": {Kind: plugin.Store, SameProcess: true},
	} {
		if err := i.Attach(t.Context(), "x", peer, rpc.Offer{Carrier: "frames/1", Address: "nowhere"}); err == nil {
			t.Errorf("Attach with %s: no error", name)
		}
	}
	if _, err := i.Health(t.Context()); err != nil {
		t.Errorf("Health() = %v", err)
	}
}
