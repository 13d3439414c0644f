package blockstm_test

import (
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/analyze"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// BenchmarkPrediction records a block with one worker, has analyze predict how long one and two take, and measures that.
// It reports the predicted time over the measured one, for each number of workers.
func BenchmarkPrediction(b *testing.B) {
	cost := 100 * time.Microsecond
	for _, row := range []struct {
		name string
		spec workload.Spec
	}{
		{"p2p-10000", workload.Spec{Accounts: 10_000, Cost: cost}},
		{"p2p-1000", workload.Spec{Accounts: 1000, Cost: cost}},
		{"independent", workload.Spec{Name: "independent", Cost: cost}},
		{"p2p-100", workload.Spec{Accounts: 100, Cost: cost}},
		{"p2p-10", workload.Spec{Accounts: 10, Cost: cost}},
		{"p2p-2", workload.Spec{Accounts: 2, Cost: cost}},
	} {
		b.Run(row.name, func(b *testing.B) {
			s := newScene(b, row.spec, synthetic.Config{})
			one, two := scheduler(b, blockstm.Config{Workers: 1}), scheduler(b, blockstm.Config{Workers: 2})
			var ones, twos, predicted1, predicted2 []time.Duration
			for b.Loop() {
				ones = append(ones, s.run(b, one).wall)
				twos = append(twos, s.run(b, two).wall)
				p1, p2 := predict(b, s, one)
				predicted1, predicted2 = append(predicted1, p1), append(predicted2, p2)
			}
			b.ReportMetric(float64(median(predicted1))/float64(median(ones)), "predicted-1w")
			b.ReportMetric(float64(median(predicted2))/float64(median(twos)), "predicted-2w")
		})
	}
}

// predict records a run with one worker, and returns how long one and two are predicted to take with a VM that has no
// abilities.
func predict(b *testing.B, s *scene, one *blockstm.Scheduler) (p1, p2 time.Duration) {
	b.Helper()
	var recorder trace.Recorder
	c := s.run(b, watched{one, &recorder})
	block := &trace.Block{Wall: c.wall}
	recorder.Take(block)
	r, err := analyze.Block(b.Context(), block, analyze.Config{Simulator: one, Workers: []int{1, 2}})
	if err != nil {
		b.Fatal(err)
	}
	for _, x := range r.Scaling {
		d := time.Duration(x.WallUs * float64(time.Microsecond))
		switch {
		case x.Policy == "full" && x.Workers == 1:
			p1 = d
		case x.Policy == "full" && x.Workers == 2:
			p2 = d
		}
	}
	return p1, p2
}

// TestPredictionNeedsNothing checks that a trace of one worker has all that a prediction needs: what was read and written.
func TestPredictionNeedsNothing(t *testing.T) {
	s := newScene(t, workload.Spec{Accounts: 5, Transactions: 60, Fee: "add"}, synthetic.Config{})
	var recorder trace.Recorder
	s.run(t, watched{scheduler(t, blockstm.Config{Workers: 1}), &recorder})
	var b trace.Block
	recorder.Take(&b)
	works := trace.Works(b.Attempts())
	if len(works) != 60 {
		t.Fatalf("%d transactions, want 60", len(works))
	}
	for i, w := range works {
		if len(w.Reads) != 2 || len(w.Writes) != 2 || len(w.Adds) != 2 {
			t.Errorf("transaction %d: %d reads, %d writes, %d cells added to, want 2 of each", i, len(w.Reads), len(w.Writes), len(w.Adds))
		}
	}
}
