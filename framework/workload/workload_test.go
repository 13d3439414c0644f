package workload_test

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "rewrite testdata")

// everyOption is a Spec that uses all there is.
func everyOption(name string) workload.Spec {
	return workload.Spec{
		Name: name, Transactions: 100, Accounts: 20, Seed: 7, Cost: 100 * time.Microsecond, Spread: 0.7,
		ReadAt: []int{15, 60}, Zipf: 1.1, Reads: 3, Writes: 2, FailPct: 10, Fee: "add", Classes: 3,
	}
}

// TestBlock_Golden guards the promise that the same seed gives the same bytes: on every machine, and in every
// version unless somebody means to change it.
func TestBlock_Golden(t *testing.T) {
	var got strings.Builder
	for _, name := range workload.Names() {
		for _, s := range []workload.Spec{{Name: name, Transactions: 50, Accounts: 10}, everyOption(name)} {
			w := newWorkload(t, s)
			h := sha256.New()
			for n := framework.BlockNumber(1); n < 4; n++ {
				b, txs := w.Block(n)
				fmt.Fprintln(h, b.Start)
				for _, tx := range txs {
					fmt.Fprintln(h, tx)
				}
			}
			fmt.Fprintln(h, w.Genesis())
			fmt.Fprintf(&got, "%s %x\n", name, binary.BigEndian.Uint64(h.Sum(nil)))
		}
	}
	file := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("blocks have changed; -update if that is meant (-want +got):\n%s", d)
	}
}

func TestBlock_DependsOnItsNumberOnly(t *testing.T) {
	for _, name := range workload.Names() {
		t.Run(name, func(t *testing.T) {
			a, b := newWorkload(t, everyOption(name)), newWorkload(t, everyOption(name))
			b.Block(9)
			b.Genesis()
			for _, n := range []framework.BlockNumber{2, 1} {
				blockA, txsA := a.Block(n)
				blockB, txsB := b.Block(n)
				if d := cmp.Diff(blockA, blockB); d != "" {
					t.Errorf("Block(%d) differs:\n%s", n, d)
				}
				if d := cmp.Diff(txsA, txsB); d != "" {
					t.Errorf("Block(%d) has other transactions:\n%s", n, d)
				}
			}
			other := everyOption(name)
			other.Seed++
			_, first := a.Block(1)
			_, second := newWorkload(t, other).Block(1)
			if slices.EqualFunc(first, second, func(a, b framework.Tx) bool { return string(a.Body) == string(b.Body) }) {
				t.Error("another seed gives the same programs")
			}
		})
	}
}

func TestBlock_Hammer(t *testing.T) {
	for _, name := range workload.Names() {
		w := newWorkload(t, everyOption(name))
		_, want := w.Block(3)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, got := w.Block(3); !cmp.Equal(want, got) {
					t.Errorf("%s: Block(3) differs when made concurrently", name)
				}
			})
		}
		wg.Wait()
	}
}

func TestBlock_IsWellFormed(t *testing.T) {
	for _, name := range workload.Names() {
		t.Run(name, func(t *testing.T) {
			w := newWorkload(t, everyOption(name))
			ids := map[framework.Word]bool{}
			for n := range framework.BlockNumber(5) {
				b, txs := w.Block(n)
				if b.Number != n || b.Protocol != workload.Protocol || len(txs) != w.Spec().Transactions {
					t.Errorf("Block(%d) = %+v with %d transactions", n, b, len(txs))
				}
				for i := range txs {
					p := decode(t, &txs[i])
					if ids[txs[i].ID] {
						t.Errorf("ID %v occurs twice", txs[i].ID)
					}
					ids[txs[i].ID] = true
					if p.Cost <= 0 {
						t.Errorf("transaction %d of block %d costs %v", i, n, p.Cost)
					}
				}
			}
		})
	}
}

func TestGenesis(t *testing.T) {
	for _, name := range workload.Names() {
		t.Run(name, func(t *testing.T) {
			w := newWorkload(t, everyOption(name))
			g := w.Genesis()
			sorted := slices.IsSortedFunc(g.Writes, func(a, b framework.Write) int { return a.Key.Compare(b.Key) })
			unique := slices.CompactFunc(slices.Clone(g.Writes), func(a, b framework.Write) bool { return a.Key == b.Key })
			if !sorted || len(unique) != len(g.Writes) {
				t.Error("genesis is not sorted, or has a key twice")
			}
			state := newState(g)
			for i := range w.Spec().Accounts {
				if got, want := state.cells[workload.Balance(i)], (framework.Word{workload.Funds}); got != want {
					t.Errorf("account %d has %v, want %v", i, got, want)
				}
			}
			for _, c := range g.Classes {
				if state.cells[synthetic.Declared(c.Hash)] != (framework.Word{1}) {
					t.Errorf("class %v is not declared", c.Hash)
				}
			}
		})
	}
}

// TestBlock_StatedShareFails also checks that transactions fail for no other reason.
func TestBlock_StatedShareFails(t *testing.T) {
	const transactions = 1000
	for _, name := range workload.Names() {
		for _, percent := range []int{0, 10, 100} {
			t.Run(fmt.Sprintf("%s/%d", name, percent), func(t *testing.T) {
				w := newWorkload(t, workload.Spec{Name: name, Transactions: transactions, FailPct: percent, Classes: 2})
				state := newState(w.Genesis())
				failed := 0
				for n := framework.BlockNumber(1); n < 3; n++ {
					b, txs := w.Block(n)
					for _, r := range serial(t, state, b, txs) {
						switch {
						case r.Outcome.Status == framework.Succeeded:
						case r.receipt.Reason == synthetic.FailedStep || name == "random":
							failed++
						default:
							t.Fatalf("transaction %d: %v: %v", r.Tx, r.Outcome.Status, r.receipt.Reason)
						}
					}
				}
				got := 100 * float64(failed) / (2 * transactions)
				low, high := float64(percent)*0.8, float64(percent)*1.2
				if name == "random" {
					high = 100
				}
				if got < low || got > high {
					t.Errorf("%.1f %% of the transactions failed, want %d %%", got, percent)
				}
			})
		}
	}
}

// conflicts counts the transactions of a block that name a key which one before them named, too.
func conflicts(t *testing.T, w *workload.Workload) int {
	t.Helper()
	_, txs := w.Block(1)
	named, count := map[framework.Key]bool{}, 0
	for i := range txs {
		p, conflict := decode(t, &txs[i]), false
		steps := slices.Concat(p.Before, p.Steps, p.After)
		for _, s := range steps {
			for _, k := range []framework.Key{s.Key, s.To} {
				conflict = conflict || k != (framework.Key{}) && named[k]
			}
		}
		for _, s := range steps {
			named[s.Key], named[s.To] = true, true
		}
		if conflict {
			count++
		}
	}
	return count
}

func TestAccountsAreTheDialOfContention(t *testing.T) {
	for _, name := range []string{"p2p", "mix", "random"} {
		t.Run(name, func(t *testing.T) {
			last := -1
			for _, accounts := range []int{100_000, 10_000, 1000, 100} {
				got := conflicts(t, newWorkload(t, workload.Spec{Name: name, Transactions: 500, Accounts: accounts}))
				if got <= last {
					t.Errorf("%d accounts: %d transactions conflict, want more than %d", accounts, got, last)
				}
				last = got
			}
		})
	}
	for name, want := range map[string]int{"chain": 499, "counter": 499, "independent": 0} {
		if got := conflicts(t, newWorkload(t, workload.Spec{Name: name, Transactions: 500})); got != want {
			t.Errorf("%s: %d transactions conflict, want %d", name, got, want)
		}
	}
	uniform := conflicts(t, newWorkload(t, workload.Spec{Transactions: 500, Accounts: 10_000}))
	hot := conflicts(t, newWorkload(t, workload.Spec{Transactions: 500, Accounts: 10_000, Zipf: 1.2}))
	if hot <= uniform {
		t.Errorf("with zipf %d transactions conflict, without %d", hot, uniform)
	}
}

func TestFee_KeyAndAddComeToTheSame(t *testing.T) {
	for _, name := range workload.Names() {
		t.Run(name, func(t *testing.T) {
			var states []map[framework.Key]framework.Word
			for _, fee := range []string{"key", "add"} {
				w := newWorkload(t, workload.Spec{Name: name, Transactions: 200, Fee: fee, FailPct: 20})
				state := newState(w.Genesis())
				b, txs := w.Block(1)
				adds := 0
				for _, r := range serial(t, state, b, txs) {
					adds += len(r.Outcome.Adds)
				}
				if name != "random" && (fee == "add") != (adds == len(txs)) {
					t.Errorf("fee %s: %d additions in %d transactions", fee, adds, len(txs))
				}
				states = append(states, state.cells)
			}
			if d := cmp.Diff(states[0], states[1]); d != "" {
				t.Errorf("states differ (-key +add):\n%s", d)
			}
		})
	}
}

func TestCounterCounts(t *testing.T) {
	w := newWorkload(t, workload.Spec{Name: "counter"})
	state := newState(w.Genesis())
	for n := framework.BlockNumber(1); n < 4; n++ {
		b, txs := w.Block(n)
		serial(t, state, b, txs)
	}
	if got, want := state.cells[workload.CounterCell()], (framework.Word{3 * 80}); got != want {
		t.Errorf("counter = %v, want %v", got, want)
	}
}

func TestP2PKeepsTheSum(t *testing.T) {
	w := newWorkload(t, workload.Spec{Accounts: 5, Transactions: 500})
	state := newState(w.Genesis())
	b, txs := w.Block(1)
	serial(t, state, b, txs)
	sum := uint64(0)
	for i := range 5 {
		sum += state.cells[workload.Balance(i)][0] - workload.Funds
	}
	if sum != 0 {
		t.Errorf("the balances add up to %d more than before", sum)
	}
}

// TestBlock_HoldsFelts checks that a store for Starknet's state can commit to what the transactions write.
func TestBlock_HoldsFelts(t *testing.T) {
	const limit = 1 << 59 // of the highest limb of a felt
	for _, name := range workload.Names() {
		w := newWorkload(t, everyOption(name))
		state := newState(w.Genesis())
		for n := framework.BlockNumber(1); n < 4; n++ {
			b, txs := w.Block(n)
			serial(t, state, b, txs)
		}
		for k, v := range state.cells {
			if k.Owner[3] >= limit || k.Slot[3] >= limit || v[3] >= limit {
				t.Errorf("%s: cell %v holds %v: no felts", name, k, v)
			}
			if k.Space != synthetic.SpaceStorage && k.Slot != (framework.Word{}) {
				t.Errorf("%s: cell %v has a slot", name, k)
			}
		}
	}
}

// TestRandomDoesEverything checks that random blocks reach every corner of the VM.
func TestRandomDoesEverything(t *testing.T) {
	statuses, reasons := map[framework.Status]int{}, map[synthetic.Reason]int{}
	var exact, adds, classes, dynamic int
	for seed := range uint64(60) {
		w := newWorkload(t, workload.Spec{Name: "random", Transactions: 60, Seed: seed})
		state := newState(w.Genesis())
		b, txs := w.Block(1)
		for i, r := range serial(t, state, b, txs) {
			statuses[r.Outcome.Status]++
			reasons[r.receipt.Reason]++
			adds += len(r.Outcome.Adds)
			classes += len(r.Outcome.Classes)
			if r.exact {
				exact++
			}
			if slices.ContainsFunc(decode(t, &txs[i]).Steps, func(s synthetic.Step) bool { return s.Span > 0 }) {
				dynamic++
			}
		}
	}
	t.Logf("%v %v: %d exact, %d additions, %d classes, %d dynamic", statuses, reasons, exact, adds, classes, dynamic)
	for _, r := range []synthetic.Reason{
		synthetic.WrongNonce, synthetic.FailedStep, synthetic.RejectedStep, synthetic.LowBalance, synthetic.Overflow,
		synthetic.AlreadyDeclared, synthetic.NotDeclared, synthetic.AlreadyDeployed, synthetic.NotDeployed,
	} {
		if reasons[r] == 0 {
			t.Errorf("no transaction fails for the reason %v", r)
		}
	}
	if statuses[framework.Succeeded] < 2000 || exact == 0 || adds == 0 || classes == 0 || dynamic == 0 {
		t.Error("something never happens, or too little succeeds")
	}
}

func TestSpread(t *testing.T) {
	const n = 20_000
	w := newWorkload(t, workload.Spec{Transactions: n, Cost: time.Millisecond, Spread: 0.5})
	_, txs := w.Block(1)
	costs := make([]time.Duration, n)
	for i := range txs {
		costs[i] = decode(t, &txs[i]).Cost
	}
	slices.Sort(costs)
	// The quantiles of a log-normal distribution: e to the power of -0.5, 0 and 0.5.
	for _, q := range []struct {
		at   float64
		want time.Duration
	}{{0.1587, 607 * time.Microsecond}, {0.5, time.Millisecond}, {0.8413, 1649 * time.Microsecond}} {
		got := costs[int(q.at*n)]
		if got < q.want*97/100 || got > q.want*103/100 {
			t.Errorf("quantile %v of the costs is %v, want %v", q.at, got, q.want)
		}
	}
}

func TestZipf(t *testing.T) {
	const n = 50_000
	w := newWorkload(t, workload.Spec{Transactions: n, Accounts: 100, Zipf: 1})
	_, txs := w.Block(1)
	senders := map[framework.Key]int{}
	for i := range txs {
		senders[decode(t, &txs[i]).Steps[0].Key]++
	}
	first, tenth := senders[workload.Balance(0)], senders[workload.Balance(9)]
	// 1/H(100) of the senders, and a tenth of that.
	if want := n / 5.187; float64(first) < want*0.95 || float64(first) > want*1.05 {
		t.Errorf("the first account sends %d, want %.0f", first, want)
	}
	if ratio := float64(first) / float64(tenth); ratio < 8.5 || ratio > 11.5 {
		t.Errorf("the first account sends %.1f times as much as the tenth, want 10", ratio)
	}
}

func TestSpec_Validate(t *testing.T) {
	tests := map[string]workload.Spec{
		`name: "x" is none of chain, counter, independent, mix, p2p, random`: {Name: "x"},
		"transactions: -1 is not between 0 and 10000000":                     {Transactions: -1},
		"accounts: 8000001 is not between 0 and 8000000":                     {Accounts: 8_000_001},
		"fail_pct: 101 is not between 0 and 100":                             {FailPct: 101},
		"cost: -1ns is not between 0 and 1h0m0s":                             {Cost: -1},
		"spread: 5 is not between 0 and 4":                                   {Spread: 5},
		"zipf: -1 is not between 0 and 10":                                   {Zipf: -1},
		"read_at: [60 15] is not a rising list of percentages":               {ReadAt: []int{60, 15}},
		`fee: "x" is none of none, key, add`:                                 {Fee: "x"},
		"":                                                                   {},
	}
	for want, s := range tests {
		got := ""
		if err := s.Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Validate(%+v) = %q, want %q", s, got, want)
		}
	}
}

func BenchmarkBlock(b *testing.B) {
	for _, name := range workload.Names() {
		b.Run(name, func(b *testing.B) {
			w := newWorkload(b, workload.Spec{Name: name, Transactions: 1000, Cost: time.Microsecond, Spread: 0.5, Zipf: 1.1})
			b.ReportAllocs()
			for b.Loop() {
				w.Block(1)
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}

func TestGenerators_AreSortedAndDocumented(t *testing.T) {
	if !slices.IsSorted(workload.Names()) {
		t.Errorf("Names() = %v, want them sorted", workload.Names())
	}
	for _, g := range workload.Generators() {
		if g.Doc == "" {
			t.Errorf("%s has no doc", g.Name)
		}
	}
}
