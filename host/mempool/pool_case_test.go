package mempool_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

func newPool(l mempool.Limits) (*mempool.Pool, *clock) {
	c := &clock{time.Unix(1000, 0)}
	return mempool.New(l, c.Now, 1), c
}

// TestBusyAccount has one account with as many transactions as may wait: it gets as many at once as are asked for.
func TestBusyAccount(t *testing.T) {
	p, _ := newPool(mempool.Limits{Gap: 10_000})
	var want []uint64
	for i := range uint64(5000) {
		add(t, p, transaction(i, 1, i, 0, 1))
		want = append(want, i)
	}
	add(t, p, transaction(7777, 2, 0, 1, 1)) // another one that pays more
	if d := gocmp.Diff(append([]uint64{7777}, want...), take(p, 6000)); d != "" {
		t.Errorf("handed out (-want +got):\n%s", d)
	}
}

func TestOrder(t *testing.T) {
	p, _ := newPool(mempool.Limits{})
	add(t, p,
		transaction(1, 1, 1, 90, 1), transaction(2, 1, 0, 5, 1), // the best one has to wait for its sender's first
		transaction(3, 2, 0, 7, 1), transaction(4, 3, 0, 5, 1), transaction(5, 2, 2, 99, 1),
	)
	if d := gocmp.Diff([]uint64{3, 2, 1, 4}, take(p, 10)); d != "" {
		t.Errorf("handed out (-want +got):\n%s", d)
	}
	add(t, p, transaction(6, 2, 1, 0, 1))
	if d := gocmp.Diff([]uint64{6, 5}, take(p, 10)); d != "" {
		t.Errorf("when the gap is filled (-want +got):\n%s", d)
	}
}

// TestRejected leaves a transaction out whose successors were handed out with it: they wait for another in its place.
func TestRejected(t *testing.T) {
	p, _ := newPool(mempool.Limits{})
	add(t, p, transaction(1, 1, 0, 0, 1), transaction(2, 1, 1, 0, 1), transaction(3, 1, 2, 0, 1))
	take(p, 3)
	p.Commit(1, []mempool.Done{
		{Hash: felt.FromUint64(1), Rejected: true}, {Hash: felt.FromUint64(2), Rejected: true}, {Hash: felt.FromUint64(3), Rejected: true},
	})
	if got := take(p, 3); len(got) != 0 {
		t.Errorf("handed out %v behind a gap", got)
	}
	add(t, p, transaction(4, 1, 0, 0, 1))
	if d := gocmp.Diff([]uint64{4, 2, 3}, take(p, 3)); d != "" {
		t.Errorf("with another first one (-want +got):\n%s", d)
	}
}

// TestReplacement knows the largest tip and price.
func TestReplacement(t *testing.T) {
	most := starknet.Uint128{Hi: ^uint64(0), Lo: ^uint64(0)}
	for _, tt := range []struct {
		name       string
		tip, other uint64
		price, by  starknet.Uint128
		want       int
	}{
		{"a tenth", 10, 11, starknet.Uint128{Lo: 100}, starknet.Uint128{Lo: 110}, -1},
		{"rounded up", 11, 13, starknet.Uint128{Lo: 101}, starknet.Uint128{Lo: 112}, -1},
		{"less than rounded up", 11, 12, starknet.Uint128{Lo: 101}, starknet.Uint128{Lo: 112}, int(mempool.Underpriced)},
		{"price alone", 10, 10, starknet.Uint128{Lo: 100}, starknet.Uint128{Lo: 200}, int(mempool.Underpriced)},
		{"tip alone", 10, 20, starknet.Uint128{Lo: 100}, starknet.Uint128{Lo: 109}, int(mempool.Underpriced)},
		{"nothing of nothing", 0, 0, starknet.Uint128{}, starknet.Uint128{}, -1},
		{"more than 64 bits", 0, 0, starknet.Uint128{Lo: ^uint64(0)}, starknet.Uint128{Hi: 1, Lo: 1 << 61}, -1},
		{"more than there is", ^uint64(0), ^uint64(0), most, most, int(mempool.Underpriced)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := newPool(mempool.Limits{})
			one, two := transaction(1, 1, 0, tt.tip, 0), transaction(2, 1, 0, tt.other, 0)
			one.Price, two.Price = tt.price, tt.by
			add(t, p, one)
			if got := reason(t, p.Add(two, 0)); got != tt.want {
				t.Errorf("refused for %d, want %d", got, tt.want)
			}
		})
	}
}

// TestFull fills pools with random transactions: nothing is lost but behind gaps, the last of an account first, and only for
// one that can be handed out.
func TestFull(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 2))
		const most = 12
		p := mempool.New(mempool.Limits{Transactions: most, Bytes: 10 * most}, time.Now, seed)
		held := map[uint64]*mempool.Tx{} // by id
		for id := range uint64(100) {
			tx := transaction(id, dice.Uint64N(4), dice.Uint64N(8), 0, 1)
			before := held
			got := reason(t, p.Add(tx, 0))
			held = map[uint64]*mempool.Tx{}
			for i := range id + 1 {
				if tx, _ := p.Find(felt.FromUint64(i)); tx != nil {
					held[i] = tx
				}
			}
			if len(held) > most {
				t.Fatalf("seed %d: %d transactions in the pool, want at most %d", seed, len(held), most)
			}
			if got == int(mempool.Full) && follows(before, tx) && len(gapped(before)) > 0 {
				t.Fatalf("seed %d: no room for %d of %d, though there is a gap", seed, tx.Nonce, tx.Sender)
			}
			for i, lost := range before {
				if held[i] == nil && (got != -1 || !follows(before, tx) || !slices.Contains(gapped(before), lost) || hasAbove(held, lost)) {
					t.Fatalf("seed %d: %d of %v was lost to %d of %v (%d)", seed, lost.Nonce, lost.Sender, tx.Nonce, tx.Sender, got)
				}
			}
		}
	}
}

// follows reports whether all below a transaction are there.
func follows(held map[uint64]*mempool.Tx, tx *mempool.Tx) bool {
	below := 0
	for _, o := range held {
		if o.Sender == tx.Sender && o.Nonce < tx.Nonce {
			below++
		}
	}
	return below == int(tx.Nonce)
}

// gapped returns the transactions behind a gap.
func gapped(held map[uint64]*mempool.Tx) []*mempool.Tx {
	var out []*mempool.Tx
	for _, tx := range held {
		if !follows(held, tx) {
			out = append(out, tx)
		}
	}
	return out
}

// hasAbove reports whether a later one of the same sender is still there that was behind the gap too.
func hasAbove(held map[uint64]*mempool.Tx, lost *mempool.Tx) bool {
	for _, o := range held {
		if o.Sender == lost.Sender && o.Nonce > lost.Nonce {
			return true
		}
	}
	return false
}

// TestTakeWaits waits for a transaction.
func TestTakeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mempool.New(mempool.Limits{}, time.Now, 1)
		txs, more := p.Take(1)
		if len(txs) != 0 {
			t.Fatalf("took %v from an empty pool", ids(txs))
		}
		go func() {
			time.Sleep(time.Second)
			if err := p.Add(transaction(1, 1, 1, 0, 1), 0); err != nil { // behind a gap
				t.Error(err)
			}
			time.Sleep(time.Second)
			if err := p.Add(transaction(2, 1, 0, 0, 1), 0); err != nil {
				t.Error(err)
			}
		}()
		start := time.Now()
		<-more
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("woke after %v, want 2 s", waited)
		}
		if got := take(p, 5); !slices.Equal(got, []uint64{2, 1}) {
			t.Errorf("took %v, want 2 and 1", got)
		}
	})
}
