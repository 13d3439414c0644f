package core

// Policy says which abilities are used. Every combination gives the same results; they differ in speed only.
type Policy struct {
	// Push compares the readers of a cell when it is written. Off, a cursor validates whole read sets, as in the
	// Block-STM paper.
	Push bool
	// Estimates makes the cells that an invalid attempt wrote estimates. Off, they keep its values until the next
	// attempt has ended.
	Estimates bool
	// Suspend parks an attempt that reads an estimate, and its slot is free. Off, the attempt is given up, and its
	// transaction waits.
	Suspend bool
	// Stop ends a running attempt as soon as it is known to be invalid: but the first attempt of a transaction
	// only if its accesses were predicted, because it shows which cells will be written.
	Stop bool
	// Rewind goes on from the first invalid read instead of from the start.
	Rewind bool
	// Hints makes cells that a transaction will probably write estimates before it has run, and lets transactions
	// that will probably read an estimate wait.
	Hints bool
	// Rewrites makes a cell an estimate as soon as it is read, if those who read it have written it, too, so far. Off,
	// what was not predicted is known only when an attempt has ended.
	Rewrites bool
	// Alone runs the lowest transaction alone for a while where slots only cause attempts.
	Alone bool

	// Window is how many transactions above the last final one may be under way. 0 means 64.
	Window int
	// Parked is how many attempts may be parked at a time; further ones are given up and wait. 0 means 8.
	Parked int
	// Attempts is after how many attempts a transaction waits until all below it have executed. 0 means 32.
	Attempts int
}

func (p Policy) withDefaults() Policy {
	if p.Window == 0 {
		p.Window = 64
	}
	if p.Parked == 0 {
		p.Parked = 8
	}
	if p.Attempts == 0 {
		p.Attempts = 32
	}
	return p
}
