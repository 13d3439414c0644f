package vmtest

import (
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// Ends returns a check that a transaction ended with status s.
func Ends(s framework.Status) func(*framework.Outcome) error {
	return func(o *framework.Outcome) error {
		if o.Status != s {
			return fmt.Errorf("transaction %v, want %v; receipt %q", o.Status, s, o.Receipt)
		}
		return nil
	}
}

// Equals returns a check that the outcome is want, nil and empty slices being the same.
func Equals(want *framework.Outcome) func(*framework.Outcome) error {
	return func(o *framework.Outcome) error {
		if !equal(want, o) {
			return fmt.Errorf("outcome differs (-want +got):\n%s", diff(want, o))
		}
		return nil
	}
}

// serial executes the block and keeps what each transaction came to.
func (r *rig) serial(t conform.T) {
	st := &state{
		cells:   make(map[framework.Key]framework.Word),
		classes: make(map[framework.Word]*framework.Class),
	}
	st.apply(r.Base.Writes, r.Base.Classes)
	st.apply(r.Block.Start, nil)
	r.base = st.clone()
	ex := r.open(t)
	for i, c := range r.Txs {
		s := step{name: c.Name, index: framework.TxIndex(i), tx: &c.Tx, pre: st.clone()}
		r.first(t, ex, &s)
		if c.Check != nil {
			if err := c.Check(s.want); err != nil {
				t.Errorf("%v: %v", &s, err)
			}
		}
		st.apply(s.writes, s.want.Classes)
		r.steps = append(r.steps, s)
	}
	r.end = st
	if len(r.steps) == 0 {
		t.Fatalf("the subject has no transactions")
	}
}

// first makes the first attempt at s, and a second one in exact mode if an addition does not fit.
func (r *rig) first(t conform.T, ex framework.Executor, s *step) {
	for {
		vw := r.view(s.pre)
		start := time.Now()
		out, err := r.attempt(t, ex, s, vw)
		s.took = time.Since(start)
		if err != nil {
			t.Fatalf("%v: Execute: %v", s, err)
		}
		s.want, s.reads, s.calls = out.Clone(), vw.log, vw.calls
		var ok bool
		if s.writes, ok = s.pre.fold(out); ok {
			return
		}
		if s.tx.Mode&framework.Exact != 0 {
			t.Fatalf("%v: additions in exact mode", s)
		}
		exact := *s.tx
		exact.Mode |= framework.Exact
		s.tx = &exact
	}
}
