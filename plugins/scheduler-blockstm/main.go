// Command scheduler-blockstm is the scheduler that executes transactions in parallel, as a plugin in a process of its own.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

func main() { serve.Main(blockstm.Factory()) }
