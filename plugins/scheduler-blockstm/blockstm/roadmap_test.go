package blockstm_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/analyze"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// roadmap is the example of the roadmap for which this scheduler was written: nine transactions, which five workers
// execute. Tx4 reads what Tx1 writes, and Tx8 what Tx4 writes.
func roadmap() []trace.Work {
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	one := func(cost int, reads, writes int) trace.Work {
		return trace.Work{
			Cost: us(cost), Writes: []framework.Key{account(writes)},
			Reads: []trace.Access{{Key: account(reads), Offset: us(10)}},
		}
	}
	return []trace.Work{
		one(60, 0, 0), one(120, 1, 1), one(80, 2, 2), one(100, 3, 3),
		one(70, 1, 4), one(110, 5, 5), one(90, 6, 6), one(80, 7, 7), one(60, 4, 8),
	}
}

// TestRoadmap executes the example in simulated time: Tx4 is found to depend on Tx1 after it has run. It runs again, and
// so does Tx8, which has read what it wrote; Tx5, Tx6 and Tx7, which stand between them, do not. The README shows the
// chart that analyze draws of it.
func TestRoadmap(t *testing.T) {
	var recorder trace.Recorder
	_, err := scheduler(t, blockstm.Config{}).Simulate(t.Context(), roadmap(), trace.Scenario{
		Policy: "full", Workers: 5, Rewinds: true, Observer: &recorder,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &trace.Block{Number: 1, Scheduler: "blockstm"}
	recorder.Take(b)
	runs := map[framework.TxIndex]int{}
	for _, a := range b.Attempts() {
		runs[a.Version.Tx]++
	}
	for tx := range framework.TxIndex(9) {
		want := 1
		if tx == 4 || tx == 8 {
			want = 2
		}
		if runs[tx] != want {
			t.Errorf("Tx%d ran %d times, want %d", tx, runs[tx], want)
		}
	}
	r, err := analyze.Block(t.Context(), b, analyze.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := analyze.WriteText(&text, []*analyze.Report{r}); err != nil {
		t.Fatal(err)
	}
	_, chart, _ := strings.Cut(text.String(), "when which attempt ran")
	chart, _, _ = strings.Cut(chart, "\nwhat the block allows")
	chart = "when which attempt ran" + strings.TrimRight(chart, "\n")
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), chart) {
		t.Errorf("the README does not show\n%s", chart)
	}
}
