package blockstm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// TestCeilings holds attempts and validations of simulated blocks of 1,000 transfers against figures a little above
// what they are: what only wastes is no fault that another test could find.
func TestCeilings(t *testing.T) {
	late := [2]float64{0.15, 0.6}
	for _, c := range []struct {
		policy                string
		accounts              int
		attempts, validations float64 // at most, for each transaction
	}{
		{"paper", 1000, 1.05, 1.55},
		{"paper", 100, 1.55, 4.2},
		{"paper", 10, 9.2, 11.2},
		{"push", 100, 1.4, 0.75},
		{"full", 100, 1.4, 0.75},
	} {
		var attempts, validations float64
		const seeds, size = 3, 1000
		for seed := range uint64(seeds) {
			p, err := scheduler(t, blockstm.Config{}).Simulate(t.Context(), transfers(size, c.accounts, late, seed),
				trace.Scenario{Policy: c.policy, Workers: 16, Rewinds: true})
			if err != nil {
				t.Fatal(err)
			}
			attempts += float64(p.Attempts) / size / seeds
			validations += float64(p.Validations) / size / seeds
		}
		t.Logf("%s, %d accounts: %.2f attempts, %.2f validations for a transaction", c.policy, c.accounts, attempts, validations)
		if attempts > c.attempts || validations > c.validations {
			t.Errorf("%s, %d accounts: %.2f attempts and %.2f validations for a transaction, want at most %.2f and %.2f",
				c.policy, c.accounts, attempts, validations, c.attempts, c.validations)
		}
	}
}

// TestDeterministic simulates blocks twice and compares all that happens.
func TestDeterministic(t *testing.T) {
	for _, policy := range blockstm.Policies() {
		var runs [2][]framework.Event
		for i := range runs {
			var r trace.Recorder
			c := trace.Scenario{Policy: policy, Workers: 5, Rewinds: true, Hinted: 50, Observer: &r}
			if _, err := scheduler(t, blockstm.Config{}).Simulate(t.Context(), transfers(300, 10, [2]float64{0, 0.5}, 1), c); err != nil {
				t.Fatal(err)
			}
			var b trace.Block
			r.Take(&b)
			runs[i] = b.Events
		}
		if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
			t.Errorf("%s: the second run (-first +second):\n%s", policy, diff)
		}
	}
}
