package crypto

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

const (
	// chunkPoseidon is how many permutations run side by side; their states stay in the first cache.
	chunkPoseidon = 128
	// fewPoseidon is where running them side by side begins to pay.
	fewPoseidon = 8
)

// PoseidonBatch sets dst[i] to the Poseidon hash of both felts of pairs[i]. dst must be as long as
// pairs. It allocates nothing but a scratch of fixed size, which is kept for the next batch.
func (h *Hasher) PoseidonBatch(dst []felt.Felt, pairs [][2]felt.Felt) {
	if len(dst) != len(pairs) {
		panic("crypto: PoseidonBatch of slices of different length")
	}
	if h.path != Vector || len(pairs) < fewPoseidon {
		for i := range pairs {
			dst[i] = Poseidon(pairs[i][0], pairs[i][1])
		}
		return
	}
	s := poseidonScratch.Get().(*states)
	defer poseidonScratch.Put(s)
	for len(pairs) > 0 {
		n := min(len(pairs), chunkPoseidon)
		s.resize(n)
		for i := range n {
			s.s[0][i], s.s[1][i] = fp.Element(pairs[i][0]), fp.Element(pairs[i][1])
			s.s[2][i] = fp.NewElement(2)
		}
		s.s[0].ScalarMul(s.s[0], &r2)
		s.s[1].ScalarMul(s.s[1], &r2)
		s.permute()
		s.s[0].ScalarMul(s.s[0], &plainOne)
		for i := range n {
			dst[i] = felt.Felt(s.s[0][i])
		}
		dst, pairs = dst[n:], pairs[n:]
	}
}

// PoseidonPermuteBatch applies the permutation of Poseidon to each of the states.
func (h *Hasher) PoseidonPermuteBatch(all [][3]felt.Felt) {
	if h.path != Vector || len(all) < fewPoseidon {
		for i := range all {
			PoseidonPermute(&all[i])
		}
		return
	}
	s := poseidonScratch.Get().(*states)
	defer poseidonScratch.Put(s)
	for len(all) > 0 {
		n := min(len(all), chunkPoseidon)
		s.resize(n)
		for j := range s.s {
			for i := range n {
				s.s[j][i] = fp.Element(all[i][j])
			}
			s.s[j].ScalarMul(s.s[j], &r2)
		}
		s.permute()
		for j := range s.s {
			s.s[j].ScalarMul(s.s[j], &plainOne)
			for i := range n {
				all[i][j] = felt.Felt(s.s[j][i])
			}
		}
		all = all[n:]
	}
}

// states are the states of many permutations, in Montgomery form, felt by felt.
type states struct {
	s       [3]fp.Vector
	t, w, k fp.Vector
	memory  [6][chunkPoseidon]fp.Element
}

var poseidonScratch = sync.Pool{New: func() any { return new(states) }}

// resize gives s room for n states. The rest of the last group of lanes is computed with.
func (s *states) resize(n int) {
	n = pad(n)
	for j := range s.s {
		s.s[j] = s.memory[j][:n]
	}
	s.t, s.w, s.k = s.memory[3][:n], s.memory[4][:n], s.memory[5][:n]
}

// permute is the function permute on all states.
func (s *states) permute() {
	c := constants()
	for r := range fullRounds / 2 {
		s.fullRound(&c.full[r])
	}
	s.partialRounds(c)
	for r := fullRounds / 2; r < fullRounds; r++ {
		s.fullRound(&c.full[r])
	}
}

func (s *states) fullRound(k *[3]fp.Element) {
	for j := range s.s {
		s.cube(&s.s[j], &k[j])
	}
	a, b, c := &s.s[0], &s.s[1], &s.s[2]
	s.t.Add(*a, *b)
	s.t.Add(s.t, *c)
	a.Add(*a, *a)
	a.Add(*a, s.t)
	b.Add(*b, *b)
	b.Sub(s.t, *b)
	s.w.Add(*c, *c)
	c.Add(*c, s.w)
	c.Sub(s.t, *c)
}

// partialRounds is partialPermute on all states.
func (s *states) partialRounds(c *poseidonConstants) {
	a, e, y := &s.s[0], &s.t, &s.s[2]
	s.w.Add(s.s[0], s.s[1])
	for r := range c.partial {
		s.cube(y, &c.partial[r])
		e.Add(*a, *a)
		e.Add(*e, *y)
		a.Add(*e, s.w)
		y.Add(*y, *y)
		y.Sub(s.w, *y)
		s.w.Add(*e, *e)
	}
	s.s[1].Sub(s.w, *a)
}

// cube sets x to (x+k)^3.
func (s *states) cube(x *fp.Vector, k *fp.Element) {
	for i := range s.k {
		s.k[i] = *k
	}
	x.Add(*x, s.k)
	s.k.Mul(*x, *x)
	x.Mul(*x, s.k)
}
