package vmlink

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// staleRuns is how many runs of one attempt may turn out to have seen wrong values before the next one asks the view
// for every read.
const staleRuns = 3

// attempt is one call of Execute, Resume or Finish, as the scheduler's side sees it. It takes one run at the VM, or
// several if values turn out wrong. Only the goroutine of the call uses
// the view, and all else that is not said otherwise.
type attempt struct {
	s      *session
	e      *executor
	order  order
	finish bool // it is a call of Finish
	view   framework.View

	wake chan struct{} // receives when there are events
	// Guarded by s.mu.
	events   []event
	id       uint64
	ordered  bool // the VM has been asked to run it
	released bool // it takes no credit any more
	asking   bool // it waits for an answer
	busy     bool // see session.occupy
	over     bool // its result has come
	told     bool // that the view is aborted
	probed   bool // an answer to a probe is due, or not looked at
	heard    time.Time
	after    []uint64 // the runs that its result depends on, as far as they are not settled
	late     event    // its result, if that is blocked

	// known are the reads that the view has answered, in order, and classes those that it has shown.
	known   readLog
	classes []framework.Word
	// agreed is how many of the first reads in known the last run has seen as they are. last is its number.
	agreed int
	last   uint32
	ran    bool

	// deaths is how often the VM has died while it ran this attempt.
	deaths int
	alone  bool // when it died last, this was all that it ran

	believed bool // the scheduler gets the result of the run, and has still to do with it what it does

	stopped uint8 // the reasons for which the run was told to stop
	stale   bool  // the run has seen what the view does not say
	aborted bool  // the view is aborted
	failed  error // what the view returned in place of an answer; it is not asked again then
	given   error // what the run was given in place of an answer, last

	// Memory for what one message holds.
	d      codec.Decoder
	call   call
	asked  []framework.Key
	keys   []framework.Key
	values []framework.Word
	buf    []byte
}

var attempts = sync.Pool{New: func() any { return &attempt{wake: make(chan struct{}, 1)} }}

// newAttempt returns an attempt that knows nothing, not even its link.
func newAttempt(e *executor, view framework.View) *attempt {
	a := attempts.Get().(*attempt)
	a.e, a.view = e, view
	return a
}

// free gives the memory of an attempt back. It is live no more.
func (a *attempt) free() {
	for i := range a.events {
		a.events[i].free()
	}
	select {
	case <-a.wake:
	default:
	}
	a.known.reset()
	*a = attempt{
		wake: a.wake, events: a.events[:0], after: a.after[:0], known: a.known, classes: a.classes[:0],
		order: order{pins: a.order.pins[:0]}, call: call{reads: a.call.reads[:0]},
		asked: a.asked[:0], keys: a.keys[:0], values: a.values[:0], buf: a.buf[:0],
	}
	attempts.Put(a)
}

// appendOrder appends the message that orders the run.
func (a *attempt) appendOrder(dst []byte) []byte {
	if a.finish {
		return appendMessage(dst, tagFinish, a.id, le.AppendUint64(nil, a.order.block))
	}
	dst, at := openMessage(dst, tagRun, a.id)
	return closeMessage(a.order.append(dst), at)
}

// errGone says that the link has broken: the attempt has to be made over another one.
var errGone = errors.New("vmlink: the link has broken")

// errStale says that a run has seen values that the view does not show: it has to be repeated.
var errStale = errors.New("vmlink: values are out of date")

// execute runs the attempt until a run has seen what the view shows, and calls result with the rest of what that run
// came to, or returns the error that ends the attempt.
func (a *attempt) execute(ctx context.Context, result func(d *codec.Decoder)) error {
	for n := 1; ; n++ {
		err := a.run(ctx, result)
		if err != errStale { //nolint:errorlint // is not wrapped
			return err
		}
		if err := a.unwanted(ctx); err != nil {
			return err
		}
		if n == staleRuns {
			a.order.flags |= orderDirect
		}
		a.again()
	}
}

// unwanted returns the error with which an attempt ends that nobody wants any more.
func (a *attempt) unwanted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.aborted || a.view.Aborted() {
		return framework.ErrAborted
	}
	return nil
}

// again prepares the next run: it is told what the view has answered, and goes on from where the last one went
// wrong, if the VM can do that.
func (a *attempt) again() {
	a.order.flags &= orderDirect
	if a.e.rewinds && a.ran && !a.finish {
		a.order.flags |= orderResume | orderElse
		a.order.from, a.order.read = a.last, uint32(a.agreed)
	}
	a.order.pins = append(a.order.pins[:0], a.known.log...)
}

// anew prepares the first run over another link, where nothing is known of the attempt but what the view has answered.
func (a *attempt) anew() {
	a.order.flags &= orderDirect
	a.ran, a.agreed, a.last = false, 0, 0
	a.order.pins = append(a.order.pins[:0], a.known.log...)
}

// run makes one run.
func (a *attempt) run(ctx context.Context, result func(d *codec.Decoder)) error {
	a.stopped, a.stale, a.failed, a.given = 0, false, nil, nil
	a.s.begin(a)
	defer a.s.flush() // another run may have been admitted in its place
	defer a.s.end(a)
	runtime.Gosched() // others may be about to begin one, and the lowest goes first
	a.s.flush()
	done := ctx.Done()
	for {
		ev, ok := a.s.next(a)
		if !ok {
			select {
			case <-a.wake:
			case <-done:
				done = nil
				if a.s.withdraw(a) {
					return ctx.Err()
				}
				a.stop(stopCancelled)
			case <-a.s.conn.Done():
				a.s.wrecked(a)
				return errGone
			}
			continue
		}
		end, err := a.handle(ctx, &ev, result)
		ev.free()
		if end {
			return err
		}
	}
}

// handle looks at one event. It reports whether the run has ended, and with what.
func (a *attempt) handle(ctx context.Context, ev *event, result func(d *codec.Decoder)) (end bool, err error) {
	switch ev.kind {
	case eventAborted:
		a.aborted = true
		if a.s.withdraw(a) {
			return true, a.undone()
		}
		a.stop(stopAborted)
		return false, nil
	case eventAdmitted:
		if a.stopped != 0 {
			return true, a.unwanted(ctx)
		}
		a.s.out.sendApart(a.appendOrder(nil))
		return false, nil
	}
	a.s.flush() // with the credit of this run another may have been admitted
	a.d.Reset(*ev.payload)
	switch ev.tag {
	case tagProgress:
		err = a.progress(ctx)
	case tagMiss:
		err = a.answer(ctx)
	case tagAskClass:
		err = a.answerClass(ctx)
	case tagResult:
		return true, a.result(ctx, result)
	}
	return err != nil, err
}

// undone returns the error of an attempt that is aborted before anything was done.
func (a *attempt) undone() error {
	if a.order.flags&(orderResume|orderElse) == orderResume {
		return framework.ErrNoCheckpoint
	}
	return framework.ErrAborted
}

// stop tells the run to stop, once for each reason. Its result still comes.
func (a *attempt) stop(reason uint8) {
	if a.stopped&reason != 0 {
		return
	}
	a.stopped |= reason
	a.s.hurry(a)
	a.s.out.add(0, func(dst []byte) []byte { return appendMessage(dst, tagStop, a.id, []byte{reason}) })
	a.s.out.flush()
}

// progress takes in what a run has read that has been silent for long.
func (a *attempt) progress(ctx context.Context) error {
	if !a.compare(ctx) {
		a.stop(stopAborted)
	}
	a.s.listened(a)
	return a.d.End()
}

// result takes in what a run came to.
func (a *attempt) result(ctx context.Context, result func(d *codec.Decoder)) error {
	a.compare(ctx)
	number, seen, flags := a.d.Uint32(), a.d.Uint32(), a.d.Uint8()
	err := a.d.RemoteError()
	if a.d.Err() != nil {
		return a.d.Err()
	}
	a.ran, a.last, a.agreed = true, number, min(a.agreed, int(seen))
	switch {
	case a.stale:
		return errStale
	case a.order.flags&(orderResume|orderElse) == orderResume && errors.Is(err, framework.ErrNoCheckpoint):
		return err
	case err != nil && flags&endView != 0 && a.given != nil:
		return &viewError{text: err.Error(), err: a.given}
	case a.failed != nil: // whatever the VM has made of it: it may have been stopped on the way
		return a.failed
	case a.stopped != 0 && (err != nil || a.aborted):
		if err := a.unwanted(ctx); err != nil {
			return err
		}
		return errStale
	case flags&endStopped != 0:
		return errStale
	case err != nil:
		return err
	}
	result(&a.d)
	return a.d.End()
}

// viewError is an error of a view, as the VM has wrapped it.
type viewError struct {
	text string
	err  error
}

// Error is the text that the VM has made of it.
func (e *viewError) Error() string { return e.text }

// Unwrap returns the very error that the view returned.
func (e *viewError) Unwrap() error { return e.err }
