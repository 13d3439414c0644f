// Command scheduler-serial is the scheduler that executes transactions one after the other, as a plugin in a process of
// its own.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func main() { serve.Main(serial.Factory()) }
