package synthetic_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// attempt executes a program with a configuration, in a block.
func attempt(
	ctx context.Context, t *testing.T, c synthetic.Config, p *synthetic.Program, s *state, out *framework.Outcome,
) (err error) {
	t.Helper()
	tx := p.Tx(word(1))
	e := open(t, c, &framework.Block{})
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panicked: %v", r)
		}
	}()
	return e.Execute(ctx, &tx, framework.Version{}, s, out)
}

func TestExecute_CostIsBurnedUpToEachStep(t *testing.T) {
	p := &synthetic.Program{Cost: 1000 * time.Microsecond, Steps: []synthetic.Step{
		synthetic.Read(cell(1)).At(15), synthetic.Read(cell(2)).At(60),
	}}
	// The VM asks once in a microsecond of work whether it is aborted: that is how we count.
	for polls, reads := range map[int]int{1: 0, 150: 0, 151: 1, 600: 1, 601: 2, 1000: 2} {
		s := newState()
		s.polls = polls
		var out framework.Outcome
		if err := attempt(t.Context(), t, synthetic.Config{}, p, s, &out); err != framework.ErrAborted {
			t.Errorf("aborted after %d microseconds: Execute = %v, want ErrAborted", polls, err)
		}
		if len(s.calls) != reads {
			t.Errorf("aborted after %d microseconds: %d reads, want %d", polls, len(s.calls), reads)
		}
	}
	s := newState()
	s.polls = 1001
	var out framework.Outcome
	if err := attempt(t.Context(), t, synthetic.Config{}, p, s, &out); err != nil || s.polls != 1 {
		t.Errorf("Execute = %v with %d polls left, want nil with 1", err, s.polls)
	}
	if got, want := out.Usage.Counters[synthetic.CounterCost], uint64(1_000_000); got != want {
		t.Errorf("cost %d, want %d", got, want)
	}
}

func TestExecute_RevertBurnsNoMore(t *testing.T) {
	p := &synthetic.Program{
		Cost:  1000 * time.Microsecond,
		Steps: []synthetic.Step{synthetic.Fail(synthetic.Revert).At(30)},
		After: []synthetic.Step{synthetic.Add(cell(1), cell(2), word(1)).At(100)},
	}
	s := newState()
	s.polls = 301
	var out framework.Outcome
	if err := attempt(t.Context(), t, synthetic.Config{}, p, s, &out); err != nil || s.polls != 1 {
		t.Errorf("Execute = %v with %d polls left, want nil with 1", err, s.polls)
	}
	if len(out.Adds) != 1 || out.Usage.Counters[synthetic.CounterCost] != 300_000 {
		t.Errorf("outcome %+v, want the fee and a cost of 300000", out)
	}
}

func TestExecute_StopsWhenReadIsAborted(t *testing.T) {
	p := &synthetic.Program{Steps: []synthetic.Step{
		synthetic.Read(cell(1)), synthetic.Read(cell(2)).At(1), synthetic.Read(cell(3)).At(2),
	}}
	s := newState()
	s.abortAt = 2
	var out framework.Outcome
	if err := attempt(t.Context(), t, synthetic.Config{}, p, s, &out); !errors.Is(err, framework.ErrAborted) {
		t.Errorf("Execute = %v, want ErrAborted", err)
	}
	if len(s.calls) != 2 {
		t.Errorf("%d calls of Read, want 2", len(s.calls))
	}
}

func TestExecute_EndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out framework.Outcome
	err := attempt(ctx, t, synthetic.Config{}, &synthetic.Program{}, newState(), &out)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Execute = %v, want context.Canceled", err)
	}
}

// TestExecute_ContextEndsALoop cancels the context in the middle of an endless loop.
func TestExecute_ContextEndsALoop(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	var out framework.Outcome
	c := synthetic.Config{Misbehave: "loop", Every: 1}
	err := attempt(ctx, t, c, &synthetic.Program{}, newState(), &out)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Execute = %v, want context.DeadlineExceeded", err)
	}
}

func TestExecute_ReadsTogetherWhatItCan(t *testing.T) {
	p := &synthetic.Program{Steps: []synthetic.Step{
		synthetic.Read(cell(1)), synthetic.Read(cell(2)), synthetic.Read(cell(1)),
		synthetic.Read(cell(3)).Among(2),
		synthetic.Read(cell(5)).When(1, 0), synthetic.Read(cell(6)),
		synthetic.Read(cell(7)).At(1),
		synthetic.Transfer(cell(7), cell(8), word(0)).At(1), synthetic.Transfer(cell(9), cell(10), word(0)).At(1),
		synthetic.Read(cell(9)).At(1), synthetic.Read(cell(11)).At(1), synthetic.Read(cell(10)).At(1),
	}}
	s := newState()
	run(t, p, s, framework.Execute)
	want := [][]framework.Key{
		{cell(1), cell(2), cell(1)}, {cell(3)}, {cell(5), cell(6)},
		{cell(7)}, {cell(8)}, {cell(9), cell(10)}, {cell(11)},
	}
	if d := cmp.Diff(want, s.calls); d != "" {
		t.Errorf("calls of Read (-want +got):\n%s", d)
	}
}

func TestExecute_EveryValueShows(t *testing.T) {
	p := &synthetic.Program{Steps: []synthetic.Step{
		synthetic.Read(cell(1)), synthetic.Read(cell(2)), synthetic.Equal(cell(3), cell(3)),
		synthetic.Transfer(cell(4), cell(5), word(0)), synthetic.Add(cell(6), cell(7), word(1)),
	}}
	seen := map[uint64]string{}
	show := func(name string, s *state) {
		d := receipt(t, run(t, p, s, framework.Execute)).Digest
		if seen[d] != "" {
			t.Errorf("digest %x of %s is also that of %s", d, name, seen[d])
		}
		seen[d] = name
	}
	show("zero", newState())
	for n := range uint64(5) {
		for limb := range 4 {
			for _, v := range []uint64{1, 1 << 63} {
				s := newState()
				w := framework.Word{}
				w[limb] = v
				s.cells[cell(n+1)] = w
				show(fmt.Sprintf("cell %d limb %d = %x", n+1, limb, v), s)
			}
		}
	}
	s := newState()
	s.cells[cell(6)] = word(1)
	if d := receipt(t, run(t, p, s, framework.Execute)).Digest; seen[d] != "zero" {
		t.Error("a cell that is just added to shows in the digest")
	}
	if d := receipt(t, run(t, p, s, framework.Exact)).Digest; seen[d] != "zero" {
		t.Error("a cell that is just added to shows in the digest in mode Exact")
	}
}

func TestExecute_ImpossibleState(t *testing.T) {
	p := &synthetic.Program{Steps: []synthetic.Step{synthetic.Equal(cell(1), cell(2))}}
	for how, want := range map[string]string{
		"":      "synthetic: step 0: fault",
		"fault": "synthetic: step 0: fault",
		"panic": "panicked: synthetic: transaction 0100000000000000000000000000000000000000000000000000000000000000 panics at step 0",
		"loop":  "synthetic: step 0: nobody aborted an endless loop",
	} {
		t.Run(how, func(t *testing.T) {
			c := synthetic.Config{Impossible: how, LoopLimit: 50 * time.Microsecond}
			var out framework.Outcome
			if err := attempt(t.Context(), t, c, p, newState(), &out); err != nil {
				t.Errorf("equal: Execute = %v, want nil", err)
			}
			s := newState()
			s.cells[cell(1)] = word(1)
			err := attempt(t.Context(), t, c, p, s, &out)
			if err == nil || how != "panic" && err.Error() != want {
				t.Errorf("not equal: Execute = %v, want %v", err, want)
			}
			if how != "loop" {
				return
			}
			s.polls = 20
			if err := attempt(t.Context(), t, c, p, s, &out); !errors.Is(err, framework.ErrAborted) {
				t.Errorf("aborted: Execute = %v, want ErrAborted", err)
			}
		})
	}
}

func TestExecute_ChosenTransactionsMisbehave(t *testing.T) {
	c := synthetic.Config{Misbehave: "fault", Every: 10}
	e := open(t, c, &framework.Block{})
	count := 0
	for i := range uint64(1000) {
		p := synthetic.Program{}
		tx := p.Tx(word(i))
		var out framework.Outcome
		err := e.Execute(t.Context(), &tx, framework.Version{}, newState(), &out)
		if (err != nil) != c.Misbehaves(tx.ID) {
			t.Errorf("transaction %d: Execute = %v, but Misbehaves = %v", i, err, c.Misbehaves(tx.ID))
		}
		if err != nil {
			count++
		}
	}
	if count < 70 || count > 130 {
		t.Errorf("%d of 1000 transactions misbehave, want about 100", count)
	}
	slow := synthetic.Config{Misbehave: "slow", Every: 1, SlowBy: 40 * time.Microsecond}
	s := newState()
	s.polls = 1000
	var out framework.Outcome
	if err := attempt(t.Context(), t, slow, &synthetic.Program{}, s, &out); err != nil || s.polls != 960 {
		t.Errorf("slow: Execute = %v after %d polls, want nil after 40", err, 1000-s.polls)
	}
}

func TestExecute_Classes(t *testing.T) {
	class := framework.Class{Hash: word(99), Body: []byte("a class of 21 bytes..")}
	declare := synthetic.Program{Steps: []synthetic.Step{synthetic.Declare(class.Hash, class.Body)}}
	deploy := synthetic.Program{Steps: []synthetic.Step{synthetic.Deploy(word(5), class.Hash)}}
	call := synthetic.Program{Steps: []synthetic.Step{synthetic.Call(word(5)), synthetic.Call(word(5))}}
	s := newState()
	for i, tt := range []struct {
		program *synthetic.Program
		status  framework.Status
		reason  synthetic.Reason
	}{
		{&call, framework.Reverted, synthetic.NotDeployed},
		{&deploy, framework.Reverted, synthetic.NotDeclared},
		{&declare, framework.Succeeded, synthetic.None},
		{&declare, framework.Reverted, synthetic.AlreadyDeclared},
		{&deploy, framework.Succeeded, synthetic.None},
		{&deploy, framework.Reverted, synthetic.AlreadyDeployed},
		{&call, framework.Succeeded, synthetic.None},
	} {
		out := run(t, tt.program, s, framework.Execute)
		if r := receipt(t, out); out.Status != tt.status || r.Reason != tt.reason {
			t.Errorf("%d: %v (%v), want %v (%v)", i, out.Status, r.Reason, tt.status, tt.reason)
		}
		if tt.program == &declare && tt.status == framework.Succeeded {
			if d := cmp.Diff([]framework.Class{class}, out.Classes); d != "" {
				t.Errorf("Classes (-want +got):\n%s", d)
			}
			if got := out.Usage.Counters[synthetic.CounterDeclared]; got != 21 {
				t.Errorf("declared %d bytes, want 21", got)
			}
		}
		s.apply(t, out)
	}
	want := []framework.Charge{{Counter: synthetic.CounterExecuted, Key: synthetic.Declared(class.Hash), Amount: 21}}
	out := run(t, &call, s, framework.Execute)
	if d := cmp.Diff(want, out.Usage.Once); d != "" {
		t.Errorf("Once (-want +got):\n%s", d)
	}
	before := receipt(t, out).Digest
	s.classes[class.Hash] = &framework.Class{Hash: class.Hash, Body: []byte("a class of 21 bytes.!")}
	if receipt(t, run(t, &call, s, framework.Execute)).Digest == before {
		t.Error("the body of a class does not show in the digest")
	}
	delete(s.classes, class.Hash)
	var none framework.Outcome
	if err := attempt(t.Context(), t, synthetic.Config{}, &call, s, &none); !errors.Is(err, framework.ErrNoClass) {
		t.Errorf("Execute = %v, want the error of the view", err)
	}
}

func TestExecute_OwnClassAndRevert(t *testing.T) {
	steps := []synthetic.Step{
		synthetic.Declare(word(9), []byte("x")), synthetic.Deploy(word(5), word(9)), synthetic.Call(word(5)),
	}
	if out := run(t, &synthetic.Program{Steps: steps}, newState(), 0); out.Status != framework.Succeeded {
		t.Errorf("declare, deploy and call in one: %v, want succeeded", out.Status)
	}
	p := &synthetic.Program{
		Before: []synthetic.Step{synthetic.Declare(word(8), []byte("kept"))},
		Steps:  append(steps, synthetic.Fail(synthetic.Revert)),
	}
	out := run(t, p, newState(), 0)
	if d := cmp.Diff([]framework.Class{{Hash: word(8), Body: []byte("kept")}}, out.Classes); d != "" {
		t.Errorf("Classes after a revert (-want +got):\n%s", d)
	}
}

func TestExecute_Capacity(t *testing.T) {
	p := &synthetic.Program{Steps: []synthetic.Step{
		synthetic.Write(cell(1), word(1)), synthetic.Add(cell(2), cell(3), word(1)),
	}}
	for name, tt := range map[string]struct {
		capacity []uint64
		status   framework.Status
	}{
		"None": {nil, framework.Succeeded}, "Zero": {[]uint64{0, 0, 0, 0, 0, 0}, framework.Succeeded},
		"Fits":    {[]uint64{1, 2, 3, 1, 3, 1, 1, 1}, framework.Succeeded},
		"Steps":   {[]uint64{0, 1}, framework.Rejected},
		"Writes":  {[]uint64{0, 0, 2}, framework.Rejected},
		"Changed": {[]uint64{0, 0, 0, 0, 2}, framework.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, synthetic.Config{}, &framework.Block{Capacity: tt.capacity})
			tx := p.Tx(word(1))
			var out framework.Outcome
			if err := e.Execute(t.Context(), &tx, framework.Version{}, newState(), &out); err != nil {
				t.Fatalf("Execute: %v", err)
			}
			if out.Status != tt.status {
				t.Errorf("Execute: %v, want %v", out.Status, tt.status)
			}
			if tt.status == framework.Rejected && len(out.Writes)+len(out.Adds)+len(out.Usage.Once) != 0 {
				t.Errorf("a rejected transaction has effects: %+v", out)
			}
		})
	}
}

func TestExecute_Trace(t *testing.T) {
	s := newState()
	s.cells[synthetic.ClassOf(word(5))] = word(9)
	s.cells[synthetic.Declared(word(9))] = word(9)
	s.classes[word(9)] = &framework.Class{Hash: word(9)}
	p := synthetic.Program{Steps: []synthetic.Step{synthetic.Call(word(5)), synthetic.Call(word(5))}}
	tx := p.Tx(word(1))
	var out framework.Outcome
	e := open(t, synthetic.Config{}, &framework.Block{Trace: true})
	if err := e.Execute(t.Context(), &tx, framework.Version{}, s, &out); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	if d := cmp.Diff([]framework.Word{word(5), word(5)}, receipt(t, &out).Calls); d != "" {
		t.Errorf("Calls (-want +got):\n%s", d)
	}
}

func TestExecute_MalformedIsRejected(t *testing.T) {
	tx := framework.Tx{Body: []byte("no program")}
	var out framework.Outcome
	e := open(t, synthetic.Config{}, &framework.Block{})
	if err := e.Execute(t.Context(), &tx, framework.Version{}, newState(), &out); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	if r := receipt(t, &out); out.Status != framework.Rejected || r.Reason != synthetic.Malformed {
		t.Errorf("Execute: %v (%v), want rejected (malformed)", out.Status, r.Reason)
	}
}

func TestFinish(t *testing.T) {
	e := open(t, synthetic.Config{}, &framework.Block{})
	s := newState()
	s.cells[synthetic.FinishKey()] = framework.Word{10, 4}
	called := func(n uint64) framework.Charge {
		return framework.Charge{Counter: synthetic.CounterExecuted, Key: synthetic.Declared(word(n)), Amount: 1}
	}
	final := []framework.Final{
		{Tx: 0, Outcome: &framework.Outcome{Usage: framework.Usage{Once: []framework.Charge{called(1), called(2)}}}},
		{Tx: 2, Outcome: &framework.Outcome{Usage: framework.Usage{Once: []framework.Charge{called(1)}}}},
		{Tx: 3, Outcome: &framework.Outcome{}},
	}
	got, err := e.Finish(t.Context(), s, final)
	want := []framework.Write{{Key: synthetic.FinishKey(), Value: framework.Word{13, 6}}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Finish: %v (-want +got):\n%s", err, d)
	}
}

func TestClose(t *testing.T) {
	vm, err := synthetic.New(synthetic.Config{Rewind: true})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	e, err := vm.Open(t.Context(), &framework.Block{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	tx, out := framework.Tx{}, framework.Outcome{}
	if err := e.Execute(t.Context(), &tx, framework.Version{}, newState(), &out); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Execute = %v, want ErrClosed", err)
	}
	if _, err := e.Finish(t.Context(), newState(), nil); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Finish = %v, want ErrClosed", err)
	}

	err = e.(framework.Rewinder).Resume(t.Context(), framework.Version{}, 0, framework.Version{}, newState(), &out)
	if !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Resume = %v, want ErrClosed", err)
	}
}

func TestConfig_Validate(t *testing.T) {
	for want, c := range map[string]synthetic.Config{
		"": {}, `impossible: "slow" is none of ["fault" "loop" "panic"]`: {Impossible: "slow"},
		`misbehave: "x" is none of ["none" "slow" "fault" "loop" "panic"]`:         {Misbehave: "x"},
		"slow_by: -1ns is negative":                                                {SlowBy: -1},
		"loop_limit: -1ns is negative":                                             {LoopLimit: -1},
		"rewind_reads: -1 is negative":                                             {RewindReads: -1},
		"hints_right: 101 is no percentage":                                        {HintsRight: 101},
		"hints_wrong: 51 is no percentage, or above 100 together with hints_right": {HintsRight: 50, HintsWrong: 51},
	} {
		got := ""
		if err := c.Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Validate(%+v) = %q, want %q", c, got, want)
		}
	}
}

func TestExecute_AllocatesNothing(t *testing.T) {
	p := synthetic.Program{
		Before: []synthetic.Step{synthetic.Nonce(cell(9), 0)},
		Steps: []synthetic.Step{
			synthetic.Read(cell(1)), synthetic.Read(cell(2)).Among(3),
			synthetic.Write(cell(2), word(1)), synthetic.Write(cell(1), word(1)).Among(7),
			synthetic.Transfer(cell(20), cell(21), word(0)),
		},
		After: []synthetic.Step{synthetic.Add(cell(30), cell(31), word(1))},
	}
	e := open(t, synthetic.Config{}, &framework.Block{Capacity: []uint64{1000, 1000, 1000}})
	tx := p.Tx(word(1))
	var out framework.Outcome
	view := &fixed{}
	ctx := t.Context()
	got := testing.AllocsPerRun(1000, func() {
		out.Reset()
		if err := e.Execute(ctx, &tx, framework.Version{}, view, &out); err != nil {
			t.Fatal(err)
		}
	})
	// The race detector makes pools forget on purpose.
	if got >= 1 && !raceEnabled {
		t.Errorf("Execute allocates %v times", got)
	}
}
