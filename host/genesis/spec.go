package genesis

import (
	"fmt"
	"slices"
	"strings"
)

// The workloads: what the transactions of a chain do.
const (
	// Transfers move an amount of STRK from one account to another. Two conflict if they have an account in common.
	Transfers = "transfers"
	// Swaps trade STRK for ETH or back at one of the exchanges, after approving it. All at one exchange conflict.
	Swaps = "swaps"
	// Mints take the next token of a collection. All of one collection conflict.
	Mints = "mints"
	// Mix is about half transfers, a quarter swaps, an eighth mints; some deploy a token through the deployer, some withdraw to
	// L1 and some are deposits from there, some are accounts that deploy themselves, funded a block before, and some declare a class,
	// of which the next block has a contract.
	Mix = "mix"
)

// Names returns the names of the workloads.
func Names() []string { return []string{Transfers, Swaps, Mints, Mix} }

// Spec says what the blocks of a chain are like. The zero value of every field has a meaning.
type Spec struct {
	// Name is what the transactions do: one of [Names]. Empty means transfers.
	Name string `koanf:"name"`
	// Transactions is the number per block. 0 means 1000.
	Transactions int `koanf:"transactions"`
	// Accounts is the number of accounts that send and receive: the fewer, the more conflicts. 0 means 1000.
	Accounts int `koanf:"accounts"`
	// Pools is the number of exchanges: the fewer, the more conflicts between swaps. 0 means 10.
	Pools int `koanf:"pools"`
	// Collections is the number of collections to mint from: the fewer, the more conflicts between mints. 0 means 10.
	Collections int `koanf:"collections"`
	// Zipf is the exponent with which some accounts, pools and collections are more popular than others. 0 means that
	// all are alike.
	Zipf float64 `koanf:"zipf"`
	// Seed chooses one of the many chains of this kind.
	Seed uint64 `koanf:"seed"`
	// FailPct is how many in a hundred transactions revert: they want more than there is.
	FailPct int `koanf:"fail_pct"`
}

// Limits of a Spec.
const (
	maxTransactions = 1_000_000
	maxAccounts     = 1_000_000
	maxContracts    = 100_000
	maxZipf         = 10
)

// Validate names the key that is wrong.
func (s *Spec) Validate() error {
	if s.Name != "" && !slices.Contains(Names(), s.Name) {
		return fmt.Errorf("name: %q is none of %s", s.Name, strings.Join(Names(), ", "))
	}
	if s.Accounts == 1 {
		return fmt.Errorf("accounts: 1 is not between 2 and %d, or 0", maxAccounts)
	}
	for _, c := range []struct {
		key      string
		n, limit int
	}{
		{"transactions", s.Transactions, maxTransactions},
		{"accounts", s.Accounts, maxAccounts},
		{"pools", s.Pools, maxContracts},
		{"collections", s.Collections, maxContracts},
		{"fail_pct", s.FailPct, 100},
	} {
		if c.n < 0 || c.n > c.limit {
			return fmt.Errorf("%s: %d is not between 0 and %d", c.key, c.n, c.limit)
		}
	}
	if !(s.Zipf >= 0 && s.Zipf <= maxZipf) { // refuses NaN, too
		return fmt.Errorf("zipf: %v is not between 0 and %d", s.Zipf, maxZipf)
	}
	return nil
}

// withDefaults returns s with nothing left unsaid.
func (s Spec) withDefaults() Spec {
	const block, people, contracts = 1000, 1000, 10
	if s.Name == "" {
		s.Name = Transfers
	}
	for _, d := range []struct {
		n     *int
		usual int
	}{{&s.Transactions, block}, {&s.Accounts, people}, {&s.Pools, contracts}, {&s.Collections, contracts}} {
		if *d.n == 0 {
			*d.n = d.usual
		}
	}
	return s
}
