package vmlink

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// block is one block that is open at the VM.
type block struct {
	h     *Handler
	block *framework.Block
	ex    framework.Executor
	state *replica.Block

	rewinder  framework.Rewinder  // nil if the executor is none
	predictor framework.Predictor // likewise
	publisher framework.Publisher // likewise

	// Memory of the goroutine that reads the link.
	writes []framework.Write
	adds   []framework.Add

	mu        sync.Mutex // guards all below
	runs      map[framework.TxIndex]*history
	finals    []framework.Final
	kept      map[framework.TxIndex]kept // what their last runs came to, if that is kept
	forgotten map[framework.TxIndex]bool // those not settled
	settled   framework.TxIndex          // all transactions below were forgotten
}

// history is what is known of the runs of one transaction.
type history struct {
	next    uint32 // number of the next run: what the VM knows as its incarnation
	running int
}

func newBlock(h *Handler, b *framework.Block, ex framework.Executor) *block {
	n := &block{
		h: h, block: b, ex: ex, state: replica.New(h.config.Cells),
		runs: map[framework.TxIndex]*history{}, forgotten: map[framework.TxIndex]bool{}, kept: map[framework.TxIndex]kept{},
	}
	n.rewinder, _ = ex.(framework.Rewinder)
	n.predictor, _ = ex.(framework.Predictor)
	n.publisher, _ = ex.(framework.Publisher)
	n.state.Base(b.Start)
	return n
}

// abilities returns what the executor is able to, as bits.
func (b *block) abilities() (bits uint8) {
	if b.rewinder != nil {
		bits |= isRewinder
	}
	if b.predictor != nil {
		bits |= isPredictor
	}
	return bits
}

func (b *block) close() (err error) {
	defer b.h.recoverFault(b.block.Number, framework.Version{Tx: framework.NoTx}, &err)
	defer b.state.Release() // runs that have not stopped yet find nothing there
	return b.ex.Close()
}

// number gives a run that begins its number at the VM, from 0 for each transaction. It reports whether the run that
// it shall go on from is the last and has ended.
func (b *block) number(r *run) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.runs[r.order.version.Tx]
	if h == nil {
		h = new(history)
		b.runs[r.order.version.Tx] = h
	}
	last := h.running == 0 && h.next > 0 && h.next-1 == r.order.from
	r.number, r.began = h.next, true
	h.next++
	h.running++
	return last
}

// ended takes note of the end of a run. One that has done nothing gives its number back.
func (b *block) ended(r *run, nothing bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.runs[r.order.version.Tx]
	if h == nil {
		return // forgotten meanwhile
	}
	h.running--
	if nothing && h.next-1 == r.number {
		h.next--
	}
}

// collect keeps finals until Finish is called.
func (b *block) collect(first bool, final []framework.Final) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first {
		b.finals = nil
	}
	b.finals = append(b.finals, final...)
}

// collected returns the finals that were collected, once.
func (b *block) collected() []framework.Final {
	b.mu.Lock()
	defer b.mu.Unlock()
	final := b.finals
	b.finals = nil
	return final
}

// publish tells the executor first: what it reads was published.
func (b *block) publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	if v.Tx == framework.NoTx {
		b.state.Suggest(writes)
		return
	}
	if b.publisher != nil {
		b.harmless(func() { b.publisher.Publish(v, writes, adds) })
	}
	b.state.Publish(v, writes, adds)
}

func (b *block) estimate(v framework.Version) {
	if b.publisher != nil {
		b.harmless(func() { b.publisher.Estimate(v) })
	}
	b.state.Estimate(v)
}

// forget tells the executor, and settles what is final: transactions are forgotten when they are, or when they are
// left out, and those are the last.
func (b *block) forget(tx framework.TxIndex) {
	if b.rewinder != nil {
		b.harmless(func() { b.rewinder.Forget(tx) })
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if h := b.runs[tx]; h != nil && h.running == 0 {
		delete(b.runs, tx)
	}
	if tx < b.settled {
		return
	}
	b.forgotten[tx] = true
	before := b.settled
	for b.forgotten[b.settled] {
		delete(b.forgotten, b.settled)
		b.settled++
	}
	if b.settled > before {
		b.state.Settle(b.settled)
	}
}

func (b *block) learn(d *codec.Decoder) error {
	var tx framework.Tx
	d.Tx(&tx)
	reads, writes := d.Keys(nil), d.Keys(nil)
	if err := d.End(); err != nil {
		return err
	}
	if b.predictor != nil {
		b.harmless(func() { b.predictor.Learn(&tx, reads, writes) })
	}
	return nil
}

// predict returns the guesses for tx.
func (b *block) predict(tx *framework.Tx) (guesses []framework.Predicted) {
	if b.predictor != nil {
		b.harmless(func() { guesses = b.predictor.Predict(tx, nil) })
	}
	return guesses
}

// harmless calls the executor where nobody waits for an outcome: a panic is ignored.
func (b *block) harmless(f func()) {
	defer func() { _ = recover() }()
	f()
}
