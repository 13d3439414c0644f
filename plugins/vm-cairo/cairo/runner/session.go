package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/pie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// Engine executes instructions: a machine.Machine, or the oracle that it is compared with.
type Engine interface {
	hint.VM
	SetRegisters(machine.Registers)
	Run(end machine.Address, limit uint64) error
	Steps() uint64
}

// Loaded is a program made ready for any number of runs at once.
type Loaded struct {
	Program *program.Program
	Code    *machine.Code
	// Hints are the hints of a program of Cairo 0, Casm those of a class of Cairo 1; the other one is nil.
	Hints *hint.Table
	Casm  *casm.Table
}

// Load decodes a program and looks up its hints in lib.
func Load(p *program.Program, lib hint.Library) *Loaded {
	t := hint.Compile(p, lib)
	return &Loaded{Program: p, Code: machine.NewCode(p.Data, t.Offsets()), Hints: t}
}

// Config says how a program is run.
type Config struct {
	// Layout limits the builtins of a run of main.
	Layout *builtin.Layout
	// Entry is the function of the main scope that a run of main begins with. Empty means main.
	Entry string
	// Proof lays out the run for a proof: all builtins of the layout, and steps up to a power of two.
	Proof bool
	// AllowMissing lets a program have builtins that the layout lacks: it gets 0 for them.
	AllowMissing bool
	// MaxSteps limits the steps, padding excluded. 0 means no limit.
	MaxSteps uint64
}

// segment is a builtin of a run.
type segment struct {
	name     builtin.Name
	base     int
	included bool // in the program, not only in the layout
	stop     uint64
	stopped  bool // stop is known
}

// Session is one run of a program on an engine. What comes after [Session.Run] is for a run on a machine, see [Main] and
// [Function]; it may be asked in the order in which the methods stand in finish.go.
type Session struct {
	loaded   *Loaded
	engine   Engine
	m        *machine.Machine // the engine, if it is one
	config   Config
	builtins []segment
	hints    *hint.Run
	casm     casm.Run
	hosted   bool // one of the two is ready
	syscalls hint.Syscalls
	start    machine.Registers
	end      machine.Address
	// zero is the segment of zeros of the modulo builtins, -1 if there is none.
	zero int
	// public are the offsets of the stack that are public: the first len(initial stack) ones, and the return values.
	public [][2]uint64
	// used are the sizes of segments at the end of the run, finalized those that a proof gives to some.
	used      []uint64
	finalized map[int]uint64
	// pages and attributes are those of the output builtin, which come with an execution that is run again.
	pages      map[uint64]pie.Page
	attributes map[string][]uint64
	// secured says that the inputs of builtins were checked.
	secured bool
	// low and high are the limits of the biased offsets of the instructions executed.
	low, high uint16

	stack []machine.Cell // as it is laid out

	// The rest is for calls of classes: how much of the stack are arguments, the segment of the system calls, and where
	// what the program was given only to read is.
	args        uint64
	syscallBase int
	readOnly    [2]machine.Address
	given       [2]uint64 // how long that was
}

// zeros is the size of the zero segment: three instances of one value of four words fit.
const zeros = 4

// Main prepares a run of main on m; see [Session.Main].
func Main(m *machine.Machine, l *Loaded, c Config, mc machine.Config) (*Session, error) {
	s := new(Session)
	if err := s.Main(m, l, c, mc); err != nil {
		return nil, err
	}
	return s, nil
}

// Main prepares a run of main on m, which it resets; mc.Host is not looked at. The session may have been used before; a
// session and a machine that are used again and again need no new memory.
func (s *Session) Main(m *machine.Machine, l *Loaded, c Config, mc machine.Config) error {
	m.Reset(l.Code, mc)
	s.reset(m, l, c)
	if err := s.startMain(); err != nil {
		return err
	}
	s.on(m)
	return nil
}

// reset forgets the run before.
func (s *Session) reset(e Engine, l *Loaded, c Config) {
	*s = Session{
		loaded: l, engine: e, config: c, zero: -1, finalized: s.finalized,
		builtins: s.builtins[:0], used: s.used[:0], stack: s.stack[:0], public: s.public[:0], hints: s.hints, casm: s.casm,
	}
	clear(s.finalized)
}

// on makes m known as the machine of s, and the hints of s as its host.
func (s *Session) on(m *machine.Machine) {
	s.m = m
	m.SetHost(s.Host())
}

// StartMain lays out a run of main on an engine that has the program in segment 0 and an empty segment 1. The caller
// makes the host that it gets back known to the engine; see [Session.Host].
func StartMain(e Engine, l *Loaded, c Config) (*Session, error) {
	s := new(Session)
	s.reset(e, l, c)
	return s, s.startMain()
}

func (s *Session) startMain() error {
	if err := s.addLayoutBuiltins(); err != nil {
		return err
	}
	if s.config.Proof {
		return s.startProof()
	}
	s.pushBuiltins()
	entry, err := s.mainEntry()
	if err != nil {
		return err
	}
	s.stack = append(s.stack, s.engine.AddSegment(machine.NoRule).Cell())
	if err := s.enter(entry); err != nil {
		return err
	}
	return s.addZeros()
}

// pushBuiltins appends the pointers of the builtins of the program to the stack.
func (s *Session) pushBuiltins() {
	for _, n := range s.loaded.Program.Builtins {
		cell := machine.UintCell(0)
		if b := s.builtin(n); b != nil {
			cell = machine.Address{Segment: b.base}.Cell()
		}
		s.stack = append(s.stack, cell)
	}
}

// mainEntry returns where a run of main begins.
func (s *Session) mainEntry() (uint64, error) {
	name := s.config.Entry
	if name == "" {
		name = "main"
	}
	entry, ok := s.loaded.Program.Label(scope(s.loaded.Program) + "." + name)
	switch {
	case ok:
		return entry, nil
	case s.config.Entry == "":
		return 0, fail(ErrEntry, "Missing main()")
	}
	return 0, fail(ErrEntry, "Entrypoint %s not found", name)
}

func scope(p *program.Program) string {
	if p.MainScope == "" {
		return "__main__"
	}
	return p.MainScope
}

// addLayoutBuiltins adds the segments of the builtins of program and layout.
func (s *Session) addLayoutBuiltins() error {
	names := s.loaded.Program.Builtins
	if !builtin.Ordered(names) {
		return fail(ErrBuiltins, "Given builtins are not in appropiate order") //nolint:misspell // the text of the reference
	}
	for n := range builtin.All() {
		included := slices.Contains(names, n)
		if s.config.Layout.Has(n) && (included || s.config.Proof) {
			s.builtins = append(s.builtins, segment{name: n, included: included})
		}
	}
	var missing []string
	for _, n := range names {
		if !s.config.Layout.Has(n) {
			missing = append(missing, string(n))
		}
	}
	if len(missing) != 0 && !s.config.AllowMissing {
		return fail(ErrBuiltins, "Builtin(s) {%s} not present in layout %s", strings.Join(missing, ", "), s.config.Layout.Name)
	}
	for i := range s.builtins {
		s.builtins[i].base = s.engine.AddSegment(s.builtins[i].name.Rule()).Segment
	}
	return nil
}

// builtin returns the segment of a builtin, nil if the run has none.
func (s *Session) builtin(n builtin.Name) *segment {
	i := slices.IndexFunc(s.builtins, func(b segment) bool { return b.name == n })
	if i < 0 {
		return nil
	}
	return &s.builtins[i]
}

// base returns the segment number of a builtin, -1 if the run has none.
func (s *Session) base(n builtin.Name) int {
	if b := s.builtin(n); b != nil {
		return b.base
	}
	return -1
}

// startProof lays out a run that begins at the label __start__, which calls main itself.
func (s *Session) startProof() error {
	p := s.loaded.Program
	entry, ok := p.Label(scope(p) + ".__start__")
	if !ok {
		return fail(ErrEntry, "Running in proof-mode but no __start__ label found, try compiling with proof-mode")
	}
	end, ok := p.Label(scope(p) + ".__end__")
	if !ok {
		return fail(ErrEntry, "Running in proof-mode but no __end__ label found, try compiling with proof-mode")
	}
	const fp = 2
	s.stack = append(s.stack, machine.Address{Segment: machine.StackSegment, Offset: fp}.Cell(), machine.UintCell(0))
	s.pushBuiltins()
	s.public = append(s.public, [2]uint64{0, uint64(len(s.stack))})
	s.end = machine.Address{Offset: end}
	s.start = machine.Registers{PC: machine.Address{Offset: entry}, AP: fp, FP: fp}
	if err := s.write(); err != nil {
		return err
	}
	return s.addZeros()
}

// addZeros makes the zero segment, if there is a builtin that needs it.
func (s *Session) addZeros() error {
	if s.builtin(builtin.AddMod) == nil && s.builtin(builtin.MulMod) == nil {
		return nil
	}
	at := s.engine.AddSegment(machine.NoRule)
	s.zero = at.Segment
	for i := range uint64(zeros) {
		if err := s.engine.Write(at.Plus(i), machine.UintCell(0)); err != nil {
			return fmt.Errorf("zero segment: %w", err)
		}
	}
	return nil
}

// enter lays out a call of the function at entry: the stack, the return address, and the segment where the run ends.
func (s *Session) enter(entry uint64) error {
	s.end = s.engine.AddSegment(machine.NoRule)
	s.stack = append(s.stack, s.end.Cell())
	n := uint64(len(s.stack))
	s.start = machine.Registers{PC: machine.Address{Offset: entry}, AP: n, FP: n}
	return s.write()
}

// write writes the initial stack and sets the registers.
func (s *Session) write() error {
	for i, v := range s.stack {
		if err := s.engine.Write(machine.Address{Segment: machine.StackSegment, Offset: uint64(i)}, v); err != nil {
			return fmt.Errorf("initial stack: %w", err)
		}
	}
	s.engine.SetRegisters(s.start)
	return nil
}

// Host returns what executes the hints of the run, the same at every call.
func (s *Session) Host() machine.Host {
	fresh := !s.hosted
	s.hosted = true
	if s.loaded.Casm != nil {
		if fresh {
			s.casm.Reset(s.loaded.Casm, s.engine, s.syscalls)
		}
		return &s.casm
	}
	if fresh {
		at := hint.Builtins{
			RangeCheck: s.base(builtin.RangeCheck), Ecdsa: s.base(builtin.Ecdsa),
			AddMod: s.base(builtin.AddMod), MulMod: s.base(builtin.MulMod),
		}
		if s.hints == nil {
			s.hints = new(hint.Run)
		}
		s.hints.Reset(s.loaded.Hints, s.engine, at, s.syscalls)
	}
	return s.hints
}

// Run executes the program up to its end. The errors are those of the engine.
func (s *Session) Run() error {
	limit := s.config.MaxSteps
	if limit == 0 {
		limit = 1 << 62
	}
	return s.engine.Run(s.end, limit)
}
