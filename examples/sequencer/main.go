// Command sequencer is a sequencer of one's own: the whole program is a list of the plugins that it has built in. This
// one has no serial scheduler. What is not in the list can still be named by `exec`.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/cli"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

func main() {
	cli.Main(blockstm.Factory(), synthetic.Factory(), memory.Factory())
}
