package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
)

// What the VM of a measurement can do.
const (
	plainVM = "plain"
	ableVM  = "able"
)

// vmSection returns the configuration of a VM by what it can do. Other processes are told how fast this one takes the
// processor to be.
func vmSection(name string) (map[string]any, error) {
	switch name {
	case plainVM, ableVM:
		able := name == ableVM
		return map[string]any{"rewind": able, "predict": able, "pace": synthetic.Pace()}, nil
	}
	return nil, misuse(fmt.Errorf("--vm is %q, want %s or %s", name, plainVM, ableVM))
}

// rows measures everything with a VM of that kind.
func (b *schedulerBench) rows(cmd *cobra.Command, c *Call, vmName string) (rows []bench.SchedulerRow, err error) {
	section, err := vmSection(vmName)
	if err != nil {
		return nil, err
	}
	f, err := c.Plugins.Find(plugin.VM, "synthetic")
	if err != nil {
		return nil, misuse(err)
	}
	vm, err := f.OpenVM(cmd.Context(), section)
	if err != nil {
		return nil, err
	}
	candidates := candidates{bench: b, call: c, ctx: cmd.Context(), vm: section}
	defer func() { err = errors.Join(err, candidates.close()) }()
	if err := candidates.open(); err != nil {
		return nil, misuse(err)
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Done()
	done, total := 0, len(b.workloads)*len(b.accounts)*len(b.costs)
	for _, name := range b.workloads {
		for _, accounts := range b.accounts {
			for _, cost := range b.costs {
				progress.Step(done, total, fmt.Sprintf("%s, %d accounts, %d µs", name, accounts, cost))
				run := bench.Run{VM: vm, VMName: vmName, Rounds: b.rounds, Spec: workload.Spec{
					Name: name, Accounts: accounts, Transactions: b.txs, Seed: b.seed, ReadAt: b.readAt,
					Cost: time.Duration(cost) * time.Microsecond,
				}}
				run.Record = func(s bench.Candidate, t *trace.Block) {
					t.Label = fmt.Sprintf("%s, %s %d, %d µs, %s", s.Name, name, accounts, cost, vmName)
					b.record.write(t)
				}
				more, err := bench.Scheduler(cmd.Context(), run, candidates.all)
				if err != nil {
					return nil, err
				}
				rows = append(rows, more...)
				done++
			}
		}
	}
	return rows, nil
}

// candidates are the schedulers to be measured, and the processes that some of them run in.
type candidates struct {
	bench      *schedulerBench
	call       *Call
	ctx        context.Context //nolint:containedctx // that of the command: the candidates live as long
	vm         map[string]any
	all        []bench.Candidate
	assemblies []*host.Assembly
}

// open opens all schedulers, the serial one first: it is the baseline.
func (c *candidates) open() error {
	others := slices.DeleteFunc(slices.Clone(c.bench.schedulers), func(id string) bool { return id == "serial" })
	if err := c.add("serial", "serial", nil, config.Builtin, 0); err != nil {
		return err
	}
	for _, place := range c.bench.placements {
		if place != config.Builtin && place != config.Process {
			return fmt.Errorf("--placement is %q, want %s or %s", place, config.Builtin, config.Process)
		}
		for _, id := range others {
			if err := c.addWorkers(id, place); err != nil {
				return err
			}
		}
	}
	for _, file := range c.bench.files {
		cfg, err := c.call.load([]string{file}, nil)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		if err := c.add(name, cfg.Scheduler.Use, cfg.Scheduler.Config, config.Builtin, 0); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// addWorkers adds a scheduler for each number of workers, once if it has no such key.
func (c *candidates) addWorkers(id, place string) error {
	f, err := c.call.Plugins.Find(plugin.Scheduler, id)
	if err != nil {
		return err
	}
	keys, _ := f.Schema()["properties"].(map[string]any)
	if _, ok := keys["workers"]; !ok {
		return c.add(id, id, nil, place, 0)
	}
	for _, n := range c.bench.workers {
		section := map[string]any{"workers": n}
		if _, ok := keys["force_workers"]; ok && c.bench.force {
			section["force_workers"] = true
		}
		if err := c.add(id, id, section, place, n); err != nil {
			return err
		}
	}
	return nil
}

// add opens a scheduler where it is to run.
func (c *candidates) add(name, id string, section map[string]any, place string, workers int) error {
	if place == config.Builtin {
		f, err := c.call.Plugins.Find(plugin.Scheduler, id)
		if err != nil {
			return err
		}
		s, err := f.OpenScheduler(c.ctx, section)
		c.all = append(c.all, bench.Candidate{Name: name, Placement: place, Scheduler: s})
		return err
	}
	cfg := &config.Config{
		Scheduler: config.Part{Use: id, Place: place, Config: section},
		VM:        config.Part{Use: "synthetic", Place: place, Config: c.vm},
		Store:     config.Part{Use: "memory", Place: place},
	}
	a, err := host.Assemble(c.ctx, c.call.Plugins, cfg)
	if err != nil {
		return err
	}
	c.assemblies = append(c.assemblies, a)
	c.all = append(c.all, bench.Candidate{
		Name: name, Placement: place, Scheduler: a.Scheduler, Workers: workers, VM: a.VM,
		Base: func(ctx context.Context, genesis *framework.Diff) (framework.State, error) {
			return stage(ctx, a.Store, genesis)
		},
	})
	return nil
}

// stage makes the state after a genesis in a store that may hold another one.
func stage(ctx context.Context, s framework.Store, genesis *framework.Diff) (framework.State, error) {
	if err := s.Revert(ctx, framework.AtEmpty); err != nil {
		return nil, err
	}
	if err := s.Stage(ctx, 0, workload.Protocol, genesis); err != nil {
		return nil, err
	}
	return s.At(ctx, 0)
}

// close ends the processes.
func (c *candidates) close() error {
	var errs []error
	for _, a := range c.assemblies {
		errs = append(errs, a.Close())
	}
	return errors.Join(errs...)
}
