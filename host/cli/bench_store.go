package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
)

// storeBench is what `bench store` was asked to do.
type storeBench struct {
	from                             configFlags
	cases, temperatures, vector      []string
	keys                             []int
	rounds                           int
	dir, format, plot, profiles, job string
}

func newBenchStore(c *Call) *cobra.Command {
	b := &storeBench{
		cases: names(bench.StoreCases()), temperatures: []string{bench.Warm, bench.Cold}, vector: []string{"true", "false"},
		keys: []int{1_000_000}, rounds: 5, format: "text",
	}
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Measure commits of a store beside gnark-crypto's hash",
		Long: `Bench store commits blocks (Stage and Seal) to the configured store and prints the medians over the rounds. Flags that
select rows can be repeated.

insert_100k puts 100,000 slots into an empty store, update_10k changes 10,000 slots of a contract with as many as --keys
says, and block_like changes 1,200 slots in 200 contracts of so many; the 200 have so many slots together. Warm blocks
follow others in one process, cold ones are the first of a new process with empty caches (the operating system keeps
its own). vector says whether hashes go through the vector instructions of the processor.

cpu_ms is the time of all threads, with what the database does in the background. gnark_pedersen_us, measured along
the way, is the processor time of one hash of gnark-crypto. NAME_peak_mb is the memory that a commit takes at most on
top of what the process had before, without what the caches of the store take, NAME_cache_mb, which their setting bounds.
These stand in the object "run" of the JSON form.`,
		Example: `  switchyard bench store --set store.use=trie
  switchyard bench store --config examples/trie.yaml --case update_10k --keys 100000,1000000,5000000 --plot curve.svg
  switchyard bench store --set store.use=trie --case block_like --vector true --temperature warm --cpu-profiles .`,
		Args: arguments(cobra.NoArgs),
	}
	f := cmd.Flags()
	b.from.add(f)
	f.StringSliceVar(&b.cases, "case", b.cases, "cases to measure")
	f.IntSliceVar(&b.keys, "keys", b.keys, "sizes of the state")
	f.StringSliceVar(&b.temperatures, "temperature", b.temperatures, "warm, cold")
	f.StringSliceVar(&b.vector, "vector", b.vector, "with the vector instructions of the processor or without: true, false")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	f.StringVar(&b.dir, "dir", "", "folder for the stores, which are removed (default the system's for temporary files)")
	f.StringVar(&b.plot, "plot", "", "draw the cost against the size of the state into this SVG `FILE`")
	f.StringVar(&b.profiles, "cpu-profiles", "", "write a profile of what is measured in each process into this `DIR`")
	formatFlag(cmd, &b.format, report.Text, report.JSON, report.Go)
	f.StringVar(&b.job, "job", "", "do one job of the benchmark in this process")
	_ = f.MarkHidden("job") // it exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if b.job != "" {
			return b.doJob(cmd, c)
		}
		return b.run(cmd, c)
	}
	return cmd
}

func names[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func (b *storeBench) run(cmd *cobra.Command, c *Call) error {
	format, err := report.ParseFormat(b.format, report.Text, report.JSON, report.Go)
	if err != nil {
		return misuse(err)
	}
	plan, err := b.plan()
	if err != nil {
		return misuse(err)
	}
	cfg, err := c.load(b.from.files, b.from.set)
	if err != nil {
		return err
	}
	if _, ok := c.dataFolder(cfg); !ok {
		return misuse(fmt.Errorf("store %s keeps nothing in a folder: try --set store.use=trie", cfg.Store.Use))
	}
	progress := report.NewProgress(os.Stderr)
	plan.Step = progress.Step
	plan.Process = b.process
	result, err := plan.Run(cmd.Context())
	progress.Done()
	if err != nil {
		return err
	}
	if b.plot != "" {
		if err := os.WriteFile(b.plot, bench.PlotStore(result.Points), 0o644); err != nil { //nolint:gosec // a picture for everybody
			return err
		}
	}
	rep := report.Report{Bench: "store", Env: report.Here(), Run: result.Run, Rows: result.Rows}
	return rep.Write(cmd.OutOrStdout(), format)
}

// plan checks the flags and says what to measure.
func (b *storeBench) plan() (*bench.StoreBench, error) {
	plan := &bench.StoreBench{Keys: b.keys, Temperatures: b.temperatures, Rounds: b.rounds, Dir: b.dir}
	if len(b.keys) == 0 || len(b.cases) == 0 {
		return nil, errors.New("--case and --keys need a value")
	}
	for _, name := range b.cases {
		plan.Cases = append(plan.Cases, bench.StoreCase(name))
		for _, keys := range b.keys {
			if err := bench.StoreCase(name).Check(keys); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range b.temperatures {
		if t != bench.Warm && t != bench.Cold {
			return nil, fmt.Errorf("--temperature %q: want %s or %s", t, bench.Warm, bench.Cold)
		}
	}
	for _, v := range b.vector {
		switch {
		case v != "true" && v != "false":
			return nil, fmt.Errorf("--vector %q: want true or false", v)
		case v == "false" || crypto.Default().Path() == crypto.Vector:
			plan.Vector = append(plan.Vector, v == "true")
		}
	}
	if len(plan.Vector) == 0 {
		return nil, errors.New("--vector true: this processor has not the instructions")
	}
	if b.rounds < 1 {
		return nil, fmt.Errorf("--rounds is %d, want at least 1", b.rounds)
	}
	return plan, nil
}

// process starts this program again for one job.
func (b *storeBench) process(ctx context.Context, name string, job bench.StoreJob) (*bench.StoreTimes, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	order, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Args = []string{"switchyard", "bench", "store", "--job", string(order)}
	for _, file := range b.from.files {
		cmd.Args = append(cmd.Args, "--config", file)
	}
	for _, set := range b.from.set {
		cmd.Args = append(cmd.Args, "--set", set)
	}
	if b.profiles != "" && !job.Build {
		cmd.Args = append(cmd.Args, "--cpu-profiles", filepath.Join(b.profiles, name+".pprof"))
	}
	var complaints bytes.Buffer // the runtime has some of its own about features that only x/sys/cpu knows
	cmd.Env, cmd.Stderr = os.Environ(), &complaints
	if !job.Vector {
		cmd.Env = append(cmd.Env, "GODEBUG="+strings.TrimPrefix(os.Getenv("GODEBUG")+",cpu.avx512ifma=off", ","))
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("process %s: %w\n%s", name, err, &complaints)
	}
	times := new(bench.StoreTimes)
	return times, json.Unmarshal(out, times)
}

// doJob is the process that was started for a job.
func (b *storeBench) doJob(cmd *cobra.Command, c *Call) (err error) {
	var job bench.StoreJob
	if err := json.Unmarshal([]byte(b.job), &job); err != nil {
		return misuse(fmt.Errorf("--job: %w", err))
	}
	if b.profiles != "" {
		f, err := os.Create(b.profiles)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	times, err := bench.RunStoreJob(cmd.Context(), job, func(ctx context.Context, dir string) (framework.Store, error) {
		if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
			return nil, err
		}
		set := append(b.from.set, "store.place="+config.Builtin, "store.config."+pathKey+"="+dir)
		cfg, err := c.load(b.from.files, set)
		if err != nil {
			return nil, err
		}
		a, err := host.AssembleStore(ctx, c.Plugins, cfg)
		if err != nil {
			return nil, err
		}
		return a.Store, nil
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(times)
}
