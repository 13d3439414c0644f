package blockstm

import (
	"testing"
	"time"
)

// TestWorth checks that predictions are asked for at first, and then while what clashes cost in a block is more than they do.
func TestWorth(t *testing.T) {
	const us = time.Microsecond
	var w worth
	if !w.pays() {
		t.Error("nothing is asked at first")
	}
	for i, c := range []struct {
		price   time.Duration
		clashes float64
		attempt time.Duration
		want    bool
	}{
		{5 * us, 0.01, 100 * us, false},
		{0, 0.5, 100 * us, true}, // the price is remembered
		{0, 0.05, 100 * us, false},
		{0, 0.05, 1000 * us, true},
		{us, 0.05, 100 * us, true},
		{us, 0, 100 * us, false},
	} {
		if w.judge(c.price, c.clashes, c.attempt); w.pays() != c.want {
			t.Errorf("case %d: pays %t, want %t", i, w.pays(), c.want)
		}
	}
}
