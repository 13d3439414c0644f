package replica

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// Propose is Publish before the scheduler has said so: for a run, whose number is not 0, that has come to this as attempt v, from
// what a has read. It does nothing if a was stopped, or if the scheduler has published that attempt, or a later one, already.
func (b *Block) Propose(a *Attempt, v framework.Version, run uint64, writes []framework.Write, adds []framework.Add) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.txs[v.Tx]
	switch inc := int64(v.Inc); {
	case a.stopped.Load(), v.Tx < b.settled:
		return
	case old != nil && (inc < old.inc || inc == old.inc && old.run == 0):
		return
	}
	b.publish(v, run, writes, adds)
}

// Supersede says that attempt v has been ordered: what an earlier one of the transaction has proposed was not believed, and is an
// estimate.
func (b *Block) Supersede(v framework.Version) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.txs[v.Tx]; s != nil && s.run != 0 && s.inc < int64(v.Inc) {
		b.doom(s, s.inc)
	}
}

// Proposals returns the runs whose proposals the attempt has read, as far as the scheduler had not published them then. It must not
// be changed and is valid until Reset.
func (a *Attempt) Proposals() []uint64 { return a.runs }

// believe notes whose proposals a value comes from. Of an addition those that were made to the same cell count. block.mu must
// be held.
func (a *Attempt) believe(h *history) {
	n, _ := h.at(a.tx)
	for n--; n >= 0; n-- {
		e := &h.entries[n]
		if run := e.of.run; run != 0 && !slices.Contains(a.runs, run) {
			a.runs = append(a.runs, run)
		}
		if e.sum == nil {
			return
		}
	}
}
