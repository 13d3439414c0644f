// Package cli is the command line of a sequencer. A program that wants it hands over the plugins that are linked
// into it; see host/cmd/switchyard.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/internal/heap"
)

// The exit statuses of every command.
const (
	Fine   = 0 // it did what it was asked to do
	No     = 1 // the answer is no, or it failed
	Misuse = 2 // the call or the configuration is wrong; nothing was done
)

// Main is the whole main of a sequencer: it runs the command line of the process with these plugins to choose
// from, and ends the process. SIGINT and SIGTERM end a command early, and cleanly; a second one at once.
//
// A built-in plugin that is placed in a process is this program started again by a host: with the arguments of
// `plugins serve`, or with none for all plugins.
func Main(plugins ...plugin.Factory) { MainWith(nil, plugins...) }

// MainWith is Main for a program that also offers tools of its plugins.
func MainWith(tools []plugin.Tool, plugins ...plugin.Factory) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie && len(os.Args) == 1 {
		serve.Main(plugins...)
	}
	heap.Relax()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program where it stands
	status := Run(ctx, Call{
		Args: os.Args[1:], Env: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Plugins: plugins, Tools: tools,
	})
	stop()
	os.Exit(status)
}

// Call is one command line and all that it can see of the world.
type Call struct {
	Args           []string // without the name of the program
	Env            []string // as of os.Environ
	Stdout, Stderr io.Writer
	Plugins        plugin.Catalog
	Tools          []plugin.Tool
}

// Run runs a command line and returns the exit status. It ends early when ctx is cancelled.
func Run(ctx context.Context, c Call) int {
	root := newRoot(&c)
	root.SetArgs(c.Args)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	err := root.ExecuteContext(ctx)
	var no *negative
	var status ended
	switch {
	case err == nil:
		return Fine
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &no):
		fmt.Fprintln(c.Stderr, no)
		return No
	}
	fmt.Fprintf(c.Stderr, "switchyard: %v\n", err)
	if misused(err) {
		return Misuse
	}
	return No
}

func newRoot(c *Call) *cobra.Command {
	root := &cobra.Command{
		Use:   "switchyard",
		Short: "A Starknet sequencer that you assemble from parts",
		Long: `Switchyard is a Starknet sequencer that you assemble from parts: a scheduler, a VM and a store.
Each can be replaced, and compared with its rival on the same blocks, by changing a line of configuration.

Exit status: 0 fine, 1 the answer is no or the command failed, 2 misuse.`,
		Version:       report.Here().Commit,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misuse(fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath()))
	})
	root.AddCommand(newRun(c), newGraph(c), newCompare(c), newBench(c), newConfig(c), newPlugins(c), newReplay(c), newState(c), newAnalyze(c))
	addTools(root, c.Tools)
	c.addCompletions(root)
	return root
}

// ended is the exit status of a command that has said itself why.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// negative is a result that is no error, but makes the exit status say no.
type negative struct{ answer string }

func (n *negative) Error() string { return n.answer }

// misuseError is an error of who called.
type misuseError struct{ error }

func (m misuseError) Unwrap() error { return m.error }

func misuse(err error) error {
	if err == nil {
		return nil
	}
	return misuseError{err}
}

// misused reports whether err is the caller's fault. What cobra itself complains of has no type of its own.
func misused(err error) bool {
	var m misuseError
	return errors.As(err, &m) || strings.HasPrefix(err.Error(), "unknown command")
}

// arguments turns complaints about the number of arguments into misuse.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return misuse(fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath()))
		}
		return nil
	}
}
