package workload

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spec says what a workload is like. The zero value of every field has a meaning; the zero Spec is p2p.
type Spec struct {
	// Name is the generator: one of [Generators]. Empty means p2p.
	Name string `koanf:"name" doc:"Which transactions: chain, counter, independent, mix, p2p or random. Empty means p2p."`
	// Transactions is the number per block. 0 means 1000, for counter 80.
	Transactions int `koanf:"transactions" doc:"How many per block. 0 means 1000, for counter 80."`
	// Accounts is the number of accounts (in random: of cells) that the transactions choose from: the fewer, the
	// more conflicts. 0 means 1000, for mix 2000, for random 8.
	Accounts int `koanf:"accounts" doc:"How many accounts to choose from: fewer means more conflicts. 0 means 1000, for mix 2000, for random 8."`
	// Seed chooses one of the many workloads of this kind. The same seed gives the same bytes everywhere.
	Seed uint64 `koanf:"seed" doc:"Which of the many workloads of this kind."`

	// Cost is the CPU time that a transaction burns; in mix, a transfer. 0 means none.
	Cost time.Duration `koanf:"cost" doc:"Processor time of a transaction. 0 means none."`
	// Spread is the sigma of a log-normal distribution of costs around Cost. 0 means that all cost the same,
	// for mix 0.5.
	Spread float64 `koanf:"spread" doc:"Sigma of a log-normal distribution of costs. 0 means that all cost the same, for mix 0.5."`
	// ReadAt says where in its cost a transaction reads, in percent: entry i is for read i, the last one
	// also for all later reads. Empty means at the start. Writes are always at the end.
	ReadAt []int `koanf:"read_at" doc:"Where in its cost a transaction reads, in percent. Empty means at the start."`

	// Zipf is the exponent with which some accounts (in mix: pools) are more popular than others. 0 means that
	// all are alike, for mix 1.2.
	Zipf float64 `koanf:"zipf" doc:"How much more popular some accounts are than others. 0 means that all are alike, for mix 1.2."`
	// Reads and Writes are the numbers of cells that a transaction of independent reads and writes, and about the
	// numbers for random. The other generators have numbers of their own. 0 means 2.
	Reads  int `koanf:"reads" doc:"How many cells a transaction of independent or random reads. 0 means 2."`
	Writes int `koanf:"writes" doc:"How many cells a transaction of independent or random writes. 0 means 2."`

	// FailPct is how many in a hundred transactions revert at their end.
	FailPct int `koanf:"fail_pct" doc:"How many in a hundred transactions revert."`
	// Fee adds a pair of cells that every transaction increases, also if it reverts: none (also if empty), key (it
	// reads and writes them) or add (by an addition). The state after a block is the same for key and add.
	Fee string `koanf:"fee" doc:"A hot pair of cells that every transaction increases: none, key or add. Empty means none."`
	// Classes, if not 0, is the number of classes that the accounts have, and every transaction then calls its
	// sender. In random it is the number declared in a block; 0 means 4.
	Classes int `koanf:"classes" doc:"How many classes the accounts have, which transactions then call. 0 means none, for random 4."`
}

// The limits of a Spec: large enough for any use, and small enough that nothing overflows.
const (
	maxTransactions = 10_000_000
	maxAccounts     = 8_000_000
	maxCells        = 10_000
	maxClasses      = 100_000
	maxSpread       = 4
	maxZipf         = 10
	maxCost         = time.Hour
)

// The kinds of fee.
const (
	feeNone = "none"
	feeKey  = "key"
	feeAdd  = "add"
)

// Validate names the key that is wrong.
func (s Spec) Validate() error {
	if _, ok := find(s.Name); !ok {
		return fmt.Errorf("name: %q is none of %s", s.Name, strings.Join(Names(), ", "))
	}
	for _, c := range []struct {
		key      string
		n, limit int
	}{
		{"transactions", s.Transactions, maxTransactions},
		{"accounts", s.Accounts, maxAccounts},
		{"reads", s.Reads, maxCells},
		{"writes", s.Writes, maxCells},
		{"fail_pct", s.FailPct, 100},
		{"classes", s.Classes, maxClasses},
	} {
		if c.n < 0 || c.n > c.limit {
			return fmt.Errorf("%s: %d is not between 0 and %d", c.key, c.n, c.limit)
		}
	}
	if s.Cost < 0 || s.Cost > maxCost {
		return fmt.Errorf("cost: %v is not between 0 and %v", s.Cost, maxCost)
	}
	// Written so that they refuse NaN, too.
	if !(s.Spread >= 0 && s.Spread <= maxSpread) {
		return fmt.Errorf("spread: %v is not between 0 and %d", s.Spread, maxSpread)
	}
	if !(s.Zipf >= 0 && s.Zipf <= maxZipf) {
		return fmt.Errorf("zipf: %v is not between 0 and %d", s.Zipf, maxZipf)
	}
	for i, at := range s.ReadAt {
		if at < 0 || at > 100 || i > 0 && at < s.ReadAt[i-1] {
			return fmt.Errorf("read_at: %v is not a rising list of percentages", s.ReadAt)
		}
	}
	if !slices.Contains([]string{"", feeNone, feeKey, feeAdd}, s.Fee) {
		return fmt.Errorf("fee: %q is none of none, key, add", s.Fee)
	}
	return nil
}

// withDefaults returns s with nothing left unsaid. s must be valid.
func (s Spec) withDefaults() Spec {
	g, _ := find(s.Name)
	s.Name = g.Name
	d := g.defaults
	setDefault(&s.Transactions, d.Transactions, 1000)
	setDefault(&s.Accounts, d.Accounts, 1000)
	setDefault(&s.Reads, d.Reads, 2)
	setDefault(&s.Writes, d.Writes, 2)
	setDefault(&s.Spread, d.Spread, 0)
	setDefault(&s.Zipf, d.Zipf, 0)
	setDefault(&s.Classes, d.Classes, 0)
	setDefault(&s.Fee, feeNone, "")
	s.ReadAt = slices.Clone(s.ReadAt)
	if len(s.ReadAt) == 0 {
		s.ReadAt = []int{0}
	}
	return s
}

// setDefault sets *v, if it is zero, to the first of two values that is not.
func setDefault[T comparable](v *T, first, second T) {
	var zero T
	if *v == zero {
		*v = first
	}
	if *v == zero {
		*v = second
	}
}
