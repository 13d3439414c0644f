package rpc_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

func kill(p *rpc.Process) error { return syscall.Kill(p.PID(), syscall.SIGKILL) }

// freeze sends SIGSTOP and waits until the last thread of the process has stopped.
func freeze(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		return err == nil && !slices.ContainsFunc(threads, func(name string) bool {
			stat, err := os.ReadFile(name)
			return err == nil && !strings.Contains(string(stat), ") T ")
		})
	}) {
		t.Fatal("the process does not freeze")
	}
}

// TestStopped stops a plugin that SIGSTOP has frozen, and calls it: traps 1, 2 and 26.
func TestStopped(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	c.CallTimeout = 200 * time.Millisecond
	c.OpenTimeout = 200 * time.Millisecond
	p := launch(t, c)
	freeze(t, p.PID())
	if _, err := p.Health(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Health: %v, want DeadlineExceeded", err)
	}
	if _, err := p.Open(ctx, plugin.VM, "v", "x", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open: %v, want DeadlineExceeded", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := p.Stop(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("Stop: %v, want that it was killed at its deadline", err)
	}
	if took := time.Since(began); took > 3*time.Second || alive(p.PID()) {
		t.Errorf("Stop took %v, and the process lives: %v", took, alive(p.PID()))
	}
}

// TestLaunchFrozen launches a program that freezes itself before it has said anything.
func TestLaunchFrozen(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	c.StartTimeout = 300 * time.Millisecond
	c.Path, c.Args = "/bin/sh", []string{"-c", "kill -STOP $$"}
	if _, err := rpc.Launch(ctx, c); err == nil || !strings.Contains(err.Error(), "not ready in time") {
		t.Errorf("Launch of a frozen program: %v", err)
	}
}

// TestStopDrains stops a plugin whose store takes its time to close: trap 25.
func TestStopDrains(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "")
	p := launch(t, c)
	if _, err := p.Open(ctx, plugin.Store, "a", "x", map[string]any{"close": "slow"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	logged.find(t, "closed")
}

func TestStopHangs(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	if _, err := p.Open(ctx, plugin.Store, "a", "x", map[string]any{"close": "hang"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || alive(p.PID()) {
		t.Errorf("Stop of a store that hangs in Close: %v, and the process lives: %v", err, alive(p.PID()))
	}
}

// TestStopAtOnce stops with a context that has ended, which only kills.
func TestStopAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(limit(t, 60*time.Second))
	c, _ := trick(t, "")
	p := launch(t, c)
	cancel()
	if err := p.Stop(ctx); !errors.Is(err, context.Canceled) || alive(p.PID()) {
		t.Errorf("Stop: %v, and the process lives: %v", err, alive(p.PID()))
	}
}

// forked returns the number of the process that the plugin said it started.
func forked(t *testing.T, logged *records) int {
	t.Helper()
	pid, err := strconv.Atoi(logged.find(t, "forked").attrs["pid"])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// TestGrandchild ends plugins that started a program which holds their standard error: trap 4.
func TestGrandchild(t *testing.T) {
	for _, how := range []string{"killed", "stopped"} {
		for _, fork := range []string{"fork", "fork away"} {
			t.Run(how+"/"+fork, func(t *testing.T) {
				ctx := limit(t, 60*time.Second)
				c, logged := trick(t, "")
				p := launch(t, c)
				if _, err := p.Open(ctx, plugin.VM, "v", "x", map[string]any{"open": fork}); err != nil {
					t.Fatal(err)
				}
				grandchild := forked(t, logged)
				defer func() { _ = syscall.Kill(grandchild, syscall.SIGKILL) }()
				began := time.Now()
				if how == "killed" {
					if err := kill(p); err != nil {
						t.Fatal(err)
					}
					<-p.Done()
				}
				if err := p.Stop(ctx); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("the end was noticed after %v", took)
				}
				// A program that left the group is its own master.
				if fork == "fork" && !eventually(func() bool { return !alive(grandchild) }) {
					t.Error("what the plugin started outlives it")
				}
			})
		}
	}
}

// TestSignals sends what a service manager sends: trap 12.
func TestSignals(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	for _, to := range []int{p.PID(), -p.PID()} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGTERM} {
			if err := syscall.Kill(to, sig); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Health(ctx); err != nil {
				t.Fatalf("after %v: %v", sig, err)
			}
		}
	}
	if group, err := syscall.Getpgid(p.PID()); err != nil || group != p.PID() {
		t.Errorf("the plugin is in group %d, %v: signals of a terminal reach it", group, err)
	}
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestHostKilled kills a host: trap 11.
func TestHostKilled(t *testing.T) {
	limit(t, 60*time.Second)
	run := t.TempDir()
	if err := os.Chmod(run, 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "MODE=host", "RUN_DIR="+run)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	var pids []int
	for lines := bufio.NewScanner(out); len(pids) < 2 && lines.Scan(); {
		_, pid, ok := strings.Cut(lines.Text(), " pid=")
		if !ok {
			pid, ok = strings.CutPrefix(lines.Text(), "plugin ")
		}
		if n, err := strconv.Atoi(pid); ok && err == nil {
			pids = append(pids, n)
		} else {
			t.Log(lines.Text())
		}
	}
	if len(pids) != 2 || !alive(pids[0]) || !alive(pids[1]) {
		t.Fatalf("the host says that %v run", pids)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return !alive(pids[0]) && !alive(pids[1]) }) {
		t.Errorf("orphans: plugin %v, what it started %v", alive(pids[0]), alive(pids[1]))
	}
}

// TestCrash lets a goroutine of a plugin panic: the process ends, and every error says why.
func TestCrash(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "")
	p := launch(t, c)
	file := filepath.Join(t.TempDir(), "crash")
	if _, err := p.Open(ctx, plugin.VM, "v", "x", map[string]any{"crash": file}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	_, err := p.Open(ctx, plugin.VM, "v", "y", nil)
	for _, err := range []error{err, p.Err()} {
		if !errors.Is(err, framework.ErrPluginGone) || !strings.Contains(err.Error(), "panic: boiler") || !strings.Contains(err.Error(), "exit status 2") {
			t.Errorf("error %v, want ErrPluginGone with the panic", err)
		}
	}
	if got := logged.find(t, "panic: boiler"); got.level.String() != "ERROR" {
		t.Errorf("logged as %v", got)
	}
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestHammerStop stops many processes from many goroutines.
func TestHammerStop(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	errs := make(chan error)
	for i := range 8 {
		go func() {
			if i%2 == 0 {
				errs <- p.Stop(ctx)
				return
			}
			if _, err := p.Health(ctx); err != nil && !errors.Is(err, framework.ErrPluginGone) && !errors.Is(err, context.Canceled) {
				errs <- fmt.Errorf("Health during Stop: %w", err)
				return
			}
			errs <- nil
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
