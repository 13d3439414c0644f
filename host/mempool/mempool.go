// Package mempool keeps the transactions that wait for a block: per sender a queue of nonces, among senders the highest tip
// first, and what came first of equal tips. [Admission] decides what may wait, and [Supply] hands it to a sequencer.
package mempool

import (
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Limits bound a [Pool]. The zero value of a field has the default of [DefaultLimits].
type Limits struct {
	// Transactions and Bytes are how many, and how much of them, wait at most.
	Transactions int
	Bytes        int
	// TTL is how long a transaction waits before it is dropped, unless it has been handed out.
	TTL time.Duration
	// Gap is how far above the next nonce of its sender that of a transaction may be.
	Gap uint64
}

// DefaultLimits are those of the public networks, and a number of transactions that fits into their bytes.
func DefaultLimits() Limits {
	return Limits{Transactions: 200_000, Bytes: 1 << 30, TTL: time.Minute, Gap: 200}
}

func (l *Limits) fill() {
	d := DefaultLimits()
	if l.Transactions == 0 {
		l.Transactions = d.Transactions
	}
	if l.Bytes == 0 {
		l.Bytes = d.Bytes
	}
	if l.TTL == 0 {
		l.TTL = d.TTL
	}
	if l.Gap == 0 {
		l.Gap = d.Gap
	}
}

// Tx is a transaction that waits.
type Tx struct {
	framework.Tx
	Sender felt.Felt
	Nonce  uint64
	// Tip orders transactions. Price is the most that the sender pays for a unit of L2 gas: below the price of the block
	// that is to be made it is not handed out.
	Tip   uint64
	Price starknet.Uint128
	// Deploys says that it deploys its sender.
	Deploys bool
}

// Hash returns the hash that names the transaction.
func (t *Tx) Hash() felt.Felt { return felt.Felt(t.ID) }

// Reason says why a transaction was refused.
type Reason uint8

// The reasons.
const (
	Malformed Reason = iota // it can never be valid
	Duplicate               // it waits already
	WrongNonce
	Underpriced // it does not pay enough more than the one that it would replace
	Full
	FeeTooLow // its bounds are below the prices of the block
	Unaffordable
	BoundsTooLow // they do not even pay for validation
	Invalid      // the account does not want it
	NoAccount    // the sender is no account
	Declared     // the class is declared already
	Unsupported  // version
	ClassTooLarge
	ClassUnsupported
	CompileFailed
	CompiledMismatch
	BadProof // proof facts without a proof that can be checked
	NoClass  // what is to be deployed is not declared
	Internal // nothing is wrong with it
)

// Refusal is why a transaction may not wait. It is what the sender is told.
type Refusal struct {
	Reason Reason
	Text   string
}

// Error returns the text.
func (r *Refusal) Error() string { return r.Text }

func refuse(why Reason, format string, args ...any) *Refusal {
	return &Refusal{why, fmt.Sprintf(format, args...)}
}
