package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newBenchBoundary(c *Call) *cobra.Command {
	b := &boundaryBench{call: c, costs: []int{500, 1000}, percents: []int{0, 10}, rounds: 5}
	cmd := &cobra.Command{
		Use:   "boundary",
		Short: "Measure what it costs that a VM runs in another process",
		Long: `Bench boundary has the synthetic VM execute transactions of 30 reads and 15 writes in this process, in one of its own
over each carrier, and in one that it shares with scheduler and store.

Where the scheduler is "none", its executor is driven directly, by four attempts for each processor at once. miss_pct is
how many reads in a hundred have to be asked for over the link, abort_pct how many attempts in a hundred are invalidated
halfway. ratio is the throughput beside that of the first row with the same load and scheduler, cpu_us_per_tx the processor time
of all processes. Above the table stand the time of a sign of life over an idle link, and that of the codec for one
transaction.`,
		Example: `  switchyard bench boundary
  switchyard bench boundary --cost-us 500 --percent 10 --rounds 20
  switchyard bench boundary --scheduler none --placement builtin --placement process --carrier call --carrier frames/1`,
		Args: arguments(cobra.NoArgs),
	}
	f := cmd.Flags()
	f.IntSliceVar(&b.costs, "cost-us", b.costs, "processor times of a transaction, in microseconds")
	f.IntSliceVar(&b.percents, "percent", b.percents, "percentages of misses and of aborts")
	f.StringArrayVar(&b.schedulers, "scheduler", nil, "none or serial: only rows with this one; may be repeated")
	f.StringArrayVar(&b.placements, "placement", nil, "builtin, process or shared:bench: only these rows; may be repeated")
	f.StringArrayVar(&b.carriers, "carrier", nil, "call, frames/1 or grpc-stream/1: only these rows; may be repeated")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	format := f.String("format", "text", "text, json or go (the format of Go benchmarks)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := report.ParseFormat(*format, report.Text, report.JSON, report.Go)
		if err != nil {
			return misuse(err)
		}
		if err := b.check(); err != nil {
			return misuse(err)
		}
		return b.run(cmd, f)
	}
	return cmd
}

// boundaryBench is what `bench boundary` was asked to do.
type boundaryBench struct {
	call            *Call
	costs, percents []int
	rounds          int
	// Rows whose scheduler, placement or carrier is not among these are left out; an empty one leaves out none.
	schedulers, placements, carriers []string

	sides   []bench.Side
	figures map[string]float64
	close   []func() error
}

func (b *boundaryBench) check() error {
	if b.rounds < 1 {
		return fmt.Errorf("--rounds is %d, want at least 1", b.rounds)
	}
	for _, cost := range b.costs {
		if cost < 1 || cost > 10_000 {
			return fmt.Errorf("--cost-us is %d, want 1 to 10000", cost)
		}
	}
	for _, p := range b.percents {
		if p < 0 || p > 50 {
			return fmt.Errorf("--percent is %d, want 0 to 50", p)
		}
	}
	return nil
}

func (b *boundaryBench) run(cmd *cobra.Command, f report.Format) (err error) {
	ctx := cmd.Context()
	defer func() {
		for _, end := range slices.Backward(b.close) {
			err = errors.Join(err, end())
		}
	}()
	b.figures = map[string]float64{}
	b.figures["codec_encode_us"], b.figures["codec_decode_us"] = bench.Codec()
	if err := b.open(ctx); err != nil {
		return err
	}
	costs := make([]time.Duration, len(b.costs))
	for i, us := range b.costs {
		costs[i] = time.Duration(us) * time.Microsecond
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Done()
	step := func(done, total int) { progress.Step(done, total, "loads") }
	rows, err := bench.Boundary(ctx, b.sides, costs, b.percents, b.rounds, step)
	if err != nil {
		return err
	}
	rep := report.Report{Bench: "boundary", Env: report.Here(), Run: b.figures, Rows: rows}
	return rep.Write(cmd.OutOrStdout(), f)
}

// The carriers of rows that take no link, and the place of those that share a process.
const (
	byCall   = "call"
	together = "shared:bench"
)

// open opens all sides that are wanted. The processes are told how fast this one takes the processor to be.
func (b *boundaryBench) open(ctx context.Context) error {
	section := map[string]any{"pace": synthetic.Pace()}
	vm, err := b.vm(ctx, section)
	if err != nil {
		return err
	}
	serial, err := b.serial(ctx)
	if err != nil {
		return err
	}
	store, err := b.store(ctx)
	if err != nil {
		return err
	}
	b.add(bench.Side{Placement: config.Builtin, Carrier: byCall, VM: vm})
	b.add(bench.Side{Placement: config.Builtin, Carrier: byCall, VM: vm, Scheduler: serial, Store: store})
	for _, carrier := range linker.Carriers() {
		side := bench.Side{Placement: config.Process, Carrier: carrier}
		scheduled := side
		scheduled.Scheduler = serial
		if !b.wants(side) && !b.wants(scheduled) {
			continue
		}
		if err := b.process(ctx, &side, section); err != nil {
			return err
		}
		b.add(side)
		if carrier == linker.Carriers()[0] {
			side.Scheduler, side.Store = serial, store
			b.add(side)
		}
	}
	if side := (bench.Side{Placement: together, Carrier: byCall, Scheduler: serial}); b.wants(side) {
		if err := b.shared(ctx, section); err != nil {
			return err
		}
	}
	if len(b.sides) == 0 {
		return misuse(errors.New("no row has such a scheduler, placement and carrier"))
	}
	return nil
}

// wants reports whether the rows of a side are asked for.
func (b *boundaryBench) wants(s bench.Side) bool {
	asked := func(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	return asked(b.schedulers, s.Driver()) && asked(b.placements, s.Placement) && asked(b.carriers, s.Carrier)
}

// add adds a side if its rows are asked for.
func (b *boundaryBench) add(s bench.Side) {
	if b.wants(s) {
		b.sides = append(b.sides, s)
	}
}

func (b *boundaryBench) vm(ctx context.Context, section map[string]any) (framework.VM, error) {
	f, err := b.call.Plugins.Find(plugin.VM, "synthetic")
	if err != nil {
		return nil, misuse(err)
	}
	return f.OpenVM(ctx, section)
}

func (b *boundaryBench) serial(ctx context.Context) (framework.Scheduler, error) {
	f, err := b.call.Plugins.Find(plugin.Scheduler, "serial")
	if err != nil {
		return nil, misuse(err)
	}
	return f.OpenScheduler(ctx, nil)
}

// store returns the store that the serial scheduler reads in this process: such a one as it reads in a shared one.
func (b *boundaryBench) store(ctx context.Context) (framework.Store, error) {
	f, err := b.call.Plugins.Find(plugin.Store, "memory")
	if err != nil {
		return nil, misuse(err)
	}
	s, err := f.OpenStore(ctx, nil)
	if err == nil {
		b.close = append(b.close, s.Close)
	}
	return s, err
}

// process opens the VM of a side in a process of its own, and measures signs of life from there.
func (b *boundaryBench) process(ctx context.Context, side *bench.Side, section map[string]any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "switchyard-")
	if err != nil {
		return err
	}
	b.close = append(b.close, func() error { return os.RemoveAll(dir) })
	p, err := rpc.Launch(ctx, rpc.Command{Name: "vm", Path: self, RunDir: dir})
	if err != nil {
		return err
	}
	b.close = append(b.close, func() error { return p.Stop(context.WithoutCancel(ctx)) })
	instance, err := p.Open(ctx, plugin.VM, "synthetic", "vm", section)
	if err != nil {
		return err
	}
	remote, err := linker.Dial(ctx, instance, 0, side.Carrier)
	if err != nil {
		return err
	}
	b.close = append(b.close, remote.Close)
	side.VM, side.PIDs = remote.VM(), []int{p.PID()}
	b.figures["ping_us_"+side.Carrier], err = bench.Ping(ctx, remote.Ping)
	return err
}

// shared opens scheduler, VM and store in one process.
func (b *boundaryBench) shared(ctx context.Context, section map[string]any) error {
	cfg := &config.Config{
		Scheduler: config.Part{Use: "serial", Place: together},
		VM:        config.Part{Use: "synthetic", Place: together, Config: section},
		Store:     config.Part{Use: "memory", Place: together},
	}
	a, err := host.Assemble(ctx, b.call.Plugins, cfg)
	if err != nil {
		return err
	}
	b.close = append(b.close, a.Close)
	b.add(bench.Side{
		Placement: together, Carrier: byCall, VM: a.VM, Scheduler: a.Scheduler, Store: a.Store, Away: true,
		PIDs: []int{a.PID(plugin.VM)},
	})
	return nil
}
