package conform

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result says how one test of a suite ended. A test that has subtests fails if one of them fails.
type Result struct {
	Name    string // with the names of the tests around it, separated by slashes
	Failed  bool
	Skipped bool
	Log     []string
	Took    time.Duration
}

// Report holds the results of a suite in the order in which its tests ended: the whole suite comes last.
type Report struct {
	Results []Result
}

// Failed returns the names of the tests that failed.
func (r *Report) Failed() []string {
	var names []string
	for _, res := range r.Results {
		if res.Failed {
			names = append(names, res.Name)
		}
	}
	return names
}

// Check runs suite under the given name and reports how it went. A panic in the goroutine of a test is a failure
// of that test. done, if not nil, is called as each test ends. Cancelling ctx ends the context of the tests.
func Check(ctx context.Context, name string, suite func(T), done func(Result)) *Report {
	c := &checker{done: done}
	c.run(ctx, name, suite)
	return &Report{Results: c.results}
}

// checker collects the results of one Check.
type checker struct {
	done    func(Result)
	mu      sync.Mutex
	results []Result // guarded by mu
}

func (c *checker) run(ctx context.Context, name string, f func(T)) bool {
	ctx, cancel := context.WithCancel(ctx)
	t := &check{c: c, ctx: ctx, cancel: cancel, res: Result{Name: name}}
	start := time.Now()
	ended := make(chan struct{})
	go func() { // a goroutine of its own, so that Fatalf can end it
		defer close(ended)
		defer t.finish()
		f(t)
		t.returned = true
	}()
	<-ended
	t.res.Took = time.Since(start)
	c.mu.Lock()
	c.results = append(c.results, t.res)
	c.mu.Unlock()
	if c.done != nil {
		c.done(t.res)
	}
	return !t.res.Failed
}

// check is the T of one test.
type check struct {
	c      *checker
	ctx    context.Context
	cancel context.CancelFunc
	// returned and ending tell a panic from a return and from Fatalf or Skipf. Used by the test's goroutine.
	returned, ending bool

	mu       sync.Mutex
	res      Result   // guarded by mu until the test has ended
	cleanups []func() // guarded by mu
}

// finish runs when the function of the test has returned, panicked or ended itself.
func (t *check) finish() {
	if !t.returned && !t.ending {
		t.Errorf("panic: %v\n%s", recover(), debug.Stack())
	}
	t.cancel()
	for _, f := range slices.Backward(t.cleanups) {
		t.cleanup(f)
	}
}

func (t *check) cleanup(f func()) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic in cleanup: %v\n%s", p, debug.Stack())
		}
	}()
	f()
}

func (t *check) Name() string             { return t.res.Name }
func (t *check) Helper()                  {}
func (t *check) Context() context.Context { return t.ctx }

func (t *check) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.res.Log = append(t.res.Log, fmt.Sprintf(format, args...))
}

func (t *check) Errorf(format string, args ...any) {
	t.Logf(format, args...)
	t.fail()
}

func (t *check) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.res.Failed = true
}

func (t *check) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	t.ending = true
	runtime.Goexit()
}

func (t *check) Skipf(format string, args ...any) {
	t.Logf(format, args...)
	t.res.Skipped = true
	t.ending = true
	runtime.Goexit()
}

func (t *check) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.res.Failed
}

func (t *check) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

func (t *check) TempDir() string {
	dir, err := os.MkdirTemp("", "switchyard-conform-")
	if err != nil {
		t.Fatalf("temporary folder: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove temporary folder: %v", err)
		}
	})
	return dir
}

func (t *check) Run(name string, f func(T)) bool {
	full := t.res.Name + "/" + strings.ReplaceAll(name, " ", "_")
	ok := t.c.run(t.ctx, full, f)
	if !ok {
		t.fail()
	}
	return ok
}
