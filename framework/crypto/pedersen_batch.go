package crypto

import "github.com/switchyard-dev/switchyard/framework/felt"

const (
	// chunkPedersen is how many hashes are done at a time: enough to share an inversion, and few
	// enough for their points to stay in the second cache.
	chunkPedersen = 64
	// fewPedersen is where a batch begins to be faster than single hashes.
	fewPedersen = 4
)

// PedersenBatch sets dst[i] to the Pedersen hash of both felts of pairs[i]. dst must be as long as
// pairs. It allocates nothing but a scratch of fixed size, which is kept for the next batch.
func (h *Hasher) PedersenBatch(dst []felt.Felt, pairs [][2]felt.Felt) {
	if len(dst) != len(pairs) {
		panic("crypto: PedersenBatch of slices of different length")
	}
	if len(pairs) < fewPedersen {
		for i := range pairs {
			dst[i] = h.Pedersen(pairs[i][0], pairs[i][1])
		}
		return
	}
	s := h.free.Get().(*adder)
	defer h.free.Put(s)
	for len(pairs) > 0 {
		n := min(len(pairs), chunkPedersen)
		h.table.hashChunk(s, dst[:n], pairs[:n])
		dst, pairs = dst[n:], pairs[n:]
	}
}

// hashChunk hashes up to chunkPedersen pairs. The points of all rows of the table are added in
// halves, so that a handful of inversions serves the whole chunk: with n pairs, point i*n+j is that
// of row i for pair j, and adding the last rows to the first is one call of the adder.
func (t *pedersenTable) hashChunk(s *adder, dst []felt.Felt, pairs [][2]felt.Felt) {
	n := len(pairs)
	for i := range 2 * t.digits {
		t.gather(s, i, pairs)
	}
	for rows := 2 * t.digits; rows > 1; {
		half := rows / 2
		if !s.add(half*n, (rows-half)*n) {
			for j := range pairs {
				dst[j] = t.hashAnyway(&pairs[j][0], &pairs[j][1])
			}
			return
		}
		rows -= half
	}
	for j := range dst {
		dst[j] = leave(&s.x[j])
	}
}

// gather puts the points of row i for all pairs in their place.
func (t *pedersenTable) gather(s *adder, i int, pairs [][2]felt.Felt) {
	row, side, at := t.rows[i], 0, i
	if i >= t.digits {
		side, at = 1, i-t.digits
	}
	x, y := s.x[i*len(pairs):][:len(pairs)], s.y[i*len(pairs):][:len(pairs)]
	bit, width := uint(at*t.window), uint(t.window)
	for j := range pairs {
		p := &row[digit(&pairs[j][side], bit, width)]
		x[j], y[j] = p.x, p.y
	}
}
