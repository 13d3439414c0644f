package execution

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// habits are what transactions of accounts have in common, learnt from those that are over: slots that most senders have
// touched in their own storage, such as that of their key, and declarations that most have read. It is safe for concurrent
// use, and its zero value knows nothing.
type habits struct {
	mu sync.RWMutex
	// seen counts transactions, slots and classes those that touched one. Guarded by mu.
	seen    int
	slots   map[felt.Felt]int
	classes map[felt.Felt]int
}

const (
	// maxHabits is how many slots and how many classes are counted at most.
	maxHabits = 256
	// halfLife is after how many transactions the counts are halved, so that what is no longer so is forgotten.
	halfLife = 4096
)

// learn counts what a transaction of a sender has touched.
func (h *habits) learn(sender felt.Felt, keys []framework.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots == nil {
		h.slots, h.classes = map[felt.Felt]int{}, map[felt.Felt]int{}
	}
	if h.seen++; h.seen >= halfLife {
		h.seen /= 2
		halve(h.slots)
		halve(h.classes)
	}
	for _, k := range keys {
		switch {
		case k.Space == starknet.SpaceStorage && felt.Felt(k.Owner) == sender:
			count(h.slots, felt.Felt(k.Slot))
		case k.Space == starknet.SpaceDeclared:
			count(h.classes, felt.Felt(k.Owner))
		}
	}
}

// count counts x, if there is room for it.
func count(m map[felt.Felt]int, x felt.Felt) {
	if _, ok := m[x]; ok || len(m) < maxHabits {
		m[x]++
	}
}

// halve halves all counts, and drops those that come to 0.
func halve(m map[felt.Felt]int) {
	for x, n := range m {
		if m[x] = n / 2; n < 2 {
			delete(m, x)
		}
	}
}

// guess calls f for every cell that a transaction of the sender will probably read.
func (h *habits) guess(sender felt.Felt, f func(k framework.Key, rule uint64)) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for slot, n := range h.slots {
		if 2*n > h.seen {
			f(starknet.StorageKey(sender, slot), firstCallRule+slot[0])
		}
	}
	for class, n := range h.classes {
		if 2*n > h.seen {
			f(starknet.DeclaredKey(class), ruleCode)
		}
	}
}
