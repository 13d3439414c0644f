package vmtest

import (
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var predictorTests = []test{
	{"outcomes stay the same", (*rig).predictionsChangeNothing},
	{"appends", (*rig).predictAppends},
	{"learns copies", (*rig).learnsCopies},
	{"certain guesses come true", (*rig).certainGuesses},
	{"concurrent", (*rig).predictConcurrent},
}

// predictor opens the block and skips the test if its executor is no Predictor.
func (r *rig) predictor(t conform.T) (framework.Executor, framework.Predictor) {
	t.Helper()
	ex := r.open(t)
	p, ok := ex.(framework.Predictor)
	if !ok {
		t.Skipf("the executor is no Predictor")
	}
	return ex, p
}

// touched returns what Learn is told of s.
func (s *step) touched() (reads, writes []framework.Key) {
	for _, rd := range s.reads {
		reads = append(reads, rd.key)
	}
	for _, w := range s.writes {
		writes = append(writes, w.Key)
	}
	return reads, writes
}

var junkKey = framework.Key{Space: 0xde, Owner: framework.Word{0xdead}, Slot: framework.Word{3: 0xdead << 48}}

// predictionsChangeNothing teaches the truth, then nonsense, and executes in between.
func (r *rig) predictionsChangeNothing(t conform.T) {
	ex, p := r.predictor(t)
	for round := range 3 {
		for i := range r.steps {
			s := &r.steps[i]
			p.Predict(s.tx, nil)
			r.expect(t, ex, s)
			reads, writes := s.touched()
			if round == 1 {
				reads, writes = []framework.Key{junkKey}, append(reads, junkKey)
			}
			p.Learn(s.tx, reads, writes)
			r.expect(t, ex, s)
		}
	}
}

func (r *rig) predictAppends(t conform.T) {
	_, p := r.predictor(t)
	sentinel := framework.Predicted{Key: junkKey, Access: framework.AccessAdd, Rule: 0xdead}
	for i := range r.steps {
		s := &r.steps[i]
		dst := append(make([]framework.Predicted, 0, 100), sentinel, sentinel)
		got := p.Predict(s.tx, dst)
		if len(got) < 2 || got[0] != sentinel || got[1] != sentinel {
			t.Fatalf("%v: Predict does not append to dst: %+v", s, got)
		}
		for _, g := range got[2:] {
			if g.Access > framework.AccessAdd {
				t.Errorf("%v: unknown access in %+v", s, g)
			}
		}
		again := p.Predict(s.tx, nil)
		kept := slices.Clone(again)
		fill(got, sentinel)
		if !slices.Equal(kept, again) {
			t.Errorf("%v: two results of Predict share memory", s)
		}
	}
}

// learnsCopies reuses the slices passed to Learn, as a caller may.
func (r *rig) learnsCopies(t conform.T) {
	_, p := r.predictor(t)
	for i := range r.steps {
		s := &r.steps[i]
		reads, writes := s.touched()
		p.Learn(s.tx, reads, writes)
		fill(reads, junkKey)
		fill(writes, junkKey)
		for _, g := range p.Predict(s.tx, nil) {
			if g.Key == junkKey {
				t.Errorf("%v: Learn keeps the slice that it was passed", s)
				break
			}
		}
	}
}

// certainGuesses holds the VM to its word: a guess without a rule is certain.
func (r *rig) certainGuesses(t conform.T) {
	_, p := r.predictor(t)
	for round := range 2 {
		for i := range r.steps {
			s := &r.steps[i]
			if s.want.Status == framework.Rejected {
				continue
			}
			reads, writes := s.touched()
			for _, g := range p.Predict(s.tx, nil) {
				if g.Rule == 0 && !slices.Contains(reads, g.Key) && !slices.Contains(writes, g.Key) {
					t.Errorf("%v, round %d: %+v is said to be certain, but was not touched", s, round, g)
				}
			}
			p.Learn(s.tx, reads, writes)
		}
	}
}

func (r *rig) predictConcurrent(t conform.T) {
	ex, p := r.predictor(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			var dst []framework.Predicted
			for n := range 2 * len(r.steps) {
				s := &r.steps[(n+g)%len(r.steps)]
				reads, writes := s.touched()
				dst = p.Predict(s.tx, dst[:0])
				p.Learn(s.tx, reads, writes)
				r.expect(t, ex, s)
			}
		})
	}
	wg.Wait()
}
