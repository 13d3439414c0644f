package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/fx"
)

// Hook is a part of the host that starts and stops.
type Hook struct {
	Name string
	// Start starts it and returns. If it fails, nothing is left of the start. nil does nothing.
	Start func(ctx context.Context) error
	// Stop stops what Start has started, and waits for it. nil does nothing.
	Stop func(ctx context.Context) error
	// StartLimit and StopLimit are how long the two may take. 0 means [DefaultLimit].
	StartLimit, StopLimit time.Duration
}

// DefaultLimit is how long a hook may take that sets no limit.
const DefaultLimit = 10 * time.Second

// grace is how long a hook may take to return when its limit is over.
const grace = time.Second

// Append has the hook run with the application. It fails by its own limit, long before fx gives up on the whole start
// and forgets what has started so far. A panic in it is an error. What an interrupt ends is the hook, not the start of
// fx, so everything that has started is stopped.
func (l *Lifecycle) Append(h Hook) {
	l.fx.Append(fx.Hook{
		OnStart: func(context.Context) error {
			return bounded(l.interrupt, h.Name+" start", h.StartLimit, h.Start, func() {
				// It ignored its limit and has started after all: nobody else knows.
				_ = bounded(context.Background(), h.Name+" stop", h.StopLimit, h.Stop, nil)
			})
		},
		OnStop: func(context.Context) error {
			return bounded(context.Background(), h.Name+" stop", h.StopLimit, h.Stop, nil)
		},
	})
	l.total += limit(h.StartLimit) + limit(h.StopLimit) + 2*grace
}

// Task is a part of the host that runs until it is stopped.
type Task struct {
	Name string
	// Run runs it until ctx ends, or by itself to an end that is the application's too.
	Run func(ctx context.Context) error
	// StopLimit is how long it may take to return. 0 means [DefaultLimit].
	StopLimit time.Duration
}

// Go has the task run with the application. Its context is its own: that of a start of fx ends soon after.
func (l *Lifecycle) Go(t Task) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	l.Append(Hook{
		Name: t.Name,
		Start: func(context.Context) error {
			go func() {
				defer close(done)
				err := recovered(func() error { return t.Run(ctx) })
				if ctx.Err() != nil && errors.Is(err, context.Canceled) {
					err = nil // it did what it was told
				}
				if err != nil {
					err = fmt.Errorf("%s: %w", t.Name, err)
				}
				l.end(err)
			}()
			return nil
		},
		Stop: func(stop context.Context) error {
			cancel()
			select {
			case <-done:
				return nil
			case <-stop.Done():
				return stop.Err()
			}
		},
		StopLimit: t.StopLimit,
	})
}

func limit(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultLimit
	}
	return d
}

// bounded calls f with a context that ends after limit, and does not wait for it much longer. late is called, in a
// goroutine that nobody waits for, if f then succeeds.
func bounded(ctx context.Context, what string, d time.Duration, f func(context.Context) error, late func()) error {
	if f == nil {
		return nil
	}
	over := fmt.Errorf("not done within %v", limit(d))
	ctx, cancel := context.WithTimeoutCause(ctx, limit(d), over)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		done <- recovered(func() error { return f(ctx) })
	}()
	select {
	case err := <-done:
		return named(what, ctx, err)
	case <-ctx.Done():
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case err := <-done:
		return named(what, ctx, err)
	case <-patience.C:
	}
	if late != nil {
		go func() {
			if <-done == nil {
				late()
			}
		}()
	}
	return fmt.Errorf("%s: %w, and it does not return", what, context.Cause(ctx))
}

// named says what failed. An error that only says that the time is over says how much it was.
func named(what string, ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return fmt.Errorf("%s: %w: %w", what, context.Cause(ctx), err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// recovered calls f and makes an error of its panic.
func recovered(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
