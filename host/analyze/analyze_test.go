package analyze_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/analyze"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

func account(n int) framework.Key {
	return framework.Key{Owner: framework.Word{7}, Slot: framework.Word{uint64(n)}}
} //nolint:gosec // small

// transfers returns a block in which transaction i moves something from account i%of to account i*i%of.
func transfers(n, of int) []trace.Work {
	works := make([]trace.Work, n)
	for i := range works {
		w := &works[i]
		w.Cost = time.Duration(80+i*37%60) * time.Microsecond
		w.Writes = []framework.Key{account(i % of), account((i*i + 1) % of)}
		for j, k := range w.Writes {
			w.Reads = append(w.Reads, trace.Access{Key: k, Offset: w.Cost * time.Duration(15+45*j) / 100})
		}
		w.Adds = []framework.Key{account(1000), account(1001)}
	}
	return works
}

// recorded executes a block in simulated time and returns what was recorded.
func recorded(t testing.TB, works []trace.Work, c trace.Scenario) *trace.Block {
	t.Helper()
	var r trace.Recorder
	c.Observer = &r
	s, err := blockstm.New(blockstm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Simulate(context.Background(), works, c); err != nil {
		t.Fatal(err)
	}
	b := &trace.Block{Label: c.Policy, Scheduler: "blockstm", Number: 5}
	r.Take(b)
	return b
}

// reports analyses the same block under two policies, with predictions.
func reports(t testing.TB) []*analyze.Report {
	t.Helper()
	s, err := blockstm.New(blockstm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var all []*analyze.Report
	for _, policy := range []string{"push", "full"} {
		c := trace.Scenario{Policy: policy, Workers: 4, Rewinds: true, Overhead: time.Microsecond}
		r, err := analyze.Block(context.Background(), recorded(t, transfers(40, 9), c), analyze.Config{
			Simulator: s, Hinted: 90, Workers: []int{1, 2, 8},
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// TestTimeAddsUp checks that what the workers did adds up to their number times the time that the block took, under every
// policy.
func TestTimeAddsUp(t *testing.T) {
	for _, policy := range blockstm.Policies() {
		for workers := 1; workers <= 5; workers++ {
			b := recorded(t, transfers(100, 7), trace.Scenario{Policy: policy, Workers: workers, Rewinds: true, Hinted: 30, Overhead: time.Microsecond})
			r, err := analyze.Block(t.Context(), b, analyze.Config{})
			if err != nil {
				t.Fatal(err)
			}
			x := r.Time
			if sum := x.UsefulUs + x.AbortedUs + x.ParkedUs + x.IdleUs; math.Abs(sum-x.TotalUs) > 0.001 {
				t.Errorf("%s, %d workers: %+v add up to %v", policy, workers, x, sum)
			}
			if r.Txs != 100 || r.Workers != workers || math.Abs(x.UsefulUs-r.Bounds.WorkUs) > 0.001 {
				t.Errorf("%s: %d transactions, %d workers, useful %v of %v", policy, r.Txs, r.Workers, x.UsefulUs, r.Bounds.WorkUs)
			}
			if wasted := sumWasted(r); math.Abs(wasted-x.AbortedUs) > 0.001 {
				t.Errorf("%s, %d workers: aborts wasted %v, workers %v", policy, workers, wasted, x.AbortedUs)
			}
		}
	}
}

func sumWasted(r *analyze.Report) float64 {
	sum := 0.0
	for _, c := range r.Causes {
		sum += c.WastedUs
	}
	return sum
}

// TestBounds computes the bounds of a block by hand: Tx1 and Tx2 wait for Tx0, Tx2 only at its end; Tx4 adds to what Tx5
// reads; Tx3 and the first one stand alone.
func TestBounds(t *testing.T) {
	us := time.Microsecond
	read := func(k int, at time.Duration) trace.Access { return trace.Access{Key: account(k), Offset: at} }
	works := []trace.Work{
		{Cost: 100 * us, Writes: []framework.Key{account(0)}},
		{Cost: 50 * us, Reads: []trace.Access{read(0, 0)}, Writes: []framework.Key{account(1)}},
		{Cost: 80 * us, Reads: []trace.Access{read(0, 70*us)}},
		{Cost: 10 * us},
		{Cost: 30 * us, Adds: []framework.Key{account(8), account(9)}},
		{Cost: 40 * us, Reads: []trace.Access{read(9, 20*us)}},
	}
	b := recorded(t, works, trace.Scenario{Policy: "push", Workers: 1})
	r, err := analyze.Block(t.Context(), b, analyze.Config{})
	if err != nil {
		t.Fatal(err)
	}
	got := []float64{r.Bounds.WorkUs, r.Bounds.CriticalTxUs, r.Bounds.CriticalReadUs, r.Bounds.Speedup, r.Bounds.Efficiency, r.Bounds.Waste}
	if diff := cmp.Diff([]float64{310, 180, 150, 1, 1, 1}, got); diff != "" {
		t.Errorf("work, critical path by transaction and by read, speed-up, efficiency, waste (-want +got):\n%s", diff)
	}
	want := []analyze.Edge{{From: 0, To: 1, Key: "slot 0x0 of 0x7"}, {From: 0, To: 2, Key: "slot 0x0 of 0x7"}, {From: 4, To: 5, Key: "slot 0x9 of 0x7"}}
	if diff := cmp.Diff(want, r.Graph.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 2}, r.Graph.Critical); diff != "" {
		t.Errorf("critical path (-want +got):\n%s", diff)
	}
	if h := r.HotKeys[0]; h.Key != "slot 0x0 of 0x7" || h.Dependencies != 2 || h.IfAddedTx != 3.1 {
		t.Errorf("hottest key %+v, want two dependencies, and a bound of 3.1 without", h)
	}
}

// TestScaling checks that predictions are there for every policy and number of workers, and that more workers never do
// worse than one.
func TestScaling(t *testing.T) {
	for _, r := range reports(t) {
		if want := 3 * len(blockstm.Policies()); len(r.Scaling) != want {
			t.Fatalf("%d predictions, want %d", len(r.Scaling), want)
		}
		for _, s := range r.Scaling {
			if s.Speedup < 0.9 || s.Speedup > float64(s.Workers) || s.Waste < 0.9 {
				t.Errorf("impossible: %+v", s)
			}
		}
	}
}

// TestDeterministic checks that the same trace gives the same bytes, in every form.
func TestDeterministic(t *testing.T) {
	for name, write := range forms() {
		var first, second bytes.Buffer
		if err := write(&first, reports(t)); err != nil {
			t.Fatal(err)
		}
		if err := write(&second, reports(t)); err != nil {
			t.Fatal(err)
		}
		if first.Len() == 0 || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: %d bytes, and other ones the second time", name, first.Len())
		}
	}
}

func forms() map[string]func(w *bytes.Buffer, r []*analyze.Report) error {
	return map[string]func(w *bytes.Buffer, r []*analyze.Report) error{
		"text":   func(w *bytes.Buffer, r []*analyze.Report) error { return analyze.WriteText(w, r) },
		"html":   func(w *bytes.Buffer, r []*analyze.Report) error { return analyze.WriteHTML(w, r) },
		"chrome": func(w *bytes.Buffer, r []*analyze.Report) error { return analyze.WriteChrome(w, r) },
		"dot":    func(w *bytes.Buffer, r []*analyze.Report) error { return analyze.WriteDOT(w, r[0]) },
		"json":   func(w *bytes.Buffer, r []*analyze.Report) error { return json.NewEncoder(w).Encode(r) },
	}
}

// TestGolden compares text, graph and Chrome's form with files; UPDATE=1 writes them.
func TestGolden(t *testing.T) {
	for _, name := range []string{"text", "dot", "chrome"} {
		var got bytes.Buffer
		if err := forms()[name](&got, reports(t)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "transfers."+name)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
			t.Errorf("%s (-want +got), UPDATE=1 accepts it:\n%s", name, diff)
		}
	}
}

// TestChrome checks that the arrows come in pairs, and all times are sensible.
func TestChrome(t *testing.T) {
	var buf bytes.Buffer
	if err := analyze.WriteChrome(&buf, reports(t)); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents []struct {
			Ph      string
			ID      int
			Ts, Dur float64
		}
	}
	if err := json.Unmarshal(buf.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	starts, ends := map[int]float64{}, 0
	for _, e := range file.TraceEvents {
		switch e.Ph {
		case "s":
			starts[e.ID] = e.Ts
		case "f":
			if _, ok := starts[e.ID]; !ok {
				t.Errorf("arrow %d ends without a start", e.ID)
			}
			ends++
		case "X":
			if e.Ts < 0 || e.Dur <= 0 {
				t.Errorf("bar at %v for %v", e.Ts, e.Dur)
			}
		}
	}
	if ends == 0 || ends != len(starts) {
		t.Errorf("%d arrows begin, %d end", len(starts), ends)
	}
}

// TestEmpty analyses nothing at all.
func TestEmpty(t *testing.T) {
	r, err := analyze.Block(t.Context(), &trace.Block{}, analyze.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range forms() {
		if err := write(new(bytes.Buffer), []*analyze.Report{r}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestName checks how keys are written.
func TestName(t *testing.T) {
	long := framework.Word{0x123456789abcdef0, 1, 2, 3}
	for want, k := range map[string]framework.Key{
		"slot 0x0 of 0x0":            {},
		"nonce of 0x7":               {Space: 1, Owner: framework.Word{7}},
		"class of 0x30000…cdef0":     {Space: 2, Owner: long},
		"declared of 0x1":            {Space: 4, Owner: framework.Word{1}},
		"space 9 0x2 of 0x0":         {Space: 9, Slot: framework.Word{2}},
		"slot 0x30000…cdef0 of 0xff": {Owner: framework.Word{255}, Slot: long},
	} {
		if got := analyze.Name(k); got != want {
			t.Errorf("Name(%v) = %q, want %q", k, got, want)
		}
	}
}

// TestPredictionOfChain records a chain that moves from worker to worker, each of which has nothing to do most of the time:
// what is taken for the cost of an attempt is only what passes between one and the next.
func TestPredictionOfChain(t *testing.T) {
	const cost, pause, txs = 100 * time.Microsecond, 5 * time.Microsecond, 20
	b := &trace.Block{}
	at := time.Duration(0)
	for i := range framework.TxIndex(txs) {
		v := framework.Version{Tx: i}
		for _, e := range []framework.Event{
			{Kind: framework.Started, At: at},
			{Kind: framework.Read, At: at, Key: account(1), Writer: framework.Version{Tx: i - 1}},
			{Kind: framework.Wrote, At: at + cost, Key: account(1)},
			{Kind: framework.Executed, At: at + cost},
			{Kind: framework.Finalized, At: at + cost},
		} {
			e.Version, e.Worker = v, int32(i%2) //nolint:gosec // small
			b.Events = append(b.Events, e)
		}
		at += cost + pause
	}
	s, err := blockstm.New(blockstm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Block(t.Context(), b, analyze.Config{Simulator: s, Hinted: 100, Workers: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	const want = float64(cost) / float64(cost+pause)
	for _, x := range r.Scaling {
		if math.Abs(x.Speedup-want) > 0.01 {
			t.Errorf("policy %s: %.3fx, want %.3fx", x.Policy, x.Speedup, want)
		}
	}
}
