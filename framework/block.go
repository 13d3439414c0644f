package framework

import (
	"cmp"
	"math/bits"
	"slices"
)

// Word is a 256-bit value: four limbs, the least significant first. Any bit pattern is a word. Whether it
// must be below the prime of a field is for the VM and the store to say, and to check.
type Word [4]uint64

// Compare returns -1, 0 or +1 as w is below, equal to or above x, both taken as unsigned integers.
func (w Word) Compare(x Word) int { return w.compare(&x) }

func (w *Word) compare(x *Word) int {
	for i := 3; i > 0; i-- {
		if w[i] != x[i] {
			return cmp.Compare(w[i], x[i])
		}
	}
	return cmp.Compare(w[0], x[0])
}

// Key names one cell of the state. The zero key is a key like any other. A cell that was never written
// holds the zero word, and writing zero empties it: the two states are the same state.
type Key struct {
	// Space says what kind of cell this is (storage, nonce, class of a contract, declared class, ...).
	// Only the VM and the store know what the numbers mean.
	Space uint8
	// Owner and Slot say which one: a contract and its storage slot, for example.
	Owner, Slot Word
}

// Compare returns -1, 0 or +1 in the order of keys: by space, then owner, then slot.
func (k Key) Compare(o Key) int { return k.compare(&o) }

func (k *Key) compare(o *Key) int {
	if c := cmp.Compare(k.Space, o.Space); c != 0 {
		return c
	}
	if c := k.Owner.compare(&o.Owner); c != 0 {
		return c
	}
	return k.Slot.compare(&o.Slot)
}

// Write sets the cell at Key to Value.
type Write struct {
	Key   Key
	Value Word
}

// SortWrites sorts by key, the order in which write sets and diffs are kept.
func SortWrites(w []Write) {
	const many = 32
	if len(w) < many {
		slices.SortFunc(w, func(a, b Write) int { return a.Key.Compare(b.Key) })
		return
	}
	if sorted(w) {
		return
	}
	// Writes are large: it takes a third of the time to sort pointers to them.
	order := make([]*Write, len(w))
	for i := range w {
		order[i] = &w[i]
	}
	slices.SortFunc(order, func(a, b *Write) int { return a.Key.compare(&b.Key) })
	inOrder := make([]Write, len(w))
	for i := range order {
		inOrder[i] = *order[i]
	}
	copy(w, inOrder)
}

// sorted reports whether writes are in order already.
func sorted(w []Write) bool {
	for i := 1; i < len(w); i++ {
		if w[i-1].Key.compare(&w[i].Key) > 0 {
			return false
		}
	}
	return true
}

// Add adds Amount, an unsigned 256-bit integer, to the 256-bit integer whose lower 128 bits are in the cell
// Low and whose upper 128 bits are in the cell High (a token balance). It is the only arithmetic that a
// scheduler knows: additions to one balance commute, so transactions that only add do not wait for each other.
type Add struct {
	Low, High Key
	Amount    Word
}

// Fold returns the two cells after the addition to a balance held in low and high. It reports false, and the
// addition must not be made, if the sum exceeds 256 bits or a cell holds more than 128.
func (a *Add) Fold(low, high Word) (newLow, newHigh Word, ok bool) {
	if low[2]|low[3]|high[2]|high[3] != 0 {
		return low, high, false
	}
	var c uint64
	newLow[0], c = bits.Add64(low[0], a.Amount[0], 0)
	newLow[1], c = bits.Add64(low[1], a.Amount[1], c)
	newHigh[0], c = bits.Add64(high[0], a.Amount[2], c)
	newHigh[1], c = bits.Add64(high[1], a.Amount[3], c)
	return newLow, newHigh, c == 0
}

// Class is the code of a contract as the VM declared it. It is never changed after it was made.
type Class struct {
	Hash Word
	Body []byte
}

// BlockNumber counts blocks from 0.
type BlockNumber int64

// AtEmpty is the number of the state before block 0, in which every cell is zero.
const AtEmpty BlockNumber = -1

// TxIndex is the place of a transaction in the feed of its block, from 0.
type TxIndex int

// Incarnation counts the attempts of one transaction, from 0.
type Incarnation uint32

// Version names one attempt.
type Version struct {
	Tx  TxIndex
	Inc Incarnation
}

// Mode says how a transaction is to be run: one of Execute, Validate and Call, with any of the flags.
type Mode uint8

// The modes.
const (
	Execute  Mode = iota // the whole transaction
	Validate             // only what decides whether the sender may send it
	Call                 // a read-only call of a contract; who asked throws its writes away
)

// The flags of a mode.
const (
	SkipValidate Mode = 1 << (iota + 2) // do not check the sender's signature
	SkipFee                             // charge no fee
	Query                               // hash as a query: a version that no block accepts
	// Exact forbids additions: the attempt reads and writes the cells instead. A scheduler sets it when
	// folding an addition failed, so that the VM decides what an overflow means. Where the sum fits, the
	// attempt comes to the same as without: the same change of the state, receipt and usage. It holds for what
	// the attempt that failed to fold has read: if that changes, the next attempt is without it again.
	Exact
)

// Kind returns m without its flags.
func (m Mode) Kind() Mode { return m & 3 }

// Tx is a transaction as its block holds it.
type Tx struct {
	// ID names the transaction to people and logs: its hash.
	ID   Word
	Mode Mode
	// Body is for the VM to decode. Nobody changes it.
	Body []byte
}

// Block is what is known of a block before its first transaction. Nobody changes it once it is handed out.
type Block struct {
	Number BlockNumber
	// Protocol is the version of the rules, such as "0.14.0".
	Protocol string
	// Header is for the VM to decode: time, prices and what else a contract can ask for.
	Header []byte
	// Start is written before the first transaction: sorted by key, each key once.
	Start []Write
	// Capacity limits each counter of [Usage]. 0, or no entry, means no limit. The VM rejects by itself a
	// transaction that would not fit into an empty block; the host decides where a full block ends.
	Capacity []uint64
	// Trace asks the VM for call trees in its receipts.
	Trace bool
}

// Status is how a transaction ended.
type Status uint8

// The three ends of a transaction.
const (
	Succeeded Status = iota
	Reverted         // part of the block with the effects that its writes say (nonce and fee), nothing else
	Rejected         // not part of the block; no effect at all
)

// String returns the status in lower case.
func (s Status) String() string {
	switch s {
	case Succeeded:
		return "succeeded"
	case Reverted:
		return "reverted"
	case Rejected:
		return "rejected"
	}
	return "unknown"
}

// Usage is what a transaction takes of its block's capacity.
type Usage struct {
	// Counters add up over the transactions of a block; entry i is limited by Capacity[i].
	Counters []uint64
	// Once is charged once in a block, however many of its transactions name it.
	Once []Charge
}

// Charge adds Amount to the counter of that index for the first transaction of the block, in block order,
// that names this Key with it: a changed cell, a visited entry, a class executed.
type Charge struct {
	Counter uint8
	Key     Key
	Amount  uint64
}

// Outcome is what one attempt comes to.
//
// Writes are sorted by key, each key once. Adds name disjoint pairs of cells, none of them among Writes.
// A rejected transaction has no writes, additions or classes.
type Outcome struct {
	Status  Status
	Writes  []Write
	Adds    []Add
	Classes []Class
	Usage   Usage
	// Receipt is for the host to decode. It never contains a value of a cell that Adds changes.
	Receipt []byte
}

// Reset empties o and keeps the memory of its slices for the next attempt, the receipt's too.
func (o *Outcome) Reset() {
	*o = Outcome{
		Writes:  o.Writes[:0],
		Adds:    o.Adds[:0],
		Classes: o.Classes[:0],
		Usage:   Usage{Counters: o.Usage.Counters[:0], Once: o.Usage.Once[:0]},
		Receipt: o.Receipt[:0],
	}
}

// Clone returns a copy that shares no memory with o but the bodies of classes, which nobody changes.
func (o *Outcome) Clone() *Outcome {
	c := *o
	c.Writes = slices.Clone(o.Writes)
	c.Adds = slices.Clone(o.Adds)
	c.Classes = slices.Clone(o.Classes)
	c.Usage = Usage{Counters: slices.Clone(o.Usage.Counters), Once: slices.Clone(o.Usage.Once)}
	c.Receipt = slices.Clone(o.Receipt)
	return &c
}

// Final is the outcome of a transaction that no other can change any more.
type Final struct {
	Tx      TxIndex
	Outcome *Outcome
	// Writes is the exact change of the state by this transaction, sorted by key, each key once: the writes
	// of the outcome and the cells of its additions with the values that they now hold.
	Writes []Write
	// Fault is set if the VM failed on the very state that serial execution would have shown it. The outcome
	// is then Rejected and empty. A sequencer leaves the transaction out; a replay stops.
	Fault error
}

// Clone returns a copy that shares no memory with f but class bodies and the fault.
func (f *Final) Clone() Final {
	c := *f
	c.Outcome = f.Outcome.Clone()
	c.Writes = slices.Clone(f.Writes)
	return c
}

// Diff is what a block changes: writes sorted by key, each key once, and the classes declared in it.
type Diff struct {
	Writes  []Write
	Classes []Class
}
