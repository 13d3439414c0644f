package rpc_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// The test program starts itself. MODE says what it is then: a plugin that misbehaves as TRICK says, or a host that is to
// be killed.
func TestMain(m *testing.M) {
	switch os.Getenv("MODE") {
	case "plugin":
		os.Exit(misbehave())
	case "host":
		os.Exit(host())
	}
	os.Exit(m.Run())
}

// limit gives a test a deadline, and fails it if it leaves a goroutine, a descriptor or a child behind.
func limit(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	before := descriptors(t)
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		var left []string
		if !eventually(func() bool {
			left = slices.DeleteFunc(descriptors(t), func(d string) bool { return slices.Contains(before, d) })
			return len(left) == 0
		}) {
			t.Errorf("descriptors left behind: %v", left)
		}
		if c := children(t); c != "" {
			t.Errorf("children left behind: %v", c)
		}
	})
	watchdog := time.AfterFunc(d, func() {
		debug.SetTraceback("all")
		panic(t.Name() + " takes longer than " + d.String())
	})
	t.Cleanup(func() { watchdog.Stop() })
	return t.Context()
}

// descriptors returns the pipes and sockets that this process holds.
func descriptors(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range names {
		if to, err := os.Readlink(n); err == nil && (strings.HasPrefix(to, "pipe:") || strings.HasPrefix(to, "socket:")) {
			all = append(all, filepath.Base(n)+" "+to)
		}
	}
	return all
}

// children returns the numbers of the child processes of this one.
func children(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var all string
	for _, n := range names {
		b, _ := os.ReadFile(n) // the thread may have ended
		all += string(b)
	}
	return all
}

// eventually reports whether f becomes true within three seconds.
func eventually(f func() bool) bool {
	for range 300 {
		if f() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return f()
}

// alive reports whether a process runs: a zombie, which waits to be reaped, does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// trick returns a command that starts this program as a plugin with a trick, and what it logs.
func trick(t *testing.T, name string) (rpc.Command, *records) {
	t.Helper()
	logged := new(records)
	return rpc.Command{
		Name: "test", Path: os.Args[0], RunDir: runDir(t), StartTimeout: 20 * time.Second,
		Env:    append(rpc.DefaultEnv(), "MODE=plugin", "TRICK="+name, "GORACE=atexit_sleep_ms=0"),
		Logger: slog.New(logged),
	}, logged
}

// runDir returns a folder for sockets, with a short path, that must be empty in the end.
func runDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sy") //nolint:usetesting // the name of the test would make the path too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Errorf("the run folder is not left as it was: %v", err)
		}
	})
	return dir
}

// launch starts a plugin that is stopped at the end of the test.
func launch(t *testing.T, c rpc.Command) *rpc.Process {
	t.Helper()
	p, err := rpc.Launch(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(context.Background()) })
	return p
}

// records is a log that keeps what it is given.
type records struct {
	mu    sync.Mutex
	all   []record
	attrs []slog.Attr
	root  *records
}

type record struct {
	level slog.Level
	text  string
	attrs map[string]string
}

// Enabled implements slog.Handler.
func (r *records) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (r *records) Handle(_ context.Context, rec slog.Record) error {
	attrs := map[string]string{}
	add := func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.String()
		return true
	}
	for _, a := range r.attrs {
		add(a)
	}
	rec.Attrs(add)
	root := r
	if r.root != nil {
		root = r.root
	}
	root.mu.Lock()
	defer root.mu.Unlock()
	root.all = append(root.all, record{rec.Level, rec.Message, attrs})
	return nil
}

// WithAttrs implements slog.Handler.
func (r *records) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &records{attrs: append(slices.Clone(r.attrs), attrs...), root: r}
}

// WithGroup implements slog.Handler.
func (r *records) WithGroup(string) slog.Handler { return r }

// find returns the first record with that text, and waits for it a while.
func (r *records) find(t *testing.T, text string) record {
	t.Helper()
	var found record
	if !eventually(func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		i := slices.IndexFunc(r.all, func(rec record) bool { return rec.text == text })
		if i >= 0 {
			found = r.all[i]
		}
		return i >= 0
	}) {
		t.Errorf("not in the log: %q; the log: %.2000s", text, r.String())
	}
	return found
}

// String returns the log as text.
func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, rec := range r.all {
		fmt.Fprintf(&b, "%v %q", rec.level, rec.text)
		for _, k := range slices.Sorted(maps.Keys(rec.attrs)) {
			fmt.Fprintf(&b, " %s=%s", k, rec.attrs[k])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
