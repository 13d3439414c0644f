package mempool_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// transaction returns a transaction of that name.
func transaction(id, sender, nonce, tip, price uint64) *mempool.Tx {
	return &mempool.Tx{
		Tx:     framework.Tx{ID: framework.Word{id}, Body: make([]byte, 10)},
		Sender: felt.FromUint64(sender), Nonce: nonce, Tip: tip, Price: starknet.Uint128{Lo: price},
	}
}

// ids returns which transactions were handed out.
func ids(txs []framework.Tx) []uint64 {
	out := []uint64{}
	for i := range txs {
		out = append(out, txs[i].ID[0])
	}
	return out
}

// reason returns why a transaction was refused; -1 if it was not.
func reason(t *testing.T, err error) int {
	t.Helper()
	var no *mempool.Refusal
	if err == nil {
		return -1
	}
	if !errors.As(err, &no) {
		t.Fatalf("Add() = %v, want a refusal", err)
	}
	return int(no.Reason)
}

// take takes transactions.
func take(p *mempool.Pool, n int) []uint64 {
	txs, _ := p.Take(n)
	return ids(txs)
}

func add(t *testing.T, p *mempool.Pool, txs ...*mempool.Tx) {
	t.Helper()
	for _, tx := range txs {
		if err := p.Add(tx, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// list is what a pool is meant to be, written so that it is easy to see: a list that is searched from front to back.
type list struct {
	limits mempool.Limits
	txs    []*waiting
	nonces map[uint64]uint64
	seen   map[uint64]framework.BlockNumber
	price  uint64
	block  framework.BlockNumber
	count  int
}

type waiting struct {
	*mempool.Tx
	arrived time.Time
	number  int
	handed  bool
}

func (w *waiting) sender() uint64 { return w.Sender[0] }

func (l *list) find(sender, nonce uint64) *waiting {
	i := slices.IndexFunc(l.txs, func(w *waiting) bool { return w.sender() == sender && w.Nonce == nonce })
	if i < 0 {
		return nil
	}
	return l.txs[i]
}

func (l *list) remove(drop func(w *waiting) bool) { l.txs = slices.DeleteFunc(l.txs, drop) }

func (l *list) expire(now time.Time) {
	l.remove(func(w *waiting) bool { return !w.handed && !w.arrived.After(now.Add(-l.limits.TTL)) })
}

func (l *list) add(tx *mempool.Tx, state uint64, now time.Time) int {
	l.expire(now)
	if slices.ContainsFunc(l.txs, func(w *waiting) bool { return w.ID == tx.ID }) {
		return int(mempool.Duplicate)
	}
	sender := tx.Sender[0]
	known := max(l.nonces[sender], state)
	if tx.Nonce < known || tx.Nonce > known+l.limits.Gap {
		return int(mempool.WrongNonce)
	}
	tenth := func(x uint64) uint64 { return uint64(math.Ceil(float64(x) / 10)) }
	if old := l.find(sender, tx.Nonce); old != nil {
		switch {
		case old.handed:
			return int(mempool.WrongNonce)
		case tx.Tip < old.Tip+tenth(old.Tip) || tx.Price.Lo < old.Price.Lo+tenth(old.Price.Lo):
			return int(mempool.Underpriced)
		}
		l.remove(func(w *waiting) bool { return w == old })
	}
	if _, ok := l.seen[sender]; !ok {
		l.seen[sender] = l.block
	}
	l.nonces[sender] = known
	l.remove(func(w *waiting) bool { return w.sender() == sender && w.Nonce < known })
	l.count++
	l.txs = append(l.txs, &waiting{Tx: tx, arrived: now, number: l.count})
	return -1
}

// open reports whether all nonces below that of w were handed out.
func (l *list) open(w *waiting) bool {
	for n := l.nonces[w.sender()]; n < w.Nonce; n++ {
		if below := l.find(w.sender(), n); below == nil || !below.handed {
			return false
		}
	}
	return true
}

func (l *list) take(n int, now time.Time) []uint64 {
	l.expire(now)
	out := []uint64{}
	for len(out) < n {
		var next []*waiting
		for _, w := range l.txs {
			if !w.handed && w.Price.Lo >= l.price && l.open(w) {
				next = append(next, w)
			}
		}
		if len(next) == 0 {
			break
		}
		first := slices.MinFunc(next, func(a, b *waiting) int {
			return cmp.Or(cmp.Compare(b.Tip, a.Tip), cmp.Compare(a.number, b.number))
		})
		first.handed = true
		out = append(out, first.ID[0])
	}
	return out
}

func (l *list) commit(n framework.BlockNumber, done []mempool.Done) {
	l.block = n
	for _, d := range done {
		i := slices.IndexFunc(l.txs, func(w *waiting) bool { return w.Hash() == d.Hash })
		if i < 0 {
			continue
		}
		w := l.txs[i]
		l.seen[w.sender()] = n
		switch {
		case !d.Rejected:
			l.nonces[w.sender()] = max(l.nonces[w.sender()], w.Nonce+1)
			l.remove(func(o *waiting) bool { return o.sender() == w.sender() && o.Nonce <= w.Nonce })
		case w.Nonce == l.nonces[w.sender()]:
			l.remove(func(o *waiting) bool { return o == w })
		default:
			w.handed = false
		}
	}
	for sender, seen := range l.seen {
		if seen+100 < n && !slices.ContainsFunc(l.txs, func(w *waiting) bool { return w.sender() == sender }) {
			delete(l.seen, sender)
			delete(l.nonces, sender)
		}
	}
}

func (l *list) rewind() {
	for _, w := range l.txs {
		w.handed = false
	}
}

// game plays the same moves on a pool and on a list.
type game struct {
	t     *testing.T
	dice  *rand.Rand
	clock *clock
	pool  *mempool.Pool
	list  *list
	shelf *shelf
	// flying are the transactions that were handed out, in order.
	flying []uint64
	ids    uint64
}

func (g *game) add() string {
	g.ids++
	id := g.ids
	if g.dice.IntN(10) == 0 {
		id = g.dice.Uint64N(g.ids) + 1 // again
	}
	sender := g.dice.Uint64N(4)
	state := g.list.nonces[sender]
	if g.dice.IntN(4) == 0 {
		state = g.dice.Uint64N(state + 2)
	}
	tx := transaction(id, sender, g.dice.Uint64N(state+8), g.dice.Uint64N(4)*10, 10+g.dice.Uint64N(10))
	got, want := reason(g.t, g.pool.Add(tx, state)), g.list.add(tx, state, g.clock.now)
	if got != want {
		g.t.Fatalf("Add(%d of %d with nonce %d) is refused for %d, want %d", id, sender, tx.Nonce, got, want)
	}
	return fmt.Sprintf("add %d of %d with nonce %d", id, sender, tx.Nonce)
}

func (g *game) take() string {
	n := g.dice.IntN(6)
	got, want := take(g.pool, n), g.list.take(n, g.clock.now)
	if d := gocmp.Diff(want, got); d != "" {
		g.t.Fatalf("Take(%d) (-want +got):\n%s", n, d)
	}
	g.flying = append(g.flying, got...)
	return fmt.Sprintf("take %v", got)
}

// commit commits some of what was handed out, as a VM would execute it.
func (g *game) commit() string {
	n := g.dice.IntN(len(g.flying) + 1)
	block := g.list.block + 1
	if g.dice.IntN(20) == 0 {
		block += 150
	}
	nonces := map[felt.Felt]uint64{}
	var done []mempool.Done
	for _, id := range g.flying[:n] {
		i := slices.IndexFunc(g.list.txs, func(w *waiting) bool { return w.ID[0] == id })
		if i < 0 {
			continue
		}
		w := g.list.txs[i]
		if _, ok := nonces[w.Sender]; !ok {
			nonces[w.Sender] = g.list.nonces[w.sender()]
		}
		d := mempool.Done{Hash: w.Hash(), Rejected: g.dice.IntN(5) == 0 || w.Nonce != nonces[w.Sender]}
		if !d.Rejected {
			nonces[w.Sender]++
		}
		done = append(done, d)
	}
	g.flying = g.flying[n:]
	g.pool.Commit(block, done)
	g.list.commit(block, done)
	return fmt.Sprintf("commit %v", done)
}

func (g *game) other() string {
	switch g.dice.IntN(4) {
	case 0:
		g.clock.now = g.clock.now.Add(time.Duration(g.dice.IntN(30)) * time.Second)
		return "wait"
	case 1:
		g.list.price = 8 + g.dice.Uint64N(10)
		g.pool.Reprice(starknet.Uint128{Lo: g.list.price})
		return "reprice"
	case 2:
		g.flying = nil
		g.pool.Rewind()
		g.list.rewind()
		return "rewind"
	}
	return ""
}

// check compares what both hold.
func (g *game) check() {
	g.t.Helper()
	for _, w := range g.list.txs {
		tx, handed := g.pool.Find(w.Hash())
		if tx != w.Tx || handed != w.handed {
			g.t.Fatalf("transaction %d: in the pool %v, handed out %v, want it, and %v", w.ID[0], tx != nil, handed, w.handed)
		}
	}
	for _, w := range g.list.txs {
		if g.shelf.records[w.Hash()] == nil {
			g.t.Fatalf("transaction %d is not on the shelf", w.ID[0])
		}
	}
	if len(g.shelf.records) != len(g.list.txs) {
		g.t.Fatalf("%d transactions are on the shelf, want %d", len(g.shelf.records), len(g.list.txs))
	}
	if got := g.pool.Stats(); got.Transactions != len(g.list.txs) || got.Bytes != 10*len(g.list.txs) {
		g.t.Fatalf("the pool holds %+v, want %d transactions", got, len(g.list.txs))
	}
}

// TestPoolIsAList plays random moves on pools and on lists.
func TestPoolIsAList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		g := &game{t: t, dice: rand.New(rand.NewPCG(seed, 1)), clock: &clock{time.Unix(1000, 0)}}
		limits := mempool.Limits{TTL: time.Minute, Gap: 5}
		g.pool = mempool.New(limits, g.clock.Now, seed)
		g.shelf = newShelf()
		g.pool.KeepOn(g.shelf)
		g.list = &list{limits: limits, nonces: map[uint64]uint64{}, seen: map[uint64]framework.BlockNumber{}}
		var moves []string
		for range 200 {
			var move string
			switch n := g.dice.IntN(10); {
			case n < 5:
				move = g.add()
			case n < 7:
				move = g.take()
			case n < 9:
				move = g.commit()
			default:
				move = g.other()
			}
			moves = append(moves, move)
			g.check()
			if t.Failed() {
				t.Fatalf("seed %d after %v", seed, moves)
			}
		}
	}
}
