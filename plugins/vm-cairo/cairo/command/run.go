package command

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/pie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// runFlags are the flags of a run.
type runFlags struct {
	layout                           layoutFlags
	entry                            string
	proof, printOutput, printInfo    bool
	secure, allowMissing             tristate
	maxSteps, maxCells               uint64
	traceFile, memoryFile            string
	publicFile, privateFile, profile string
	pieFile                          string
	merge                            bool
	fromPIE                          pieFlag
	strict                           bool
}

func runTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"vm", "run"}, Arguments: "PROGRAM", Summary: "Run a compiled program of Cairo",
		Help: `Run executes main of a program of Cairo 0, as its compiler writes it (JSON), and makes the checks that belong to the
end of a run. With --proof_mode it runs a program compiled for proofs and pads the run so that it can be proven; then
trace, memory and the two inputs of the prover can be written.

Errors are printed with the position in the source, where the program has debug information, and with the calls that
led there.`,
		Example: `  switchyard vm run --layout small --print_output program.json
  switchyard vm run --layout starknet_with_keccak --proof_mode --trace_file t --memory_file m \
    --air_public_input public.json --air_private_input private.json program.json
  switchyard vm run --profile steps.pb.gz program.json && go tool pprof -top steps.pb.gz`,
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			r := &runFlags{}
			r.add(f)
			return r.run
		},
	}
}

func (r *runFlags) add(f *flag.FlagSet) {
	r.layout.add(f)
	f.StringVar(&r.entry, "entrypoint", "main", "`NAME` of the function to begin with")
	f.BoolVar(&r.proof, "proof_mode", false, "lay out and pad the run for a proof")
	f.BoolVar(&r.printOutput, "print_output", false, "print what the program wrote to its output")
	f.BoolVar(&r.printInfo, "print_info", false, "print steps, cells, registers, builtins and segments")
	f.Var(&r.secure, "secure_run", "check that the run may be used by others (`BOOL`, default true unless --proof_mode)")
	f.Var(&r.allowMissing, "allow_missing_builtins", "give 0 for builtins that the layout lacks (`BOOL`, default true with --proof_mode)")
	f.Uint64Var(&r.maxSteps, "max_steps", 0, "most steps before padding, 0 for no limit")
	f.Uint64Var(&r.maxCells, "max_cells", 0, "most memory cells of 32 bytes that may be reserved (default 2^26)")
	f.StringVar(&r.traceFile, "trace_file", "", "write the trace to `FILE`")
	f.StringVar(&r.memoryFile, "memory_file", "", "write the memory to `FILE`")
	f.StringVar(&r.publicFile, "air_public_input", "", "write the public input of the prover to `FILE`")
	f.StringVar(&r.privateFile, "air_private_input", "", "write the private input of the prover to `FILE`")
	f.StringVar(&r.pieFile, "cairo_pie_output", "", "write the run as a position independent execution to `FILE`")
	f.BoolVar(&r.merge, "merge_extra_segments", false, "join the segments that the program made, in --cairo_pie_output")
	f.Var(&r.fromPIE, "run_from_cairo_pie", "PROGRAM is such an execution, which is run again and has to come out the same")
	f.StringVar(&r.profile, "profile", "", "write a profile of steps by Cairo function to `FILE`, for go tool pprof")
	f.BoolVar(&r.strict, "strict", false, "refuse a program with unknown hints or words that are no instructions, before it runs")
}

// tristate is a flag that can be true, false or not given.
type tristate struct{ given, on bool }

// Set takes over the text of the flag.
func (t *tristate) Set(s string) error {
	switch s {
	case "true", "1":
		*t = tristate{true, true}
	case "false", "0":
		*t = tristate{true, false}
	default:
		return fmt.Errorf("want true or false")
	}
	return nil
}

// String returns the text of the flag, empty if it is not given.
func (t *tristate) String() string {
	if !t.given {
		return ""
	}
	return fmt.Sprint(t.on)
}

// IsBoolFlag makes the flag mean true by itself.
func (t *tristate) IsBoolFlag() bool { return true }

// or returns the value of the flag, or what it is when it is not given.
func (t *tristate) or(absent bool) bool {
	if t.given {
		return t.on
	}
	return absent
}

// pieFlag is a flag that says that the argument is an execution, or that has its name.
type pieFlag struct {
	on   bool
	file string
}

// Set takes over the text of the flag.
func (p *pieFlag) Set(s string) error {
	p.on, p.file = s != "false", ""
	if s != "true" && s != "false" {
		p.file = s
	}
	return nil
}

// String returns the text of the flag, empty if it is not given.
func (p *pieFlag) String() string {
	if p.on && p.file == "" {
		return "true"
	}
	return p.file
}

// IsBoolFlag makes the flag mean true by itself.
func (p *pieFlag) IsBoolFlag() bool { return true }

// check refuses flags that do not go together.
func (r *runFlags) check() error {
	switch {
	case r.publicFile != "" && !r.proof:
		return misuse("--air_public_input needs --proof_mode")
	case r.privateFile != "" && (!r.proof || r.traceFile == "" || r.memoryFile == ""):
		return misuse("--air_private_input needs --proof_mode, --trace_file and --memory_file")
	case r.proof && r.entry != "main":
		return misuse("--entrypoint is not for --proof_mode, which begins at __start__")
	case r.proof && (r.pieFile != "" || r.fromPIE.on):
		return misuse("--cairo_pie_output and --run_from_cairo_pie are not for --proof_mode")
	case r.fromPIE.on && (r.entry != "main" || r.maxSteps != 0):
		return misuse("--entrypoint and --max_steps are not for --run_from_cairo_pie, which has both")
	}
	return nil
}

func (r *runFlags) run(ctx context.Context, c *plugin.ToolCall) error {
	name := r.fromPIE.file
	if name == "" {
		var err error
		if name, err = argument(c); err != nil {
			return err
		}
	}
	if err := r.check(); err != nil {
		return err
	}
	layout, err := r.layout.load()
	if err != nil {
		return err
	}
	l, execution, err := r.load(name)
	if err != nil {
		return err
	}
	config := runner.Config{
		Layout: layout, Proof: r.proof, AllowMissing: r.allowMissing.or(r.proof), MaxSteps: r.maxSteps, Entry: r.entry,
	}
	var m machine.Machine
	s, err := r.execute(ctx, &m, l, execution, config)
	if err != nil {
		return err
	}
	return r.print(c, name, s, &m)
}

// load reads the program, or the execution that is run again.
func (r *runFlags) load(name string) (*runner.Loaded, *pie.PIE, error) {
	if r.fromPIE.on {
		data, err := readFile(name)
		if err != nil {
			return nil, nil, err
		}
		p, err := pie.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		return runner.LoadPIE(p), p, nil
	}
	l, err := loadFile(name)
	if err != nil {
		return nil, nil, err
	}
	if l.Casm != nil {
		return nil, nil, misuse("%s is a class: its functions need the calls of Starknet; vm disasm shows it", name)
	}
	if problems := problems(l); r.strict && len(problems) != 0 {
		return nil, nil, fmt.Errorf("%s:\n  %s", name, strings.Join(problems, "\n  "))
	}
	return l, nil, nil
}

// execute runs the program, or the execution if there is one, and writes the files.
func (r *runFlags) execute(ctx context.Context, m *machine.Machine, l *runner.Loaded, execution *pie.PIE,
	config runner.Config,
) (*runner.Session, error) {
	var stopped atomic.Bool
	defer context.AfterFunc(ctx, func() { stopped.Store(true) })()
	limits := machine.Config{MaxCells: r.maxCells, Aborted: stopped.Load}
	var s *runner.Session
	var err error
	if execution != nil {
		s, err = runner.FromPIE(m, l, execution, config, limits)
	} else {
		s, err = runner.Main(m, l, config, limits)
	}
	if err != nil {
		return nil, err
	}
	stages := []func() error{s.Run, s.End, s.ReadReturnValues}
	if r.proof {
		stages = append(stages, s.Finalize)
	}
	if r.secure.or(!r.proof) {
		stages = append(stages, func() error { return s.Secure(true, uint64(len(l.Program.Data))) })
		if execution != nil {
			stages = append(stages, func() error { return compare(s, execution) })
		}
	}
	stages = append(stages, func() error { return r.write(s) })
	for _, f := range stages {
		if err := f(); err != nil {
			return nil, explain(s, err)
		}
	}
	return s, nil
}

// compare checks that a run of an execution came to the same.
func compare(s *runner.Session, execution *pie.PIE) error {
	made, err := s.PIE()
	if err != nil {
		return err
	}
	return made.Compare(execution)
}

// explain adds to an error of a run what its reader wants to know.
func explain(s *runner.Session, err error) error {
	text := err.Error()
	if f, ok := s.Failure(err); ok {
		text = strings.TrimSuffix(f.Report(runner.SourceFiles), "\n")
	}
	switch {
	case errors.Is(err, machine.ErrMemory):
		return fmt.Errorf("%s\nThe limit of memory is reached, see --max_cells", text)
	case errors.Is(err, framework.ErrAborted):
		return errors.New("interrupted")
	}
	return errors.New(text)
}
