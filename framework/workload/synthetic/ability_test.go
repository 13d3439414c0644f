package synthetic_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

func TestOpen_AbilitiesAreChosen(t *testing.T) {
	for _, c := range []synthetic.Config{{}, {Rewind: true}, {Predict: true}, {Rewind: true, Predict: true}} {
		e := open(t, c, &framework.Block{})
		_, rewinds := e.(framework.Rewinder)
		_, predicts := e.(framework.Predictor)
		if rewinds != c.Rewind || predicts != c.Predict {
			t.Errorf("%+v: Rewinder %v, Predictor %v", c, rewinds, predicts)
		}
	}
}

// distinct returns the keys that were read, in order of their first read.
func (s *state) distinct() (keys []framework.Key) {
	for _, call := range s.calls {
		for _, k := range call {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// changed returns a copy of the state in which some cells that attempts may read have other values, but not those
// in keep.
func (s *state) changed(r *rand.Rand, keys, keep []framework.Key) *state {
	c := &state{cells: maps.Clone(s.cells), classes: s.classes}
	for _, k := range keys {
		if k.Space == synthetic.SpaceStorage && !slices.Contains(keep, k) && r.IntN(3) > 0 {
			c.cells[k] = word(uint64(r.IntN(9))) //nolint:gosec // small
		}
	}
	return c
}

// rewinding is the test of one transaction: it is executed, and then resumed from each read.
type rewinding struct {
	*testing.T
	r        *rand.Rand
	tx       framework.Tx
	plain    framework.Executor
	executor framework.Executor
	inc      framework.Incarnation
}

// fresh returns what a straight execution on a state comes to.
func (w *rewinding) fresh(s *state) (*framework.Outcome, error) {
	var out framework.Outcome
	err := w.plain.Execute(w.Context(), &w.tx, framework.Version{}, &state{cells: s.cells, classes: s.classes}, &out)
	return &out, err
}

// check resumes from a read and compares with a straight execution.
func (w *rewinding) check(read int, s *state) {
	w.Helper()
	want, wantErr := w.fresh(s)
	from := framework.Version{Tx: 3, Inc: w.inc}
	w.inc++
	var out framework.Outcome
	//nolint:forcetypeassert // a panic fails the test as well
	err := w.executor.(framework.Rewinder).Resume(
		w.Context(), from, read, framework.Version{Tx: 3, Inc: w.inc}, s, &out)
	if (err == nil) != (wantErr == nil) {
		w.Fatalf("Resume(%d) = %v, want %v", read, err, wantErr)
	}
	if d := cmp.Diff(want, &out, equateEmpty); err == nil && d != "" {
		w.Fatalf("outcome of Resume(%d) (-straight +resumed):\n%s", read, d)
	}
}

// TestResume_EqualsAStraightRun resumes random transactions from every read, on a state that differs from there on.
func TestResume_EqualsAStraightRun(t *testing.T) {
	for seed := range uint64(25) {
		w, err := workload.New(workload.Spec{Name: "random", Seed: seed, Transactions: 20, Fee: "add"})
		if err != nil {
			t.Fatal(err)
		}
		b, txs := w.Block(1)
		base := newState()
		base.apply(t, &framework.Outcome{Writes: w.Genesis().Writes, Classes: w.Genesis().Classes})
		r := rand.New(rand.NewPCG(seed, 1))
		for i := range txs {
			t.Logf("seed %d, transaction %d", seed, i)
			resumeEverywhere(t, r, b, txs[i], base)
		}
	}
}

func resumeEverywhere(t *testing.T, r *rand.Rand, b *framework.Block, tx framework.Tx, base *state) {
	t.Helper()
	w := &rewinding{
		T: t, r: r, tx: tx,
		plain: open(t, synthetic.Config{}, b), executor: open(t, synthetic.Config{Rewind: true}, b),
	}
	for read := 0; ; read++ {
		s := &state{cells: base.cells, classes: base.classes}
		if r.IntN(3) == 0 {
			s.abortAt = 1 + r.IntN(4)
		}
		var out framework.Outcome
		err := w.executor.Execute(t.Context(), &tx, framework.Version{Tx: 3, Inc: w.inc}, s, &out)
		if err != nil && !errors.Is(err, framework.ErrAborted) {
			t.Fatalf("Execute: %v", err)
		}
		keys := s.distinct()
		if read >= len(keys) {
			if s.abortAt > 0 {
				continue // again, from the start of this read: perhaps it is not aborted next time
			}
			return
		}
		later := s.changed(r, keys, keys[:read])
		w.check(read, later)
		if len(later.calls) == 0 || later.calls[0][0] != keys[read] && s.abortAt == 0 {
			t.Fatalf("Resume(%d) reads %v first, want %v", read, later.calls, keys[read])
		}
		// From the resumed attempt to one on a state that differs from an earlier or a later read on.
		keys = append(slices.Clone(keys[:read]), (&state{calls: later.calls}).distinct()...)
		keys = (&state{calls: [][]framework.Key{keys}}).distinct()
		second := r.IntN(len(keys))
		w.check(second, later.changed(r, keys, keys[:second]))
	}
}

func TestResume_BurnsOnlyWhatIsLeft(t *testing.T) {
	p := synthetic.Program{Cost: 1000 * time.Microsecond, Steps: []synthetic.Step{
		synthetic.Read(cell(1)).At(10), synthetic.Read(cell(2)).At(15), synthetic.Read(cell(3)).At(60),
	}}
	tx := p.Tx(word(1))
	e := open(t, synthetic.Config{Rewind: true}, &framework.Block{})
	const many = 1 << 20
	s := newState()
	s.polls = many
	var out framework.Outcome
	if err := e.Execute(t.Context(), &tx, framework.Version{}, s, &out); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	// The last one goes back before the read from which the attempt before it was resumed.
	for i, tt := range []struct{ read, burns int }{{2, 400}, {1, 850}, {2, 400}, {0, 900}} {
		inc := framework.Incarnation(i) //nolint:gosec // small
		s.polls = many
		out.Reset()
		//nolint:forcetypeassert // a panic fails the test as well
		err := e.(framework.Rewinder).Resume(
			t.Context(), framework.Version{Inc: inc}, tt.read, framework.Version{Inc: inc + 1}, s, &out)
		if err != nil || many-s.polls != tt.burns {
			t.Errorf("Resume(%d) = %v, burns %d microseconds, want %d", tt.read, err, many-s.polls, tt.burns)
		}
		if got := out.Usage.Counters[synthetic.CounterCost]; got != 1_000_000 {
			t.Errorf("Resume(%d): cost %d, want all of it", tt.read, got)
		}
	}
}

// TestResume_RemembersClasses checks that classes are called again only from the read on that is made again.
func TestResume_RemembersClasses(t *testing.T) {
	s := newState()
	for i := range uint64(3) {
		hash := word(100 + i)
		s.cells[synthetic.Declared(hash)], s.cells[synthetic.ClassOf(word(i))] = hash, hash
		s.classes[hash] = &framework.Class{Hash: hash, Body: []byte{byte(i)}} //nolint:gosec // small
	}
	p := synthetic.Program{Steps: []synthetic.Step{
		synthetic.Call(word(0)), synthetic.Call(word(1)), // reads 0 to 3
	}}
	tx := p.Tx(word(1))
	e := open(t, synthetic.Config{Rewind: true}, &framework.Block{})
	var first, want, got framework.Outcome
	if err := e.Execute(t.Context(), &tx, framework.Version{}, s, &first); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	later := &state{cells: maps.Clone(s.cells), classes: maps.Clone(s.classes)}
	later.cells[synthetic.ClassOf(word(1))] = word(102)
	if err := e.Execute(t.Context(), &tx, framework.Version{Tx: 1}, later, &want); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	delete(later.classes, word(100))
	//nolint:forcetypeassert // a panic fails the test as well
	err := e.(framework.Rewinder).Resume(t.Context(), framework.Version{}, 2, framework.Version{Inc: 1}, later, &got)
	if d := cmp.Diff(want, got, equateEmpty); err != nil || d != "" {
		t.Errorf("Resume = %v (-straight +resumed):\n%s", err, d)
	}
}

func TestResume_NeedsACheckpoint(t *testing.T) {
	p := synthetic.Program{Steps: []synthetic.Step{synthetic.Read(cell(1)), synthetic.Read(cell(2))}}
	tx := p.Tx(word(1))
	v := func(tx framework.TxIndex, inc framework.Incarnation) framework.Version {
		return framework.Version{Tx: tx, Inc: inc}
	}
	for name, tt := range map[string]struct {
		config   synthetic.Config
		from, to framework.Version
		read     int
		forget   bool
		want     error
	}{
		"First":            {from: v(1, 2), to: v(1, 3)},
		"Last":             {from: v(1, 2), to: v(1, 3), read: 1},
		"NeverAsked":       {from: v(1, 2), to: v(1, 3), read: 2, want: framework.ErrNoCheckpoint},
		"Negative":         {from: v(1, 2), to: v(1, 3), read: -1, want: framework.ErrNoCheckpoint},
		"OtherAttempt":     {from: v(1, 1), to: v(1, 3), want: framework.ErrNoCheckpoint},
		"OtherTransaction": {from: v(2, 2), to: v(2, 3), want: framework.ErrNoCheckpoint},
		"AnotherPurpose":   {from: v(1, 2), to: v(2, 3), want: framework.ErrNoCheckpoint},
		"Forgotten":        {from: v(1, 2), to: v(1, 3), forget: true, want: framework.ErrNoCheckpoint},
		"NoRoom": {
			config: synthetic.Config{RewindReads: 1}, from: v(1, 2), to: v(1, 3), want: framework.ErrNoCheckpoint,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.config.Rewind = true
			e := open(t, tt.config, &framework.Block{})
			r := e.(framework.Rewinder)
			var out framework.Outcome
			if err := e.Execute(t.Context(), &tx, v(1, 2), newState(), &out); err != nil {
				t.Fatalf("Execute: %v", err)
			}
			if tt.forget {
				r.Forget(1)
				r.Forget(1)
			}
			out.Reset()
			err := r.Resume(t.Context(), tt.from, tt.read, tt.to, newState(), &out)
			if !errors.Is(err, tt.want) {
				t.Errorf("Resume = %v, want %v", err, tt.want)
			}
			if err != nil && !cmp.Equal(framework.Outcome{}, out, equateEmpty) {
				t.Errorf("Resume has filled the outcome: %+v", out)
			}
		})
	}
}

func TestPredict(t *testing.T) {
	p := synthetic.Program{
		Before: []synthetic.Step{synthetic.Nonce(cell(1), 0)},
		Steps: []synthetic.Step{
			synthetic.Read(cell(2)), synthetic.Read(cell(30)), synthetic.Write(cell(2), word(1)),
			synthetic.Read(cell(3)).When(2, 1), synthetic.Read(cell(10)).Among(5), synthetic.Call(word(6)),
			synthetic.Fail(synthetic.Revert).When(2, 1), synthetic.Transfer(cell(4), cell(5), word(1)),
			synthetic.Read(cell(31)),
		},
		After: []synthetic.Step{synthetic.Add(cell(8), cell(9), word(1))},
	}
	e := open(t, synthetic.Config{Predict: true}, &framework.Block{})
	x := e.(framework.Predictor)
	type guess struct {
		Key     framework.Key
		Access  framework.Access
		Certain bool
	}
	predict := func(tx framework.Tx) (all []guess) {
		first := framework.Predicted{Key: cell(77)}
		got := x.Predict(&tx, []framework.Predicted{first})
		if got[0] != first {
			t.Error("Predict does not append")
		}
		for _, g := range got[1:] {
			all = append(all, guess{g.Key, g.Access, g.Rule == 0})
		}
		return all
	}
	want := []guess{
		{cell(1), framework.AccessWrite, true},
		{cell(2), framework.AccessWrite, false}, // a revert undoes it
		{cell(30), framework.AccessRead, true},
		{cell(3), framework.AccessRead, false},
		{synthetic.ClassOf(word(6)), framework.AccessRead, true},
		{cell(4), framework.AccessWrite, false},
		{cell(5), framework.AccessWrite, false},
		{cell(31), framework.AccessRead, false},
		{cell(8), framework.AccessAdd, true},
		{cell(9), framework.AccessAdd, true},
	}
	tx := p.Tx(word(1))
	if d := cmp.Diff(want, predict(tx)); d != "" {
		t.Errorf("Predict (-want +got):\n%s", d)
	}
	x.Learn(&tx, []framework.Key{cell(1), cell(2), cell(13), synthetic.Declared(word(4))}, []framework.Key{cell(12)})
	want = slices.Insert(want, 4, guess{cell(13), framework.AccessRead, false})
	want = slices.Insert(want, 6, guess{synthetic.Declared(word(4)), framework.AccessRead, false})
	if d := cmp.Diff(want, predict(tx)); d != "" {
		t.Errorf("Predict after Learn (-want +got):\n%s", d)
	}
	tx.Mode = framework.Validate
	if d := cmp.Diff(want[:1], predict(tx)); d != "" {
		t.Errorf("Predict in mode Validate (-want +got):\n%s", d)
	}
	tx.Mode, tx.Body = framework.Execute, []byte("no program")
	if d := cmp.Diff([]guess(nil), predict(tx)); d != "" {
		t.Errorf("Predict of no program (-want +got):\n%s", d)
	}
}

func TestPredict_QualityOfHints(t *testing.T) {
	e := open(t, synthetic.Config{Predict: true, HintsRight: 60, HintsWrong: 30}, &framework.Block{})
	x := e.(framework.Predictor)
	p := synthetic.Program{Steps: []synthetic.Step{synthetic.Read(cell(1))}}
	counts := map[string]int{}
	for i := range uint64(1000) {
		tx := p.Tx(word(i))
		got := x.Predict(&tx, nil)
		if d := cmp.Diff(got, x.Predict(&tx, nil)); d != "" {
			t.Fatalf("Predict is not deterministic:\n%s", d)
		}
		switch {
		case len(got) == 0:
			counts["missing"]++
		case got[0].Key == cell(1):
			counts["right"]++
		default:
			counts["wrong"]++
		}
		if len(got) > 0 && got[0].Rule == 0 {
			t.Fatal("a guess that may be wrong is said to be certain")
		}
	}
	for what, want := range map[string]int{"right": 600, "wrong": 300, "missing": 100} {
		if got := counts[what]; got < want-60 || got > want+60 {
			t.Errorf("%d hints of 1000 are %s, want about %d", got, what, want)
		}
	}
}

// TestPredict_CertainGuessesAreRight checks them on all transactions that are not rejected.
func TestPredict_CertainGuessesAreRight(t *testing.T) {
	for seed := range uint64(30) {
		w, err := workload.New(workload.Spec{Name: "random", Seed: seed, Transactions: 20})
		if err != nil {
			t.Fatal(err)
		}
		b, txs := w.Block(1)
		e := open(t, synthetic.Config{Predict: true}, b)
		for i := range txs {
			s := newState()
			for k := range 8 {
				s.cells[workload.Balance(k)] = word(seed + uint64(k)) //nolint:gosec // small
			}
			var out framework.Outcome
			if err := e.Execute(t.Context(), &txs[i], framework.Version{}, s, &out); err != nil {
				t.Fatalf("seed %d, transaction %d: %v", seed, i, err)
			}
			if out.Status == framework.Rejected {
				continue
			}
			touched := s.distinct()
			for _, w := range out.Writes {
				touched = append(touched, w.Key)
			}
			for _, a := range out.Adds {
				touched = append(touched, a.Low, a.High)
			}
			//nolint:forcetypeassert // a panic fails the test as well
			for _, g := range e.(framework.Predictor).Predict(&txs[i], nil) {
				if g.Rule == 0 && !slices.Contains(touched, g.Key) {
					t.Errorf("seed %d, transaction %d: guess %+v is certain, but wrong", seed, i, g)
				}
			}
		}
	}
}

// TestExact_ChangesNothingThatFits checks that a transaction comes to the same with and without additions.
func TestExact_ChangesNothingThatFits(t *testing.T) {
	for seed := range uint64(60) {
		w, err := workload.New(workload.Spec{Name: "random", Seed: seed, Transactions: 30, Fee: "add"})
		if err != nil {
			t.Fatal(err)
		}
		b, txs := w.Block(1)
		e := open(t, synthetic.Config{}, b)
		for i := range txs {
			var results []map[framework.Key]framework.Word
			var receipts []*synthetic.Receipt
			for _, mode := range []framework.Mode{0, framework.Exact} {
				s := newState()
				s.cells[cell(1)] = word(seed)
				tx := txs[i]
				tx.Mode |= mode
				var out framework.Outcome
				if err := e.Execute(t.Context(), &tx, framework.Version{}, s, &out); err != nil {
					t.Fatalf("seed %d, transaction %d: %v", seed, i, err)
				}
				if mode == framework.Exact && len(out.Adds) > 0 {
					t.Errorf("seed %d, transaction %d: additions in mode Exact", seed, i)
				}
				s.apply(t, &out)
				results, receipts = append(results, s.cells), append(receipts, receipt(t, &out))
			}
			if d := cmp.Diff(results[0], results[1]) + cmp.Diff(receipts[0], receipts[1]); d != "" {
				t.Errorf("seed %d, transaction %d (-additions +exact):\n%s", seed, i, d)
			}
		}
	}
}

// TestHammer executes, resumes, forgets and predicts from many goroutines.
func TestHammer(t *testing.T) {
	w, err := workload.New(workload.Spec{Name: "random", Transactions: 50})
	if err != nil {
		t.Fatal(err)
	}
	b, txs := w.Block(1)
	e := open(t, synthetic.Config{Rewind: true, RewindReads: 60, Predict: true}, b)
	done := make(chan struct{})
	for g := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			hammer(t, e, txs, uint64(g)) //nolint:gosec // small
		}()
	}
	for range 4 {
		<-done
	}
}

func hammer(t *testing.T, e framework.Executor, txs []framework.Tx, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	rewinder, predictor := e.(framework.Rewinder), e.(framework.Predictor)
	var out framework.Outcome
	for inc := range framework.Incarnation(100) {
		i := r.IntN(len(txs))
		v := framework.Version{Tx: framework.TxIndex(i), Inc: inc}
		out.Reset()
		if err := e.Execute(t.Context(), &txs[i], v, newState(), &out); err != nil {
			t.Errorf("Execute: %v", err)
		}
		want := out.Clone()
		out.Reset()
		err := rewinder.Resume(t.Context(), v, r.IntN(3), framework.Version{Tx: v.Tx, Inc: inc + 1}, newState(), &out)
		if err != nil && !errors.Is(err, framework.ErrNoCheckpoint) {
			t.Errorf("Resume: %v", err)
		}
		if d := cmp.Diff(want, &out, equateEmpty); err == nil && d != "" {
			t.Errorf("Resume on the same state (-want +got):\n%s", d)
		}
		predictor.Learn(&txs[i], []framework.Key{cell(1)}, nil)
		predictor.Predict(&txs[i], nil)
		rewinder.Forget(v.Tx)
	}
}
