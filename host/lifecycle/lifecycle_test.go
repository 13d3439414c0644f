package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/host/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary notes what happens, in order.
type diary struct {
	mu      sync.Mutex
	entries []string
}

func (d *diary) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, what)
}

func (d *diary) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.entries)
}

// hook returns a hook that notes its start and stop.
func (d *diary) hook(name string) lifecycle.Hook {
	return lifecycle.Hook{
		Name:  name,
		Start: func(context.Context) error { d.note("start " + name); return nil },
		Stop:  func(context.Context) error { d.note("stop " + name); return nil },
	}
}

// with appends hooks in order.
func with(hooks ...lifecycle.Hook) fx.Option {
	return fx.Invoke(func(lc *lifecycle.Lifecycle) {
		for _, h := range hooks {
			lc.Append(h)
		}
	})
}

func run(ctx context.Context, opts ...fx.Option) error {
	return lifecycle.Run(ctx, slog.New(slog.DiscardHandler), opts...)
}

// check compares the diary and the error of a run.
func check(t *testing.T, d *diary, err error, says string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, d.all()); diff != "" {
		t.Errorf("what happened (-want +got):\n%s", diff)
	}
	switch {
	case says == "" && err != nil:
		t.Errorf("Run() = %v, want nil", err)
	case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("Run() = %v, want an error with %q", err, says)
	}
}

func wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestRun(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		opts func(d *diary) fx.Option
		says string
		want []string
	}{
		{"starts in order, stops in reverse, ends with a task", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a"), d.hook("b")), task(func(context.Context) error { return nil }))
		}, "", []string{"start a", "start b", "stop b", "stop a"}},
		{"a task that fails ends it", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a")), task(func(context.Context) error { return broken }))
		}, "work: broken", []string{"start a", "stop a"}},
		{"a task that panics ends it", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a")), task(func(context.Context) error { panic("oh") }))
		}, "work: panic: oh", []string{"start a", "stop a"}},
		// fx 1: when a start times out, fx stops nothing.
		{"what had started is stopped when a start takes too long", func(d *diary) fx.Option {
			return with(d.hook("a"), lifecycle.Hook{Name: "slow", Start: wait, StartLimit: time.Second})
		}, "slow start: not done within 1s", []string{"start a", "stop a"}},
		// fx 4: a hook that fails is not stopped itself.
		{"what had started is stopped when a start fails", func(d *diary) fx.Option {
			b := d.hook("b")
			b.Start = func(context.Context) error { return broken }
			return with(d.hook("a"), b, d.hook("c"))
		}, "b start: broken", []string{"start a", "stop a"}},
		// fx 5: a stop that takes too long keeps fx from stopping the rest.
		{"a stop that takes too long stops the others all the same", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a"), lifecycle.Hook{Name: "slow", Stop: wait, StopLimit: time.Second}), task(nil))
		}, "slow stop: not done within 1s", []string{"start a", "stop a"}},
		{"so does one that panics", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a"), lifecycle.Hook{Name: "bad", Stop: func(context.Context) error { panic("oh") }}), task(nil))
		}, "bad stop: panic: oh", []string{"start a", "stop a"}},
		// fx 7: a panic in OnStart ends the program.
		{"a start that panics is an error", func(d *diary) fx.Option {
			return with(d.hook("a"), lifecycle.Hook{Name: "bad", Start: func(context.Context) error { panic("oh") }})
		}, "bad start: panic: oh", []string{"start a", "stop a"}},
		{"so is a constructor that panics", func(d *diary) fx.Option {
			return fx.Options(with(d.hook("a")), fx.Invoke(func() { panic("oh") }))
		}, "panic: \"oh\"", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := new(diary)
				err := run(t.Context(), tt.opts(d))
				check(t, d, err, tt.says, tt.want...)
			})
		})
	}
}

// task returns a task; nil ends at once.
func task(f func(context.Context) error) fx.Option {
	if f == nil {
		f = func(context.Context) error { return nil }
	}
	return fx.Invoke(func(lc *lifecycle.Lifecycle) { lc.Go(lifecycle.Task{Name: "work", Run: f}) })
}

// TestStartIgnoresItsLimit (fx 2): fx returns while such a hook still runs, and nobody ever stops what it starts.
func TestStartIgnoresItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(diary)
		late := d.hook("late")
		late.Start = func(context.Context) error {
			time.Sleep(time.Minute)
			d.note("start late")
			return nil
		}
		err := run(t.Context(), with(d.hook("a"), late))
		check(t, d, err, "late start: not done within 10s, and it does not return", "start a", "stop a")
		time.Sleep(2 * time.Minute)
		check(t, d, nil, "", "start a", "stop a", "start late", "stop late")
	})
}

// TestStopIgnoresItsLimit has a hook that never returns: the others are stopped, and Run returns.
func TestStopIgnoresItsLimit(t *testing.T) {
	release := make(chan struct{})
	d := new(diary)
	stuck := lifecycle.Hook{Name: "stuck", StopLimit: time.Millisecond, Stop: func(context.Context) error { <-release; return nil }}
	err := run(t.Context(), with(d.hook("a"), stuck), task(nil))
	close(release)
	check(t, d, err, "stuck stop: not done within 1ms, and it does not return", "start a", "stop a")
}

// TestInterrupt ends the context while everything runs, and while it starts.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(diary)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		err := run(ctx, with(d.hook("a")), task(wait))
		check(t, d, err, "", "start a", "stop a")
	})
	synctest.Test(t, func(t *testing.T) {
		d := new(diary)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := run(ctx, with(d.hook("a"), lifecycle.Hook{Name: "slow", Start: wait}))
		check(t, d, err, "context canceled", "start a", "stop a")
	})
}

// TestContexts (fx 11): the context of a start ends soon after it; that of a task is the task's.
func TestContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started context.Context
		ctx, cancel := context.WithCancel(t.Context())
		keep := lifecycle.Hook{Name: "keep", Start: func(ctx context.Context) error { started = ctx; return nil }}
		err := run(ctx, with(keep), task(func(ctx context.Context) error {
			time.Sleep(24 * time.Hour)
			if started.Err() == nil {
				t.Error("the context of a start is good for ever: nobody would notice who keeps it")
			}
			if err := ctx.Err(); err != nil {
				t.Errorf("a task of one day: %v", err)
			}
			cancel()
			return wait(ctx)
		}))
		if err != nil {
			t.Error(err)
		}
	})
}

// TestRunReturns (fx 3): fx's own Run ends the program when a start fails, and no deferred call runs.
func TestRunReturns(t *testing.T) {
	deferred := false
	err := func() error {
		defer func() { deferred = true }()
		return run(t.Context(), with(lifecycle.Hook{Name: "bad", Start: func(context.Context) error { return errors.New("no") }}))
	}()
	if !deferred || err == nil {
		t.Errorf("deferred %v, error %v", deferred, err)
	}
}

type vm interface{ Name() string }

type real struct{}

func (real) Name() string { return "real" }

type double struct{}

func (double) Name() string { return "double" }

func newVM() vm { return real{} }

// TestReplace (fx 8, fx 9): fx.Replace with a value of another type than the graph holds does nothing, and says
// nothing; a decoration in a module does not reach its siblings.
func TestReplace(t *testing.T) {
	inModule := fx.Module("tests", lifecycle.Replace[vm](double{}))
	for _, tt := range []struct {
		name string
		opt  fx.Option
		want string
	}{
		{"fx.Replace", fx.Replace(double{}), "real"},
		{"Replace", lifecycle.Replace[vm](double{}), "double"},
		{"Replace in a module", inModule, "real"},
	} {
		var got string
		err := run(t.Context(), fx.Module("parts", fx.Provide(newVM), fx.Invoke(func(v vm) { got = v.Name() })), tt.opt, task(nil))
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestUnusedConstructors (fx 10) shows why a module ends with an Invoke of what it provides.
func TestUnusedConstructors(t *testing.T) {
	// Constructors that nobody needs never run, and a misspelt group is silently empty.
	built, group := 0, -1
	if err := run(t.Context(),
		fx.Provide(func() int { built++; return 1 }),
		fx.Provide(fx.Annotate(func() string { return "x" }, fx.ResultTags(`group:"plugin"`))),
		fx.Invoke(fx.Annotate(func(all []string) { group = len(all) }, fx.ParamTags(`group:"plugins"`))),
		task(nil)); err != nil || built != 0 || group != 0 {
		t.Errorf("built %d, group of %d, %v, want 0, 0", built, group, err)
	}
}

func TestCheck(t *testing.T) {
	needs := fx.Invoke(func(vm) {})
	if err := lifecycle.Check(needs); err == nil || !strings.Contains(err.Error(), "missing type") {
		t.Errorf("Check() without a constructor = %v", err)
	}
	if err := lifecycle.Check(needs, fx.Provide(newVM), with()); err != nil {
		t.Errorf("Check() = %v", err)
	}
}

func ExampleRun() {
	greet := fx.Invoke(func(lc *lifecycle.Lifecycle) {
		lc.Append(lifecycle.Hook{
			Name:  "greeter",
			Start: func(context.Context) error { fmt.Println("hello"); return nil },
			Stop:  func(context.Context) error { fmt.Println("goodbye"); return nil },
		})
		lc.Go(lifecycle.Task{Name: "work", Run: func(context.Context) error { fmt.Println("done"); return nil }})
	})
	if err := lifecycle.Run(context.Background(), slog.Default(), greet); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello
	// done
	// goodbye
}
