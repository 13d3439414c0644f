package link

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Session is what an adapter makes anew for every link that it is given: the [Conn] itself, or what it keeps around one.
type Session interface {
	comparable
	// Broken returns why nothing can be sent any more, nil as long as something can.
	Broken() error
}

// Line is a link that is replaced when it has broken, by whoever has started the other side again. Those who use it wait
// meanwhile. It is safe for concurrent use.
type Line[S Session] struct {
	patience time.Duration

	mu      sync.Mutex
	session S             // guarded by mu
	lost    error         // guarded by mu
	changed chan struct{} // closed when session or lost has changed; guarded by mu
}

// NewLine returns a line without a session. Without a working one, [Line.Session] waits for at most patience; 0 means that
// it does not wait.
func NewLine[S Session](patience time.Duration) *Line[S] {
	return &Line[S]{patience: patience, changed: make(chan struct{})}
}

// Replace makes s the session of the line.
func (l *Line[S]) Replace(s S) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.lost = s, nil
	l.signal()
}

// Lose says that no session will come any more, and why.
func (l *Line[S]) Lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = err
	l.signal()
}

func (l *Line[S]) signal() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Now returns the session that works, without waiting. It returns what Lose was given, or else ErrPluginGone, if there is
// none.
func (l *Line[S]) Now() (S, error) {
	s, _, err := l.look()
	return s, err
}

// look returns the session that works, or why there is none, and what to wait for in that case, nil if nothing will come.
func (l *Line[S]) look() (s S, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var none S
	switch {
	case l.lost != nil:
		return none, nil, l.lost
	case l.session == none:
		return none, l.changed, fmt.Errorf("no link yet: %w", framework.ErrPluginGone)
	}
	if err := l.session.Broken(); err != nil {
		return none, l.changed, err
	}
	return l.session, nil, nil
}

// Session returns the session that works, and waits until there is one. It returns what Lose was given, ErrPluginGone if
// that takes too long, and the error of ctx if that ends first.
func (l *Line[S]) Session(ctx context.Context) (S, error) {
	var none S
	var late <-chan time.Time
	for {
		s, changed, err := l.look()
		if err == nil || changed == nil || l.patience <= 0 {
			return s, err
		}
		if late == nil {
			t := time.NewTimer(l.patience)
			defer t.Stop()
			late = t.C
		}
		select {
		case <-changed:
		case <-late:
			return none, fmt.Errorf("no new link for %v: %w", l.patience, err)
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
}
