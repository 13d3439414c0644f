package blockstm

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// keys numbers the keys of a block in the order in which they are first seen. It is safe for concurrent use; a key
// that is there already is found without a lock.
type keys struct {
	seed  maphash.Seed
	table atomic.Pointer[keyTable]
	mu    sync.Mutex // held to add a key
	n     int        // keys in the table. guarded by mu
}

// keyTable is a hash table with open addressing, at most half full. What is in it stays; a fuller one takes its place.
type keyTable struct {
	slots []atomic.Uint32 // number of a key plus one, 0 if free; stored after the key
	keys  []framework.Key // by number
}

const firstSlots = 1 << 10

func newKeys() *keys {
	k := &keys{seed: maphash.MakeSeed()}
	k.table.Store(newKeyTable(firstSlots))
	return k
}

func newKeyTable(slots int) *keyTable {
	return &keyTable{slots: make([]atomic.Uint32, slots), keys: make([]framework.Key, slots/2)}
}

// number returns the number of a key.
func (k *keys) number(key *framework.Key) core.Key {
	h := maphash.Comparable(k.seed, *key)
	if n, _ := k.table.Load().find(h, key); n != 0 {
		return core.Key(n - 1)
	}
	return k.add(h, key)
}

// find returns the number of a key plus one, or 0 and the slot where it belongs.
func (t *keyTable) find(h uint64, key *framework.Key) (n uint32, slot uint64) {
	mask := uint64(len(t.slots) - 1)
	for slot = h & mask; ; slot = (slot + 1) & mask {
		n = t.slots[slot].Load()
		if n == 0 || t.keys[n-1] == *key {
			return n, slot
		}
	}
}

func (k *keys) add(h uint64, key *framework.Key) core.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.table.Load()
	n, slot := t.find(h, key)
	if n != 0 {
		return core.Key(n - 1)
	}
	if k.n == len(t.keys) {
		t = k.grow(t)
		_, slot = t.find(h, key)
	}
	t.keys[k.n] = *key
	k.n++
	t.slots[slot].Store(uint32(k.n)) //nolint:gosec // a block has fewer keys
	return core.Key(k.n - 1)         //nolint:gosec // likewise
}

// grow replaces the table by one of twice the size. k.mu must be held.
func (k *keys) grow(t *keyTable) *keyTable {
	bigger := newKeyTable(2 * len(t.slots))
	copy(bigger.keys, t.keys)
	for i := range t.keys {
		_, slot := bigger.find(maphash.Comparable(k.seed, t.keys[i]), &t.keys[i])
		bigger.slots[slot].Store(uint32(i + 1)) //nolint:gosec // a block has fewer keys
	}
	k.table.Store(bigger)
	return bigger
}

// key returns the key of a number.
func (k *keys) key(n core.Key) framework.Key { return k.table.Load().keys[n] }
