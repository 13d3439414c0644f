package mempool

import (
	"math"
	"math/bits"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// memory is for how many blocks the nonces of accounts without transactions are remembered: what is admitted meanwhile may
// have been checked against an older state.
const memory = 100

// Done is what a block has made of a transaction.
type Done struct {
	Hash felt.Felt
	// Rejected says that the block has left it out.
	Rejected bool
}

// Commit says what block n has made of transactions, in the order in which they were executed. Those that are not of the pool
// do not matter.
//
// One that was left out because one below it was missing is not lost: it waits for that one.
func (p *Pool) Commit(n framework.BlockNumber, done []Done) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.unshelve()
	p.block = n
	for _, d := range done {
		e := p.byHash[d.Hash]
		if e == nil {
			p.dropMessage(d.Hash)
			continue
		}
		a := p.accounts[e.Sender]
		a.seen = n
		switch {
		case !d.Rejected:
			p.raise(a, e.Nonce+1)
			p.settle(a)
		case e.Nonce == a.nonce:
			p.remove(e)
			p.back(a)
		default:
			e.handed = false
			p.back(a)
		}
	}
	for address, a := range p.accounts {
		if len(a.txs) == 0 && a.seen+memory < n {
			delete(p.accounts, address)
			delete(p.gaps, address)
		}
	}
}

// back lets an account go on at its first transaction that is not handed out.
func (p *Pool) back(a *account) {
	a.next = a.nonce
	p.settle(a)
}

// Rewind takes back all that was handed out and is in no block: the block that it was for is lost.
func (p *Pool) Rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.byHash {
		e.handed = false
	}
	for _, m := range p.messages {
		m.handed = false
	}
	for _, a := range p.accounts {
		p.back(a)
	}
}

// makeRoom makes room for tx, which takes the place of old, unless that is nil. Room is made only for a transaction that is
// not behind a gap of its sender's nonces, and at the cost of those that are, the last of a sender first.
func (p *Pool) makeRoom(tx *Tx, a *account, old *entry) error {
	count, bytes := len(p.byHash)+1, p.bytes+len(tx.Body)
	if old != nil {
		count, bytes = count-1, bytes-old.size()
	}
	fits := func() bool { return count <= p.limits.Transactions && bytes <= p.limits.Bytes }
	if fits() {
		return nil
	}
	if !p.follows(tx, a) {
		return refuse(Full, "The mempool is full.")
	}
	var victims []*entry
	for _, g := range p.gapped() {
		for _, e := range g.behindGap() {
			if fits() {
				break
			}
			if e != old {
				victims = append(victims, e)
				count, bytes = count-1, bytes-e.size()
			}
		}
	}
	if !fits() {
		return refuse(Full, "The mempool is full.")
	}
	for _, e := range victims {
		p.remove(e)
	}
	return nil
}

// follows reports whether all nonces between the account's and tx's are there.
func (p *Pool) follows(tx *Tx, a *account) bool {
	for n := a.nonce; n < tx.Nonce; n++ {
		if a.txs[n] == nil {
			return false
		}
	}
	return true
}

// gapped returns the accounts with transactions behind a gap, in random order.
func (p *Pool) gapped() []*account {
	var list []*account
	for address, a := range p.gaps {
		if len(a.behindGap()) == 0 {
			delete(p.gaps, address)
			continue
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(x, y *account) int { return x.address.Cmp(&y.address) }) // so that the dice alone decide
	p.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// behindGap returns the transactions that cannot be handed out before one comes that is missing, the last first.
func (a *account) behindGap() []*entry {
	missing := a.next
	for a.txs[missing] != nil {
		missing++
	}
	var list []*entry
	for n, e := range a.txs {
		if n > missing && !e.handed {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(x, y *entry) int { return int(y.Nonce) - int(x.Nonce) }) //nolint:gosec // gaps are short
	return list
}

// bumped returns what tip or price must be at least to replace one of v: a tenth more, rounded up; the largest number there
// is if that is none.
func bumped(v starknet.Uint128) starknet.Uint128 {
	const tenth = 10
	hi, rem := v.Hi/tenth, v.Hi%tenth
	lo, rem := bits.Div64(rem, v.Lo, tenth)
	var carry, over uint64
	if rem > 0 {
		carry = 1
	}
	lo, carry = bits.Add64(lo, v.Lo, carry)
	hi, over = bits.Add64(hi, v.Hi, carry)
	if over != 0 {
		return starknet.Uint128{Hi: math.MaxUint64, Lo: math.MaxUint64}
	}
	return starknet.Uint128{Hi: hi, Lo: lo}
}
