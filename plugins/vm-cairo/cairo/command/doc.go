// Package command has the tools of the Cairo machine: run a program as the reference's command lines do, show its
// instructions or its trace, and measure the machine.
//
// Flags that users of the reference know have its names, underscores included.
package command
