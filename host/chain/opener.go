package chain

import (
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

// Opener begins the blocks of a chain. It is safe for concurrent use.
type Opener struct {
	genesis func() *framework.Diff
	header  func(n framework.BlockNumber) *starknet.Environment
	ledger  *ledger.Ledger
	now     func() time.Time

	mu   sync.Mutex
	last uint64 // time of the block that was begun last; guarded by mu
}

var _ mempool.Opener = (*Opener)(nil)

// NewOpener returns an opener of blocks that begin with what header says. The time of a block is that of the clock now, but never
// before that of a block that was begun earlier.
func NewOpener(
	genesis func() *framework.Diff, header func(n framework.BlockNumber) *starknet.Environment, l *ledger.Ledger, now func() time.Time,
) *Opener {
	return &Opener{genesis: genesis, header: header, ledger: l, now: now}
}

// Genesis implements [mempool.Opener].
func (o *Opener) Genesis() *framework.Diff { return o.genesis() }

// Open implements [mempool.Opener].
func (o *Opener) Open(n framework.BlockNumber) *framework.Block {
	env := o.header(n)
	env.Header.Timestamp = o.time()
	return &framework.Block{
		Number: n, Protocol: env.Header.Protocol, Header: starknet.AppendEnvironment(nil, env),
	}
}

// time returns the time of a block that begins now.
func (o *Opener) time() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last == 0 { // the blocks before this start are of a clock that may have been ahead
		if n, _, ok := o.ledger.Head(); ok {
			if h, err := o.ledger.Header(n); err == nil {
				o.last = h.Timestamp
			}
		}
	}
	o.last = max(o.last, uint64(max(o.now().Unix(), 1))) //nolint:gosec // not negative
	return o.last
}
