package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/report"
)

// transfersBench is what `bench transfers` was asked to do.
type transfersBench struct {
	schedulers, placements, rewind, files []string
	accounts, workers                     []int
	workload                              word
	txs, rounds                           int
	seed                                  uint64
	format                                string
}

func newBenchTransfers(c *Call) *cobra.Command {
	b := &transfersBench{
		schedulers: c.Plugins.IDs(plugin.Scheduler), placements: []string{"builtin", "shared:all", "process"},
		accounts: []int{1000, 100, 2}, workers: []int{0}, rewind: []string{"on"},
		workload: word{genesis.Transfers, genesis.Names()}, txs: 500, rounds: 5, format: "text",
	}
	cmd := &cobra.Command{
		Use:   "transfers",
		Short: "Measure assemblies on really signed transfers",
		Long: `Bench transfers executes one block of signed token transfers, fees included, with the VM cairo, every scheduler and
every placement of scheduler and VM, in turn, and prints medians. speedup is over the serial scheduler in this process. The store
is in memory and in this process; a file that --config names is measured as it is, with its own store.

share_vm and share_store are what executions and first reads take alone, of the processor time of all processes; share_link is what
it takes more than the same scheduler in this process; share_scheduler is the rest: scheduler, host, collection of garbage.

Then it makes blocks in a row: seal_ms is what it takes to seal one by itself, hidden how much of the sealing passes while the next block
executes, and pipelining how much faster the row is made so than with each block after the sealing of the one before.`,
		Example: `  switchyard bench transfers
  switchyard bench transfers --accounts 1000 --placement builtin --transactions 2000
  switchyard bench transfers --scheduler blockstm --rewind on,off --config my.yaml`,
		Args: arguments(cobra.NoArgs),
	}
	f := cmd.Flags()
	f.StringSliceVar(&b.schedulers, "scheduler", b.schedulers, "schedulers to measure")
	f.StringSliceVar(&b.placements, "placement", b.placements, "where scheduler and VM run: builtin, process, shared:NAME")
	f.IntSliceVar(&b.accounts, "accounts", b.accounts, "numbers of accounts: fewer means more conflicts")
	f.IntSliceVar(&b.workers, "workers", b.workers, "numbers of workers, of schedulers that have them; 0 is what they choose")
	f.StringSliceVar(&b.rewind, "rewind", b.rewind, "on or off: whether attempts may go on from their first invalid read, of schedulers that can")
	f.StringArrayVar(&b.files, "config", nil, "measure the assembly of this `FILE`, too; repeat for more")
	f.Var(&b.workload, "workload", "`NAME` of the transactions: "+list(genesis.Names()))
	f.IntVar(&b.txs, "transactions", b.txs, "transactions of the block")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	f.Uint64Var(&b.seed, "seed", b.seed, "seed of the transfers")
	f.StringVar(&b.format, "format", b.format, "text, json or go (the format of Go benchmarks)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return b.run(cmd, c) }
	return cmd
}

func (b *transfersBench) run(cmd *cobra.Command, c *Call) error {
	format, err := report.ParseFormat(b.format, report.Text, report.JSON, report.Go)
	if err != nil {
		return misuse(err)
	}
	if b.rounds < 1 {
		return misuse(fmt.Errorf("--rounds is %d, want at least 1", b.rounds))
	}
	for _, r := range b.rewind {
		if r != "on" && r != "off" {
			return misuse(fmt.Errorf("--rewind is %q: there is on and off", r))
		}
	}
	var rows []bench.TransfersRow
	for _, accounts := range b.accounts {
		spec := genesis.Spec{Name: b.workload.text, Transactions: b.txs, Accounts: accounts, Seed: b.seed}
		if err := spec.Validate(); err != nil {
			return misuse(err)
		}
		more, err := b.measure(cmd, c, spec)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	rep := report.Report{Bench: "transfers", Env: report.Here(), Rows: rows}
	return rep.Write(cmd.OutOrStdout(), format)
}

// candidate is an assembly to be measured: a file, or the settings of one.
type candidate struct {
	file, scheduler, place, rewind string
	set                            []string
}

// candidates returns what to measure, the serial scheduler in this process first, since the others are compared with it.
func (b *transfersBench) candidates(c *Call) []candidate {
	base := candidate{scheduler: "serial", place: config.Builtin}
	all := []candidate{base}
	for _, place := range b.placements {
		for _, scheduler := range b.schedulers {
			if scheduler == base.scheduler && place == base.place {
				continue
			}
			all = append(all, b.variants(c, candidate{scheduler: scheduler, place: place})...)
		}
	}
	for _, file := range b.files {
		all = append(all, candidate{file: file})
	}
	return all
}

// variants returns a candidate with all numbers of workers and with and without rewinding, as far as its scheduler has settings
// for them.
func (b *transfersBench) variants(c *Call, of candidate) []candidate {
	all := []candidate{of}
	if c.schedulerHas(of.scheduler, "rewind") {
		all = nil
		for _, rewind := range b.rewind {
			v := of
			v.rewind, v.set = rewind, []string{"scheduler.config.rewind=" + rewind}
			all = append(all, v)
		}
	}
	if !c.schedulerHas(of.scheduler, "workers") {
		return all
	}
	var more []candidate
	for _, v := range all {
		for _, n := range b.workers {
			w := v
			w.set = append(slices.Clone(v.set), "scheduler.config.workers="+strconv.Itoa(n))
			more = append(more, w)
		}
	}
	return more
}

// schedulerHas reports whether a scheduler has a setting.
func (c *Call) schedulerHas(scheduler, key string) bool {
	f, err := c.Plugins.Find(plugin.Scheduler, scheduler)
	return err == nil && slices.Contains(plugin.Keys(f.Defaults()), key)
}

// measure opens the assemblies and measures them on one workload.
func (b *transfersBench) measure(cmd *cobra.Command, c *Call, spec genesis.Spec) (rows []bench.TransfersRow, err error) {
	var all []bench.Transferrer
	for _, k := range b.candidates(c) {
		cfg, forget, err := k.load(c)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, forget()) }()
		a, err := host.Assemble(cmd.Context(), c.Plugins, cfg)
		if err != nil {
			return nil, misuse(err)
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		t := bench.Transferrer{Scheduler: k.scheduler, Placement: k.place, Rewind: k.rewind, Sequencer: a.Sequencer()}
		if k.file != "" {
			t.Scheduler, t.Placement = cfg.Scheduler.Use, filepath.Base(k.file)
		}
		for _, kind := range plugin.Kinds() {
			if pid := a.PID(kind); pid != 0 && !slices.Contains(t.PIDs, pid) {
				t.PIDs = append(t.PIDs, pid)
			}
		}
		all = append(all, t)
	}
	return bench.Transfers(cmd.Context(), spec, b.rounds, all)
}

// load returns the configuration of a candidate, and what is to be called when it was measured: of a file as it is, but for the
// folder of its store, which is a new one; otherwise with the VM cairo and a store in memory.
func (k *candidate) load(c *Call) (*config.Config, func() error, error) {
	if k.file == "" {
		cfg, err := c.load(nil, append([]string{
			vmKey + "=" + starknetVM, "vm.place=" + k.place, "scheduler.use=" + k.scheduler, "scheduler.place=" + k.place, "store.use=memory",
		}, k.set...))
		return cfg, func() error { return nil }, err
	}
	cfg, err := c.load([]string{k.file}, nil)
	if err != nil {
		return nil, nil, err
	}
	if _, ok := cfg.Store.Config["path"]; !ok {
		return cfg, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "switchyard-bench-")
	if err != nil {
		return nil, nil, err
	}
	cfg, err = c.load([]string{k.file}, []string{"store.config.path=" + dir})
	return cfg, func() error { return os.RemoveAll(dir) }, err
}
