package optimistic_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
)

// only is a T that runs one test of a suite.
type only struct {
	conform.T
	path []string // the names of the test and of those around it that are still to come; none left: run all
	ran  *bool
}

// Run implements [conform.T].
func (o only) Run(name string, f func(conform.T)) bool {
	rest := o.path
	if len(rest) > 0 {
		if rest[0] != name {
			return true
		}
		rest = rest[1:]
		*o.ran = *o.ran || len(rest) == 0
	}
	return o.T.Run(name, func(t conform.T) { f(only{t, rest, o.ran}) })
}

// check runs one test of the suite and reports whether it passed.
func check(t *testing.T, name string, open func() framework.Scheduler) *conform.Report {
	t.Helper()
	ran := false
	r := conform.Check(t.Context(), "suite", func(t conform.T) {
		schedtest.Run(only{t, strings.Split(name, "/"), &ran}, schedtest.Config{
			Open:     func(conform.T) framework.Scheduler { return open() },
			Deadline: time.Second,
			Blocks:   20,
		})
	}, nil)
	if !ran {
		t.Fatalf("there is no test %q", name)
	}
	return r
}

// runFunc is a scheduler.
type runFunc func(context.Context, framework.Job) (framework.Stats, error)

// Run implements [framework.Scheduler].
func (f runFunc) Run(ctx context.Context, j framework.Job) (framework.Stats, error) { return f(ctx, j) }

// changed returns a scheduler that executes another job than it was given.
func changed(change func(*framework.Job)) framework.Scheduler {
	return runFunc(func(ctx context.Context, j framework.Job) (framework.Stats, error) {
		change(&j)
		return optimistic.NewWrong("").Run(ctx, j)
	})
}

// TestWrong proves that the suite notices: each wrong scheduler fails the test that is named for it.
func TestWrong(t *testing.T) {
	tests := map[string]string{ // bug: test
		"readsFinalOnly":   "view/a chain of readers runs again",
		"neverValidates":   "view/a reader of a changed value runs again",
		"comparesHalves":   "view/words are compared in full",
		"seesItself":       "view/own writes are not seen",
		"readsAgain":       "view/a key read again has the same value",
		"keepsOldKeys":     "view/writes given up vanish",
		"missesRemovals":   "view/a reader of a removed value runs again",
		"neverRefolds":     "add/does not hide a write from readers above",
		"forgetsAdds":      "add/folded in finals",
		"neverOverflows":   "add/that does not fit because of those below",
		"declaresEarly":    "class/not seen below",
		"keepsFailed":      "fault/leaves no trace",
		"believesFaults":   "fault/after a fault it runs again",
		"sharesOutcome":    "final/does not change while the host looks",
		"keepsOutcome":     "execute/outcome is reset",
		"sleepsOnArrival":  "feed/while idle",
		"lateAborts":       "view/aborted when invalid",
		"publishesLate":    "ability/publish before it is read",
		"resumesAnywhere":  "ability/resume where reads hold",
		"retriesEarly":     "add/that seemed not to fit and is not made",
		"remembersDropped": "ability/forget what is left out",
	}
	for bug := range optimistic.Bugs {
		t.Run(bug, func(t *testing.T) {
			if tests[bug] == "" {
				t.Fatal("no test is named for this bug")
			}
			if raceEnabled && bug == "sharesOutcome" {
				t.Skip("the race detector is quicker than the suite")
			}
			r := check(t, tests[bug], func() framework.Scheduler { return optimistic.NewWrong(bug) })
			if len(r.Failed()) == 0 {
				t.Errorf("%q passes", tests[bug])
			}
		})
	}
}

// TestWrongEdges is TestWrong for mistakes that are made where a scheduler meets the host.
func TestWrongEdges(t *testing.T) {
	var leaks sync.WaitGroup
	end := make(chan struct{})
	defer leaks.Wait()
	defer close(end)
	edges := wrongJobs()
	maps.Copy(edges, wrongRuns(&leaks, end))
	for name, tt := range edges {
		t.Run(name, func(t *testing.T) {
			r := check(t, tt.test, func() framework.Scheduler { return tt.sched })
			if len(r.Failed()) == 0 {
				t.Errorf("%q passes", tt.test)
			}
			if r := check(t, tt.test, func() framework.Scheduler { return optimistic.NewWrong("") }); len(r.Failed()) > 0 {
				t.Errorf("%q fails for a scheduler that is right: %v", tt.test, r.Results)
			}
		})
	}
}

// TestCompareNamesTheSeed: what went wrong can be run again.
func TestCompareNamesTheSeed(t *testing.T) {
	wrong := optimistic.NewWrong("neverValidates")
	for seed := range uint64(200) {
		if err := schedtest.Compare(t.Context(), wrong, seed); err != nil {
			if want := fmt.Sprintf("seed %d ", seed); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("Compare() = %v, want %q in front", err, want)
			}
			return
		}
	}
	t.Error("Compare finds nothing wrong in 200 blocks")
}

// edge is a wrong scheduler and the test that it fails.
type edge struct {
	test  string
	sched framework.Scheduler
}

// wrongJobs returns schedulers that are wrong about what they are given.
func wrongJobs() map[string]edge {
	return map[string]edge{
		"ignores the end": {"end/before the run", changed(func(j *framework.Job) { j.End = nil })},
		"ignores what the block starts with": {"equal/start of the block", changed(func(j *framework.Job) {
			b := *j.Block
			b.Start = nil
			j.Block = &b
		})},
		"tells nobody":         {"report/events are plausible", changed(func(j *framework.Job) { j.Observer = nil })},
		"never forgets":        {"ability/forget every final transaction", changed(func(j *framework.Job) { j.VM = bare{j.VM} })},
		"hides failing reads":  {"base/failing read", changed(func(j *framework.Job) { j.Base = optimist{j.Base} })},
		"commits out of order": {"final/in order without gaps", changed(func(j *framework.Job) { j.Final = swapped(j.Final) })},
		"commits twice": {"final/in order without gaps", changed(func(j *framework.Job) {
			final := j.Final
			j.Final = func(f []framework.Final) error { return errors.Join(final(f), final(f)) }
		})},
		"ignores the host's error": {"final/error stops the run", changed(func(j *framework.Job) {
			final := j.Final
			j.Final = func(f []framework.Final) error { _ = final(f); return nil }
		})},
		"hides faults": {"fault/on the true state is final", changed(func(j *framework.Job) {
			final := j.Final
			j.Final = func(f []framework.Final) error {
				for i := range f {
					f[i].Fault = nil
				}
				return final(f)
			}
		})},
		"asks the feed for all at first": {"feed/each after the final before", changed(func(j *framework.Job) {
			j.Feed = &hoarder{Feed: j.Feed}
		})},
	}
}

// wrongRuns returns schedulers that are wrong about their end. Those that leave goroutines behind end them at end.
func wrongRuns(leaks *sync.WaitGroup, end <-chan struct{}) map[string]edge {
	right := optimistic.NewWrong("")
	return map[string]edge{
		"hands out at the end only": {"final/as soon as they are", runFunc(hoardFinals)},
		"hides cancellation": {"cancel/before the run", runFunc(func(ctx context.Context, j framework.Job) (framework.Stats, error) {
			s, err := right.Run(ctx, j)
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return s, err
		})},
		"miscounts": {"report/statistics", runFunc(func(ctx context.Context, j framework.Job) (framework.Stats, error) {
			s, err := right.Run(ctx, j)
			s.Executions++
			return s, err
		})},
		"leaves a goroutine when cancelled": {"cancel/while idle", runFunc(func(ctx context.Context, j framework.Job) (framework.Stats, error) {
			s, err := right.Run(ctx, j)
			if err != nil {
				leaks.Go(func() { <-end })
			}
			return s, err
		})},
		"does not wait when cancelled": {"cancel/while an attempt waits", runFunc(func(ctx context.Context, j framework.Job) (framework.Stats, error) {
			done := make(chan error, 1)
			leaks.Go(func() { _, err := right.Run(ctx, j); done <- err })
			select {
			case err := <-done:
				return framework.Stats{}, err
			case <-ctx.Done():
				return framework.Stats{}, ctx.Err()
			}
		})},
	}
}

// bare is an executor without its optional abilities.
type bare struct{ framework.Executor }

// optimist is a state that answers zero where it cannot be read.
type optimist struct{ framework.State }

// Read implements [framework.State].
func (o optimist) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if o.State.Read(ctx, keys, out) != nil {
		clear(out)
	}
	return nil
}

// swapped returns a Final that hands out each pair of finals the wrong way round.
func swapped(final func([]framework.Final) error) func([]framework.Final) error {
	var held *framework.Final
	return func(finals []framework.Final) error {
		for i := range finals {
			if held == nil && finals[i].Tx > 0 {
				c := finals[i].Clone()
				held = &c
				continue
			}
			if err := final(finals[i : i+1]); err != nil {
				return err
			}
			if held != nil {
				if err := final([]framework.Final{*held}); err != nil {
					return err
				}
				held = nil
			}
		}
		return nil
	}
}

// hoarder is a feed that hands out nothing before it has everything.
type hoarder struct {
	framework.Feed
	done bool
}

// Next implements [framework.Feed].
func (h *hoarder) Next(ctx context.Context) ([]framework.Tx, error) {
	if h.done {
		return nil, io.EOF
	}
	var all []framework.Tx
	for {
		txs, err := h.Feed.Next(ctx)
		all = slices.Concat(all, txs)
		if errors.Is(err, io.EOF) && len(all) > 0 {
			h.done = true
			return all, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// hoardFinals is a scheduler that hands out its finals when it has all of them.
func hoardFinals(ctx context.Context, j framework.Job) (framework.Stats, error) {
	final := j.Final
	var all []framework.Final
	j.Final = func(f []framework.Final) error {
		for i := range f {
			all = append(all, f[i].Clone())
		}
		return nil
	}
	s, err := optimistic.NewWrong("").Run(ctx, j)
	if err == nil {
		err = final(all)
	}
	return s, err
}
