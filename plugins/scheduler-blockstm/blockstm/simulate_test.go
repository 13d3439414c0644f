package blockstm_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// unit is what a transaction of a simulation costs.
const unit = 100 * time.Microsecond

// account returns the balance of an account.
func account(n int) framework.Key { return framework.Key{Slot: framework.Word{uint64(n)}} } //nolint:gosec // not negative

// transfers returns transfers between random accounts that read both at those parts of their time.
func transfers(n, accounts int, at [2]float64, seed uint64) []trace.Work {
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // makes blocks
	block := make([]trace.Work, n)
	for i := range block {
		from := rnd.IntN(accounts)
		to := (from + 1 + rnd.IntN(accounts-1)) % accounts
		block[i] = work(unit, at, account(from), account(to))
	}
	return block
}

// work returns a transaction that reads keys at those parts of its time, the last part for all that follow, and
// writes them.
func work(cost time.Duration, at [2]float64, keys ...framework.Key) trace.Work {
	w := trace.Work{Cost: cost, Writes: keys}
	for i, k := range keys {
		w.Reads = append(w.Reads, trace.Access{Key: k, Offset: time.Duration(at[min(i, 1)] * float64(cost))})
	}
	return w
}

// mixed returns a block of all kinds: transfers, swaps on few hot pools, and costly transactions on
// their own state, a few of which take very long. Each pays a fee to one account, as an addition.
func mixed(n int, at [2]float64, seed uint64) []trace.Work {
	rnd := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // makes blocks
	const users, pools = 2000, 200
	zipf := rand.NewZipf(rnd, 1.2, 1, pools-1)
	block := make([]trace.Work, n)
	for i := range block {
		cost := time.Duration(float64(unit) * math.Exp(0.5*rnd.NormFloat64()))
		user := account(rnd.IntN(users))
		switch kind := rnd.IntN(10); {
		case kind < 4:
			block[i] = work(cost, at, user, account(rnd.IntN(users)))
		case kind < 8:
			block[i] = work(2*cost, at, user, account(users+int(zipf.Uint64()))) //nolint:gosec // small
		default:
			block[i] = work(4*cost, at, user)
		}
		if rnd.IntN(200) == 0 {
			block[i].Cost *= 30
		}
		block[i].Adds = []framework.Key{account(users + pools), account(users + pools + 1)}
	}
	return block
}

// bound returns what a block allows if transactions cannot wait in the middle.
func bound(block []trace.Work, workers int) float64 {
	var sum, longest time.Duration
	wrote := map[framework.Key]time.Duration{}
	for i := range block {
		w := &block[i]
		end := time.Duration(0)
		for _, r := range w.Reads {
			end = max(end, wrote[r.Key])
		}
		end += w.Cost
		for _, k := range w.Writes {
			wrote[k] = end
		}
		sum += w.Cost
		longest = max(longest, end)
	}
	return float64(sum) / max(float64(longest), float64(sum)/float64(workers))
}

func simulate(t *testing.T, s *blockstm.Scheduler, block []trace.Work, c trace.Scenario) (speedup, cpu float64) {
	t.Helper()
	p, err := s.Simulate(context.Background(), block, c)
	if err != nil {
		t.Fatal(err)
	}
	var sum time.Duration
	for i := range block {
		sum += block[i].Cost
	}
	return float64(sum) / float64(p.Makespan), float64(p.Busy) / float64(sum)
}

// TestSimulate counts the time that blocks take when the machine itself takes none: what the order of execution alone
// allows. The least speed-ups are those that are to be reached.
func TestSimulate(t *testing.T) {
	early, late := [2]float64{0, 0}, [2]float64{0.15, 0.6}
	for _, c := range []struct {
		policy   string
		workers  int
		accounts int
		at       [2]float64
		hinted   int
		least    float64
	}{
		{"push", 2, 1000, early, 0, 1.9},
		{"push", 2, 100, early, 0, 1.9},
		{"full", 2, 10, early, 100, 1.75},
		{"full", 2, 10, early, 0, 1.75},
		{"full", 2, 2, early, 100, 1},
		{"full", 2, 2, early, 0, 0.98},
		{"full", 2, 10, late, 100, 1.9},
		{"paper", 16, 100, late, 0, 10},
		{"full", 16, 100, late, 0, 14},
		{"full", 16, 100, late, 90, 14.8},
		{"full", 16, 100, late, 100, 14.5},
		{"paper", 16, 10, late, 0, 1.8},
		{"push", 16, 10, late, 0, 1.8},
		{"full", 16, 10, late, 0, 2.5},
		{"full", 16, 10, late, 90, 2.8},
		{"full", 16, 10, late, 100, 2.95},
		{"full", 16, 2, late, 100, 1.15},
		{"full", 64, 1000, late, 90, 54},
	} {
		name := fmt.Sprintf("%s/workers=%d/accounts=%d/late=%t/hinted=%d", c.policy, c.workers, c.accounts, c.at == late, c.hinted)
		t.Run(name, func(t *testing.T) {
			var speedup, cpu float64
			const seeds, size = 3, 1000
			for seed := range uint64(seeds) {
				scenario := trace.Scenario{Policy: c.policy, Workers: c.workers, Hinted: c.hinted, Rewinds: true}
				s, w := simulate(t, scheduler(t, blockstm.Config{}), transfers(size, c.accounts, c.at, seed), scenario)
				speedup, cpu = speedup+s/seeds, cpu+w/seeds
			}
			t.Logf("speed-up %.2f, work %.2f of serial", speedup, cpu)
			if speedup < c.least {
				t.Errorf("speed-up %.2f, want at least %.2f", speedup, c.least)
			}
		})
	}
}

// TestSimulateMixed holds blocks of mixed transactions, whose fees are additions, against their bound at 16 workers. The bound
// knows that one transaction takes long before it has begun; who takes them in order does not: with seed 2 the longest is
// the bound, and transaction 885 of 1,000.
func TestSimulateMixed(t *testing.T) {
	late := [2]float64{0.15, 0.6}
	var ratio float64
	const seeds, size, least = 10, 1000, 0.9
	for seed := range uint64(seeds) {
		block := mixed(size, late, seed)
		c := trace.Scenario{Policy: "full", Workers: 16, Hinted: 90, Rewinds: true}
		speedup, cpu := simulate(t, scheduler(t, blockstm.Config{}), block, c)
		limit := bound(block, 16)
		t.Logf("speed-up %.2f of at most %.2f, work %.2f of serial", speedup, limit, cpu)
		ratio += speedup / limit / seeds
	}
	if ratio < least {
		t.Errorf("%.2f of the bound, want at least %.2f", ratio, least)
	}
}

// TestSimulateOne checks that one worker takes as long as all transactions together.
func TestSimulateOne(t *testing.T) {
	block := transfers(200, 5, [2]float64{0.1, 0.5}, 1)
	p, err := scheduler(t, blockstm.Config{}).Simulate(t.Context(), block, trace.Scenario{Policy: "full", Workers: 1, Overhead: time.Microsecond})
	if want := 200 * (unit + time.Microsecond); err != nil || p.Makespan != want || p.Busy != want || p.Attempts != 200 {
		t.Errorf("%+v, %v, want %v", p, err, want)
	}
}

// TestSimulateRefuses checks scenarios that cannot be.
func TestSimulateRefuses(t *testing.T) {
	for _, c := range []trace.Scenario{{Policy: "full"}, {Policy: "best", Workers: 2}, {Policy: "full", Workers: 1 << 20}} {
		if _, err := scheduler(t, blockstm.Config{}).Simulate(t.Context(), nil, c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// scheduler returns a scheduler.
func scheduler(tb testing.TB, c blockstm.Config) *blockstm.Scheduler {
	tb.Helper()
	s, err := blockstm.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
