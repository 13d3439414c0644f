package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/cases"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// casesFlags are the flags of the tool that makes random transactions.
type casesFlags struct {
	spec         cases.Spec
	classes, out string
}

func casesTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "cases"}, Summary: "Make random transactions and execute them",
		Help: `Cases makes random transactions on the contracts that it finds in the folders feature/cairo0 and feature/cairo1 of --classes,
executes them, and writes two files of JSON lines into --out: cases.jsonl, with the state and the transactions, and
results.jsonl, with what came of them. Another implementation that reads the first file and writes one like the
second can be compared with vm agree.`,
		Example: "  switchyard vm cases --classes ../shared/data/classes --protocol 0.14.2 --groups 100 --out cases",
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			c := &casesFlags{}
			f.StringVar(&c.classes, "classes", ".", "`DIR` with the classes")
			f.StringVar(&c.out, "out", ".", "`DIR` for the files")
			f.StringVar(&c.spec.Protocol, "protocol", "0.14.2", "`VERSION` of the protocol")
			f.StringVar(&c.spec.Tokens[0], "eth", "cairo0/blockifier_erc20_without_some_syscalls", "`NAME` of the class of the token ETH")
			f.StringVar(&c.spec.Tokens[1], "strk", "cairo1/blockifier_erc20", "`NAME` of the class of the token STRK")
			f.Uint64Var(&c.spec.Seed, "seed", 1, "other numbers make other transactions")
			f.IntVar(&c.spec.Groups, "groups", 10, "how many groups, each on a state of its own")
			f.IntVar(&c.spec.Size, "size", 20, "how many transactions in a group")
			return c.write
		},
	}
}

func (c *casesFlags) write(ctx context.Context, call *plugin.ToolCall) error {
	if len(call.Args) != 0 || c.spec.Groups < 0 || c.spec.Size < 0 {
		return misuse("want flags only, and no negative numbers")
	}
	c.spec.Files = os.DirFS(c.classes)
	if err := os.MkdirAll(c.out, 0o750); err != nil {
		return err
	}
	a, err := os.Create(filepath.Join(c.out, "cases.jsonl"))
	if err != nil {
		return err
	}
	b, err := os.Create(filepath.Join(c.out, "results.jsonl"))
	if err != nil {
		return errors.Join(err, a.Close())
	}
	err = cases.Write(ctx, &c.spec, execution.New(execution.Config{}), a, b)
	if err := errors.Join(err, a.Close(), b.Close()); err != nil {
		return err
	}
	fmt.Fprintf(call.Stderr, "%d transactions in %s\n", c.spec.Groups*c.spec.Size, c.out)
	return nil
}

func agreeTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "agree"}, Arguments: "RESULTS RESULTS", Summary: "Compare what two implementations say of transactions or programs",
		Help: `Agree compares two files of results of the same transactions or programs, as vm cases or vm programs writes one. It prints for
each part of a result of transactions, or for programs in all, how many agree on it, and the first ones that differ. It
fails if there are any, unless they are transactions that differ in the text of the reason alone.`,
		Example: "  switchyard vm agree results.jsonl theirs.jsonl", Tables: true,
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			show := 0
			f.IntVar(&show, "show", 10, "how many differences to show")
			return func(_ context.Context, call *plugin.ToolCall) error { return agree(call, show) }
		},
	}
}

// errDisagree says that results differ.
var errDisagree = errors.New("results differ")

func agree(call *plugin.ToolCall, show int) error {
	if len(call.Args) != 2 {
		return misuse("want two files of RESULTS, got %d", len(call.Args))
	}
	var files [2]*bufio.Reader
	for i, name := range call.Args {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		files[i] = bufio.NewReader(f)
	}
	if first, err := files[0].Peek(1); err == nil && first[0] == '{' { // a group of transactions is a list
		return agreePrograms(call, files[0], files[1], show)
	}
	rows, found, err := cases.Compare(files[0], files[1])
	if err != nil {
		return err
	}
	for i := range found {
		if i < show {
			fmt.Fprintln(call.Stderr, found[i])
		}
	}
	if err := call.Report(rows, nil); err != nil {
		return err
	}
	for i := range found {
		if found[i].Field != "Reason" {
			return errDisagree
		}
	}
	return nil
}
