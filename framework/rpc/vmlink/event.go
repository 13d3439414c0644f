package vmlink

import "sync"

// eventKind says what has happened to an attempt.
type eventKind uint8

const (
	eventMessage  eventKind = iota // of the VM
	eventAborted                   // the view is aborted
	eventAdmitted                  // there are credits; the order is large and left to the attempt
)

// event is something that the goroutine of an attempt has to look at.
type event struct {
	kind    eventKind
	tag     tag
	payload *[]byte // from payloads
}

var payloads = sync.Pool{New: func() any { return new([]byte) }}

// newMessage returns the event of a message, whose payload is copied.
func newMessage(t tag, payload []byte) event {
	b := payloads.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	*b = append((*b)[:0], payload...)
	return event{kind: eventMessage, tag: t, payload: b}
}

// free gives the memory of the event back.
func (ev *event) free() {
	if ev.payload != nil && cap(*ev.payload) <= 2*frameSize {
		payloads.Put(ev.payload)
	}
	ev.payload = nil
}

// maxEvents is how many events may wait for one attempt. A run has no more than one question open that it waits with,
// but it may go on without the answer.
const maxEvents = 1 << 16

// deliver hands an event to an attempt. It reports false if there are too many. a.s.mu must be held.
func (a *attempt) deliver(ev event) bool {
	if len(a.events) == maxEvents {
		ev.free()
		return false
	}
	a.events = append(a.events, ev)
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return true
}

// next returns the next event of an attempt.
func (s *session) next(a *attempt) (event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(a.events) == 0 {
		return event{}, false
	}
	ev := a.events[0]
	a.events = a.events[:copy(a.events, a.events[1:])]
	return ev, true
}
