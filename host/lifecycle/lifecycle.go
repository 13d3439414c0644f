// Package lifecycle starts and stops a host that fx has put together.
//
// fx is left to do what it is good at, calling constructors in order. The rest has traps that the types here close: what
// started is stopped again, whatever failed, however slow it was, and however the program is told to end.
//
//   - A constructor only builds. Processes, sockets and goroutines begin in a [Hook] or a [Task].
//   - A hook has limits of its own.
//   - [Run] starts, waits and stops by hand: fx's own Run ends the program where it stands.
//   - To put another part in the place of one, use [Replace] at the root.
package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"
)

// Lifecycle is what modules append their hooks and tasks to. It is fx's, with limits.
type Lifecycle struct {
	fx        fx.Lifecycle
	interrupt context.Context //nolint:containedctx // ends when the application is told to
	total     time.Duration   // all limits together

	once sync.Once
	done chan struct{} // closed when a task has ended
	err  error         // of that task; to be read when done is closed
}

// end ends the application because a task has ended. Only the first counts.
func (l *Lifecycle) end(err error) {
	l.once.Do(func() {
		l.err = err
		close(l.done)
	})
}

// Run builds what the options say, starts it, and stops it when ctx ends or a task does. It returns all that went wrong.
// Whatever happens, everything that has started is told to stop before Run returns.
func Run(ctx context.Context, log *slog.Logger, opts ...fx.Option) error {
	var l *Lifecycle
	app := fx.New(
		fx.Provide(func(lc fx.Lifecycle) *Lifecycle {
			return &Lifecycle{fx: lc, interrupt: ctx, done: make(chan struct{})}
		}),
		fx.WithLogger(func() fxevent.Logger { return logger(log) }),
		fx.RecoverFromPanics(),
		fx.Options(opts...),
		fx.Populate(&l),
	)
	if err := app.Err(); err != nil {
		return err
	}
	// The limits of the hooks come first; these are for what nobody thought of.
	starting, cancel := context.WithTimeout(context.Background(), l.total+time.Minute)
	defer cancel()
	if err := app.Start(starting); err != nil {
		return errors.Join(l.taskError(), err)
	}
	select {
	case <-ctx.Done():
	case <-l.done:
	}
	stopping, cancel := context.WithTimeout(context.Background(), l.total+time.Minute)
	defer cancel()
	return errors.Join(app.Stop(stopping), l.taskError())
}

// taskError returns the error of the task that has ended, if one has.
func (l *Lifecycle) taskError() error {
	select {
	case <-l.done:
		return l.err
	default:
		return nil
	}
}

// Check reports whether the options fit together, without building anything but what they supply.
func Check(opts ...fx.Option) error {
	return fx.ValidateApp(
		fx.NopLogger,
		fx.Provide(func(lc fx.Lifecycle) *Lifecycle { return &Lifecycle{fx: lc} }),
		fx.Options(opts...),
	)
}

// Replace puts v in the place of the T that the other options provide; T may be an interface. It belongs among the
// outermost options: fx lets a decoration inside a module hold for that module only.
func Replace[T any](v T) fx.Option {
	return fx.Decorate(func(T) T { return v })
}

// logger tells a log, at level debug, what fx does.
func logger(log *slog.Logger) fxevent.Logger {
	l := &fxevent.SlogLogger{Logger: log}
	l.UseLogLevel(slog.LevelDebug)
	l.UseErrorLevel(slog.LevelDebug) // errors are returned
	return l
}
