// Package schedtest is the conformance suite of schedulers: a named subtest for every promise that
// framework/scheduler.go makes, and for what framework/vm.go says that a scheduler owes to a VM.
//
// A scheduler's own test is short:
//
//	func TestConformance(t *testing.T) {
//		schedtest.Run(conform.Testing(t), schedtest.Config{
//			Open: func(conform.T) framework.Scheduler { return mine.New() },
//		})
//	}
//
// The suite plays the host and the VM. Everything that a scheduler is given is watched: who calls what, with what,
// how often at once, and whether anything is called after Run has returned. What comes out is compared with the
// suite's own serial execution. Most blocks are made of programs that wait for each other in a chosen order
// (a reader begins before its writer has ended, for example), which takes a scheduler that executes at least two
// transactions at a time; others are not held up by it. Further blocks are random: see [Compare].
//
// No run may take longer than Config.Deadline, so a scheduler that hangs fails and the suite goes on. Goroutines are
// counted before and after each run: nothing else may start any while the suite runs, parallel tests included.
package schedtest

import (
	"os"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// Config says what is put to the test, and how hard. Only Open must be set.
type Config struct {
	// Open returns a scheduler. Every subtest calls it, most of them once.
	Open func(t conform.T) framework.Scheduler
	// Wrap, if not nil, sees each job just before it is run and returns the job to run instead: with the same
	// VM and state behind a transport, for example. Optional abilities of the VM must stay what they are.
	Wrap func(t conform.T, j framework.Job) framework.Job
	// Deadline is how long one run may take before it counts as hanging. 0 means 20 seconds.
	Deadline time.Duration
	// Blocks is the number of random blocks. 0 means 300, or 100,000 if SWITCHYARD_LONG is set to 1.
	Blocks int
	// Seed selects the random blocks. Failures print the seed of their block: see [Compare].
	Seed uint64
}

// Run checks that schedulers are what framework/scheduler.go says.
func Run(t conform.T, c Config) {
	if c.Deadline == 0 {
		c.Deadline = 20 * time.Second
	}
	if c.Blocks == 0 {
		c.Blocks = 300
		if os.Getenv("SWITCHYARD_LONG") == "1" {
			c.Blocks = 100_000
		}
	}
	s := &suite{Config: c}
	for _, g := range groups {
		t.Run(g.name, func(t conform.T) {
			for _, test := range g.tests {
				t.Run(test.name, func(t conform.T) { test.run(s, t) })
			}
		})
	}
}

// suite is one call of Run.
type suite struct {
	Config
	probe    sync.Once
	patience time.Duration // how long programs wait for each other; set by probe
}

// group is a set of tests under one name.
type group struct {
	name  string
	tests []test
}

// test is one promise.
type test struct {
	name string
	run  func(s *suite, t conform.T)
}

// often returns f several times over: only the scheduler decides what happens at the same time, so a test that needs
// it to happen may not see it at once.
func often(f func(s *suite, t conform.T)) func(s *suite, t conform.T) {
	return func(s *suite, t conform.T) {
		for i := 0; i < 8 && !t.Failed(); i++ {
			f(s, t)
		}
	}
}

var groups = []group{
	{"equal", equalTests},
	{"end", endTests},
	{"feed", feedTests},
	{"final", finalTests},
	{"view", viewTests},
	{"execute", executeTests},
	{"class", classTests},
	{"add", addTests},
	{"fault", faultTests},
	{"cancel", cancelTests},
	{"base", baseTests},
	{"report", reportTests},
	{"ability", abilityTests},
	{"load", loadTests},
	{"random", randomTests},
}

// maxPatience is how long a program waits for another that a parallel scheduler may never start.
const maxPatience = 250 * time.Millisecond

// open returns a scheduler that has run a block already, so that what it starts once and keeps is there.
func (s *suite) open(t conform.T) framework.Scheduler {
	t.Helper()
	sched := s.Open(t)
	s.probe.Do(func() { s.measure(t, sched) })
	s.first(t, sched, newScene(func(*attempt) {}))
	return sched
}

// measure finds out whether the scheduler executes two transactions at once, for which the first waits.
func (s *suite) measure(t conform.T, sched framework.Scheduler) {
	t.Helper()
	met := make(chan struct{}, 1)
	b := newScene(
		func(a *attempt) {
			if a.await("second") {
				met <- struct{}{}
			}
		},
		func(a *attempt) { a.reach("second") },
	)
	b.stage.patience = maxPatience
	s.first(t, sched, b)
	if len(met) > 0 {
		s.patience = maxPatience
	}
}

// first runs a block without looking for what is left.
func (s *suite) first(t conform.T, sched framework.Scheduler, b *scene) {
	t.Helper()
	p := play{scene: b, sched: sched, ctx: t.Context(), wrap: s.wrap(t)}
	r := p.start(t, s.Deadline)
	r.guard.retire()
	if r.err != nil {
		t.Fatalf("Run of a first block: %v", r.err)
	}
}
