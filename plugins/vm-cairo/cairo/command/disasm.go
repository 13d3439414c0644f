package command

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

func disasmTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "disasm"}, Arguments: "PROGRAM", Summary: "Show the instructions of a program or class",
		Help: `Disasm prints the words of a compiled program of Cairo 0, or of a class of Starknet (Cairo 0 or CASM), as instructions
in the syntax of Cairo: offset, word, instruction, and how many hints stand in front of it. Functions and labels are
shown where the program names them. What no instruction is made of, such as a table of constants, is shown as a number
(dw). At the end it names the hints that nobody knows, and says how many words are no instructions.`,
		Example: "  switchyard vm disasm program.json | less",
		New: func(*flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			return func(_ context.Context, c *plugin.ToolCall) error { return disasm(c) }
		},
	}
}

// line is a line of a disassembly.
type line struct {
	Offset int      `json:"offset"`
	Word   string   `json:"word"`
	Text   string   `json:"text"`
	Hints  int      `json:"hints"`
	Names  []string `json:"names"`
}

func disasm(c *plugin.ToolCall) error {
	name, err := argument(c)
	if err != nil {
		return err
	}
	l, err := loadFile(name)
	if err != nil {
		return err
	}
	lines := listing(l)
	if c.JSON {
		return c.Report(lines, nil)
	}
	out := bufio.NewWriter(c.Stdout)
	for _, n := range lines {
		for _, label := range n.Names {
			fmt.Fprintf(out, "%s:\n", label)
		}
		hints := ""
		if n.Hints > 0 {
			hints = fmt.Sprintf("  # %d hints", n.Hints)
		}
		fmt.Fprintf(out, "%6d  %-20s  %s%s\n", n.Offset, n.Word, n.Text, hints)
	}
	for _, p := range problems(l) {
		fmt.Fprintf(out, "# %s\n", p)
	}
	return out.Flush()
}

// listing disassembles a program from its beginning on.
func listing(l *runner.Loaded) []line {
	labels := labels(l)
	hints := hintCounts(l)
	var lines []line
	for pc := 0; pc < l.Code.Len(); {
		n := line{Offset: pc, Hints: hints[uint64(pc)], Names: labels[uint64(pc)]}
		w := l.Code.Word(pc)
		n.Word = w.Hex()
		in, ok := l.Code.Instruction(pc)
		size := 1
		switch {
		case !ok:
			n.Text = "dw " + w.Decimal()
		case in.Op1 == machine.Op1Imm && pc+1 < l.Code.Len():
			imm := l.Code.Word(pc + 1)
			n.Text, size = in.Text(&imm), 2
		default:
			n.Text = in.Text(nil)
		}
		lines = append(lines, n)
		pc += size
	}
	return lines
}

// labels returns the names of functions and labels by offset, without the scope of the program.
func labels(l *runner.Loaded) map[uint64][]string {
	all := make(map[uint64][]string)
	for name, id := range l.Program.Identifiers {
		if id.Type == "function" || id.Type == "label" {
			all[id.PC] = append(all[id.PC], strings.TrimPrefix(name, "__main__."))
		}
	}
	for _, names := range all {
		slices.Sort(names)
	}
	return all
}

// hintCounts returns how many hints stand in front of each instruction.
func hintCounts(l *runner.Loaded) map[uint64]int {
	all := make(map[uint64]int)
	if l.Casm != nil {
		for i, pc := range l.Casm.Offsets() {
			all[pc] += l.Casm.Len(i)
		}
		return all
	}
	for _, at := range l.Program.Hints {
		all[at.PC] += len(at.Hints)
	}
	return all
}

// problems names what would fail if it were executed: unknown hints, and words where an instruction is expected that are none.
func problems(l *runner.Loaded) (out []string) {
	if l.Casm != nil {
		for _, text := range l.Casm.Unknown() {
			out = append(out, "unknown hint at "+text)
		}
	} else {
		for _, text := range l.Hints.Unknown() {
			out = append(out, fmt.Sprintf("unknown hint: %q", text))
		}
	}
	for _, n := range listing(l) {
		if strings.HasPrefix(n.Text, "dw ") {
			_, err := machine.Decode(l.Code.Word(n.Offset))
			out = append(out, fmt.Sprintf("%d: %s is no instruction: %v", n.Offset, n.Word, err))
		}
	}
	return out
}
