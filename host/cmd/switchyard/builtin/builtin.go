// Package builtin lists what is linked into the program switchyard.
package builtin

import (
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/command"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// Plugins returns those that a configuration can name.
func Plugins() []plugin.Factory {
	return []plugin.Factory{
		serial.Factory(), blockstm.Factory(), synthetic.Factory(), execution.Factory(), memory.Factory(), trie.Factory(),
	}
}

// Tools returns the commands that plugins bring along.
func Tools() []plugin.Tool { return command.Tools() }
