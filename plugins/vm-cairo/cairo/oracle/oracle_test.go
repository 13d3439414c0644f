package oracle_test

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/oracle"
)

// end is where no scenario ends by itself, unless it jumps there.
var end = machine.Address{Segment: 2}

// outcome is all that can be seen of a run.
type outcome struct {
	Err      string
	Rules    []string
	After    machine.Registers
	Steps    uint64
	Blakes   uint64
	Trace    []machine.Registers
	Memory   map[machine.Address]string
	Accessed []uint64
}

type engine interface {
	AddSegment(machine.Rule) machine.Address
	AddTemporary() machine.Address
	Write(machine.Address, machine.Cell) error
	Read(machine.Address) machine.Cell
	Len(int) uint64
	Accessed(int) uint64
	SetRegisters(machine.Registers)
	Registers() machine.Registers
	Run(machine.Address, uint64) error
	Steps() uint64
	Blakes() uint64
}

// play runs s on e. check is what happens at the end of a run without error.
func play(s scenario, e engine, relocate func(from, to machine.Address), check func(seg int) error,
	trace func() []machine.Registers,
) outcome {
	for _, r := range s.rules {
		e.AddSegment(r)
	}
	for range s.temps {
		e.AddTemporary()
	}
	for _, k := range slices.Sorted(maps.Keys(s.moves)) {
		relocate(machine.Address{Segment: k}, s.moves[k])
	}
	var o outcome
	o.Memory = make(map[machine.Address]string)
	for _, w := range s.writes {
		if err := e.Write(w.at, w.v); err != nil {
			o.Rules = append(o.Rules, err.Error())
		}
	}
	e.SetRegisters(s.start)
	err := e.Run(end, s.limit)
	if err != nil {
		o.Err = err.Error()
	}
	o.After, o.Steps, o.Blakes = e.Registers(), e.Steps(), e.Blakes()
	for seg := -s.temps; seg < 2+len(s.rules); seg++ {
		if err == nil || errors.Is(err, machine.ErrSteps) { // what a failed step wrote counts or not
			o.Accessed = append(o.Accessed, e.Accessed(seg))
		}
		for off := range e.Len(seg) {
			at := machine.Address{Segment: seg, Offset: off}
			if c := e.Read(at); c.Known() {
				o.Memory[at] = c.String()
			}
		}
		if err := check(seg); err != nil {
			o.Rules = append(o.Rules, err.Error())
		}
	}
	o.Trace = trace()
	return o
}

var names = map[machine.Rule]string{
	machine.BitwiseRule: "bitwise_builtin", machine.PedersenRule: "pedersen_builtin", machine.EcOpRule: "ec_op_builtin",
	machine.KeccakRule: "keccak_builtin", machine.PoseidonRule: "poseidon_builtin",
}

// compare runs s on both engines. It reports whether the run came to something.
func compare(t *testing.T, m *machine.Machine, s scenario) outcome {
	t.Helper()
	m.Reset(machine.NewCode(s.words, nil), machine.Config{MaxCells: 1 << 16})
	var full error
	got := play(s, watch{m, &full}, func(from, to machine.Address) {
		if err := m.Relocate(from, to); err != nil {
			t.Fatal(err)
		}
	}, func(seg int) error { return m.CheckRules(seg, false) }, func() (all []machine.Registers) {
		m.Trace(func(r machine.Registers) bool { all = append(all, r); return true })
		return all
	})
	if full != nil {
		return got // too much memory for the machine; the oracle has no limit
	}
	e := oracle.New(s.words, nil)
	want := play(s, e, e.Relocate, func(seg int) error {
		if seg < 2 || s.rules[seg-2] < machine.BitwiseRule {
			return nil
		}
		return e.CheckRules(seg, names[s.rules[seg-2]])
	}, e.Trace)
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("machine differs from oracle (-want +got):\n%s\nscenario: %+v", d, s)
	}
	return got
}

// watch notes whether the memory was full.
type watch struct {
	*machine.Machine
	full *error
}

func (w watch) Write(a machine.Address, c machine.Cell) error {
	err := w.Machine.Write(a, c)
	if errors.Is(err, machine.ErrMemory) {
		*w.full = err
	}
	return err
}

func (w watch) Run(end machine.Address, limit uint64) error {
	err := w.Machine.Run(end, limit)
	if errors.Is(err, machine.ErrMemory) {
		*w.full = err
	}
	return err
}

// TestMachine compares both engines on random programs, and makes sure that those come to something.
func TestMachine(t *testing.T) {
	t.Parallel()
	n := uint64(4000)
	if testing.Short() {
		n = 400
	}
	var m machine.Machine
	steps, errs := uint64(0), map[string]int{}
	for seed := range n {
		o := compare(t, &m, newScenario(seed))
		steps += o.Steps
		errs[o.Err[:min(len(o.Err), 20)]]++
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if steps < 10*n || len(errs) < 20 {
		t.Errorf("%d programs make %d steps and fail in %d ways: too few to be a test\n%v", n, steps, len(errs), errs)
	}
	t.Logf("%d programs, %d steps, %d ways to fail", n, steps, len(errs))
}

// FuzzMachine compares both engines on a random program whose first words are words.
func FuzzMachine(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed, []byte{})
	}
	f.Add(uint64(1), []byte{0, 0x80, 0xff, 0x7f, 1, 0x80, 0x80, 0x48, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, seed uint64, words []byte) {
		s := newScenario(seed)
		for i := 0; len(words) >= 16 && i < len(s.words); i++ {
			s.words[i] = felt.Felt{binary.LittleEndian.Uint64(words), binary.LittleEndian.Uint64(words[8:])}
			words = words[16:]
		}
		var m machine.Machine
		compare(t, &m, s)
	})
}

// TestAllFlags compares both engines on one step of every flag word with every extension, with operands that are
// known and with operands that are not, and with offsets that calls and rets want and others.
func TestAllFlags(t *testing.T) {
	t.Parallel()
	offsets := [][3]int16{{0, 1, 1}, {-2, -1, -1}}
	if testing.Short() {
		offsets = offsets[:1]
	}
	var m machine.Machine
	stack := []machine.Cell{
		machine.UintCell(5), machine.Address{Segment: 1, Offset: 2}.Cell(), machine.Address{Offset: 1}.Cell(), {}, machine.UintCell(3),
	}
	legal := 0
	for f := range uint64(1 << 15) {
		for ext := range uint64(5) {
			for _, off := range offsets {
				in := machine.Instruction{Off0: off[0], Off1: off[1], Off2: off[2]}
				w := in.Encode()
				w[0] |= f<<48 | ext<<63
				w[1] = ext >> 1
				words := []felt.Felt{w, felt.FromUint64(2), felt.FromUint64(1)}
				start := machine.Registers{AP: 3, FP: 2 + f&1}

				m.Reset(machine.NewCode(words, nil), machine.Config{})
				e := oracle.New(words, nil)
				for _, x := range []engine{&m, e} {
					for i, c := range stack {
						if c.Known() {
							if err := x.Write(machine.Address{Segment: 1, Offset: uint64(i)}, c); err != nil {
								t.Fatal(err)
							}
						}
					}
					x.SetRegisters(start)
				}
				got, want := m.Run(end, 1), e.Run(end, 1)
				if errors.Is(got, machine.ErrSteps) {
					legal++
				}
				if got.Error() != want.Error() || m.Registers() != e.Registers() {
					t.Fatalf("flags %#x, extension %d, offsets %v: machine has %v, %v, oracle %v, %v",
						f, ext, off, got, m.Registers(), want, e.Registers())
				}
			}
		}
	}
	t.Logf("%d instructions could be executed", legal)
}
