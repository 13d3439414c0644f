package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// runRow is what a run came to.
type runRow struct {
	Program  string            `json:"program"`
	Layout   string            `json:"layout"`
	Proof    bool              `json:"proof_mode"`
	Steps    uint64            `json:"n_steps"`
	Holes    uint64            `json:"n_memory_holes"`
	Cells    uint64            `json:"memory_cells"`
	Builtins map[string]uint64 `json:"builtin_instance_counter"`
	Output   []string          `json:"output"`
}

// print shows what the run came to, as far as it was asked for.
func (r *runFlags) print(c *plugin.ToolCall, name string, s *runner.Session, m *machine.Machine) error {
	used := s.Resources()
	if c.JSON {
		row := runRow{
			Program: name, Layout: r.layout.name, Proof: r.proof, Steps: used.Steps, Holes: used.Holes, Cells: cells(m),
			Builtins: instances(used), Output: strings.Fields(s.Output()),
		}
		return c.Report([]runRow{row}, nil)
	}
	if r.printOutput {
		fmt.Fprintf(c.Stdout, "Program Output:\n%s", s.Output())
	}
	if r.printInfo {
		printInfo(c, s, m, used)
	}
	return nil
}

func printInfo(c *plugin.ToolCall, s *runner.Session, m *machine.Machine, used runner.Resources) {
	out := c.Stdout
	fmt.Fprintf(out, "Number of steps: %d\nUsed memory cells: %d\nMemory holes: %d\n", used.Steps, cells(m), used.Holes)
	bases, at := s.Bases(), m.Registers()
	stack := bases[machine.StackSegment]
	fmt.Fprintf(out, "Register values after execution:\npc = %d\nap = %d\nfp = %d\n",
		bases[at.PC.Segment]+at.PC.Offset, stack+at.AP, stack+at.FP)
	counts := instances(used)
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, "%s: %d\n", n, counts[n])
	}
	fmt.Fprintln(out, "Segment relocation table:")
	for i, base := range bases {
		fmt.Fprintf(out, "%-5d %d\n", i, base)
	}
}

// cells returns the number of known cells.
func cells(m *machine.Machine) (n uint64) {
	segments, _ := m.Segments()
	for seg := range segments {
		n += m.Known(seg)
	}
	return n
}

// instances returns the builtins that were used, by the names that files have.
func instances(r runner.Resources) map[string]uint64 {
	all := make(map[string]uint64)
	for name, n := range r.Instances {
		if n != 0 {
			all[builtin.Name.String(name)] = n
		}
	}
	return all
}
