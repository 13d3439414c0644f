package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/compare"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

func newCompare(c *Call) *cobra.Command {
	var set []string
	var work workloadFlags
	var record recording
	blocks, format := 5, "text"
	cmd := &cobra.Command{
		Use:   "compare A.yaml B.yaml ...",
		Short: "Run the same blocks through several assemblies",
		Long: `Compare runs the same blocks through the assemblies that the configuration files describe, one after the other,
and prints what each took (above the table: its median) and whether it agrees with the first: statuses, receipts, writes, classes and usage of
every transaction, the diff of the block, and the root where both use the same store. The blocks are made by the
section workload of the first file and the flags.

Exit status: 0 if all agree, 1 if one differs, 2 misuse.`,
		Example: `  switchyard compare examples/serial.yaml my-scheduler.yaml --workload p2p --accounts 10
  switchyard compare a.yaml b.yaml --workload mix --blocks 20 --format json`,
		ValidArgsFunction: files("yaml", "yml", "toml"),
		Args: arguments(func(_ *cobra.Command, files []string) error {
			if len(files) < 2 {
				return errors.New("name two configurations or more")
			}
			return nil
		}),
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "set one key in every configuration: `KEY=VALUE`")
	cmd.Flags().IntVar(&blocks, "blocks", blocks, "how many blocks to run")
	formatFlag(cmd, &format, report.Text, report.JSON)
	work.add(cmd.Flags())
	record.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		set = append(set, work.settings(cmd.Flags())...)
		if err := record.open(); err != nil {
			return err
		}
		assemblies, src, closeAll, err := c.openAssemblies(cmd.Context(), files, set, &record)
		if err != nil {
			return err
		}
		res, err := compareBlocks(cmd.Context(), assemblies, src, blocks)
		if err := errors.Join(err, closeAll(), record.close()); err != nil {
			return err
		}
		rep := report.Report{Command: "compare", Env: report.Here(), Run: res.Medians(), Rows: res.Rows}
		if err := rep.Write(cmd.OutOrStdout(), f); err != nil {
			return err
		}
		if len(res.Differences) > 0 {
			return &negative{strings.Join(res.Differences, "\n")}
		}
		return nil
	}
	return cmd
}

func compareBlocks(ctx context.Context, assemblies []compare.Assembly, src sequencer.Source, blocks int) (*compare.Result, error) {
	progress := report.NewProgress(os.Stderr)
	defer progress.Done()
	return compare.Run(ctx, assemblies, src, blocks, func(done int) {
		progress.Step(done, blocks, fmt.Sprintf("block %d of %d", done, blocks))
	})
}

// assemblyName returns the name of a file without its ending, with a number if it is taken.
func assemblyName(file string, taken []compare.Assembly) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	name := base
	for n := 2; slices.ContainsFunc(taken, func(a compare.Assembly) bool { return a.Name == name }); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

// openAssemblies makes one assembly per file, named like the file, and the workload of the first.
func (c *Call) openAssemblies(ctx context.Context, files, set []string, record *recording) (
	all []compare.Assembly, src sequencer.Source, closeAll func() error, err error,
) {
	var open []*host.Assembly
	closeAll = func() error {
		var errs []error
		for _, a := range open {
			errs = append(errs, a.Close())
		}
		return errors.Join(errs...)
	}
	for _, file := range files {
		cfg, err := c.load([]string{file}, set)
		if err == nil && src == nil {
			src, err = openWorkload(cfg)
		}
		if err != nil {
			return nil, nil, nil, errors.Join(err, closeAll())
		}
		a, err := host.Assemble(ctx, c.Plugins, cfg)
		if err != nil {
			return nil, nil, nil, errors.Join(misuse(fmt.Errorf("%s: %w", file, err)), closeAll())
		}
		open = append(open, a)
		name := assemblyName(file, all)
		s := &sequencer.Sequencer{Scheduler: a.Scheduler, VM: a.VM, Store: a.Store, Record: record.of(name, cfg.Scheduler)}
		all = append(all, compare.Assembly{
			Name:       name,
			Sequencer:  s,
			Commitment: cfg.Store.Use,
		})
	}
	return all, src, closeAll, nil
}
