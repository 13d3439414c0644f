package command

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// benchmarks are programs that spend their time each in another way; compiled for proofs, they run either way.
//
//go:embed benchmarks/*.json
var benchmarks embed.FS

// benchFlags are the flags of a measurement.
type benchFlags struct {
	layout   layoutFlags
	programs string
	modes    string
	rounds   int
}

// The modes of a measurement.
const (
	modeExec  = "exec"
	modeTrace = "trace"
	modeProof = "proof"
)

// benchRow is the result of one program in one mode.
type benchRow struct {
	Program string `json:"program"`
	Mode    string `json:"mode"`
	Steps   uint64 `json:"steps"`
	// NsPerStep is the median of the rounds, of the time of the processor.
	NsPerStep    float64 `json:"ns_per_step"`
	AllocsPerRun float64 `json:"allocs_per_run"`
	BytesPerStep float64 `json:"bytes_per_step"`
}

func benchTool() plugin.Tool {
	return plugin.Tool{
		Words: []string{"bench", "vm"}, Arguments: "[PROGRAM ..]", Summary: "Measure the Cairo machine", Tables: true,
		Help: `Bench vm runs programs on one core, each again and again in warm memory, and prints medians of the processor's time. Without
arguments it takes the programs that it has inside, otherwise the files that are named.

exec runs main and makes the checks of the end of a run; trace also makes the file of the trace, and proof runs
in proof mode, padded, and makes the files of trace and memory; files are made and thrown away. steps includes padding. bytes_per_step is the memory that the machine reserves for the run.

gnark_mul_ns, measured beside the programs, is the time of one multiplication of gnark-crypto that waits for the
one before it: the unit to compare machines with.`,
		Example: `  switchyard bench vm
  switchyard bench vm --program fibonacci,factorial --mode exec --format json
  switchyard bench vm --layout starknet_with_keccak my.json`,
		New: func(f *flag.FlagSet) func(context.Context, *plugin.ToolCall) error {
			b := &benchFlags{}
			b.layout.add(f)
			f.Lookup("layout").DefValue = "all_cairo"
			b.layout.name = "all_cairo"
			f.StringVar(&b.programs, "program", "", "measure only these `NAMES` of the programs inside, with commas between them")
			f.StringVar(&b.modes, "mode", "exec,trace,proof", "`MODES` to measure in, with commas between them")
			f.IntVar(&b.rounds, "rounds", 10, "runs of each program and mode, of which the median is printed")
			return b.run
		},
	}
}

func (b *benchFlags) run(ctx context.Context, c *plugin.ToolCall) error {
	if b.rounds < 1 {
		return misuse("--rounds is %d, want at least 1", b.rounds)
	}
	modes := strings.Split(b.modes, ",")
	for _, m := range modes {
		if m != modeExec && m != modeTrace && m != modeProof {
			return misuse("no mode %q, there is exec, trace and proof", m)
		}
	}
	layout, err := b.layout.load()
	if err != nil {
		return err
	}
	programs, err := b.load(c.Args)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var rows []benchRow
	var units []float64
	for _, p := range programs {
		for _, mode := range modes {
			row, unit, err := b.measure(ctx, &p, mode, layout)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			rows, units = append(rows, row), append(units, unit...)
		}
	}
	return c.Report(rows, map[string]float64{"gnark_mul_ns": median(units)})
}

// benchProgram is a program to be measured.
type benchProgram struct {
	name   string
	loaded *runner.Loaded
}

// load returns the programs of the arguments, or those inside.
func (b *benchFlags) load(args []string) (list []benchProgram, err error) {
	for _, name := range args {
		l, err := loadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, benchProgram{strings.TrimSuffix(filepath.Base(name), ".json"), l})
	}
	if len(args) != 0 {
		return list, nil
	}
	files, err := benchmarks.ReadDir("benchmarks")
	if err != nil {
		return nil, err
	}
	wanted := strings.FieldsFunc(b.programs, func(r rune) bool { return r == ',' })
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".json")
		names = append(names, name)
		if len(wanted) != 0 && !slices.Contains(wanted, name) {
			continue
		}
		text, err := benchmarks.ReadFile(path.Join("benchmarks", f.Name()))
		if err != nil {
			return nil, err
		}
		p, err := program.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, benchProgram{name, runner.Load(p, hint.Standard())})
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return nil, misuse("no program %q, there is %s", name, strings.Join(names, ", "))
		}
	}
	return list, nil
}

// measure runs a program b.rounds times in warm memory. It also returns times of a multiplication.
func (b *benchFlags) measure(ctx context.Context, p *benchProgram, mode string, layout *builtin.Layout) (benchRow, []float64, error) {
	var m machine.Machine
	var s runner.Session
	row := benchRow{Program: p.name, Mode: mode}
	var times, allocs, units []float64
	var heap runtime.MemStats
	for round := range b.rounds + 2 {
		if err := ctx.Err(); err != nil {
			return row, nil, err
		}
		units = append(units, gnarkMul())
		runtime.ReadMemStats(&heap)
		before, start := heap.Mallocs, cpuTime()
		if err := runOnce(&m, &s, p.loaded, mode, layout); err != nil {
			return row, nil, err
		}
		spent := float64(cpuTime() - start)
		if round > 1 { // the first two reserve memory
			runtime.ReadMemStats(&heap)
			times = append(times, spent/float64(m.Steps()))
			allocs = append(allocs, float64(heap.Mallocs-before))
		}
	}
	row.Steps, row.NsPerStep, row.AllocsPerRun = m.Steps(), median(times), median(allocs)
	row.BytesPerStep = float64(m.Reserved()) / float64(m.Steps())
	return row, units, nil
}

// runOnce runs a program to its end in a mode, and makes the files of that mode.
func runOnce(m *machine.Machine, s *runner.Session, l *runner.Loaded, mode string, layout *builtin.Layout) error {
	proof := mode == modeProof
	c := runner.Config{Layout: layout, Proof: proof, AllowMissing: proof}
	if err := s.Main(m, l, c, machine.Config{MaxCells: benchCells}); err != nil {
		return err
	}
	stages := [...]func() error{s.Run, s.End, s.ReadReturnValues}
	for _, f := range stages {
		if err := f(); err != nil {
			return explain(s, err)
		}
	}
	if mode == modeExec {
		return s.Secure(true, uint64(len(l.Program.Data)))
	}
	if proof {
		if err := s.Finalize(); err != nil {
			return err
		}
	}
	if err := s.WriteTrace(io.Discard); err != nil || !proof {
		return err
	}
	return s.WriteMemory(io.Discard)
}

// benchCells is how many cells a measured program may take: 8 GiB.
const benchCells = 1 << 28

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// cpuTime returns the time of the processor that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// gnarkMuls is how many multiplications are timed at once.
const gnarkMuls = 1 << 16

// gnarkMul returns the time of a multiplication of gnark-crypto that waits for the one before it.
func gnarkMul() float64 {
	x := fp.NewElement(12345)
	y := x
	start := cpuTime()
	for range gnarkMuls {
		x.Mul(&x, &y)
	}
	spent := cpuTime() - start
	runtime.KeepAlive(x)
	return float64(spent) / gnarkMuls
}
