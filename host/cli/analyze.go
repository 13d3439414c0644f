package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/analyze"
)

// analysis is what `analyze` was asked to do.
type analysis struct {
	format, out, simulator string
	block                  int64
	hinted                 int
	workers                []int
}

// The forms in which analyze prints.
const (
	asText   = "text"
	asJSON   = "json"
	asHTML   = "html"
	asDOT    = "dot"
	asChrome = "chrome"
)

func newAnalyze(c *Call) *cobra.Command {
	a := &analysis{format: asText, block: -1, hinted: 100, workers: analyze.DefaultWorkers()}
	cmd := &cobra.Command{
		Use:   "analyze TRACE [TRACE...]",
		Short: "Show what a scheduler made of a block",
		Long: `Analyze reads traces, which run, compare and bench scheduler write with --record, and says what happened: which
attempts were in vain and why, what the transactions wait for, what the block allows and how far the scheduler came, and
what a simulation predicts for other policies and numbers of workers.

Of each assembly in the traces it takes the last block, or that of --block. Several are shown side by side, with the names of
their files. The formats: text; json; html, one page that needs no network; dot, the dependency graph for Graphviz; chrome, for
ui.perfetto.dev and chrome://tracing.`,
		Example: `  switchyard run --blocks 3 --record block.trace --accounts 10 --cost-us 100 --set scheduler.use=blockstm
  switchyard analyze block.trace
  switchyard analyze block.trace --format html --out block.html`,
		Args: arguments(cobra.MinimumNArgs(1)),
	}
	f := cmd.Flags()
	f.StringVar(&a.format, "format", a.format, "text, json, html, dot or chrome")
	f.StringVar(&a.out, "out", "", "write to this `FILE` instead of the standard output")
	f.Int64Var(&a.block, "block", a.block, "the number of the block; the last one if it is negative")
	f.StringVar(&a.simulator, "simulator", "", "the scheduler that predicts (default the first that can)")
	f.IntVar(&a.hinted, "hinted", a.hinted, "for how many transactions in a hundred predictions assume known accesses")
	f.IntSliceVar(&a.workers, "workers", a.workers, "numbers of workers to predict for")
	cmd.RunE = func(cmd *cobra.Command, files []string) error { return a.run(cmd, c, files) }
	return cmd
}

func (a *analysis) run(cmd *cobra.Command, c *Call, files []string) error {
	if formats := []string{asText, asJSON, asHTML, asDOT, asChrome}; !slices.Contains(formats, a.format) {
		return misuse(fmt.Errorf("no format %q, there is %q", a.format, formats))
	}
	blocks, err := a.read(files)
	if err != nil {
		return err
	}
	config := analyze.Config{Hinted: a.hinted, Workers: a.workers}
	if config.Simulator, err = a.findSimulator(cmd, c); err != nil {
		return err
	}
	var reports []*analyze.Report
	for _, b := range blocks {
		r, err := analyze.Block(cmd.Context(), b, config)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	if a.out == "" {
		return a.write(cmd.OutOrStdout(), reports)
	}
	file, err := os.Create(a.out)
	if err != nil {
		return misuse(err)
	}
	return errors.Join(a.write(file, reports), file.Close())
}

// mostBlocks is how many blocks are shown side by side.
const mostBlocks = 8

// read reads the files and picks the blocks to look at.
func (a *analysis) read(files []string) ([]*trace.Block, error) {
	var picked []*trace.Block
	for _, name := range files {
		blocks, err := readTrace(name)
		if err != nil {
			return nil, misuse(fmt.Errorf("%s: %w", name, err))
		}
		first := len(picked)
		for _, b := range blocks {
			if len(files) > 1 {
				b.Label = strings.TrimSuffix(filepath.Base(name)+", "+b.Label, ", ")
			}
			if a.block >= 0 && b.Number != framework.BlockNumber(a.block) {
				continue
			}
			same := func(o *trace.Block) bool { return o.Label == b.Label && o.Scheduler == b.Scheduler }
			if n := slices.IndexFunc(picked[first:], same); n >= 0 {
				picked[first+n] = b
				continue
			}
			picked = append(picked, b)
		}
	}
	switch {
	case len(picked) == 0 && a.block >= 0:
		return nil, misuse(fmt.Errorf("no trace of block %d", a.block))
	case len(picked) == 0:
		return nil, misuse(errors.New("the trace holds no block"))
	case len(picked) > mostBlocks:
		return nil, misuse(fmt.Errorf("the traces hold blocks of %d assemblies, at most %d can be shown", len(picked), mostBlocks))
	}
	return picked, nil
}

func readTrace(name string) ([]*trace.Block, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return trace.ReadAll(file)
}

// findSimulator returns the scheduler that predicts, or nil if there is none.
func (a *analysis) findSimulator(cmd *cobra.Command, c *Call) (trace.Simulator, error) {
	ids := c.Plugins.IDs(plugin.Scheduler)
	if a.simulator != "" {
		ids = []string{a.simulator}
	}
	for _, id := range ids {
		f, err := c.Plugins.Find(plugin.Scheduler, id)
		if err != nil {
			return nil, misuse(err)
		}
		s, err := f.OpenScheduler(cmd.Context(), nil)
		if err != nil {
			return nil, err
		}
		if simulator, ok := plugin.As[trace.Simulator](s); ok {
			return simulator, nil
		}
	}
	if a.simulator != "" {
		return nil, misuse(fmt.Errorf("--simulator: scheduler %s cannot predict", a.simulator))
	}
	return nil, nil //nolint:nilnil // to have none is fine
}

func (a *analysis) write(w io.Writer, reports []*analyze.Report) error {
	switch a.format {
	case asJSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(map[string]any{"command": "analyze", "rows": reports})
	case asHTML:
		return analyze.WriteHTML(w, reports)
	case asDOT:
		for _, r := range reports {
			if err := analyze.WriteDOT(w, r); err != nil {
				return err
			}
		}
		return nil
	case asChrome:
		return analyze.WriteChrome(w, reports)
	}
	return analyze.WriteText(w, reports)
}
