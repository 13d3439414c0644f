package runner_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/oracle"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

var (
	_ runner.Engine = (*machine.Machine)(nil)
	_ runner.Engine = (*oracle.Engine)(nil)
)

// TestOracle runs each program on both engines, hints included, and compares registers, trace and memory.
func TestOracle(t *testing.T) {
	t.Parallel()
	for _, name := range references(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := load(t, name)
			c := runner.Config{Layout: layout(t, "all_cairo")}
			var m machine.Machine
			s, err := runner.Main(&m, l, c, machine.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Run(); err != nil {
				t.Fatal(err)
			}
			e := oracle.New(l.Program.Data)
			s2, err := runner.StartMain(e, l, c)
			if err != nil {
				t.Fatal(err)
			}
			e.SetHint(func(pc uint64) error {
				i := slices.Index(l.Hints.Offsets(), pc)
				if i < 0 {
					return nil
				}
				return s2.Host().Hint(i)
			})
			if err := s2.Run(); err != nil {
				t.Fatal(err)
			}
			var trace []machine.Registers
			m.Trace(func(r machine.Registers) bool { trace = append(trace, r); return true })
			if d := cmp.Diff(e.Trace(), trace); d != "" {
				t.Errorf("trace (-oracle +machine):\n%s", d)
			}
			segments, temporary := m.Segments()
			for seg := -temporary; seg < segments; seg++ {
				if e.Len(seg) != m.Len(seg) || e.Accessed(seg) != m.Accessed(seg) {
					t.Errorf("segment %d: oracle has %d cells, %d accessed, machine %d, %d",
						seg, e.Len(seg), e.Accessed(seg), m.Len(seg), m.Accessed(seg))
				}
				for off := range m.Len(seg) {
					at := machine.Address{Segment: seg, Offset: off}
					if a, b := e.Read(at), m.Read(at); !a.Equal(b) {
						t.Errorf("cell %v: oracle has %v, machine %v", at, a, b)
					}
				}
			}
		})
	}
}
