package main

import (
	"os"
	"os/exec"
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
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"build": build},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// build builds the program of a package, given by its path from the root: build PACKAGE FILE.
func build(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: build PACKAGE FILE")
	}
	cmd := exec.Command("go", "build", "-o", ts.MkAbs(args[1]), args[0])
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("go build %s: %v\n%s", args[0], err, out)
	}
}
