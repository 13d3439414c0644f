package blockstm

import (
	"errors"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// delivery is what one call of Job.Final is made of. It belongs to the goroutine that hands out finals; its memory
// is reused.
type delivery struct {
	finals []framework.Final
	folded []core.Write // of all finals, one after the other
	ends   []int        // where in folded those of each end
	writes []framework.Write

	txs                   []*framework.Tx // what follows is filled in for a predictor only
	reads, wrote          []core.Key      // of all finals, one after the other
	accesses              []accesses
	keysRead, keysWritten []framework.Key
}

// accesses says where in a delivery those of a transaction end.
type accesses struct{ reads, wrote int }

func (d *delivery) reset() {
	clear(d.txs)
	d.finals, d.folded, d.ends, d.writes = d.finals[:0], d.folded[:0], d.ends[:0], d.writes[:0]
	d.txs, d.reads, d.wrote, d.accesses = d.txs[:0], d.reads[:0], d.wrote[:0], d.accesses[:0]
}

// lag is how many attempts are made before finals are handed out, if there is something else to do: whoever hands out many at
// a time keeps what the host remembers near its processor.
const lag = 8

// quickHost is the time for one outcome below which a host is so quick that waking somebody else up, to call it, is not
// worth it.
const quickHost = 5 * time.Microsecond

// owed reports whether finals are to be handed out, and nobody is doing so. r.mu must be held.
func (r *run) owed() bool { return !r.broken && !r.committing && r.core.Final() }

// commit hands out what has become final. r.owed() must hold, and r.mu be held; it is released while the host looks.
func (h *hand) commit() {
	r := h.run
	r.committing = true
	for r.core.Final() {
		r.ends = 0
		r.poll()
		if err := r.ctx.Err(); err != nil {
			r.fail(err)
		}
		d := &r.delivery
		r.collect(d)
		if len(d.finals) == 0 {
			continue
		}
		if len(r.idle) > 0 && !r.quick.is() {
			r.settle() // so that others go on meanwhile
		}
		err := h.deliver(d)
		r.handed += framework.TxIndex(len(d.finals))
		for i := range d.finals {
			r.outcomes = append(r.outcomes, d.finals[i].Outcome)
		}
		d.finals = d.finals[:0]
		if r.broken {
			r.err = errors.Join(r.err, err)
			return
		}
		if err != nil {
			r.fail(err)
		}
	}
	r.committing = false
}

// tryAgain is after how many transactions it is tried whether what was of no use is now.
const tryAgain = 64

// retry gives habits that have been given up another chance. r.mu must be held.
func (r *run) retry() {
	if !r.soon.is() {
		r.soon = habit{}
	}
	if !r.eager.is() && !r.crowded {
		r.eager = habit{}
		r.core.Lazy(false)
	}
}

// collect makes transactions final, as many as are. r.mu must be held.
func (r *run) collect(d *delivery) {
	d.reset()
	for r.core.Final() && len(d.finals) < batch {
		i := r.core.Head()
		rec := r.record(i)
		learns := r.learns(i)
		if learns {
			d.reads, d.wrote = r.core.Accesses(i, d.reads, d.wrote)
		}
		v, folded, ok := r.core.Commit(d.folded)
		r.perform()
		if !ok {
			return
		}
		d.finals = append(d.finals, framework.Final{Tx: i, Outcome: rec.out, Fault: rec.fault})
		d.folded = folded
		d.ends = append(d.ends, len(folded))
		if learns {
			d.txs = append(d.txs, r.txs[i])
			d.accesses = append(d.accesses, accesses{len(d.reads), len(d.wrote)})
		}
		rec.out, r.txs[i] = nil, nil
		r.stats.Transactions++
		if n, ok := r.depth.committed(r.core.Counts().Aborts); ok {
			r.core.Limit(n)
		}
		if i%tryAgain == 0 {
			r.retry()
		}
		r.observe(framework.Event{Kind: framework.Finalized, Version: v})
	}
}

// deliver tells the VM and the host, and takes the time. r.mu must be held; it is released meanwhile.
func (h *hand) deliver(d *delivery) (err error) {
	start := time.Now()
	h.outside(func() { err = h.tell(d) })
	h.quick.note(time.Since(start) < quickHost*time.Duration(len(d.finals)))
	return err
}

// tell calls VM and host.
func (r *run) tell(d *delivery) error {
	first := 0
	for i := range d.finals {
		f := &d.finals[i]
		f.Writes = f.Outcome.Writes
		if end := d.ends[i]; end > first {
			f.Writes = r.merge(d, f.Outcome.Writes, d.folded[first:end])
			first = end
		}
		if r.forgetter != nil {
			r.forgetter.Forget(f.Tx)
		}
	}
	r.learn(d)
	return r.Final(d.finals)
}

// merge returns writes and folded cells, sorted by key.
func (r *run) merge(d *delivery, writes []framework.Write, folded []core.Write) []framework.Write {
	first := len(d.writes)
	d.writes = append(d.writes, writes...)
	for _, w := range folded {
		d.writes = append(d.writes, framework.Write{Key: r.keys.key(w.Key), Value: w.Value})
	}
	all := d.writes[first:len(d.writes):len(d.writes)]
	framework.SortWrites(all)
	return all
}

// learns reports whether the VM is told of a transaction.
func (r *run) learns(i framework.TxIndex) bool {
	return r.predictor != nil && (r.asks || i%sample == 0)
}

// learn tells the VM what the transactions have read and written.
func (r *run) learn(d *delivery) {
	var at accesses
	for i := range d.txs {
		end := d.accesses[i]
		d.keysRead = r.appendKeys(d.keysRead[:0], d.reads[at.reads:end.reads])
		d.keysWritten = r.appendKeys(d.keysWritten[:0], d.wrote[at.wrote:end.wrote])
		r.predictor.Learn(d.txs[i], d.keysRead, d.keysWritten)
		at = end
	}
}

func (r *run) appendKeys(dst []framework.Key, numbers []core.Key) []framework.Key {
	for _, n := range numbers {
		dst = append(dst, r.keys.key(n))
	}
	return dst
}
