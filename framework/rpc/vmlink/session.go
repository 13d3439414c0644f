package vmlink

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// pollEvery is how often the views of running attempts are asked whether they are aborted.
const pollEvery = time.Millisecond

// probeAfter is how long a run may say nothing before it is asked what it has read.
const probeAfter = 10 * time.Millisecond

// session is the scheduler's side of one link: the attempts that run at its other end.
type session struct {
	conn      *link.Conn
	ctx       context.Context //nolint:containedctx // that of the link: what is sent belongs to no one call
	cancel    context.CancelFunc
	out       *outbox
	kick      chan struct{} // something is to be sent, by whoever can wait
	timer     *time.Timer   // of poll
	done      chan struct{} // closed when tend has returned
	proposals bool          // both sides know them

	mu        sync.Mutex // guards all below
	last      uint64     // number of the run that began last
	live      map[uint64]*attempt
	unsettled map[uint64]bool // runs whose results the scheduler has not got, or not done with what it does
	blocked   []*attempt      // whose results depend on those
	waiting   []*attempt      // for credits
	credits   int             // runs that the VM takes, beside those that wait for something
	total     int             // credits that the VM has given
	told      bool            // the VM has said how many credits there are
	asking    int             // runs that wait for an answer
	busy      int             // runs that the VM is busy with
	spent     bool            // credits were 0, and have not been half of all since
	returning int             // live runs whose results have come
	suspects  int             // live runs during whose attempts the VM has died
	culprit   *attempt        // the one run that was busy when the link broke
	broken    bool            // culprit is known
	polling   bool            // the timer is running
	polled    time.Time       // when the views were asked last
}

// newSession returns the session of a link. Its goroutine ends with the link, or by close.
func newSession(ctx context.Context, conn *link.Conn) *session {
	s := &session{
		conn: conn, out: newOutbox(kindDown), live: map[uint64]*attempt{}, unsettled: map[uint64]bool{},
		kick: make(chan struct{}, 1), timer: time.NewTimer(time.Hour), done: make(chan struct{}),
	}
	s.proposals = conn.Has(FeatureProposals)
	s.timer.Stop()
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.out.open(s.ctx, conn)
	go s.tend()
	return s
}

// tend is the goroutine that does what nobody else can wait for.
func (s *session) tend() {
	defer close(s.done)
	defer s.out.end()
	for {
		select {
		case <-s.kick:
			s.out.flushAll()
		case <-s.timer.C:
			s.poll()
		case <-s.conn.Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// close waits for the goroutine of a session whose link has ended, or is of no use any more.
func (s *session) close() {
	s.cancel()
	<-s.done
}

// Broken implements [link.Session].
func (s *session) Broken() error {
	if err := s.conn.Broken(); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		return framework.ErrPluginGone
	}
	return nil
}

// grant takes in how many credits there are.
func (s *session) grant(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.told {
		s.told, s.total, s.credits = true, n, s.credits+n
	}
}

// begin gives a run its number. It is ordered by flush, or as soon as there are credits.
func (s *session) begin(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	a.id = s.last
	a.ordered, a.released, a.asking, a.told, a.probed, a.over, a.heard = false, false, false, false, false, false, time.Now()
	a.believed, a.after = false, a.after[:0]
	s.live[a.id] = a
	if a.deaths > 0 {
		s.suspects++
	}
	s.waiting = append(s.waiting, a)
	s.watch()
}

// watch sees to it that poll is called. s.mu must be held.
func (s *session) watch() {
	if !s.polling {
		s.polling = true
		s.timer.Reset(pollEvery)
	}
}

// tell adds a message that nobody waits for. It is sent with the next order or answer, or soon.
func (s *session) tell(t tag, id uint64, payload []byte) {
	s.out.tell(func(dst []byte) []byte { return appendMessage(dst, t, id, payload) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking > 0 { // it may be what a run waits for; the caller may hold locks
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
	s.watch()
}

// end forgets a run: nothing more is delivered to it.
func (s *session) end(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(a)
}

// withdraw ends a run that has not been ordered. It reports false if it has.
func (s *session) withdraw(a *attempt) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.ordered {
		s.forget(a)
	}
	return !a.ordered
}

// forget ends a run, unless it has ended. s.mu must be held.
func (s *session) forget(a *attempt) {
	if s.live[a.id] != a {
		return // it was withdrawn
	}
	delete(s.live, a.id)
	if a.over {
		s.returning--
	}
	s.drop(a)
	s.answered(a)
	if a.deaths > 0 {
		s.suspects--
	}
	a.over = true
	s.occupy(a, false)
	if i := slices.Index(s.waiting, a); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	}
	s.release(a)
	a.ordered = false
	s.admit()
	for i := range a.events {
		a.events[i].free()
	}
	a.events = a.events[:0]
}

// replied notes that the question of a run is answered.
func (s *session) replied(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered(a)
}

// listened notes that the answer to a probe has been looked at.
func (s *session) listened(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.probed, a.heard = false, time.Now()
	s.occupy(a, !a.asking)
}

// received takes in a frame from the VM. It is called by the goroutine that reads the link.
func (s *session) received(payload []byte) error {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polling && now.Sub(s.polled) > pollEvery/2 { // a timer that goes off costs more
		s.lookAfter(now)
		s.timer.Reset(pollEvery)
	}
	return eachMessage(payload, func(t tag, id uint64, payload []byte) error {
		a := s.live[id]
		if a == nil {
			return nil
		}
		a.heard = now
		if t != tagProgress && t != tagAfter {
			s.release(a)
		}
		if (t == tagMiss || t == tagAskClass) && !a.asking {
			a.asking = true
			s.asking++
		}
		if t == tagAfter {
			return s.after(a, payload)
		}
		if t == tagResult && !a.over {
			a.over = true
			s.returning++
			if s.proposals {
				s.unsettled[id] = true
			}
		}
		s.occupy(a, false)
		if t == tagResult && len(a.after) > 0 {
			s.block(a, newMessage(t, payload))
			return nil
		}
		if !a.deliver(newMessage(t, payload)) {
			return fmt.Errorf("%w: more than it may say at once", codec.ErrMalformed)
		}
		return nil
	})
}

// answered notes that a run does not wait for an answer any longer. s.mu must be held.
func (s *session) answered(a *attempt) {
	if a.asking {
		a.asking = false
		s.asking--
		s.occupy(a, true)
	}
}

// poll looks after the runs: it stops those whose views say that they are aborted, asks those that have been silent
// for long what they have read, and sends what nobody else has sent.
func (s *session) poll() {
	s.mu.Lock()
	s.lookAfter(time.Now())
	if s.polling = len(s.live) > 0; s.polling {
		s.timer.Reset(pollEvery)
	}
	s.mu.Unlock()
	s.out.flushAll()
}

// lookAfter does what poll does under the mutex.
func (s *session) lookAfter(now time.Time) {
	s.polled = now
	s.unblock(func(a *attempt) bool { return now.Sub(a.heard) > patience })
	for _, a := range s.live {
		switch {
		case !a.told && a.view.Aborted():
			a.told = true
			a.deliver(event{kind: eventAborted})
		case a.ordered && !a.probed && !a.asking && now.Sub(a.heard) > probeAfter:
			a.probed = true
			s.out.add(0, func(dst []byte) []byte { return appendMessage(dst, tagProbe, a.id, nil) })
		}
	}
}
