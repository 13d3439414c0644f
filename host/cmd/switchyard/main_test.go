package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/switchyard-dev/switchyard/framework/rpc"
)

func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		main() // a host has started this program again, under the name that the tests have
	}
	testscript.Main(m, map[string]func(){"switchyard": main, "waitfor": waitFor})
}

// waitFor waits until a file is there: what a program in the background makes when it is ready.
func waitFor() {
	for range 1000 {
		if _, err := os.Stat(os.Args[1]); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	os.Exit(1)
}

func TestScripts(t *testing.T) {
	examples, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", examples+"/../../..")
			return nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// TestInterrupt checks that SIGINT ends a run in the middle of a block, cleanly and soon.
func TestInterrupt(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt} {
		cmd := exec.CommandContext(t.Context(), "switchyard", "run", "--cost-us", "2000", "--set", "block.interval=0s")
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		watchdog := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer watchdog.Stop()
		last := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			last = lines.Text()
			if strings.HasPrefix(last, "block 1 ") {
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after %v: %v", sig, err)
		}
		if !strings.HasPrefix(last, "stopped after ") {
			t.Errorf("after %v: last line %q", sig, last)
		}
	}
}
