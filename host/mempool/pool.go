package mempool

import (
	"container/heap"
	"container/list"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Pool holds what waits. It is safe for concurrent use.
//
// A transaction is handed out when the nonces of its sender below it were: so one busy account has as many in a block as
// fit, and waits for nobody. One that was handed out stays in the pool until a block contains it, or leaves it out; until
// then [Pool.Rewind] can take it back.
type Pool struct {
	limits Limits
	now    func() time.Time
	dice   *rand.Rand // which account loses transactions when there is no room; guarded by mu

	mu       sync.Mutex
	byHash   map[felt.Felt]*entry   // guarded by mu, as all below
	accounts map[felt.Felt]*account // that have transactions, or had some in a recent block
	gaps     map[felt.Felt]*account // those that may have transactions behind a gap, and some others
	ages     list.List              // of *entry, oldest first
	messages []*message             // from L1, in order of arrival
	ready    heads                  // accounts with a transaction that can be handed out
	waiting  heads                  // accounts whose next transaction pays too little for the price
	price    starknet.Uint128       // of L2 gas in the block to be made
	bytes    int
	arrivals uint64
	block    framework.BlockNumber // the last one that was committed
	wake     chan struct{}         // closed and replaced when something becomes ready
	gone     []felt.Felt           // what has left the pool and not the shelf

	shelf   Shelf         // nil if nothing is kept
	written chan struct{} // holds one element when the shelf has what is not lasting
}

// entry is a transaction in the pool.
type entry struct {
	*Tx
	arrived time.Time
	number  uint64        // in order of arrival
	age     *list.Element // in Pool.ages
	handed  bool
}

// size is what an entry takes of Limits.Bytes.
func (e *entry) size() int { return len(e.Body) }

// account is a sender.
type account struct {
	address felt.Felt
	// nonce is the next that a block may contain, as of the last block, and next that of the next transaction to hand out.
	nonce, next uint64
	txs         map[uint64]*entry
	seen        framework.BlockNumber // the last block that had one of its transactions
	heap        *heads                // that it is in, nil if none
	index       int                   // in heap
}

// head returns the transaction that can be handed out next, nil if there is none.
func (a *account) head() *entry { return a.txs[a.next] }

// New returns a pool. now is its clock, and seed decides which accounts lose transactions when it is full.
func New(l Limits, now func() time.Time, seed uint64) *Pool {
	l.fill()
	p := &Pool{
		limits: l, now: now, dice: rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // nothing secret depends on it
		byHash: map[felt.Felt]*entry{}, accounts: map[felt.Felt]*account{}, gaps: map[felt.Felt]*account{}, wake: make(chan struct{}),
	}
	p.ready.before = func(a, b *entry) bool {
		if a.Tip != b.Tip {
			return a.Tip > b.Tip
		}
		return a.number < b.number
	}
	p.waiting.before = func(a, b *entry) bool {
		if c := a.Price.Cmp(b.Price); c != 0 {
			return c > 0
		}
		return a.number < b.number
	}
	return p
}

// Add adds a transaction whose sender has had this nonce in some recent state, or says in a [Refusal] why not. Both belong
// to the pool from then on. It is on the shelf of the pool then, if that has one.
func (p *Pool) Add(tx *Tx, nonce uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.unshelve()
	p.expire()
	return p.add(tx, nonce, p.now(), true)
}

// add adds a transaction, which is also put on the shelf if it is not there yet.
func (p *Pool) add(tx *Tx, nonce uint64, arrived time.Time, shelve bool) error {
	if p.byHash[tx.Hash()] != nil {
		return refuse(Duplicate, "Transaction %v is in the mempool already.", tx.Hash())
	}
	a := p.accounts[tx.Sender]
	if a == nil {
		a = &account{address: tx.Sender, nonce: nonce, next: nonce, txs: map[uint64]*entry{}, seen: p.block}
	}
	known := max(a.nonce, nonce)
	if tx.Nonce < known || tx.Nonce-known > p.limits.Gap {
		return refuse(WrongNonce, "Invalid transaction nonce of contract at address %v. Account nonce: %d; got: %d.", tx.Sender, known, tx.Nonce)
	}
	old := a.txs[tx.Nonce]
	if old != nil {
		if err := replaces(tx, old); err != nil {
			return err
		}
	}
	if err := p.makeRoom(tx, a, old); err != nil {
		return err
	}
	if shelve {
		if err := p.shelve(&tx.Tx, arrived); err != nil {
			return err
		}
	}
	if old != nil {
		p.remove(old)
	}
	p.raise(a, nonce)
	p.accounts[a.address] = a
	p.insert(a, tx, arrived)
	return nil
}

// replaces says whether tx may take the place of another of the same nonce.
func replaces(tx *Tx, old *entry) error {
	if old.handed {
		return refuse(WrongNonce, "A transaction with nonce %d of %v is being executed.", tx.Nonce, tx.Sender)
	}
	tip, price := bumped(starknet.Uint128{Lo: old.Tip}), bumped(old.Price)
	if tip.Cmp(starknet.Uint128{Lo: tx.Tip}) > 0 || price.Cmp(tx.Price) > 0 {
		return refuse(Underpriced, "To replace %v, tip and price of L2 gas must be at least %v and %v.", old.Hash(), tip, price)
	}
	return nil
}

// insert adds a transaction for which there is room.
func (p *Pool) insert(a *account, tx *Tx, arrived time.Time) {
	p.arrivals++
	e := &entry{Tx: tx, arrived: arrived, number: p.arrivals}
	before := p.ages.Back()
	for ; before != nil; before = before.Prev() {
		if o, _ := before.Value.(*entry); !o.arrived.After(arrived) {
			break
		}
	}
	if before == nil {
		e.age = p.ages.PushFront(e)
	} else {
		e.age = p.ages.InsertAfter(e, before)
	}
	p.byHash[tx.Hash()] = e
	p.bytes += e.size()
	if tx.Nonce > a.next && a.txs[tx.Nonce-1] == nil {
		p.gaps[a.address] = a
	}
	a.txs[tx.Nonce] = e
	p.settle(a)
}

// remove takes a transaction out.
func (p *Pool) remove(e *entry) {
	a := p.accounts[e.Sender]
	p.leave(e.Hash())
	delete(p.byHash, e.Hash())
	delete(a.txs, e.Nonce)
	p.ages.Remove(e.age)
	p.bytes -= e.size()
	if a.txs[e.Nonce+1] != nil {
		p.gaps[a.address] = a
	}
	p.settle(a)
}

// raise says that a state has this nonce for an account: what is below it is of the past.
func (p *Pool) raise(a *account, nonce uint64) {
	if nonce <= a.nonce {
		return
	}
	a.nonce = nonce
	a.next = max(a.next, nonce)
	for n, e := range a.txs {
		if n < nonce {
			p.remove(e)
		}
	}
}

// settle puts an account into the heap where it belongs.
func (p *Pool) settle(a *account) {
	for e := a.txs[a.next]; e != nil && e.handed; e = a.txs[a.next] {
		a.next++
	}
	var to *heads
	switch e := a.head(); {
	case e == nil:
	case e.Price.Cmp(p.price) < 0:
		to = &p.waiting
	default:
		to = &p.ready
	}
	if a.heap != nil {
		heap.Remove(a.heap, a.index)
		a.heap = nil
	}
	if to == nil {
		return
	}
	a.heap = to
	heap.Push(to, a)
	if to == &p.ready {
		close(p.wake)
		p.wake = make(chan struct{})
	}
}

// Reprice says what L2 gas costs in the block to be made.
func (p *Pool) Reprice(price starknet.Uint128) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.price == price {
		return
	}
	p.price = price
	for _, h := range []*heads{&p.ready, &p.waiting} {
		for _, a := range append([]*account(nil), h.list...) {
			p.settle(a)
		}
	}
}

// Take hands out the next transactions, at most n, in the order in which they are to be executed. The channel is closed
// when there are more.
func (p *Pool) Take(n int) ([]framework.Tx, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.unshelve()
	p.expire()
	txs := p.takeMessages(n)
	for len(txs) < n && len(p.ready.list) > 0 {
		a := p.ready.list[0]
		e := a.head()
		e.handed = true
		txs = append(txs, e.Tx.Tx)
		p.settle(a)
	}
	return txs, p.wake
}

// expire drops what has waited for too long.
func (p *Pool) expire() {
	limit := p.now().Add(-p.limits.TTL)
	for next := p.ages.Front(); next != nil; {
		e, _ := next.Value.(*entry)
		next = next.Next()
		if e.arrived.After(limit) {
			return
		}
		if !e.handed {
			p.remove(e)
		}
	}
}

// Stats says how much is in a pool, messages from L1 left out.
type Stats struct{ Transactions, Handed, Accounts, Bytes int }

// Stats returns how much is in the pool.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{Transactions: len(p.byHash), Bytes: p.bytes}
	for _, a := range p.accounts {
		if len(a.txs) > 0 {
			s.Accounts++
		}
	}
	for _, e := range p.byHash {
		if e.handed {
			s.Handed++
		}
	}
	return s
}

// Len returns how many transactions are in the pool, messages from L1 left out, once those that have expired are dropped.
func (p *Pool) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.unshelve()
	p.expire()
	return len(p.byHash)
}

// Find returns a transaction of the pool, and whether it has been handed out; nil if it is not there.
func (p *Pool) Find(hash felt.Felt) (tx *Tx, handed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byHash[hash]
	if e == nil {
		return nil, false
	}
	return e.Tx, e.handed
}

// Deploying reports whether a deployment of that account waits.
func (p *Pool) Deploying(address felt.Felt) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[address]
	if a == nil {
		return false
	}
	e := a.txs[0]
	return e != nil && e.Deploys
}
