package blockstm

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// sequence executes transactions one after the other: what one worker does, what cheap transactions are worth, and what is left
// to do when the machine has failed.
type sequence struct {
	framework.Job
	start  time.Time
	state  *framework.Overlay // the base with the writes of all transactions below next
	stats  framework.Stats
	trial  bool          // end when transactions are not cheap
	excess time.Duration // by how much they were not, see judge
	drawn  bool          // the feed has ended
	// begun returns how many attempts a transaction has had before; nil if none has.
	begun func(framework.TxIndex) framework.Incarnation

	publisher framework.Publisher // nil if the VM is none
	rewinder  framework.Rewinder  // nil if the VM is none

	next, end framework.TxIndex // the transaction to execute, and where the block ends; -1 until that is known

	out   framework.Outcome // reused by every transaction
	final [1]framework.Final
	event framework.Event // likewise, if there is an observer
	told  told
}

func newSequence(ctx context.Context, j framework.Job) *sequence {
	s := &sequence{
		Job:   j,
		start: time.Now(),
		state: framework.NewOverlay(ctx, j.Base, j.Block.Start),
		end:   -1,
	}
	s.publisher, _ = j.VM.(framework.Publisher)
	s.rewinder, _ = j.VM.(framework.Rewinder)
	return s
}

// run executes the block. A trial may end before, with the transactions that it has taken from the feed and not executed: then
// over is false.
func (s *sequence) run(ctx context.Context) (rest []framework.Tx, over bool, err error) {
	for !s.drawn && !s.ended() {
		txs, err := s.Feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, true, err
		}
		n, err := s.steps(ctx, txs)
		if err != nil {
			return nil, true, err
		}
		if s.costly() && !s.ended() {
			return txs[n:], false, nil
		}
	}
	return nil, true, nil
}

// A trial looks at the clock now and then, and adds up by how much transactions took longer than cheap ones; it ends when
// that is much. A single look may be long by chance, and many after a long time without: a garbage collection, another
// program. Two workers gain nothing from cheap transactions, for they share one lock, and cells that go from core to core.
const (
	cheapEnough  = 4 * time.Microsecond
	lookEvery    = 8 // transactions: to look at the clock takes time, too
	lookOftenFor = 4 // transactions at the beginning
	mostOfLook   = 60 * time.Microsecond
	mostExcess   = 2 * mostOfLook
	mostCredit   = 2 * time.Millisecond // what cheap ones can save up for those that follow
)

// steps executes transactions until the block ends, or until they have turned out not to be cheap. It returns how many.
func (s *sequence) steps(ctx context.Context, txs []framework.Tx) (n int, err error) {
	last := 0 // looked at the clock
	var start time.Time
	if s.trial {
		start = time.Now()
	}
	for n < len(txs) && !s.ended() {
		if err := s.step(ctx, &txs[n]); err != nil {
			return n, err
		}
		n++
		if !s.trial || s.next%lookEvery != 0 && s.next > lookOftenFor {
			continue
		}
		now := time.Now()
		s.judge(now.Sub(start), n-last)
		if s.costly() {
			break
		}
		start, last = now, n
	}
	return n, nil
}

// judge notes how long some transactions took.
func (s *sequence) judge(took time.Duration, n int) {
	excess := min(took-cheapEnough*time.Duration(n), mostOfLook)
	s.excess = max(s.excess+excess, -mostCredit)
}

// costly reports whether a trial has found that transactions are not cheap.
func (s *sequence) costly() bool { return s.excess >= mostExcess }

// ended reports whether the block ends below the next transaction.
func (s *sequence) ended() bool {
	select {
	case s.end = <-s.End:
	default:
	}
	return s.end >= 0 && s.next >= s.end
}

// step executes one transaction, makes its effects visible to the next, and hands out its outcome.
func (s *sequence) step(ctx context.Context, tx *framework.Tx) error {
	v := framework.Version{Tx: s.next}
	if s.begun != nil {
		v.Inc = s.begun(s.next)
	}
	writes, fault := s.attempt(ctx, tx, v)
	if errors.Is(fault, framework.ErrOverflow) {
		exact := *tx
		exact.Mode |= framework.Exact
		v.Inc++
		writes, fault = s.attempt(ctx, &exact, v)
	}
	if err := errors.Join(ctx.Err(), s.state.Err()); err != nil {
		return err // whatever the VM made of it
	}
	if fault != nil {
		s.out.Reset()
		s.out.Status, writes = framework.Rejected, nil
	}
	s.state.Apply(writes, s.out.Classes)
	if s.publisher != nil {
		s.publisher.Publish(v, writes, nil)
	}
	if s.rewinder != nil {
		s.rewinder.Forget(v.Tx)
	}
	s.observe(framework.Finalized, v)
	s.next++
	s.stats.Transactions++
	s.final[0] = framework.Final{Tx: v.Tx, Outcome: &s.out, Writes: writes, Fault: fault}
	return s.Final(s.final[:])
}

// attempt executes a transaction once and returns the exact change that it makes to the state.
func (s *sequence) attempt(ctx context.Context, tx *framework.Tx, v framework.Version) ([]framework.Write, error) {
	s.stats.Executions++
	s.observe(framework.Started, v)
	s.out.Reset()
	var view framework.View = s.state
	if s.Observer != nil {
		s.told = told{Overlay: s.state, sequence: s, version: v, seen: s.told.seen[:0]}
		view = &s.told
	}
	if err := s.VM.Execute(ctx, tx, v, view, &s.out); err != nil {
		return nil, err
	}
	s.tellWrites(v)
	s.observe(framework.Executed, v)
	return s.state.Fold(ctx, &s.out)
}

func (s *sequence) observe(kind framework.EventKind, v framework.Version) {
	if s.Observer != nil {
		s.tell(kind, v, framework.Key{})
	}
}

// tell tells the observer of an event that concerns a cell. All that is read is final.
func (s *sequence) tell(kind framework.EventKind, v framework.Version, k framework.Key) {
	s.event = framework.Event{Kind: kind, Version: v, At: time.Since(s.start), Key: k}
	if kind == framework.Read {
		s.event.Writer.Tx = framework.NoTx
	}
	s.Observer.Observe(&s.event)
}

// tellWrites tells the observer what the attempt that has just ended wrote.
func (s *sequence) tellWrites(v framework.Version) {
	if s.Observer == nil {
		return
	}
	for i := range s.out.Writes {
		s.tell(framework.Wrote, v, s.out.Writes[i].Key)
	}
	for i := range s.out.Adds {
		s.tell(framework.Added, v, s.out.Adds[i].Low)
		s.tell(framework.Added, v, s.out.Adds[i].High)
	}
}

// told is a view that tells the observer what an attempt reads, each cell once.
type told struct {
	*framework.Overlay
	sequence *sequence
	version  framework.Version
	seen     []framework.Key
}

// Read implements [framework.View].
func (t *told) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if err := t.Overlay.Read(ctx, keys, out); err != nil {
		return err
	}
	for _, k := range keys {
		if !slices.Contains(t.seen, k) { // few
			t.seen = append(t.seen, k)
			t.sequence.tell(framework.Read, t.version, k)
		}
	}
	return nil
}
