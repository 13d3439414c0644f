package vmtest

import (
	"bytes"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

func (r *rig) wellFormed(t conform.T) {
	for i := range r.steps {
		s := &r.steps[i]
		for _, fault := range malformed(s.want) {
			t.Errorf("%v: %s:\n%+v", s, fault, s.want)
		}
	}
}

// malformed says what in o breaks the rules of [framework.Outcome].
func malformed(o *framework.Outcome) []string {
	var faults []string
	if o.Status > framework.Rejected {
		faults = append(faults, "unknown status")
	}
	if o.Status == framework.Rejected && len(o.Writes)+len(o.Adds)+len(o.Classes) > 0 {
		faults = append(faults, "a rejected transaction has effects")
	}
	if !sorted(o.Writes) {
		faults = append(faults, "writes are not sorted by key, each key once")
	}
	taken := make(map[framework.Key]bool)
	for _, w := range o.Writes {
		taken[w.Key] = true
	}
	for _, a := range o.Adds {
		if taken[a.Low] || taken[a.High] || a.Low == a.High {
			faults = append(faults, "additions share cells with each other or with the writes")
			break
		}
		taken[a.Low], taken[a.High] = true, true
	}
	return faults
}

func sorted(w []framework.Write) bool {
	for i := 1; i < len(w); i++ {
		if w[i-1].Key.Compare(w[i].Key) >= 0 {
			return false
		}
	}
	return true
}

// inputLeftAlone checks that the VM changes nothing that it only may read.
func (r *rig) inputLeftAlone(t conform.T) {
	ex := r.open(t)
	for i := range r.steps {
		s := &r.steps[i]
		tx, body := *s.tx, slices.Clone(s.tx.Body)
		classes := make(map[framework.Word][]byte)
		for h, c := range s.pre.classes {
			classes[h] = slices.Clone(c.Body)
		}
		r.expect(t, ex, s)
		if s.tx.ID != tx.ID || s.tx.Mode != tx.Mode || !bytes.Equal(s.tx.Body, body) {
			t.Errorf("%v: the VM changed the transaction", s)
		}
		for h, b := range classes {
			if c := s.pre.classes[h]; c.Hash != h || !bytes.Equal(c.Body, b) {
				t.Errorf("%v: the VM changed class %x", s, h)
			}
		}
	}
	if d := diff(r.given, cloneBlock(&r.Block)); d != "" {
		t.Errorf("the VM changed the block (-before +after):\n%s", d)
	}
}

func cloneBlock(b *framework.Block) framework.Block {
	c := *b
	c.Header, c.Start, c.Capacity = slices.Clone(b.Header), slices.Clone(b.Start), slices.Clone(b.Capacity)
	return c
}

// viewDiscipline checks how the VM uses its views, also after it should have let go of them.
func (r *rig) viewDiscipline(t conform.T) {
	ex := r.open(t)
	var views []*view
	for i := range r.steps {
		s := &r.steps[i]
		views = append(views, r.view(s.pre))
		got, err := r.attempt(t, ex, s, views[i])
		r.same(t, s, s.want, got, err)
	}
	for i, vw := range views {
		for _, b := range vw.noted() {
			t.Errorf("%v: view: %s", &r.steps[i], b)
		}
	}
}

// classAfterKey checks that every class was asked for after its key, in straight runs and on altered reads.
func (r *rig) classAfterKey(t conform.T) {
	if r.Declared == nil {
		t.Skipf("the subject does not say which key declares a class")
	}
	ex := r.open(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		views := []*view{r.view(s.pre), r.altered(s, nil, garbage(rng.Uint64()))}
		for _, k := range sample(len(s.reads), points) {
			views = append(views, r.altered(s, nil, alterOne(s.reads[k].key, rng)))
		}
		for _, vw := range views {
			_, _ = r.attempt(t, ex, s, vw) // how it ends is of no interest
			for _, hash := range vw.early {
				t.Errorf("%v: class %x asked for before its key was read", s, hash)
			}
		}
	}
}

// declarationWritten checks that a new class comes with a write of its key, so that it has a version.
func (r *rig) declarationWritten(t conform.T) {
	if r.Declared == nil {
		t.Skipf("the subject does not say which key declares a class")
	}
	for i := range r.steps {
		s := &r.steps[i]
		for _, c := range s.want.Classes {
			key := r.Declared(c.Hash)
			at, ok := slices.BinarySearchFunc(s.want.Writes, key, func(w framework.Write, k framework.Key) int {
				return w.Key.Compare(k)
			})
			if !ok || s.want.Writes[at].Value == (framework.Word{}) {
				t.Errorf("%v: class %x is declared without a write of %+v", s, c.Hash, key)
			}
		}
	}
}

// exactMode checks that additions are only a shorter way to say what to write.
func (r *rig) exactMode(t conform.T) {
	ex := r.open(t)
	for i := range r.steps {
		s := r.steps[i]
		tx := *s.tx
		tx.Mode |= framework.Exact
		s.tx = &tx
		got, err := r.attempt(t, ex, &s, r.view(s.pre))
		if err != nil {
			t.Errorf("%v: Execute in exact mode: %v", &s, err)
			continue
		}
		if len(got.Adds) > 0 {
			t.Errorf("%v: %d additions in exact mode", &s, len(got.Adds))
		}
		if got.Status != s.want.Status {
			t.Errorf("%v: %v in exact mode, else %v", &s, got.Status, s.want.Status)
		}
		after, afterExact := s.pre.clone(), s.pre.clone()
		after.apply(s.writes, s.want.Classes)
		afterExact.apply(got.Writes, got.Classes)
		if d := diff(after.cells, afterExact.cells); d != "" {
			t.Errorf("%v: exact mode leaves another state (-additions +exact):\n%s", &s, d)
		}
	}
}

// capacity gives the block just as much room as one transaction takes, then one unit less.
func (r *rig) capacity(t conform.T) {
	tried := false
	for i := range r.steps {
		s := &r.steps[i]
		if s.want.Status == framework.Rejected {
			continue
		}
		for c, used := range totals(&s.want.Usage) {
			if used < 2 { // 0 stands for no limit
				continue
			}
			tried = true
			got, err := r.attempt(t, r.limited(t, c, used), s, r.view(s.pre))
			r.same(t, s, s.want, got, err)
			got, err = r.attempt(t, r.limited(t, c, used-1), s, r.view(s.pre))
			if err != nil || got.Status != framework.Rejected || malformed(got) != nil {
				t.Errorf("%v: takes %d of counter %d; with capacity %d: %+v, %v, want it rejected, with no effect",
					s, used, c, used-1, got, err)
			}
		}
	}
	if !tried {
		t.Skipf("no transaction uses 2 or more of a counter")
	}
}

// limited opens the block with another capacity of one counter.
func (r *rig) limited(t conform.T, counter int, limit uint64) framework.Executor {
	t.Helper()
	b := r.Block
	b.Capacity = slices.Clone(b.Capacity)
	for len(b.Capacity) <= counter {
		b.Capacity = append(b.Capacity, 0)
	}
	b.Capacity[counter] = limit
	return r.openBlock(t, &b)
}

// totals returns what a transaction takes of an empty block.
func totals(u *framework.Usage) []uint64 {
	sum := slices.Clone(u.Counters)
	type once struct {
		counter uint8
		key     framework.Key
	}
	charged := make(map[once]bool)
	for _, c := range u.Once {
		for len(sum) <= int(c.Counter) {
			sum = append(sum, 0)
		}
		if !charged[once{c.Counter, c.Key}] {
			charged[once{c.Counter, c.Key}] = true
			sum[c.Counter] += c.Amount
		}
	}
	return sum
}
