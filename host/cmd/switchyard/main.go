// Command switchyard is the sequencer with all built-in plugins linked in.
package main

import (
	"github.com/switchyard-dev/switchyard/host/cli"
	"github.com/switchyard-dev/switchyard/host/cmd/switchyard/builtin"
)

func main() { cli.MainWith(builtin.Tools(), builtin.Plugins()...) }
