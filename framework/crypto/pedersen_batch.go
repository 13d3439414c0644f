package crypto

import "github.com/switchyard-dev/switchyard/framework/felt"

const (
	// chunkPedersen is how many hashes are done at a time: enough to share an inversion, and few
	// enough for their points to stay in the second cache.
	chunkPedersen = 64
	// fewPedersen is where a batch begins to be faster than single hashes.
	fewPedersen = 3
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
	s := h.free.Get().(pointAdder) //nolint:errcheck // the pool holds nothing else
	defer h.free.Put(s)
	for len(pairs) > 0 {
		n := min(len(pairs), chunkPedersen)
		h.table.hashChunk(s, dst[:n], pairs[:n])
		dst, pairs = dst[n:], pairs[n:]
	}
}

// hashChunk hashes up to chunkPedersen pairs. The rows of the table are added in halves, so that a
// handful of inversions serves the whole chunk.
func (t *pedersenTable) hashChunk(s pointAdder, dst []felt.Felt, pairs [][2]felt.Felt) {
	rows := 2 * t.digits
	for i := range rows {
		s.load(t, i, pairs)
	}
	for rows > 1 {
		half := rows / 2
		if !s.add(half, rows-half) {
			for j := range pairs {
				dst[j] = t.hashAnyway(&pairs[j][0], &pairs[j][1])
			}
			return
		}
		rows -= half
	}
	s.store(dst)
}
