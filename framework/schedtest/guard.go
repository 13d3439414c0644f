package schedtest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// guard stands between a scheduler and all that it is given, and complains about what no scheduler may do.
type guard struct {
	inner framework.Job

	calls   atomic.Int64 // that have begun and not ended
	feeding atomic.Int64
	telling atomic.Int64 // Final is being called
	over    atomic.Bool  // Run has returned

	mu     sync.Mutex
	rep    reporter // nil once the test has ended
	failed map[string]bool
	fed    []framework.Tx
	next   framework.TxIndex // the next final
	refuse error             // what Final has returned
	txs    map[framework.TxIndex]*history
	finals []framework.Final
}

// history is what happened to a transaction.
type history struct {
	incarnation framework.Incarnation // of the next attempt
	running     int
	added       bool               // an attempt ended with additions
	last        *watch             // the view of the last attempt
	forgotten   int                // calls of Forget
	published   *publication       // nil if nothing is
	estimated   *framework.Version // by the last Estimate
}

// publication is what a Publisher was told.
type publication struct {
	version framework.Version
	writes  []framework.Write
	adds    []framework.Add
}

func newGuard(rep reporter, j framework.Job) *guard {
	return &guard{rep: rep, inner: j, failed: map[string]bool{}, txs: map[framework.TxIndex]*history{}}
}

// job returns the watched job.
func (g *guard) job() framework.Job {
	j := g.inner
	j.Feed, j.Base, j.Final = guardFeed{g}, guardState{g}, g.final
	j.VM = g.executor()
	if g.inner.Observer != nil {
		j.Observer = guardObserver{g}
	}
	return j
}

// complain reports an error, the first of its kind only. Kind is what it says before the first argument.
func (g *guard) complain(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.complainLocked(format, args...)
}

func (g *guard) complainLocked(format string, args ...any) {
	if g.rep == nil || g.failed[format] {
		return
	}
	g.failed[format] = true
	g.rep.Errorf(format, args...)
}

// situation says what a run is doing. An attempt that still runs when a run hangs was often not told that what it
// has read is out of date.
func (g *guard) situation() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	text := fmt.Sprintf("%d outcomes of %d transactions are handed out", len(g.finals), len(g.fed))
	if g.feeding.Load() > 0 {
		text += ", it waits for the feed"
	}
	if g.telling.Load() > 0 {
		text += ", the host looks at an outcome"
	}
	for _, tx := range slices.Sorted(maps.Keys(g.txs)) {
		if h := g.txs[tx]; h.running > 0 {
			text += fmt.Sprintf(", attempt %d.%d runs", tx, h.incarnation-1)
		}
	}
	return text
}

// retire ends the watch: from now on nothing is reported.
func (g *guard) retire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rep = nil
}

// enter notes a call and returns what notes its end.
func (g *guard) enter(what string, args ...any) func() {
	if g.over.Load() {
		g.complain("%s is called after Run has returned", fmt.Sprintf(what, args...))
	}
	g.calls.Add(1)
	return func() { g.calls.Add(-1) }
}

// returned notes that Run has.
func (g *guard) returned() {
	g.over.Store(true)
	if n := g.calls.Load(); n != 0 {
		g.complain("Run has returned while %d calls of VM, feed, state or host are going on", n)
	}
}

// history returns that of a transaction. g.mu must be held.
func (g *guard) history(i framework.TxIndex) *history {
	h := g.txs[i]
	if h == nil {
		h = new(history)
		g.txs[i] = h
	}
	return h
}

// final is Job.Final.
func (g *guard) final(finals []framework.Final) error {
	defer g.enter("Final")()
	if g.telling.Add(1) != 1 {
		g.complain("Final is called by two goroutines at once")
	}
	defer g.telling.Add(-1)
	clones := make([]framework.Final, len(finals))
	for i := range finals {
		clones[i] = finals[i].Clone()
	}
	g.take(clones)
	err := g.inner.Final(finals)
	for i := range finals {
		if d := differs(&clones[i], &finals[i]); d != "" {
			g.complain("a final changes before Final returns: %s", d)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.refuse = err
	}
	return err
}

// take notes finals and checks their order and form.
func (g *guard) take(finals []framework.Final) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse != nil {
		g.complainLocked("Final is called again after it has returned an error: %v", g.refuse)
	}
	for i := range finals {
		f := &finals[i]
		if f.Tx != g.next {
			g.complainLocked("final %d comes where %d is due", f.Tx, g.next)
		}
		if h := g.history(f.Tx); h.incarnation == 0 {
			g.complainLocked("final %d comes without an attempt", f.Tx)
		}
		g.next = f.Tx + 1
		g.finals = append(g.finals, *f)
	}
}

// guardFeed is Job.Feed.
type guardFeed struct{ g *guard }

// Next implements [framework.Feed].
func (f guardFeed) Next(ctx context.Context) ([]framework.Tx, error) {
	defer f.g.enter("Feed.Next")()
	if f.g.feeding.Add(1) != 1 {
		f.g.complain("Feed.Next is called by two goroutines at once")
	}
	defer f.g.feeding.Add(-1)
	txs, err := f.g.inner.Feed.Next(ctx)
	f.g.mu.Lock()
	defer f.g.mu.Unlock()
	f.g.fed = append(f.g.fed, txs...)
	return txs, err
}

// guardState is Job.Base.
type guardState struct{ g *guard }

// Read implements [framework.State].
func (s guardState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	defer s.g.enter("State.Read")()
	if len(keys) != len(out) {
		s.g.complain("State.Read of %d keys into %d words", len(keys), len(out))
	}
	return s.g.inner.Base.Read(ctx, keys, out)
}

// Class implements [framework.State].
func (s guardState) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	defer s.g.enter("State.Class")()
	return s.g.inner.Base.Class(ctx, hash)
}

// Close implements [framework.State].
func (s guardState) Close() error {
	s.g.complain("State.Close is called, but the state belongs to the host")
	return nil
}

// guardObserver is Job.Observer.
type guardObserver struct{ g *guard }

// Observe implements [framework.Observer].
func (o guardObserver) Observe(e *framework.Event) {
	defer o.g.enter("Observer.Observe")()
	o.g.inner.Observer.Observe(e)
}

// guardVM is Job.VM.
type guardVM struct{ g *guard }

// Execute implements [framework.Executor].
func (x guardVM) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	w := x.g.begin(v, view, out)
	defer x.g.enter("Executor.Execute of %v", v)()
	x.g.checkTx(tx, v)
	copied := *tx
	copied.Body = bytes.Clone(tx.Body)
	err := x.g.inner.VM.Execute(ctx, &copied, v, w, out)
	x.g.end(v, out, err)
	return err
}

// Finish implements [framework.Executor].
func (x guardVM) Finish(context.Context, framework.View, []framework.Final) ([]framework.Write, error) {
	x.g.complain("Executor.Finish is called, but that is for the host to do")
	return nil, framework.ErrUnsupported
}

// Close implements [framework.Executor].
func (x guardVM) Close() error {
	x.g.complain("Executor.Close is called, but the executor belongs to the host")
	return nil
}

// begin notes the start of an attempt and returns its watched view.
func (g *guard) begin(v framework.Version, view framework.View, out *framework.Outcome) *watch {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.history(v.Tx)
	if v.Inc != h.incarnation {
		g.complainLocked("attempt %v begins where incarnation %d is due", v, h.incarnation)
	}
	if h.forgotten > 0 {
		g.complainLocked("attempt %v begins after Forget", v)
	}
	if v.Tx < g.next {
		g.complainLocked("attempt %v begins when the transaction is final", v)
	}
	if d := differsOutcome(new(framework.Outcome), out); d != "" {
		g.complainLocked("attempt %v is given an outcome that was not reset: %s", v, d)
	}
	w := &watch{g: g, view: view, seen: map[framework.Key]framework.Word{}}
	h.incarnation = v.Inc + 1
	h.running++
	h.last = w
	return w
}

// end notes the end of an attempt.
func (g *guard) end(v framework.Version, out *framework.Outcome, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.history(v.Tx)
	h.running--
	if err == nil && len(out.Adds) > 0 {
		h.added = true
	}
}

// checkTx checks that an attempt is given the transaction that the feed has handed out.
func (g *guard) checkTx(tx *framework.Tx, v framework.Version) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v.Tx < 0 || int(v.Tx) >= len(g.fed) {
		g.complainLocked("attempt %v of a transaction that the feed has not handed out", v)
		return
	}
	want := &g.fed[v.Tx]
	if tx.ID != want.ID || !bytes.Equal(tx.Body, want.Body) {
		g.complainLocked("attempt %v is given another transaction", v)
	}
	if tx.Mode != want.Mode && (tx.Mode != want.Mode|framework.Exact || !g.history(v.Tx).added) {
		g.complainLocked("attempt %v runs in mode %b, want %b", v, tx.Mode, want.Mode)
	}
}
