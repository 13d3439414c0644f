package core

import "github.com/switchyard-dev/switchyard/framework"

// ActionKind says what is to be done.
type ActionKind uint8

// The actions. Next returns one of the first three; the others are left to be taken after any event: see
// Core.Take.
const (
	Nothing ActionKind = iota
	Run                // begin attempt Version in the free slot
	Resume             // go on with the parked attempt Version in the free slot: repeat its read

	Stop     // tell the running attempt Version that it is to end
	Doomed   // a fact: the attempt Version, which has not ended, is invalid, because of Cause, Key and Writer
	Withdraw // the attempt Version, which had ended, is invalid, because of Cause, Key and Writer
)

// Action is what whoever drives a Core has to do, or to tell others.
type Action struct {
	Kind    ActionKind
	Version framework.Version
	// Exact says that the attempt must not make additions.
	Exact bool
	// From is the number of the read from which the attempt may go on where the last attempt was. 0 means from
	// the start.
	From int
	// Eager says that the attempt will probably have to wait: it is begun because nothing else is left to do.
	Eager bool
	// Cause, Key and Writer say why an attempt is invalid. Where From is not 0, Key is what that read asks for.
	Cause  framework.Cause
	Key    Key
	Writer framework.Version
}

// reason is why an attempt is invalid.
type reason struct {
	cause  framework.Cause
	key    Key
	writer framework.Version
}

func (c *Core) act(kind ActionKind, v framework.Version, why reason) {
	c.actions = append(c.actions, Action{Kind: kind, Version: v, Cause: why.cause, Key: why.key, Writer: why.writer})
}

// Take returns what is to be done because of the events since the last Take, in order. It is valid until the next
// event.
func (c *Core) Take() []Action {
	a := c.actions
	c.actions = c.actions[:0]
	return a
}
