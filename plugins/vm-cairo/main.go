// Command vm-cairo is the VM that executes Starknet's transactions, as a plugin in a process of its own.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

func main() { serve.Main(execution.Factory()) }
