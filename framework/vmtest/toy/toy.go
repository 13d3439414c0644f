// Package toy is a VM that can be read in ten minutes and yet does all that a VM may do. Tests of schedulers, of the
// wire and of the VM suite run it. It knows nothing of felts: its words use all 256 bits.
//
// A transaction is a script: instructions separated by semicolons or newlines, which work on one accumulator.
//
//	load X        acc = the cell named X             plus N    acc += N, modulo 2^256; N is decimal or 0x...
//	store X       the cell named X = acc             minus N   acc -= N, modulo 2^256
//	point X       acc = the slot of the cell X       set N     acc = N
//	follow        acc = the cell whose slot is acc   header    acc = the number in the block's header
//	need N        revert unless acc >= N             hash      acc = SHA-256 of acc
//	keep          what was done so far outlives      spin N    hash acc N times; without N, acc times
//	              a later revert
//	pay X N       add N to the balance X             reject    reject the transaction
//	balance X     acc = lower half of balance X      declare C SCRIPT   declare class C; | stands for ;
//	call C        run the script of class C
//
// A transfer, for example, is "load alice; need 10; minus 10; store alice; load bob; plus 10; store bob".
// What is no script is rejected. Receipts hold the accumulator and, of what failed, the reason.
//
// Usage counter 0 counts steps, counter 1 the cells changed, each once in a block.
package toy

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// Protocol is the only protocol that the VM knows.
const Protocol = "toy"

// The spaces of the keys that the VM uses.
const (
	Cells        uint8 = iota // what load and store use
	BalancesLow               // lower 128 bits of balances
	BalancesHigh              // upper 128 bits of balances
	Classes                   // 1 if the class is declared
)

// VM is the toy VM. The zero value is ready for use.
type VM struct{}

var _ framework.VM = VM{}

// Open implements [framework.VM]. A header is empty or a number.
func (VM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.Protocol != Protocol {
		return nil, fmt.Errorf("toy: unknown protocol %q", b.Protocol)
	}
	e := &Executor{capacity: b.Capacity, logs: make(map[framework.TxIndex]attempt), learnt: make(map[string][]framework.Key)}
	if len(b.Header) > 0 {
		n, err := number(string(b.Header))
		if err != nil {
			return nil, fmt.Errorf("toy: header: %w", err)
		}
		e.header = n
	}
	return e, nil
}

// Executor executes scripts. It is a [framework.Rewinder] and a [framework.Predictor].
type Executor struct {
	capacity []uint64
	header   framework.Word

	mu     sync.Mutex
	closed bool                          // guarded by mu, like all below
	logs   map[framework.TxIndex]attempt // the last attempt of each transaction
	learnt map[string][]framework.Key    // by body
}

var (
	_ framework.Executor  = (*Executor)(nil)
	_ framework.Rewinder  = (*Executor)(nil)
	_ framework.Predictor = (*Executor)(nil)
)

// Execute implements [framework.Executor].
func (e *Executor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	return e.run(ctx, attempt{version: v, tx: *tx}, view, out)
}

// Finish implements [framework.Executor]. It counts the transactions of all blocks in the cell named "transactions".
func (e *Executor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	if err := e.usable(ctx); err != nil {
		return nil, err
	}
	key := Cell("transactions")
	var count [1]framework.Word
	if err := view.Read(ctx, []framework.Key{key}, count[:]); err != nil {
		return nil, err
	}
	return []framework.Write{{Key: key, Value: plus(count[0], framework.Word{uint64(len(final))})}}, nil
}

// Close implements [framework.Executor].
func (e *Executor) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	clear(e.logs)
	clear(e.learnt)
	return nil
}

func (e *Executor) usable(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return framework.ErrClosed
	}
	return ctx.Err()
}

// run makes the attempt a, whose log holds the reads that need not be asked again.
func (e *Executor) run(ctx context.Context, a attempt, view framework.View, out *framework.Outcome) error {
	if err := e.usable(ctx); err != nil {
		return err
	}
	m := &machine{ctx: ctx, view: view, exact: a.tx.Mode&framework.Exact != 0, header: e.header, replay: a.log}
	err := m.script(string(a.tx.Body), 0)
	e.remember(attempt{version: a.version, tx: a.tx, log: m.log})
	return m.finish(err, e.capacity, out)
}
