package cli

import (
	"fmt"
	"reflect"
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
	f.Var(&word{of: workload.Names()}, "workload", "`NAME` of the transactions to make up: "+list(workload.Names()))
	f.Int("transactions", 0, "transactions per block")
	f.Int("accounts", 0, "accounts to choose from: fewer means more conflicts")
	f.Uint64("seed", 0, "which of the many workloads of this kind")
	f.Int("cost-us", 0, "processor time of a transaction, in microseconds")
	f.IntSlice("read-at", nil, "where in its cost a transaction reads, in percent")
	f.Float64("zipf", 0, "how much more popular some accounts are than others")
	f.Int("fail-pct", 0, "how many in a hundred transactions revert")
	f.Var(&word{of: fees}, "fee", "how every transaction increases a hot pair of cells, as a `WORD`: "+list(fees))
	*w = workloadFlags{
		"workload": "name", "transactions": "transactions", "accounts": "accounts", "seed": "seed", "cost-us": "cost",
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

// openWorkload makes the workload of a configuration: signed transactions of a chain of its own if its VM executes
// Starknet's, synthetic ones if not.
func openWorkload(cfg *config.Config) (source, error) {
	spec := workload.Spec{Transactions: cfg.Block.Transactions}
	if err := plugin.Decode(cfg.Workload, &spec); err != nil {
		return nil, misuse(fmt.Errorf("workload: %w", err))
	}
	if cfg.VM.Use == starknetVM {
		return openTransfers(spec)
	}
	w, err := workload.New(spec)
	if err != nil {
		return nil, misuse(err)
	}
	return w, nil
}

// openTransfers makes a chain with signed transfers.
func openTransfers(s workload.Spec) (source, error) {
	own := genesis.Spec{Transactions: s.Transactions, Accounts: s.Accounts, Seed: s.Seed, FailPct: s.FailPct}
	rest := s
	rest.Transactions, rest.Accounts, rest.Seed, rest.FailPct = 0, 0, 0, 0
	if rest.Name == "p2p" {
		rest.Name = ""
	}
	if !reflect.DeepEqual(rest, workload.Spec{}) {
		return nil, misuse(fmt.Errorf("workload: the VM %s executes signed transfers (p2p), "+
			"which have transactions, accounts, seed and fail_pct and nothing else", starknetVM))
	}
	t, err := genesis.NewTransfers(own)
	if err != nil {
		return nil, misuse(fmt.Errorf("workload: %w", err))
	}
	return t, nil
}
