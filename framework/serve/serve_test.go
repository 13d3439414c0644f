package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// The test program is a plugin if MODE says so: one that serves the serial scheduler, and a VM if VM is set.
func TestMain(m *testing.M) {
	if os.Getenv("MODE") == "plugin" {
		factories := []plugin.Factory{serial.Factory()}
		if os.Getenv("VM") != "" {
			factories = append(factories, plugin.ForVM(plugin.Info{ID: "v", Version: "2.0.0", Summary: "a VM"}, config{},
				func(context.Context, config) (framework.VM, error) { return nil, nil }))
		}
		serve.Main(factories...)
	}
	goleak.VerifyTestMain(m)
}

type config struct {
	Steps int `koanf:"steps" doc:"How far to run."`
}

// run starts the program as a person would, and returns what it printed and its status.
func run(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(append(os.Environ(), "MODE=plugin", "GORACE=atexit_sleep_ms=0"), env...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

func TestTell(t *testing.T) {
	for _, c := range []struct {
		name           string
		env, args      []string
		status         int
		stdout, stderr string // parts
	}{
		{"by hand", nil, nil, 2, "", "is a plugin of Switchyard: a host starts it"},
		{"by hand, how to use it", nil, nil, 2, "", "scheduler: { exec: ./"},
		{"by hand, two plugins", []string{"VM=1"}, []string{"x"}, 2, "", "vm         v            2.0.0    a VM"},
		{"help", nil, []string{"--help"}, 2, "", "--schema [KIND.ID]"},
		{"describe", nil, []string{"--describe"}, 0, `"id": "serial"`, ""},
		{"help on listening", nil, []string{"--help"}, 2, "", "--listen PATH"},
		{"schema of the only one", nil, []string{"--schema"}, 0, `"title": "scheduler.serial"`, ""},
		{"schema of one", []string{"VM=1"}, []string{"--schema", "vm.v"}, 0, `"description": "How far to run."`, ""},
		{"schema of which", []string{"VM=1"}, []string{"--schema"}, 1, "", "the schema of which plugin? There is [scheduler.serial vm.v]"},
		{"schema misspelt", nil, []string{"--schema", "scheduler.seriel"}, 1, "", `no plugin "scheduler.seriel", did you mean "scheduler.serial"?`},
		{"schema of another", nil, []string{"--schema", "x"}, 1, "", `no plugin "x", there is [scheduler.serial]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			stdout, stderr, status := run(t, c.env, c.args...)
			if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("status %d, want %d\nstdout: %s\nwant: %s\nstderr: %s\nwant: %s", status, c.status, stdout, c.stdout, stderr, c.stderr)
			}
			if c.stdout == "" && stdout != "" || c.stderr == "" && stderr != "" {
				t.Errorf("it also printed %q and %q", stdout, stderr)
			}
		})
	}
}

func TestDescribeIsWhatAHostIsTold(t *testing.T) {
	stdout, _, _ := run(t, []string{"VM=1"}, "--describe")
	var described rpc.Info
	if err := json.Unmarshal([]byte(stdout), &described); err != nil {
		t.Fatal(err)
	}
	p := launch(t, "VM=1")
	if told := p.Info(); fmt.Sprint(described.Plugins) != fmt.Sprint(told.Plugins) || len(told.Plugins) != 2 {
		t.Errorf("described %+v, told %+v", described, told)
	}
}

// runDir returns a folder for sockets.
func runDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sy") //nolint:usetesting // the name of the test would make the path too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// launch starts the program as a host would.
func launch(t *testing.T, env ...string) *rpc.Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	p, err := rpc.Launch(ctx, rpc.Command{
		Name: "scheduler.serial", Path: os.Args[0], RunDir: runDir(t), StartTimeout: 20 * time.Second,
		Env:    append(append(rpc.DefaultEnv(), "MODE=plugin", "GORACE=atexit_sleep_ms=0"), env...),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestServe(t *testing.T) {
	p := launch(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := p.Open(ctx, plugin.Scheduler, "serial", "s", nil); err != nil {
		t.Error(err)
	}
	if h, err := p.Health(ctx); err != nil || h.Status != plugin.Serving {
		t.Errorf("Health = %v, %v", h, err)
	}
}

// TestServeWithoutRunDir starts the program as a host with a folder that is not there.
func TestServeWithoutRunDir(t *testing.T) {
	stdout, stderr, status := run(t, []string{rpc.CookieEnv + "=" + rpc.Cookie, "PLUGIN_PROTOCOL_VERSIONS=1", rpc.RunDirEnv + "=/nowhere"})
	if status != 1 || stdout != "" || !strings.Contains(stderr, "/nowhere") {
		t.Errorf("status %d, stdout %q, stderr %q; want 1 and the reason", status, stdout, stderr)
	}
}

// TestServeWithoutLifeline starts the program under a host of another kind: SIGTERM ends it.
func TestServeWithoutLifeline(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "MODE=plugin", rpc.CookieEnv+"="+rpc.Cookie, "PLUGIN_PROTOCOL_VERSIONS=1", rpc.RunDirEnv+"="+t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(30*time.Second, func() { _ = c.Process.Kill() })
	defer watchdog.Stop()
	greeting := make([]byte, 9)
	if _, err := out.Read(greeting); err != nil || string(greeting) != "1|1|unix|" {
		t.Errorf("greeting %q, %v", greeting, err)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if s, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v, want SIGTERM", c.ProcessState)
	}
}

func TestServeWithBadLifeline(t *testing.T) {
	for value, want := range map[string]string{"x": "no descriptor", "1": "no descriptor", "99": "bad file descriptor"} {
		_, stderr, status := run(t, []string{rpc.CookieEnv + "=" + rpc.Cookie, rpc.LifelineEnv + "=" + value})
		if status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("lifeline %s: status %d, %q; want 1 and %q", value, status, stderr, want)
		}
	}
}
