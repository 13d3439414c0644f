package runner_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// cpu returns the processor time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano())
}

var sink fp.Element

// gnark returns the time of a dependent multiplication of gnark-crypto.
func gnark() float64 {
	const n = 20000
	x := fp.NewElement(12345)
	y := x
	t := cpu()
	for range n {
		x.Mul(&x, &y)
	}
	sink = x
	return float64(cpu()-t) / n
}

// BenchmarkLoops measures functions that loop over a builtin or a hint, end of run included, on a warm machine.
func BenchmarkLoops(b *testing.B) {
	l := load(b, "bench")
	for _, p := range []struct {
		function string
		builtin  builtin.Name
		n        uint64
	}{
		{"pedersen", builtin.Pedersen, 200}, {"poseidon", builtin.Poseidon, 1000}, {"bitwise", builtin.Bitwise, 5000},
		{"range_checks", builtin.RangeCheck, 5000}, {"uint256s", builtin.RangeCheck, 1000}, {"dicts", builtin.RangeCheck, 5000},
	} {
		b.Run("function="+p.function, func(b *testing.B) {
			b.ReportAllocs()
			entry, ok := l.Program.Label("__main__." + p.function)
			if !ok {
				b.Fatal("no function " + p.function)
			}
			var m machine.Machine
			var spent time.Duration
			var units []float64
			steps := uint64(0)
			for b.Loop() {
				units = append(units, gnark())
				t := cpu()
				steps += loop(b, &m, l, entry, p.builtin, p.n)
				spent += cpu() - t
			}
			slices.Sort(units)
			unit := units[len(units)/2]
			step := float64(spent) / float64(steps)
			b.ReportMetric(step, "ns/step")
			b.ReportMetric(unit, "ns/gnark-mul")
			b.ReportMetric(step/unit, "gnark-mul/step")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// loop calls a function with a builtin's pointer and n, and returns the number of steps.
func loop(b *testing.B, m *machine.Machine, l *runner.Loaded, entry uint64, name builtin.Name, n uint64) uint64 {
	b.Helper()
	s, err := runner.Function(m, l, runner.Config{}, machine.Config{}, entry, []builtin.Name{name},
		func(s *runner.Session) ([]runner.Arg, error) {
			at, _ := s.Pointer(name)
			return []runner.Arg{{Value: at.Cell()}, {Value: machine.UintCell(n)}}, nil
		})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Run(); err != nil {
		b.Fatal(err)
	}
	if err := s.End(); err != nil {
		b.Fatal(err)
	}
	return m.Steps()
}
