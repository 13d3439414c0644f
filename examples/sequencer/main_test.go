package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/switchyard-dev/switchyard/framework/rpc"
)

func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		main() // started again by itself, as the process of a plugin
	}
	testscript.Main(m, map[string]func(){"sequencer": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true})
}
