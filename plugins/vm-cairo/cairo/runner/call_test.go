package runner_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// long is a class of Cairo 1 of many words whose one entry point returns its calldata.
func long(tb testing.TB, words int) *runner.Class {
	tb.Helper()
	code := make([]felt.Felt, words)
	for i, w := range []string{
		"0x480a7ff97fff8000",      // [ap] = [fp-7]; ap++   the range checks
		"0x480a7ffa7fff8000",      // [ap] = [fp-6]; ap++   the gas
		"0x480a7ffb7fff8000",      // [ap] = [fp-5]; ap++   the system calls
		"0x480680017fff8000", "0", // [ap] = 0; ap++        no failure
		"0x480a7ffc7fff8000", // [ap] = [fp-4]; ap++        the calldata
		"0x480a7ffd7fff8000", // [ap] = [fp-3]; ap++        its end
		"0x208b7fff7fff7ffe", // ret
	} {
		code[i] = felt.MustParse(w)
	}
	return casmClass(tb, code)
}

func casmClass(tb testing.TB, code []felt.Felt) *runner.Class {
	tb.Helper()
	c, err := runner.LoadCasm(&class.Casm{Bytecode: code, EntryPoints: class.EntryPoints[class.CasmEntryPoint]{
		External: []class.CasmEntryPoint{{Selector: felt.One, Builtins: []string{"range_check"}}},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// round makes a call of the first entry point, and gives what it returned.
func round(m *machine.Machine, s *runner.Session, c *runner.Class, call *runner.Call) (runner.Result, error) {
	if err := s.Enter(m, c, &c.Entries.External[0], call); err != nil {
		return runner.Result{}, err
	}
	if err := s.Run(); err != nil {
		return runner.Result{}, err
	}
	return s.Leave()
}

// TestCallAgain checks that a call in used memory gives the same, and allocates nothing.
func TestCallAgain(t *testing.T) {
	c := long(t, 5000)
	var m machine.Machine
	var s runner.Session
	call := runner.Call{Calldata: make([]felt.Felt, 20), Gas: 1000, Prices: []uint64{1, 2, 3, 4, 5, 6, 7}}
	first, err := round(&m, &s, c, &call)
	if err != nil || first.Gas != 1000 || first.Failed {
		t.Fatalf("%+v, %v", first, err)
	}
	again := func() {
		if r, err := round(&m, &s, c, &call); err != nil || r != first {
			t.Errorf("%+v, %v, at first %+v", r, err, first)
		}
	}
	again()
	if n := testing.AllocsPerRun(100, again); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
	if r := s.Resources(); r.Steps != 7 || r.Holes != 0 {
		t.Errorf("resources %+v, want 7 steps and no holes", r)
	}
}

// TestCallHammer makes a thousand calls of one class at once.
func TestCallHammer(t *testing.T) {
	t.Parallel()
	c := long(t, 100)
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			var m machine.Machine
			var s runner.Session
			call := runner.Call{Calldata: make([]felt.Felt, i%7), Gas: uint64(i)}
			if r, err := round(&m, &s, c, &call); err != nil || r.Gas != uint64(i) || r.Size != uint64(i%7) {
				t.Errorf("call %d: %+v, %v", i, r, err)
			}
		})
	}
	all.Wait()
}

// TestProgramHammer runs a program with dictionaries and range checks a thousand times at once: all share what was
// loaded.
func TestProgramHammer(t *testing.T) {
	t.Parallel()
	l, c := load(t, "dicts"), runner.Config{Layout: layout(t, "all_cairo")}
	var m machine.Machine
	want := finish(t, &m, l, c).Output()
	steps := m.Steps()
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			var m machine.Machine
			s, err := runner.Main(&m, l, c, machine.Config{})
			if err == nil {
				err = s.Run()
			}
			if err == nil {
				err = s.End()
			}
			if err != nil || m.Steps() != steps || s.Output() != want {
				t.Errorf("%v after %d steps", err, m.Steps())
			}
		})
	}
	all.Wait()
}

// BenchmarkParallel measures steps per second of runs side by side, one worker for each processor that -cpu gives.
func BenchmarkParallel(b *testing.B) {
	c := casmClass(b, loopForever)
	b.RunParallel(func(next *testing.PB) {
		var m machine.Machine
		var s runner.Session
		call := runner.Call{MaxSteps: parallelSteps}
		for next.Next() {
			if _, err := round(&m, &s, c, &call); !errors.Is(err, machine.ErrSteps) {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)*parallelSteps/b.Elapsed().Seconds()/1e6, "Msteps/s")
}

// parallelSteps is how long a run of BenchmarkParallel is.
const parallelSteps = 100_000

// loopForever counts up.
var loopForever = []felt.Felt{
	felt.MustParse("0x480680017fff8000"), felt.One, // [ap] = 1; ap++
	felt.MustParse("0x482480017fff8000"), felt.One, // [ap] = [ap-1] + 1; ap++
	felt.MustParse("0x10780017fff7fff"), *new(felt.Felt).SetInt64(-2), // jmp rel -2
}

// BenchmarkCall measures a warm call that does next to nothing, by length of the class.
func BenchmarkCall(b *testing.B) {
	for _, words := range []int{1700, 20_000, 64_000} {
		b.Run(fmt.Sprintf("words=%d", words), func(b *testing.B) {
			b.ReportAllocs()
			c := long(b, words)
			var m machine.Machine
			var s runner.Session
			call := runner.Call{Calldata: make([]felt.Felt, 3), Gas: 1000, Prices: []uint64{1, 2, 3, 4, 5, 6, 7}}
			for b.Loop() {
				if _, err := round(&m, &s, c, &call); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
