package crypto

import (
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// memoSlots is how many hashes a [PedersenMemo] remembers at most: 1.5 MB of them.
const memoSlots = 1 << 14

// PedersenMemo remembers Pedersen hashes. Addresses of storage variables are such hashes, and the same ones are asked for
// again and again. It forgets one when another falls into its place. It is safe for concurrent use, and its zero value is
// ready.
type PedersenMemo struct {
	slots [memoSlots]atomic.Pointer[memoEntry]
}

type memoEntry struct{ a, b, hash felt.Felt }

// Hash returns [Pedersen] of a and b.
func (m *PedersenMemo) Hash(a, b felt.Felt) felt.Felt {
	const odd = 0x9e3779b97f4a7c15 // spreads words over all bits
	i := (a[0]^a[2]*odd)*odd ^ (b[0]^b[1]*odd)*odd>>7
	slot := &m.slots[i*odd>>(64-14)]
	if e := slot.Load(); e != nil && e.a == a && e.b == b {
		return e.hash
	}
	e := &memoEntry{a, b, Pedersen(a, b)}
	slot.Store(e)
	return e.hash
}
