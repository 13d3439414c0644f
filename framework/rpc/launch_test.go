package rpc_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

func TestLaunch(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	want := []plugin.Info{
		{
			Kind: plugin.VM, ID: "v", Version: "0.1.0", Summary: "a VM", API: plugin.API(plugin.VM),
			Features: []string{"steam"}, Stability: plugin.Beta,
		},
		{Kind: plugin.Store, ID: "a", API: plugin.API(plugin.Store)},
		{Kind: plugin.Store, ID: "b", API: plugin.API(plugin.Store)},
	}
	if diff := cmp.Diff(want, p.Info().Plugins); diff != "" {
		t.Errorf("what it serves (-want +got):\n%s", diff)
	}
	if !alive(p.PID()) || p.Err() != nil {
		t.Errorf("process %d lives: %v, %v", p.PID(), alive(p.PID()), p.Err())
	}
	// Traps 18 and 20: the control socket is in a folder that nobody else can enter.
	sockets, err := filepath.Glob(filepath.Join(c.RunDir, "*", "plugin*"))
	if err != nil || len(sockets) != 1 {
		t.Fatalf("sockets in the run folder: %v, %v", sockets, err)
	}
	if info, err := os.Stat(filepath.Dir(sockets[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info.Mode(), err)
	}
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := p.Stop(ctx); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if !errors.Is(p.Err(), framework.ErrPluginGone) || !strings.Contains(p.Err().Error(), "exit status 0") {
		t.Errorf("Err() of a stopped process = %v, want that it exited by itself", p.Err())
	}
	if _, err := p.Health(ctx); !errors.Is(err, framework.ErrPluginGone) && !errors.Is(err, context.Canceled) {
		t.Errorf("Health of a stopped process: %v", err)
	}
}

// TestLaunchAgain launches with one command until nothing can be left over: traps 9, 10 and 22.
func TestLaunchAgain(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	c.SHA256 = checksum(t, c.Path)
	for range 3 {
		p := launch(t, c)
		if err := kill(p); err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		if _, err := p.Health(ctx); !errors.Is(err, framework.ErrPluginGone) {
			t.Errorf("Health of a killed plugin: %v, want ErrPluginGone", err)
		}
		if err := p.Stop(ctx); err != nil {
			t.Errorf("Stop of a killed plugin: %v", err)
		}
	}
}

func checksum(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// write makes a file in a folder of the test.
func write(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLaunchFails starts what is no plugin, or none of ours: nothing may be left of it, and the error must help.
func TestLaunchFails(t *testing.T) {
	elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\xf7\x00" + strings.Repeat("\x00", 60) // for another machine
	long := "/tmp/" + strings.Repeat("n", 80)
	for _, c := range []struct {
		name   string
		trick  string
		change func(*testing.T, *rpc.Command)
		want   []string // parts of the error
	}{
		{"wrong cookie", "cookie", nil, []string{"it ended before it was ready (exit status 1)", "This binary is a plugin"}},
		{"wrong version", "version", nil, []string{"incompatible API version", "Plugin version: 2", "[1]"}},
		{"net/rpc", "netrpc", nil, []string{`unsupported plugin protocol "netrpc"`}}, // trap 23
		{"exits", "exit", nil, []string{"it ended before it was ready (exit status 3)", "it said last:\nthere is no coal"}},
		{"panics", "crash", nil, []string{"(exit status 2)", "panic: boiler"}},
		{"is missing", "", func(_ *testing.T, c *rpc.Command) { c.Path = "/nowhere/x" }, []string{"/nowhere/x", "no such file"}},
		{"is not in PATH", "", func(_ *testing.T, c *rpc.Command) { c.Path = "no-such-plugin" }, []string{"not found in $PATH"}},
		{"has no path", "", func(_ *testing.T, c *rpc.Command) { c.Path = "" }, []string{"no program"}},
		{"is not executable", "", func(t *testing.T, c *rpc.Command) { c.Path = write(t, "x", 0o600) }, []string{"permission denied"}},
		{"is a folder", "", func(t *testing.T, c *rpc.Command) { c.Path = t.TempDir() }, []string{"is a directory"}},
		{"is text", "", func(t *testing.T, c *rpc.Command) { c.Path = write(t, "x", 0o700) }, []string{"exec format error"}},
		{"is for another machine", "", func(t *testing.T, c *rpc.Command) { c.Path = write(t, elf, 0o700) }, []string{"exec format error"}},
		{"is no plugin", "", func(_ *testing.T, c *rpc.Command) { c.Path, c.Args = "/bin/echo", []string{"hello"} },
			[]string{"it ended before it was ready (exit status 0)", "hello"}},
		{"is killed", "", func(_ *testing.T, c *rpc.Command) { c.Path, c.Args = "/bin/sh", []string{"-c", "kill -9 $$"} },
			[]string{"it ended before it was ready (signal: killed)"}},
		{"wrong checksum", "", func(_ *testing.T, c *rpc.Command) { c.SHA256 = make([]byte, 32) }, []string{"has the checksum", "want 0000"}},
		{"no run folder", "", func(_ *testing.T, c *rpc.Command) { c.RunDir = "/nowhere" }, []string{"run folder", "no such file"}},
		{"run folder is a file", "", func(t *testing.T, c *rpc.Command) { c.RunDir = write(t, "", 0o600) }, []string{"not a folder"}},
		{"run folder is open to others", "", func(t *testing.T, c *rpc.Command) { c.RunDir = t.TempDir() }, []string{"others may enter it", "0755"}},
		{"path too long", "", func(t *testing.T, c *rpc.Command) { c.RunDir = folder(t, long) }, // trap 21
			[]string{"its path has 85 bytes, which is 1 too many"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := limit(t, 60*time.Second)
			command, _ := trick(t, c.trick)
			if c.change != nil {
				c.change(t, &command)
			}
			p, err := rpc.Launch(ctx, command)
			if err == nil {
				_ = p.Stop(ctx)
				t.Fatal("it was launched")
			}
			for _, want := range append(c.want, "start plugin test") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
		})
	}
}

// folder makes a folder of our own for the time of the test.
func folder(t *testing.T, path string) string {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	return path
}

func TestLaunchInLongestRunDir(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	c.RunDir = folder(t, "/tmp/"+strings.Repeat("n", 79))
	if err := launch(t, c).Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestLaunchCancelled ends a launch that hangs: trap 3.
func TestLaunchCancelled(t *testing.T) {
	for _, c := range []struct {
		name string
		does string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		wait time.Duration
		want error
		text string
	}{
		{"by its caller", "sleep", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(200*time.Millisecond, cancel)
			return ctx, cancel
		}, time.Minute, context.Canceled, "canceled"},
		{"by a deadline", "sleep", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}, time.Minute, context.DeadlineExceeded, "deadline"},
		{"before it began", "sleep", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, time.Minute, context.Canceled, "canceled"},
		{"by its own time", "sleep", context.WithCancel, 200 * time.Millisecond, nil, "not ready in time: 200ms"},
		{"by its own time, after a greeting", "mute", context.WithCancel, time.Second, nil, "not ready in time: 1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := c.ctx(limit(t, 60*time.Second))
			defer cancel()
			command, _ := trick(t, c.does)
			command.StartTimeout = c.wait
			began := time.Now()
			_, err := rpc.Launch(ctx, command)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("Launch() = %v, want %v with %q", err, c.want, c.text)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestLaunchForeign launches a plugin that serves the contract and none of go-plugin's extras, as one in another language
// would: no broker (traps 16, 17), no output streams, no lifeline, SIGTERM ignored.
func TestLaunchForeign(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "bare")
	p := launch(t, c)
	if _, err := p.Open(ctx, plugin.Store, "a", "x", nil); err != nil {
		t.Error(err)
	}
	logged.find(t, "printed after the greeting")
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); err == nil || !strings.Contains(err.Error(), "did not exit, and was killed") {
		t.Errorf("Stop of a plugin that does not exit: %v", err)
	}
}

// TestLaunchPrints starts plugins that write to standard output before they serve: trap 8.
func TestLaunchPrints(t *testing.T) {
	for name, want := range map[string]string{"print": "printed before Serve", "print early": "printed early"} {
		t.Run(name, func(t *testing.T) {
			limit(t, 60*time.Second)
			c, logged := trick(t, name)
			launch(t, c)
			if got := logged.find(t, want); got.attrs["stream"] != "stdout" || got.attrs["plugin"] != "test" {
				t.Errorf("logged as %v", got)
			}
		})
	}
}

// TestEnvironment looks at what a plugin sees of the host's: trap 24.
func TestEnvironment(t *testing.T) {
	limit(t, 60*time.Second)
	t.Setenv("SWITCHYARD_TEST_SECRET", "password")
	t.Setenv("SWITCHYARD_TEST_ALLOWED", "yes")
	c, logged := trick(t, "environment")
	c.Env = append(c.Env, "SWITCHYARD_TEST_ALLOWED", "SWITCHYARD_TEST_ABSENT", "GIVEN=1")
	launch(t, c)
	var got string
	if !eventually(func() bool { got = logged.String(); return strings.Contains(got, "environment: ") }) {
		t.Fatal("it said nothing")
	}
	for _, want := range []string{"SWITCHYARD_TEST_ALLOWED=yes", "GIVEN=1", "PATH="} {
		if !strings.Contains(got, want) {
			t.Errorf("the plugin does not see %s: %s", want, got)
		}
	}
	for _, secret := range []string{"password", "SWITCHYARD_TEST_ABSENT"} {
		if strings.Contains(got, secret) {
			t.Errorf("the plugin sees %s: %s", secret, got)
		}
	}
}
