package mempool

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Opener begins blocks.
type Opener interface {
	// Genesis is the state that block 0 makes.
	Genesis() *framework.Diff
	// Open returns block n without transactions.
	Open(n framework.BlockNumber) *framework.Block
}

// Supply hands the transactions of a pool to a sequencer.
type Supply struct {
	Opener
	Pool *Pool
}

var _ sequencer.Supply = Supply{}

// batch is how many transactions are handed out at once. What was handed out keeps its place, so it is not more than what
// keeps a scheduler busy while the next ones are fetched.
const batch = 64

// Open implements [sequencer.Supply]. From then on, what pays less for L2 gas than the block asks for waits.
func (s Supply) Open(n framework.BlockNumber) *framework.Block {
	b := s.Opener.Open(n)
	if env, err := starknet.DecodeEnvironment(b.Header); err == nil {
		s.Pool.Reprice(env.Header.L2Gas.Fri)
	}
	return b
}

// Next implements [framework.Feed]. It never ends.
func (s Supply) Next(ctx context.Context) ([]framework.Tx, error) {
	for {
		txs, more := s.Pool.Take(batch)
		if len(txs) > 0 {
			return txs, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Sealed tells the pool what a block has made of its transactions.
func (s Supply) Sealed(b *sequencer.Sealed) {
	done := make([]Done, len(b.Finals))
	for i := range b.Finals {
		done[i] = Done{Hash: felt.Felt(b.Txs[i].ID), Rejected: b.Finals[i].Outcome.Status == framework.Rejected}
	}
	s.Pool.Commit(b.Number, done)
}
