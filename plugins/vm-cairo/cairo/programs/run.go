package programs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// Kind is a kind of program.
type Kind string

// The kinds.
const (
	Hints Kind = "hints"
	Casm  Kind = "casm"
	Code  Kind = "code"
)

// Make returns the program of a kind and a seed, always the same.
func Make(kind Kind, seed uint64) ([]byte, error) {
	var file any
	switch kind {
	case Hints:
		file = hintProgram(seed)
	case Casm:
		file = casmProgram(seed)
	case Code:
		file = codeProgram(seed)
	default:
		return nil, fmt.Errorf("programs: no kind %.20q, there is %s, %s and %s", kind, Hints, Casm, Code)
	}
	return json.Marshal(file)
}

// Limits of a run.
const (
	// MaxSteps ends what does not end by itself.
	MaxSteps = 10_000
	// Gas is what the entry point of a class is given.
	Gas = 1 << 40
)

// Prices are the prices of builtins that the entry point of a class is given.
var Prices = []uint64{4050, 583, 4085, 491, 230, 604, 0}

// Result is what came of a program.
type Result struct {
	Program string `json:"program"`
	// Error is the text of what went wrong, empty if nothing did.
	Error string `json:"error"`
	Steps uint64 `json:"steps"`
	// Trace and Memory are the SHA-256 of the files of that name, in hexadecimal; there are none after an error.
	Trace  string `json:"trace,omitempty"`
	Memory string `json:"memory,omitempty"`
}

// Runner runs programs, one after the other.
type Runner struct {
	m machine.Machine
	s runner.Session
}

// Run runs a program that Make returned.
func (r *Runner) Run(kind Kind, name string, text []byte) (Result, error) {
	out := Result{Program: name}
	start := r.startProgram
	if kind == Casm {
		start = r.startClass
	}
	if err := start(text); err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	err := r.s.Run()
	out.Steps = r.m.Steps()
	if err == nil {
		err = r.s.End()
	}
	if err == nil && kind != Casm {
		err = r.finish()
	}
	if err != nil {
		out.Error = err.Error()
		if f, ok := r.s.Failure(err); ok {
			out.Error = f.Report(nil)
		}
		out.Error = strings.TrimSpace(out.Error)
		return out, nil
	}
	if out.Trace, err = digest(r.s.WriteTrace); err == nil {
		out.Memory, err = digest(r.s.WriteMemory)
	}
	return out, err
}

// finish makes the checks at the end of a run of main.
func (r *Runner) finish() error {
	if err := r.s.ReadReturnValues(); err != nil {
		return err
	}
	return r.s.Secure(true, uint64(len(r.s.Loaded().Program.Data)))
}

// digest returns the hash of a file.
func digest(write func(io.Writer) error) (string, error) {
	h := sha256.New()
	err := write(h)
	return hex.EncodeToString(h.Sum(nil)), err
}

func (r *Runner) startProgram(text []byte) error {
	p, err := program.Parse(text)
	if err != nil {
		return err
	}
	layout, err := builtin.LayoutByName("small")
	if err != nil {
		return err
	}
	return r.s.Main(&r.m, runner.Load(p, hint.Standard()), runner.Config{Layout: layout, MaxSteps: MaxSteps}, machine.Config{})
}

func (r *Runner) startClass(text []byte) error {
	parsed, err := class.ParseCasm(text)
	if err != nil {
		return err
	}
	c, err := runner.LoadCasm(parsed)
	if err != nil {
		return err
	}
	return r.s.Enter(&r.m, c, &c.Entries.External[0], &runner.Call{Gas: Gas, Prices: Prices, MaxSteps: MaxSteps})
}
