package replica

// table finds cells by their hashes. A map does too, but a read of this one touches one cache line, and growing it looks
// at no key: a block of many transactions would spend more time growing than publishing.
type table struct {
	// Cells stand where the hash points, or after it, with no empty one before. At most half are in use; their number is a
	// power of two, or 0.
	cells []cell
	len   int
}

// find returns the cell with a hash, nil if there is none. It is valid until the next get or rebuild.
func (t *table) find(h hash) *cell {
	if t.len == 0 {
		return nil
	}
	if c := t.at(h); c.hash == h {
		return c
	}
	return nil
}

// at returns the cell with a hash, or the empty one where it belongs.
func (t *table) at(h hash) *cell {
	last := uint64(len(t.cells) - 1)
	for i := h[0] & last; ; i = (i + 1) & last {
		if c := &t.cells[i]; c.hash == h || c.hash[1] == 0 {
			return c
		}
	}
}

// look returns something of where the cell with a hash belongs.
func (t *table) look(h hash) uint64 {
	if n := len(t.cells); n > 0 {
		return t.cells[h[0]&uint64(n-1)].hash[1]
	}
	return 0
}

// get returns the cell with a hash, a new one if there is none. It is valid until the next get or rebuild.
func (t *table) get(h hash) *cell {
	if 2*t.len >= len(t.cells) {
		t.rebuild(max(slabSize, 2*len(t.cells)), 0, func(*cell) bool { return true })
	}
	c := t.at(h)
	if c.hash != h {
		c.hash = h
		t.len++
	}
	return c
}

// rebuild moves the cells for which keep reports true to a table of that many, and drops the others. It begins where a hash
// points.
func (t *table) rebuild(size int, begin uint64, keep func(c *cell) bool) {
	old := t.cells
	t.cells, t.len = make([]cell, size), 0
	for i := range old {
		c := &old[(begin+uint64(i))&uint64(len(old)-1)] //nolint:gosec // not negative
		if c.hash[1] != 0 && keep(c) {
			*t.at(c.hash) = *c
			t.len++
		}
	}
}

// empty drops all cells.
func (t *table) empty() {
	clear(t.cells)
	t.len = 0
}
