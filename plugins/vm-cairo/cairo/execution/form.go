package execution

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// words are those that a call has: who sends the transaction, which contract is called, and the calldata. A transaction
// itself is a call of no contract.
type words struct {
	sender, to felt.Felt
	calldata   []felt.Felt
}

// origin says where a word comes from: it is one of those that a call has, or always the same.
type origin struct {
	kind  uint8
	index uint16    // of calldata
	word  felt.Felt // that is always the same
}

// The kinds of origins.
const (
	always uint8 = iota
	ofSender
	ofCallee
	ofCalldata
)

const (
	// small words, such as the two halves of a number, are equal by chance too often: they count as always the same.
	small = 256
	// maxKeys is how many keys a mapping has at most, and maxOffset how far behind its place the last cell of a value is.
	maxKeys   = 3
	maxOffset = 4
)

// trace returns where a word of a call comes from.
func (g *words) trace(w felt.Felt) origin {
	if w.IsUint64() && w[0] < small {
		return origin{word: w}
	}
	if w == g.sender {
		return origin{kind: ofSender}
	}
	if w == g.to {
		return origin{kind: ofCallee}
	}
	for i := range g.calldata {
		if g.calldata[i] == w {
			return origin{kind: ofCalldata, index: uint16(i)} //nolint:gosec // calldata is shorter, see callsOf
		}
	}
	return origin{word: w}
}

// find returns the word that comes from there, and whether the call has it.
func (g *words) find(o *origin) (felt.Felt, bool) {
	switch o.kind {
	case ofSender:
		return g.sender, true
	case ofCallee:
		return g.to, true
	case ofCalldata:
		if int(o.index) >= len(g.calldata) {
			return felt.Felt{}, false
		}
		return g.calldata[o.index], true
	}
	return o.word, true
}

// form says how a cell follows from a call: its slot is that of a variable, or a number of cells behind, and the variable
// is a word or, under keys, a hash of hashes.
type form struct {
	space           uint8
	keys, offset    uint8
	owner, variable origin
	key             [maxKeys]origin
}

// trace returns the form that a cell has for a call. Hashes are told from other words by being remembered.
func (f *form) trace(g *words, k framework.Key, memo *crypto.PedersenMemo) {
	*f = form{space: k.Space, owner: g.trace(felt.Felt(k.Owner))}
	if k.Space != starknet.SpaceStorage {
		return
	}
	slot := felt.Felt(k.Slot)
	for offset := range uint64(maxOffset) {
		back := felt.FromUint64(offset)
		back.Sub(&slot, &back)
		if a, b, ok := memo.Inverse(back); ok {
			f.offset = uint8(offset)
			f.unfold(g, a, b, memo)
			return
		}
	}
	f.variable = g.trace(slot)
}

// unfold traces the keys of a mapping whose place is the hash of a and b.
func (f *form) unfold(g *words, a, b felt.Felt, memo *crypto.PedersenMemo) {
	var keys [maxKeys]felt.Felt
	for ok := true; ok && f.keys < maxKeys; {
		keys[f.keys] = b
		f.keys++
		variable := a
		if a, b, ok = memo.Inverse(variable); !ok {
			a = variable
		}
	}
	f.variable = g.trace(a)
	for i := range f.keys { // the last key is the outermost
		f.key[i] = g.trace(keys[f.keys-1-i])
	}
}

// find returns the cell that has the form for a call, and whether there is one.
func (f *form) find(g *words, memo *crypto.PedersenMemo) (framework.Key, bool) {
	owner, ok := g.find(&f.owner)
	slot, ok2 := g.find(&f.variable)
	for i := range f.keys {
		key, has := g.find(&f.key[i])
		if ok2 = ok2 && has; ok2 {
			slot = memo.Hash(slot, key)
		}
	}
	if f.keys > 0 {
		slot = starknet.ReduceAddress(slot)
	}
	off := felt.FromUint64(uint64(f.offset))
	slot.Add(&slot, &off)
	return framework.Key{Space: f.space, Owner: framework.Word(owner), Slot: framework.Word(slot)}, ok && ok2
}

// rule returns a number that tells the form from others.
func (f *form) rule() uint64 {
	const odd = 0x9e3779b97f4a7c15
	n := uint64(f.space)<<16 | uint64(f.keys)<<8 | uint64(f.offset)
	for _, o := range []*origin{&f.owner, &f.variable, &f.key[0], &f.key[1], &f.key[2]} {
		n = (n ^ uint64(o.kind)<<32 ^ uint64(o.index) ^ o.word[0] ^ o.word[2]) * odd
	}
	return n | firstCallRule
}
