package link_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// thread is a session that breaks when the test says so.
type thread struct{ cut error }

func (t *thread) Broken() error { return t.cut }

func TestLine(t *testing.T) {
	type outcome struct {
		s   *thread
		err error
	}
	ask := func(l *link.Line[*thread]) <-chan outcome {
		c := make(chan outcome, 1)
		go func() {
			s, err := l.Session(t.Context())
			c <- outcome{s, err}
		}()
		return c
	}
	one, two := new(thread), new(thread)
	lost := errors.New("lost")

	l := link.NewLine[*thread](time.Hour)
	first := ask(l)
	l.Replace(one)
	if got := <-first; got.s != one || got.err != nil {
		t.Errorf("the first session: %v", got)
	}
	one.cut = framework.ErrPluginGone
	if _, err := l.Now(); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Now() when it has broken: %v", err)
	}
	next := ask(l)
	l.Replace(two)
	if got := <-next; got.s != two || got.err != nil {
		t.Errorf("the session after it: %v", got)
	}
	two.cut = framework.ErrPluginGone
	never := ask(l)
	l.Lose(lost)
	if got := <-never; got.s != nil || !errors.Is(got.err, lost) {
		t.Errorf("when it is lost: %v", got)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := link.NewLine[*thread](time.Hour).Session(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Session with a cancelled context: %v", err)
	}
	for _, patience := range []time.Duration{0, time.Nanosecond} {
		if _, err := link.NewLine[*thread](patience).Session(t.Context()); !errors.Is(err, framework.ErrPluginGone) {
			t.Errorf("Session without one, patience %v: %v", patience, err)
		}
	}
}
