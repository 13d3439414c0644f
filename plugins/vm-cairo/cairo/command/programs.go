package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/cases"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/programs"
)

// programsFlags are the flags of the tool that makes random programs.
type programsFlags struct {
	kind, out string
	seed      uint64
	count     int
}

func programsTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "programs"}, Summary: "Make random programs of Cairo and run them",
		Help: `Programs makes random programs, some of them wrong on purpose, runs them, and writes them into --out, and beside them the file
results.jsonl: a line of JSON for each, with the text of the error, the steps, and the SHA-256 of the files of trace and
memory. Another machine that runs the same files and writes such lines can be compared with vm agree.

The kind hints has hints of Cairo 0, and code has random instructions; these are run from main in the layout small. The
kind casm has hints of Cairo 1; its one entry point is called.`,
		Example: `  switchyard vm programs --kind hints --count 1000 --out programs
  switchyard vm agree programs/results.jsonl theirs.jsonl`,
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			p := &programsFlags{}
			f.StringVar(&p.kind, "kind", string(programs.Hints), "`KIND` of programs: hints, casm or code")
			f.StringVar(&p.out, "out", ".", "`DIR` for the files")
			f.Uint64Var(&p.seed, "seed", 1, "number of the first program")
			f.IntVar(&p.count, "count", 100, "how many programs")
			return p.write
		},
	}
}

func (p *programsFlags) write(ctx context.Context, call *plugin.ToolCall) error {
	kind := programs.Kind(p.kind)
	if _, err := programs.Make(kind, 0); err != nil || len(call.Args) != 0 || p.count < 0 {
		return misuse("want flags only, --kind hints, casm or code, and a --count that is not negative")
	}
	if err := os.MkdirAll(p.out, 0o750); err != nil {
		return err
	}
	if err := programs.Write(ctx, p.out, kind, p.seed, p.count); err != nil {
		return err
	}
	fmt.Fprintf(call.Stderr, "%d programs in %s\n", p.count, p.out)
	return nil
}

// agreePrograms compares two files of results of programs.
func agreePrograms(call *plugin.ToolCall, ours, theirs io.Reader, show int) error {
	agreed, differ, err := programs.Compare(ours, theirs)
	if err != nil {
		return err
	}
	for i, d := range differ {
		if i < show {
			fmt.Fprintf(call.Stderr, "%s\n  ours   %+v\n  theirs %+v\n", d[0].Program, d[0], d[1])
		}
	}
	if err := call.Report([]cases.Field{{Field: "Program", Agreed: agreed, Of: agreed + len(differ)}}, nil); err != nil {
		return err
	}
	if len(differ) != 0 {
		return errDisagree
	}
	return nil
}
