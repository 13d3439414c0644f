package command

import (
	"bufio"
	"context"
	"flag"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// traceFlags are the flags of a trace.
type traceFlags struct {
	run         runFlags
	from, count uint64
}

func traceTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "trace"}, Arguments: "PROGRAM", Summary: "Run a program and show its steps",
		Help: `Trace runs a program as vm run does and prints a line per step: its number, pc, ap and fp as addresses (segment:offset),
and the instruction. A run that fails is shown up to the step that failed.`,
		Example: "  switchyard vm trace --layout small --from 100 --count 20 program.json",
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			t := &traceFlags{}
			t.run.add(f)
			f.Uint64Var(&t.from, "from", 0, "number of the first step to show")
			f.Uint64Var(&t.count, "count", 1000, "how many steps to show, 0 for all")
			return t.show
		},
	}
}

// step is a line of a trace.
type step struct {
	Step uint64 `json:"step"`
	PC   string `json:"pc"`
	AP   string `json:"ap"`
	FP   string `json:"fp"`
	Text string `json:"text"`
}

func (t *traceFlags) show(ctx context.Context, c *plugin.ToolCall) error {
	name, err := argument(c)
	if err != nil {
		return err
	}
	if err := t.run.check(); err != nil {
		return err
	}
	layout, err := t.run.layout.load()
	if err != nil {
		return err
	}
	l, execution, err := t.run.load(name)
	if err != nil {
		return err
	}
	var m machine.Machine
	_, failed := t.run.execute(ctx, &m, l, execution, runner.Config{
		Layout: layout, Proof: t.run.proof, AllowMissing: t.run.allowMissing.or(t.run.proof), MaxSteps: t.run.maxSteps, Entry: t.run.entry,
	})
	if err := t.print(c, &m); err != nil {
		return err
	}
	return failed
}

// print shows the steps of the run of m.
func (t *traceFlags) print(c *plugin.ToolCall, m *machine.Machine) error {
	var rows []step
	out := bufio.NewWriter(c.Stdout)
	n := uint64(0)
	m.Trace(func(r machine.Registers) bool {
		if n >= t.from {
			stack := func(off uint64) string { return machine.Address{Segment: machine.StackSegment, Offset: off}.String() }
			s := step{n, r.PC.String(), stack(r.AP), stack(r.FP), instructionText(m, r.PC)}
			if c.JSON {
				rows = append(rows, s)
			} else {
				fmt.Fprintf(out, "%8d  pc %-8s ap %-10s fp %-10s %s\n", s.Step, s.PC, s.AP, s.FP, s.Text)
			}
		}
		n++
		return t.count == 0 || n-min(n, t.from) < t.count
	})
	if c.JSON {
		return c.Report(rows, nil)
	}
	return out.Flush()
}

// instructionText returns the instruction at pc in the syntax of Cairo.
func instructionText(m *machine.Machine, pc machine.Address) string {
	w, ok := m.Read(pc).Felt()
	in, err := machine.Decode(w)
	if !ok || err != nil {
		return "?"
	}
	if imm, ok := m.Read(pc.Plus(1)).Felt(); ok && in.Op1 == machine.Op1Imm {
		return in.Text(&imm)
	}
	return in.Text(nil)
}
