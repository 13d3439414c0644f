package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// workloadFlags are the flags that set keys of the section workload, by the name of the key.
type workloadFlags map[string]string

// add declares the flags. Those that are not given leave the key to the layers below.
func (w *workloadFlags) add(f *pflag.FlagSet) {
	f.Var(&word{of: workloadNames()}, "workload", "`NAME` of the transactions to make up: "+list(workload.Names())+"; with the VM cairo "+list(genesis.Names()))
	f.Int("transactions", 0, "transactions per block")
	f.Int("accounts", 0, "accounts to choose from: fewer means more conflicts")
	f.Int("pools", 0, "exchanges that signed swaps choose from: fewer means more conflicts")
	f.Int("collections", 0, "collections that signed mints choose from: fewer means more conflicts")
	f.Uint64("seed", 0, "which of the many workloads of this kind")
	f.Int("cost-us", 0, "processor time of a transaction, in microseconds")
	f.IntSlice("read-at", nil, "where in its cost a transaction reads, in percent")
	f.Float64("zipf", 0, "how much more popular some accounts are than others")
	f.Int("fail-pct", 0, "how many in a hundred transactions revert")
	f.Var(&word{of: fees}, "fee", "how every transaction increases a hot pair of cells, as a `WORD`: "+list(fees))
	*w = workloadFlags{
		"workload": "name", "transactions": "transactions", "accounts": "accounts", "pools": "pools", "collections": "collections", "seed": "seed", "cost-us": "cost",
		"read-at": "read_at", "zipf": "zipf", "fail-pct": "fail_pct", "fee": "fee",
	}
}

// fees are the ways in which a transaction pays.
var fees = []string{"none", "key", "add"}

// word is the value of a flag that is one of some words.
type word struct {
	text string
	of   []string
}

// String implements [pflag.Value].
func (w *word) String() string { return w.text }

// Type implements [pflag.Value].
func (w *word) Type() string { return "string" }

// Set implements [pflag.Value].
func (w *word) Set(text string) error {
	if !slices.Contains(w.of, text) {
		return fmt.Errorf("there is %s", list(w.of))
	}
	w.text = text
	return nil
}

// list returns words as a sentence has them.
func list(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// settings returns the flags that were given, as --set would say them.
func (w workloadFlags) settings(f *pflag.FlagSet) []string {
	var set []string
	f.Visit(func(flag *pflag.Flag) {
		key, ok := w[flag.Name]
		if !ok {
			return
		}
		value := flag.Value.String()
		if key == "cost" {
			value += "us"
		}
		set = append(set, "workload."+key+"="+value)
	})
	return set
}

// load reads the configuration of files, environment and settings, and checks it against the plugins.
func (c *Call) load(files, set []string) (*config.Config, error) {
	src := config.Sources{
		Env: c.Env, Set: set,
		Program: c.program(),
	}
	if len(files) > 0 {
		src.File, src.Files = files[0], files[1:]
	}
	cfg, err := config.Load(src)
	return cfg, misuse(err)
}

// source is a workload, with the number of transactions of its blocks.
type source interface {
	sequencer.Source
	Size() int
}

// starknetVM is the VM that executes Starknet's transactions.
const starknetVM = "cairo"

// workloadSection is what the section workload may hold: what a workload of the VM synthetic has, and one of signed transactions. Each
// takes what it has when it is made.
type workloadSection struct {
	workload.Spec `koanf:",squash"`

	Name        string `koanf:"name" doc:"Which transactions. Synthetic: chain, counter, independent, mix, p2p (also if empty) or random. Signed: transfers (also if empty), swaps, mints or mix."`
	Pools       int    `koanf:"pools" doc:"How many exchanges signed swaps choose from: fewer means more conflicts. 0 means 10."`
	Collections int    `koanf:"collections" doc:"How many collections signed mints choose from: fewer means more conflicts. 0 means 10."`
}

// Validate implements the check of [plugin.Decode].
func (s workloadSection) Validate() error {
	if signed := slices.Contains(genesis.Names(), s.Name); signed && !slices.Contains(workload.Names(), s.Name) {
		s.Spec.Name = ""
	}
	return s.Spec.Validate()
}

// workloadNames returns the names of all workloads.
func workloadNames() []string {
	names := append(workload.Names(), genesis.Names()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// openWorkload makes the workload of a configuration: signed transactions of a chain of its own if its VM executes
// Starknet's, synthetic ones if not.
func openWorkload(cfg *config.Config) (source, error) {
	if cfg.VM.Use == starknetVM {
		spec := genesis.Spec{Transactions: cfg.Block.Transactions}
		if err := plugin.Decode(cfg.Workload, &spec); err != nil {
			return nil, misuse(fmt.Errorf("workload of signed transactions: %w", err))
		}
		return opened(genesis.New(spec))
	}
	spec := workload.Spec{Transactions: cfg.Block.Transactions}
	if err := plugin.Decode(cfg.Workload, &spec); err != nil {
		return nil, misuse(fmt.Errorf("workload: %w", err))
	}
	return opened(workload.New(spec))
}

// opened returns a workload, or what is wrong with what was asked for.
func opened[W source](w W, err error) (source, error) {
	if err != nil {
		return nil, misuse(fmt.Errorf("workload: %w", err))
	}
	return w, nil
}
