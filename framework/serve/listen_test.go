package serve_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// TestListen starts the program as a person with a debugger would: hosts come and go, and it goes on.
func TestListen(t *testing.T) {
	path := filepath.Join(runDir(t), "s")
	c := exec.Command(os.Args[0], "--listen", path)
	c.Env = append(os.Environ(), "MODE=plugin", "GORACE=atexit_sleep_ms=0")
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer watchdog.Stop()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil || !strings.Contains(line, "listens on "+path) {
		t.Errorf("it says %q, %v", line, err)
	}
	for range 2 {
		p, err := rpc.Dial(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		i, err := p.Open(t.Context(), plugin.Scheduler, "", "s", nil)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := i.Health(t.Context()); err != nil || h.Status != plugin.Serving {
			t.Errorf("Health = %v, %v", h, err)
		}
		if err := i.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("its socket is still there: %v", err)
	}
}

func TestListenFails(t *testing.T) {
	_, stderr, status := run(t, nil, "--listen", "/nowhere/s")
	if status != 1 || !strings.Contains(stderr, "/nowhere/s") {
		t.Errorf("status %d, %q; want 1 and the path", status, stderr)
	}
}

func TestDialFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(runDir(t), "dead")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: dead}); err != nil {
		t.Fatal(err)
	}
	syscall.Close(fd)
	for path, want := range map[string]string{
		"/nowhere": "no such file", file: "is no socket", dead: "plugin gone",
	} {
		if _, err := rpc.Dial(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Dial(%s): %v, want %s", path, err, want)
		}
	}
}
