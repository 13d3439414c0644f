package synthetic

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// own returns what the attempt itself has written to a cell.
func (m *machine) own(k *framework.Key) (framework.Word, bool) {
	if len(m.out.Writes) == 0 {
		return framework.Word{}, false
	}
	i, found := m.find(k)
	if !found {
		return framework.Word{}, false
	}
	return m.out.Writes[i].Value, true
}

// find returns where in the sorted writes a key is, or belongs. (slices.BinarySearchFunc would move k to the heap.)
func (m *machine) find(k *framework.Key) (int, bool) {
	w := m.out.Writes
	low, high := 0, len(w)
	for low < high {
		mid := (low + high) / 2
		switch c := w[mid].Key.Compare(*k); {
		case c == 0:
			return mid, true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return low, false
}

// put writes a cell.
func (m *machine) put(k *framework.Key, value *framework.Word) error {
	if m.added(k) {
		return errExact
	}
	*m.place(k) = *value
	return nil
}

// place returns where to write a cell. The writes are kept sorted: most programs write few cells, many of them
// in order.
func (m *machine) place(k *framework.Key) *framework.Word {
	w := m.out.Writes
	n := len(w)
	if n > 0 && !before(&w[n-1].Key, k) {
		i, found := m.find(k)
		if !found {
			m.out.Writes = slices.Insert(w, i, framework.Write{Key: *k})
		}
		return &m.out.Writes[i].Value
	}
	m.out.Writes = extend(w)
	m.out.Writes[n].Key = *k
	return &m.out.Writes[n].Value
}

// before reports whether a sorts before b. (Key.Compare gets copies of both.)
func before(a, b *framework.Key) bool {
	if a.Space != b.Space {
		return a.Space < b.Space
	}
	for i := 3; i >= 0; i-- {
		if a.Owner[i] != b.Owner[i] {
			return a.Owner[i] < b.Owner[i]
		}
	}
	for i := 3; i >= 0; i-- {
		if a.Slot[i] != b.Slot[i] {
			return a.Slot[i] < b.Slot[i]
		}
	}
	return false
}

// extend returns s with one more element, which may hold anything. What append takes is built on the stack and
// copied: for a [framework.Write] or a [framework.Charge] filling it in place is twice as fast.
func extend[E any](s []E) []E {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero E
	return append(s, zero)
}

// added reports whether the attempt has added to a cell without reading it.
func (m *machine) added(k *framework.Key) bool { return len(m.out.Adds) > 0 && m.addedTo(k) }

func (m *machine) addedTo(k *framework.Key) bool {
	for i := range m.out.Adds {
		if m.out.Adds[i].Low == *k || m.out.Adds[i].High == *k {
			return true
		}
	}
	return false
}

// logged returns where in the log a cell was read, or -1.
func (m *machine) logged(k *framework.Key) int {
	for i := range m.vals {
		if m.log.keys[i] == *k {
			return i
		}
	}
	return -1
}

// ask reads the keys of the log from number first on, which have just been appended to it.
func (m *machine) ask(ctx context.Context, first int) error {
	n := len(m.log.keys)
	m.logSpent(n)
	m.vals = slices.Grow(m.vals, n-len(m.vals))
	if k := m.replayed(first, n); k > 0 {
		copy(m.vals[first:first+k], m.old[first:])
		first += k
	}
	if first < n {
		if err := m.view.Read(ctx, m.log.keys[first:n], m.vals[first:n]); err != nil {
			return err
		}
	}
	m.vals = m.vals[:n]
	return nil
}

// get returns what a cell holds for this transaction, its own writes included, and mixes it into the digest.
// It asks the view only once for each cell.
func (m *machine) get(ctx context.Context, k *framework.Key) (framework.Word, error) {
	v, err := m.peek(ctx, k)
	m.digest.word(&v)
	return v, err
}

// peek is get without the digest.
func (m *machine) peek(ctx context.Context, k *framework.Key) (framework.Word, error) {
	if m.added(k) {
		return framework.Word{}, errExact
	}
	if v, ok := m.own(k); ok {
		return v, nil
	}
	if i := m.logged(k); i >= 0 {
		return m.vals[i], nil
	}
	m.log.keys = append(m.log.keys, *k)
	if err := m.ask(ctx, len(m.log.keys)-1); err != nil {
		return framework.Word{}, err
	}
	return m.vals[len(m.vals)-1], nil
}

// known reports whether get would not ask the view.
func (m *machine) known(k *framework.Key) bool {
	if m.added(k) || m.logged(k) >= 0 {
		return true
	}
	_, ok := m.own(k)
	return ok
}

// pair is get for two cells, which are asked for at once if possible.
func (m *machine) pair(ctx context.Context, a, b *framework.Key) (x, y framework.Word, err error) {
	if !m.known(a) && !m.known(b) && *a != *b {
		m.log.keys = append(m.log.keys, *a, *b)
		if err := m.ask(ctx, len(m.log.keys)-2); err != nil {
			return x, y, err
		}
		x, y = m.vals[len(m.vals)-2], m.vals[len(m.vals)-1]
		m.digest.word(&x)
		m.digest.word(&y)
		return x, y, nil
	}
	if x, err = m.get(ctx, a); err == nil {
		y, err = m.get(ctx, b)
	}
	return x, y, err
}
