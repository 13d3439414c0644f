// Command switchyard is the sequencer with all built-in plugins linked in.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/cli"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/command"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

func main() { cli.MainWith(tools(), plugins()...) }

// plugins are those that a configuration can name.
func plugins() []plugin.Factory {
	return []plugin.Factory{
		serial.Factory(), blockstm.Factory(), synthetic.Factory(), execution.Factory(), memory.Factory(), trie.Factory(),
	}
}

// tools are the commands that plugins bring along.
func tools() []plugin.Tool { return command.Tools() }
