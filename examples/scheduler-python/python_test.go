//go:build !race

// The race detector sees nothing of Python: once is enough.

package python_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// program builds the sequencer. It skips the test where the Python of .venv, or else of the system, cannot run the plugin.
func program(t *testing.T) func(args ...string) (string, error) {
	t.Helper()
	python := ".venv/bin/python3"
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import grpc, grpc_tools").CombinedOutput(); err != nil {
		t.Skipf("SKIP: the scheduler in Python: no Python with grpcio and grpcio-tools (see README.md): %v\n%s", err, out)
	}
	path := filepath.Join(t.TempDir(), "switchyard")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../host/cmd/switchyard").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
		return string(out), err
	}
}

// TestScheduler does what the README says: describe, test, run, compare.
func TestScheduler(t *testing.T) {
	switchyard := program(t)
	out, err := switchyard("plugins", "describe", "./run", "--timeout", "1m")
	if err != nil || !strings.HasPrefix(out, "scheduler.python 0.1.0: ") || !strings.Contains(out, "in outcomes") {
		t.Fatalf("describe: %v\n%s", err, out)
	}
	refuses(t, switchyard)
	args := []string{"plugins", "test", "./run", "--timeout", "1m", "--deadline", "1m", "--blocks", "20", "--log"}
	if os.Getenv("SWITCHYARD_LONG") != "1" {
		// What is left out asks the same again many times over, of a scheduler that does one thing at a time.
		args = append(args, "--run", "equal|end|feed|final|execute|class|fault|cancel|base|report|random")
	}
	passed := regexp.MustCompile(`\nok  scheduler.python over grpc-stream/1: 1\d\d passed\n`)
	if out, err := switchyard(args...); err != nil || !passed.MatchString(out) {
		t.Errorf("test: %v\n%s", err, out)
	}
	out, err = switchyard("run", "--config", "switchyard.yaml", "--blocks", "10", "--transactions", "20", "--set", "block.interval=0s")
	if err != nil || !strings.Contains(out, "stopped after 10 blocks") {
		t.Errorf("run: %v\n%s", err, out)
	}
	serial := filepath.Join(t.TempDir(), "serial.yaml")
	if err := os.WriteFile(serial, []byte("scheduler: { use: serial }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, workload := range []string{"p2p", "mix"} {
		out, err = switchyard("compare", serial, "switchyard.yaml", "--blocks", "10", "--transactions", "50", "--workload", workload)
		if err != nil || strings.Count(out, " true\n") != 20 {
			t.Errorf("compare on %s: %v\n%s", workload, err, out)
		}
	}
}

// refuses gives the plugin settings that it must refuse.
func refuses(t *testing.T, switchyard func(...string) (string, error)) {
	t.Helper()
	for set, want := range map[string]string{
		"ahed=1": "ahed: unknown key", "ahead=0": "ahead: 0 is below 1", "ahead=yes": "ahead: want integer, got 'yes'",
	} {
		out, err := switchyard("plugins", "test", "./run", "--timeout", "1m", "--set", set, "--run", "report")
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("--set %s: %v, want %s\n%s", set, err, want, out)
		}
	}
}
