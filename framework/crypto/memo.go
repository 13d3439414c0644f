package crypto

import (
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// odd spreads words over all bits.
const odd = 0x9e3779b97f4a7c15

// memoSlots is how many hashes a [PedersenMemo] remembers at most: 2 MB of them.
const memoSlots = 1 << 14

// PedersenMemo remembers Pedersen hashes. Addresses of storage variables are such hashes, and the same ones are asked for
// again and again. It forgets one when another falls into its place. It is safe for concurrent use, and its zero value is
// ready.
type PedersenMemo struct {
	slots [memoSlots]atomic.Pointer[memoEntry]
	// inverse has the same entries by their hash.
	inverse [memoSlots]atomic.Pointer[memoEntry]
}

type memoEntry struct{ a, b, hash felt.Felt }

// Hash returns [Pedersen] of a and b.
func (m *PedersenMemo) Hash(a, b felt.Felt) felt.Felt {
	i := (a[0]^a[2]*odd)*odd ^ (b[0]^b[1]*odd)*odd>>7
	slot := &m.slots[i*odd>>(64-14)]
	if e := slot.Load(); e != nil && e.a == a && e.b == b {
		return e.hash
	}
	e := &memoEntry{a, b, Pedersen(a, b)}
	slot.Store(e)
	m.inverse[e.hash[0]*odd>>(64-14)].Store(e)
	return e.hash
}

// Inverse returns what a hash is the hash of, if that is remembered.
func (m *PedersenMemo) Inverse(hash felt.Felt) (a, b felt.Felt, ok bool) {
	e := m.inverse[hash[0]*odd>>(64-14)].Load()
	if e == nil || e.hash != hash {
		return a, b, false
	}
	return e.a, e.b, true
}
