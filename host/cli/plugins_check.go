package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/conformance"
	"github.com/switchyard-dev/switchyard/host/plugins"
	"github.com/switchyard-dev/switchyard/host/report"
)

// pluginTest is what `plugins test` was asked to do.
type pluginTest struct {
	how             targetFlags
	kind, which     string
	carriers, set   []string
	format, cells   string
	workload, cases string
	verbose         bool
	options         conformance.Options
}

func newPluginsTest(c *Call) *cobra.Command {
	p := &pluginTest{format: "text", cells: "any", workload: "random"}
	cmd := &cobra.Command{
		Use:   "test NAME|PROGRAM|SOCKET",
		Short: "Check that a plugin keeps its contract",
		Long: `Test runs the conformance suite of a plugin's kind on it: a named test for every promise of the contract. The plugin runs
in a process and is called over direct links, with every carrier that it has, so it can be written in any language.

--run selects tests as go test does: by regular expressions between slashes, such as 'end/from_a_final$'. --set gives
the plugin settings, by the key below its section. For a store, {dir} in a value is a new folder for each store, whose
blocks the suite expects to find there again. For a VM, --workload makes transactions as the VM synthetic executes them,
and --cases reads others from a file: host/conformance/cases.go says what is in it.

Exit status: 0 if the plugin passes, 1 if a test fails, 2 if it could not be tested.`,
		Example: `  switchyard plugins test blockstm --set workers=2
  switchyard plugins test ./my-scheduler --run 'end|final' --verbose
  switchyard plugins test ./my-store --set 'path={dir}' --cells starknet
  switchyard plugins test /tmp/debugged.sock --carrier frames/1`,
		Args:              arguments(one("a plugin: its id, the path of its program, or a socket")),
		ValidArgsFunction: c.completePlugin,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.run(cmd, c, args[0]) },
	}
	f := cmd.Flags()
	p.how.add(cmd)
	pluginFlag(cmd, &p.which)
	f.StringVar(&p.kind, "kind", "", "test only what is a `KIND`: scheduler, vm or store")
	f.StringArrayVar(&p.carriers, "carrier", nil, "test only over this carrier: frames/1 or grpc-stream/1; repeat for more")
	f.StringVar(&p.options.Run, "run", "", "run only the tests that match `REGEXP`")
	f.StringArrayVar(&p.set, "set", nil, "set one key of the plugin: `KEY=VALUE`")
	f.Uint64Var(&p.options.Seed, "seed", 0, "which random tests are made")
	f.DurationVar(&p.options.Deadline, "deadline", 0, "how long one run of a scheduler, call of a VM, or test of a store may take (default that of the suite, and a minute)")
	f.IntVar(&p.options.Blocks, "blocks", 0, "random blocks for a scheduler (default 300)")
	f.IntVar(&p.options.Store.Retain, "retain", 0, "how many blocks the store was told to keep: at least 8, 0 for all")
	f.StringVar(&p.cells, "cells", p.cells, "which cells the store takes: any or starknet")
	f.StringVar(&p.options.Store.Protocol, "protocol", "", "version of the protocol that the store is told")
	f.StringVar(&p.workload, "workload", p.workload, "what a VM executes, by the `NAME` of a workload: "+list(workload.Names()))
	f.StringVar(&p.cases, "cases", "", "what a VM executes instead: a JSON `FILE`")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "print every test")
	formatFlag(cmd, &p.format, report.Text, report.JSON)
	_ = cmd.RegisterFlagCompletionFunc("set", c.completeOwnSet) // never fails: the flag is there
	return cmd
}

func (p *pluginTest) run(cmd *cobra.Command, c *Call, name string) error {
	format, err := report.ParseFormat(p.format, report.Text, report.JSON)
	if err != nil {
		return misuse(err)
	}
	if err := p.check(); err != nil {
		return misuse(err)
	}
	target, err := plugins.Resolve(c.Plugins, name)
	if err != nil {
		return misuse(err)
	}
	start := func(ctx context.Context) (*plugins.Running, error) {
		return target.Start(ctx, p.how.timeout, p.how.logger(cmd.ErrOrStderr()))
	}
	subjects, carriers, err := p.subjects(cmd.Context(), start)
	if err != nil {
		return misuse(fmt.Errorf("%s cannot be tested: %w%s", name, err, hint(target)))
	}
	out := &testPrinter{w: cmd.OutOrStdout(), verbose: p.verbose, quiet: format == report.JSON, slashes: strings.Count(p.options.Run, "/")}
	for _, d := range subjects {
		for _, carrier := range carriers {
			if err := p.test(cmd.Context(), start, d, carrier, out); err != nil {
				return err
			}
		}
	}
	if format == report.JSON {
		rep := report.Report{Command: "plugins test", Env: report.Here(), Rows: out.rows}
		if err := rep.Write(cmd.OutOrStdout(), format); err != nil {
			return err
		}
	}
	switch {
	case out.failed > 0:
		return &negative{fmt.Sprintf("%d of %d tests failed", out.failed, out.ran())}
	case out.ran() == 0:
		return misuse(fmt.Errorf("--run %s matches no test", p.options.Run))
	}
	return nil
}

// hint says what a plugin is to who has a program that might be none.
func hint(t *plugins.Target) string {
	if t.Factory != nil {
		return ""
	}
	return "\nA plugin is a program whose main is serve.Main, or that does what framework/proto/switchyard/v1/control.proto says."
}

// check looks at the flags.
func (p *pluginTest) check() error {
	if p.kind != "" && !slices.Contains(plugin.Kinds(), plugin.Kind(p.kind)) {
		return fmt.Errorf("--kind %s: there is scheduler, vm and store", p.kind)
	}
	if p.cells != "any" && p.cells != "starknet" {
		return fmt.Errorf("--cells %s: there is any and starknet", p.cells)
	}
	if r := p.options.Store.Retain; r < 0 || r > 0 && r < 8 {
		return fmt.Errorf("--retain is %d, want 0 or at least 8", r)
	}
	p.options.Store.Starknet = p.cells == "starknet"
	return p.readCases()
}

// readCases makes what a VM executes.
func (p *pluginTest) readCases() (err error) {
	if p.cases == "" {
		p.options.VM, err = conformance.WorkloadCases(p.workload, p.options.Seed)
		return err
	}
	f, err := os.Open(p.cases)
	if err != nil {
		return err
	}
	defer f.Close()
	if p.options.VM, err = conformance.ReadCases(f); err != nil {
		return fmt.Errorf("%s: %w", p.cases, err)
	}
	return nil
}

// subjects returns what is tested, and over which carriers.
func (p *pluginTest) subjects(ctx context.Context, start conformance.Starter) (all []plugins.Description, carriers []string, err error) {
	r, err := start(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, r.Stop(context.WithoutCancel(ctx))) }()
	if all, err = r.Describe(ctx); err != nil {
		return nil, nil, err
	}
	if p.which != "" {
		d, err := choose(all, p.which)
		if err != nil {
			return nil, nil, err
		}
		all = []plugins.Description{d}
	}
	all = slices.DeleteFunc(all, func(d plugins.Description) bool { return p.kind != "" && string(d.Kind) != p.kind })
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("it serves no %s", p.kind)
	}
	carriers, err = conformance.Carriers(r.Info(), p.carriers)
	return all, carriers, err
}

// test tests one plugin over one carrier.
func (p *pluginTest) test(ctx context.Context, start conformance.Starter, d plugins.Description, carrier string, out *testPrinter) error {
	section, err := plugins.Section(d.Keys, p.set)
	if err != nil {
		return misuse(fmt.Errorf("--set: %w", err))
	}
	o := p.options
	o.Config = section
	out.begin(d.Info, carrier)
	if _, err := conformance.Run(ctx, start, d.Info, carrier, o, out.result); err != nil {
		return misuse(fmt.Errorf("%v cannot be tested: %w", d.Info, err))
	}
	out.end()
	return ctx.Err()
}
