package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// running is a node that a test has started. It is the first of a process group of its own.
type running struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	watch string // where its metrics are
}

// start starts a node and waits until it has built a block.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	r := &running{cmd: exec.CommandContext(ctx, "switchyard", append([]string{"run"}, args...)...)}
	r.cmd.Dir = root
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.cmd.Stderr = os.Stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) })
	r.lines = bufio.NewScanner(out)
	for r.lines.Scan() {
		line := r.lines.Text()
		if url, ok := strings.CutPrefix(line, "watch "); ok {
			r.watch = strings.TrimSuffix(url, "/metrics")
		}
		if strings.HasPrefix(line, "block 1 ") {
			return r
		}
	}
	t.Fatalf("the node ended before its first block: %v", r.cmd.Wait())
	return nil
}

// wait waits for the end and returns the last line that the node printed.
func (r *running) wait() (last string, err error) {
	for r.lines.Scan() {
		last = r.lines.Text()
	}
	return last, r.cmd.Wait()
}

// busy are settings under which a node is nearly always in the middle of a block.
var busy = []string{"--transactions", "100", "--cost-us", "1000", "--set", "block.interval=0s"}

// TestSignals ends nodes in the middle of a block, by a signal to them or, as a terminal and service managers do, to
// them and their plugins: cleanly and soon.
func TestSignals(t *testing.T) {
	for _, config := range []string{"serial", "process"} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			for _, group := range []bool{false, true} {
				if group == (sig == syscall.SIGINT) != (config == "process") && os.Getenv("SWITCHYARD_LONG") != "1" {
					continue // each setting with either of the others, but not all with all
				}
				t.Run(fmt.Sprintf("%s/%v/group=%v", config, sig, group), func(t *testing.T) {
					t.Parallel()
					r := start(t, append(busy, "--config", "examples/"+config+".yaml")...)
					plugins := children(t, r.cmd.Process.Pid)
					if group {
						for _, pid := range plugins {
							_ = syscall.Kill(pid, sig)
						}
					}
					if err := r.cmd.Process.Signal(sig); err != nil {
						t.Fatal(err)
					}
					last, err := r.wait()
					if err != nil || !strings.HasPrefix(last, "stopped after ") {
						t.Errorf("last line %q, %v", last, err)
					}
					gone(t, plugins)
				})
			}
		}
	}
}

// TestSignalWhileStarting ends a node that waits for a plugin which never gets ready. Nothing is left of the plugin.
func TestSignalWhileStarting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plugin, ready := filepath.Join(dir, "plugin"), filepath.Join(dir, "pid")
	script := "#!/bin/sh\necho $$ > " + ready + ".new && mv " + ready + ".new " + ready + "\nexec sleep 1000\n"
	if err := os.WriteFile(plugin, []byte(script), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "switchyard", "run", "--set", "store.exec="+plugin)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid []byte
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for len(pid) == 0 && ctx.Err() == nil {
		<-look.C
		pid, _ = os.ReadFile(ready)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGINT: %v", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, []int{n})
}

// TestSecondSignal has a store hang while the node stops: a second SIGINT ends it where it stands.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	r := start(t, append(busy, "--set", "store.place=process", "--set", "restart.check=0s")...)
	plugins := children(t, r.cmd.Process.Pid)
	if len(plugins) != 1 {
		t.Fatalf("plugins %v, want one", plugins)
	}
	if err := syscall.Kill(plugins[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := r.wait()
		ended <- err
	}()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		select {
		case err := <-ended:
			if err == nil {
				t.Error("status 0, want that of a signal")
			}
			_ = syscall.Kill(plugins[0], syscall.SIGCONT) // so that it can notice
			gone(t, plugins)
			return
		case <-again.C:
		}
	}
}

// TestHostKilled kills a node with SIGKILL, which it cannot notice: three seconds later nothing is left of its plugins.
func TestHostKilled(t *testing.T) {
	t.Parallel()
	r := start(t, append(busy, "--config", "examples/process.yaml")...)
	plugins := children(t, r.cmd.Process.Pid)
	if len(plugins) != 3 {
		t.Fatalf("plugins %v, want three", plugins)
	}
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = r.wait()
	gone(t, plugins)
}

// children returns the processes that a process has started.
func children(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("SKIP: processes are looked for in /proc")
	}
	var all []int
	for _, file := range stats {
		if _, parent := stat(file); parent == pid {
			n, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, n)
		}
	}
	return all
}

// stat returns state and parent of a process, nothing if it is gone.
func stat(file string) (state string, parent int) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return "", 0
	}
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent
}

// gone waits until the processes have ended, three seconds at most. One that nobody has waited for counts as ended.
func gone(t *testing.T, pids []int) {
	t.Helper()
	deadline := time.After(3 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		pids = slices.DeleteFunc(pids, func(pid int) bool {
			state, _ := stat(fmt.Sprintf("/proc/%d/stat", pid))
			return state == "" || state == "Z" || state == "X"
		})
		if len(pids) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Errorf("still there after three seconds: %v", pids)
			return
		}
	}
}

// TestWatch looks at a running node as Prometheus and a service manager do, and at the port that it keeps from another.
func TestWatch(t *testing.T) {
	t.Parallel()
	r := start(t, "--config", "examples/process.yaml", "--set", "block.interval=0s")
	for page, want := range map[string]string{
		"/healthz": `"status": "serving"`,
		"/readyz":  `"status": "ready"`,
		"/metrics": `go_goroutines{plugin="vm"}`,
	} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.watch+page, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s, %v, want 200 and %s\n%s", page, answer.Status, err, want, body)
		}
	}
	address := strings.TrimPrefix(r.watch, "http://")
	out, err := exec.CommandContext(t.Context(), "switchyard", "run", "--set", "monitor.listen="+address).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "monitor.listen: listen tcp "+address+": bind: address already in use") {
		t.Errorf("another node on the same port: %v\n%s", err, out)
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if last, err := r.wait(); err != nil || !strings.HasPrefix(last, "stopped after ") {
		t.Errorf("last line %q, %v", last, err)
	}
}
