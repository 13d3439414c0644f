package trie_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/storetest"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// process starts this program as a plugin; see TestMain. It returns what opens stores in it.
func process(t *testing.T) func(t conform.T, config map[string]any) framework.Store {
	t.Helper()
	dir, err := os.MkdirTemp("", "sw") //nolint:usetesting // TempDir's paths are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := rpc.Launch(t.Context(), rpc.Command{
		Path: os.Args[0], RunDir: dir, StartTimeout: 30 * time.Second,
		// The race detector holds a program for a second before it exits, of the two that a stopped process has.
		Env: append(rpc.DefaultEnv(), "GORACE=atexit_sleep_ms=0"),
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
	var last atomic.Int64
	return func(t conform.T, config map[string]any) framework.Store {
		t.Helper()
		i, err := p.Open(t.Context(), plugin.Store, "trie", fmt.Sprint("store-", last.Add(1)), config)
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		r, err := linker.Dial(t.Context(), i, 30*time.Second)
		if err != nil {
			t.Fatalf("link: %v", err)
		}
		s := r.Store()
		t.Cleanup(func() { s.Close() })
		return s
	}
}

// TestProcessConformance runs the suite on stores in another process, on disk.
func TestProcessConformance(t *testing.T) {
	open := process(t)
	subject := subject(8)
	subject.Open = func(t conform.T, dir string) framework.Store {
		return open(t, map[string]any{"path": dir, "last": 8, "backend": trie.BackendLog})
	}
	storetest.Run(conform.Testing(t), subject)
}
