package machine_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// words parses a program.
func words(list ...string) []felt.Felt {
	w := make([]felt.Felt, len(list))
	for i := range list {
		w[i] = felt.MustParse(list[i])
	}
	return w
}

const minusOne = "0x800000000000011000000000000000000000000000000000000000000000000"

// fibonacci computes F(n) of a = [fp-5], b = [fp-4], n = [fp-3]. It ends with the result at ap - 1.
var fibonacci = words(
	"0x480a7ffb7fff8000",           // 0 [ap] = [fp-5]; ap++
	"0x480a7ffc7fff8000",           // 1 [ap] = [fp-4]; ap++
	"0x480a7ffd7fff8000",           // 2 [ap] = [fp-3]; ap++
	"0x48127ffe7fff8000",           // 3 loop: [ap] = [ap-2]; ap++
	"0x48307fff7ffc8000",           // 4 [ap] = [ap-4] + [ap-1]; ap++
	"0x482480017ffd8000", minusOne, // 5 [ap] = [ap-3] - 1; ap++
	"0x20680017fff7fff", // 7 jmp rel -4 if [ap-1] != 0
	"0x800000000000010fffffffffffffffffffffffffffffffffffffffffffffffd", // 8
	"0x48127ffe7fff8000", // 9 [ap] = [ap-2]; ap++
	"0x208b7fff7fff7ffe", // 10 ret
)

// start prepares a call of code with arguments: the end of the run is segment 2.
func start(t testing.TB, m *machine.Machine, code *machine.Code, c machine.Config, args ...machine.Cell) machine.Address {
	t.Helper()
	m.Reset(code, c)
	end := m.AddSegment(machine.NoRule)
	stack := append(slices.Clone(args), machine.UintCell(0), end.Cell())
	for i, v := range stack {
		if err := m.Write(machine.Address{Segment: machine.StackSegment, Offset: uint64(i)}, v); err != nil {
			t.Fatal(err)
		}
	}
	n := uint64(len(stack))
	m.SetRegisters(machine.Registers{AP: n, FP: n})
	return end
}

// top returns the cell at ap - 1.
func top(m *machine.Machine) string {
	return m.Read(machine.Address{Segment: machine.StackSegment, Offset: m.Registers().AP - 1}).String()
}

const manySteps = 1 << 40

// lower is a host that lowers the limit of steps to what has been done and after more.
type lower struct {
	m     *machine.Machine
	after uint64
	done  bool
}

func (l *lower) Hint(int) error {
	if !l.done {
		l.m.SetLimit(l.m.Steps() + l.after)
		l.done = true
	}
	return nil
}

// TestSetLimit lowers the limit in a hint of an instruction of a quick form and of another one: the instruction itself is executed.
func TestSetLimit(t *testing.T) {
	t.Parallel()
	for _, at := range []uint64{4, 10} {
		for _, after := range []uint64{0, 1, 2, 7} {
			var m machine.Machine
			end := start(t, &m, machine.NewCode(fibonacci, []uint64{at}), machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(9))
			m.SetHost(&lower{m: &m, after: after})
			before := map[uint64]uint64{4: 4, 10: 3 + 9*4 + 1}[at]
			want, steps := machine.ErrSteps, before+max(after, 1)
			if at == 10 {
				want = nil // the last instruction
			}
			if err := m.Run(end, manySteps); !errors.Is(err, want) || want != nil && m.Steps() != steps {
				t.Errorf("hint at %d, %d more: %v after %d steps, want %v after %d", at, after, err, m.Steps(), want, steps)
			}
		}
	}
}

func TestMachineRunsFibonacci(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(fibonacci, nil)
	for range 3 { // the second and third time in used memory
		end := start(t, &m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(100))
		if err := m.Run(end, manySteps); err != nil {
			t.Fatal(err)
		}
		if got, want := top(&m), "573147844013817084101"; got != want {
			t.Errorf("F(101) = %s, want %s", got, want)
		}
		if got, want := m.Steps(), uint64(3+100*4+2); got != want {
			t.Errorf("Steps() = %d, want %d", got, want)
		}
	}
}

func TestRunStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(fibonacci, nil)
	for _, tc := range []struct {
		limit uint64
		want  error
	}{{0, machine.ErrSteps}, {1, machine.ErrSteps}, {404, machine.ErrSteps}, {405, nil}, {406, nil}} {
		end := start(t, &m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(100))
		if err := m.Run(end, tc.limit); !errors.Is(err, tc.want) || m.Steps() != min(tc.limit, 405) {
			t.Errorf("Run with limit %d = %v after %d steps, want %v", tc.limit, err, m.Steps(), tc.want)
		}
	}
}

func TestRunStopsWhenAborted(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	loop := machine.NewCode(words("0x10780017fff7fff", "0"), nil) // jmp rel 0
	asked := 0
	end := start(t, &m, loop, machine.Config{Aborted: func() bool { asked++; return asked == 10 }})
	if err := m.Run(end, manySteps); !errors.Is(err, framework.ErrAborted) {
		t.Fatalf("Run = %v, want %v", err, framework.ErrAborted)
	}
	if m.Steps() > 10*1000 {
		t.Errorf("asked 10 times in %d steps, want a time every 1000 at least", m.Steps())
	}
}

func TestRunStopsAtTheEndInsideTheProgram(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	start(t, &m, machine.NewCode(fibonacci, nil), machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(9))
	if err := m.Run(machine.Address{Offset: 9}, manySteps); err != nil || m.Steps() != 3+9*4 {
		t.Errorf("Run to pc 9 = %v after %d steps, want nil after 39", err, m.Steps())
	}
	if err := m.RunFor(1); err != nil || m.Registers().PC.Offset != 10 {
		t.Errorf("RunFor(1) = %v at %v, want nil at 0:10", err, m.Registers().PC)
	}
}

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	end := start(t, &m, machine.NewCode(fibonacci, nil), machine.Config{MaxCells: 1000},
		machine.UintCell(0), machine.UintCell(1), machine.UintCell(1<<50))
	if err := m.Run(end, manySteps); !errors.Is(err, machine.ErrMemory) {
		t.Errorf("Run of an endless loop = %v, want %v", err, machine.ErrMemory)
	}
	for _, off := range []uint64{1 << 20, 1 << 40, 1<<63 - 1, 1<<64 - 1} {
		if err := m.Write(machine.Address{Segment: 1, Offset: off}, machine.UintCell(1)); !errors.Is(err, machine.ErrMemory) {
			t.Errorf("Write at offset %d = %v, want %v", off, err, machine.ErrMemory)
		}
	}
}

// TestHammerCode runs one code on many machines at once.
func TestHammerCode(t *testing.T) {
	t.Parallel()
	code := machine.NewCode(fibonacci, nil)
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			var m machine.Machine
			end := start(t, &m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(1), machine.UintCell(uint64(i+1)))
			if err := m.Run(end, manySteps); err != nil || m.Steps() != uint64(4*(i+1)+5) {
				t.Errorf("Run = %v after %d steps, want nil after %d", err, m.Steps(), 4*(i+1)+5)
			}
		})
	}
	wg.Wait()
}

// hints is a host of functions.
type hints []func() error

func (h hints) Hint(i int) error { return h[i]() }

func TestHints(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	// [ap] = [ap]; ap++ twice: the value comes from a hint
	code := machine.NewCode(words("0x480680017fff8000", "7", "0x48127fff7fff8000", "0x48127fff7fff8000", "0x208b7fff7fff7ffe"), []uint64{2, 3})
	broken := errors.New("broken")
	ran := []string{}
	host := hints{
		func() error {
			ran = append(ran, m.Registers().PC.String())
			m.AddSegment(machine.NoRule)
			return m.Write(machine.Address{Segment: 1, Offset: m.Registers().AP}, machine.UintCell(7))
		},
		func() error { ran = append(ran, m.Registers().PC.String()); return broken },
	}
	end := start(t, &m, code, machine.Config{Host: host})
	err := m.Run(end, manySteps)
	var at *machine.RunError
	if !errors.As(err, &at) || !errors.Is(err, broken) || !at.Hint || at.PC != (machine.Address{Offset: 3}) {
		t.Errorf("Run = %#v, want a RunError for the hint at 0:3", err)
	}
	if d := cmp.Diff([]string{"0:2", "0:3"}, ran); d != "" {
		t.Errorf("hints ran at (-want +got):\n%s", d)
	}
	if got := m.Len(1); got != 4 {
		t.Errorf("the stack has %d cells, want 4", got)
	}
}

// TestHoles counts accessed cells of each way in which a cell may come to be.
func TestHoles(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(words("0x480680017fff8000", "7", "0x48127fff7fff8000", "0x208b7fff7fff7ffe", "5"), []uint64{2})
	host := hints{func() error {
		for _, off := range []uint64{0, 5, 8} { // used, not used, not used
			if err := m.Write(machine.Address{Segment: 1, Offset: m.Registers().AP + off}, machine.UintCell(7)); err != nil {
				return err
			}
		}
		return nil
	}}
	end := start(t, &m, code, machine.Config{Host: host}, machine.UintCell(1))
	if err := m.Run(end, manySteps); err != nil {
		t.Fatal(err)
	}
	// Of segment 1: the argument is not used, the return values are; then two cells of instructions.
	if got, want := []uint64{m.Accessed(0), m.Accessed(1), m.Accessed(2)}, []uint64{5, 4, 0}; !slices.Equal(got, want) {
		t.Errorf("accessed cells %v, want %v", got, want)
	}
	m.MarkAccessed(machine.Address{Segment: 1}, 20)
	if got, want := m.Accessed(1), uint64(7); got != want {
		t.Errorf("accessed after MarkAccessed: %d, want %d", got, want)
	}
}

func TestTemporarySegments(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	start(t, &m, machine.NewCode(fibonacci, nil), machine.Config{})
	real, a, b := m.AddSegment(machine.NoRule), m.AddTemporary(), m.AddTemporary()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(m.Write(a, machine.UintCell(1)))
	must(m.Write(a.Plus(1), b.Plus(3).Cell()))
	must(m.Write(b.Plus(1), machine.UintCell(2)))
	must(m.Write(machine.Address{Segment: 1, Offset: 20}, a.Plus(1).Cell()))
	must(m.Relocate(b, a.Plus(5)))
	must(m.Relocate(a, real.Plus(2)))
	for _, tc := range []struct {
		from machine.Address
		want string
	}{
		{real, "Memory addresses must be in a TemporarySegment, segment: 3"},
		{a, "Attempt to overwrite a relocation rule, segment: -1"},
		{a.Plus(4), "The TemporarySegment: 4 doesn't have a relocation address"},
	} {
		if err := m.Relocate(tc.from, real); err == nil || err.Error() != tc.want {
			t.Errorf("Relocate(%v) = %v, want %s", tc.from, err, tc.want)
		}
	}
	if got := m.Read(machine.Address{Segment: 1, Offset: 20}).String(); got != "3:3" {
		t.Errorf("before relocation the value reads %s, want 3:3", got)
	}
	must(m.RelocateAll())
	got := map[uint64]string{}
	for i := range m.Len(3) {
		if c := m.Read(real.Plus(i)); c.Known() {
			got[i] = c.String()
		}
	}
	if d := cmp.Diff(map[uint64]string{2: "1", 3: "3:10", 8: "2"}, got); d != "" {
		t.Errorf("after relocation (-want +got):\n%s", d)
	}
	if _, temps := m.Segments(); temps != 0 {
		t.Errorf("%d temporary segments are left, want none", temps)
	}
}

// TestTopBits checks that a bit that is the highest of a word is not taken for the flag of a cell: a felt of such bits alone is
// not zero to a jump, and the range checks see it, by the quick forms of instructions as by the complete rules.
func TestTopBits(t *testing.T) {
	t.Parallel()
	code := machine.NewCode(words(
		"0x10780017fff7fff", "0x2", // 0 jmp rel 2, behind which the quick forms begin
		"0x20780017fff7ffd", "0x3", // 2 jmp rel 3 if [fp-3] != 0
		"0x208b7fff7fff7ffe", // 4 ret
		"0x400380007ffc7ffd", // 5 [fp-3] = [[fp-4]]
		"0x208b7fff7fff7ffe", // 6 ret
	), nil)
	limits := map[machine.Rule]int{machine.NoRule: 252, machine.RangeCheckRule: 128, machine.RangeCheck96Rule: 96}
	for bit := range 251 {
		x := felt.One
		for range bit {
			x.Double(&x)
		}
		for rule, limit := range limits {
			for _, reserved := range []bool{false, true} { // the quick forms write to reserved cells only
				var m machine.Machine
				end := start(t, &m, code, machine.Config{}, machine.Address{Segment: 3}.Cell(), machine.FeltCell(x))
				checked := m.AddSegment(rule)
				if reserved {
					if err := m.Write(checked.Plus(1), machine.UintCell(0)); err != nil {
						t.Fatal(err)
					}
				}
				err := m.Run(end, manySteps)
				if (err == nil) != (bit < limit) {
					t.Errorf("2^%d with rule %d: %v", bit, rule, err)
				}
				if err == nil && m.Steps() != 4 {
					t.Errorf("2^%d with rule %d: %d steps, want 4: taken for zero", bit, rule, m.Steps())
				}
			}
		}
	}
}
