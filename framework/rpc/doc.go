// Package rpc runs plugins in processes of their own.
//
// A host starts one with [Launch], asks the [Process] what it serves, opens instances in it, and stops it. That is the
// control plane: hashicorp/go-plugin, and over it the service that framework/proto describes. The process of a plugin
// answers with a [Server]; package serve is the rest of it. What instances say to each other goes over links, which
// the two processes have between themselves: see [Linker].
//
// # What a host can rely on
//
// Nothing of a plugin outlives Process.Stop: no process of its group, no descriptor, no goroutine, no socket. A plugin
// whose host died, however it died, exits by itself. No call waits for a plugin for ever: each has a deadline, its own
// or that of its context. A plugin that prints to standard output, writes garbage or megabytes to its log, hangs,
// forks or panics harms only itself.
//
// # Errors
//
// An error of a plugin arrives as what it was: [errors.Is] finds the errors of package framework in it, [errors.As]
// the [framework.Fault]. If the process is gone, a call returns framework.ErrPluginGone with the last that it wrote. A
// call that an older plugin does not know returns framework.ErrUnsupported.
package rpc
