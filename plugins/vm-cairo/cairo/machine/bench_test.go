package machine_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// factorial computes a = [fp-4] times n = [fp-3] factorial.
var factorial = words(
	"0x480a7ffc7fff8000",           // 0 [ap] = [fp-4]; ap++
	"0x480a7ffd7fff8000",           // 1 [ap] = [fp-3]; ap++
	"0x48507fff7ffe8000",           // 2 loop: [ap] = [ap-2] * [ap-1]; ap++
	"0x482480017ffe8000", minusOne, // 3 [ap] = [ap-2] - 1; ap++
	"0x20680017fff7fff", // 5 jmp rel -3 if [ap-1] != 0
	"0x800000000000010fffffffffffffffffffffffffffffffffffffffffffffffe", // 6
	"0x48127ffe7fff8000", // 7 [ap] = [ap-2]; ap++
	"0x208b7fff7fff7ffe", // 8 ret
)

// bench runs code again and again on one machine with warm memory, and reports the time of a step in ns of the
// processor, and as a multiple of one dependent multiplication of gnark-crypto measured beside it.
func bench(b *testing.B, code *machine.Code, run func(m *machine.Machine)) {
	b.Helper()
	b.ReportAllocs()
	var m machine.Machine
	run(&m)
	run(&m)
	steps, spent, n := uint64(0), time.Duration(0), 0
	var muls []time.Duration
	for b.Loop() {
		muls = append(muls, gnark())
		t := cpu()
		run(&m)
		spent += cpu() - t
		steps += m.Steps()
		n++
	}
	slices.Sort(muls)
	step := float64(spent) / float64(steps)
	unit := float64(muls[len(muls)/2]) / gnarkMuls
	b.ReportMetric(step, "ns/step")
	b.ReportMetric(unit, "ns/gnark-mul")
	b.ReportMetric(step/unit, "gnark-mul/step")
	b.ReportMetric(0, "ns/op")
}

const gnarkMuls = 20000

// gnark returns the time of gnarkMuls dependent multiplications.
func gnark() time.Duration {
	x := fp.NewElement(12345)
	y := x
	t := cpu()
	for range gnarkMuls {
		x.Mul(&x, &y)
	}
	d := cpu() - t
	sink = x
	return d
}

var sink fp.Element

// cpu returns the processor time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano())
}

func must(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRun(b *testing.B) {
	big := felt.MustParse("0x5bb9440e27889a364bcb678b1f679ecd1347acdedcbf36e83494f857cc58026")
	for _, p := range []struct {
		name  string
		words []felt.Felt
		args  []machine.Cell
		n     uint64
	}{
		{"fibonacci", fibonacci, []machine.Cell{machine.UintCell(0), machine.UintCell(1)}, 2_000},
		{"fibonacci", fibonacci, []machine.Cell{machine.UintCell(0), machine.UintCell(1)}, 200_000},
		{"factorial", factorial, []machine.Cell{machine.FeltCell(big)}, 2_000},
		{"factorial", factorial, []machine.Cell{machine.FeltCell(big)}, 200_000},
	} {
		p.args = append(p.args, machine.UintCell(p.n))
		b.Run(fmt.Sprintf("program=%s/rounds=%d", p.name, p.n), func(b *testing.B) {
			code := machine.NewCode(p.words, nil)
			bench(b, code, func(m *machine.Machine) {
				end := start(b, m, code, machine.Config{}, p.args...)
				must(b, m.Run(end, manySteps))
			})
		})
	}
}

// BenchmarkTrace measures a run and the replay of its trace.
func BenchmarkTrace(b *testing.B) {
	code := machine.NewCode(fibonacci, nil)
	bench(b, code, func(m *machine.Machine) {
		end := start(b, m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(200_000))
		must(b, m.Run(end, manySteps))
		sum := uint64(0)
		m.Trace(func(r machine.Registers) bool { sum += r.AP; return true })
	})
}

// BenchmarkStart measures what a run costs before its first step and after its last one, by length of the program.
func BenchmarkStart(b *testing.B) {
	for _, size := range []int{1700, 20_000, 64_000} {
		b.Run("words="+felt.FromUint64(uint64(size)).Decimal(), func(b *testing.B) {
			b.ReportAllocs()
			program := slices.Concat(fibonacci, make([]felt.Felt, size-len(fibonacci)))
			code := machine.NewCode(program, nil)
			var m machine.Machine
			for b.Loop() {
				end := start(b, &m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(1))
				must(b, m.Run(end, manySteps))
			}
		})
	}
}
