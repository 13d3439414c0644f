package crypto

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/felt/lanes"
)

const (
	// chunkPoseidon is how many permutations run side by side; their states stay in the first cache.
	chunkPoseidon = 64
	// fewPoseidon is where running them side by side begins to pay.
	fewPoseidon = 2
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
	two := felt.FromUint64(2)
	s := poseidonScratch.Get().(*states)
	defer poseidonScratch.Put(s)
	for len(pairs) > 0 {
		n := min(len(pairs), chunkPoseidon)
		s.resize(n)
		for i := range n {
			s.put(i, &pairs[i][0], &pairs[i][1], &two)
		}
		s.permute()
		s.leave(0)
		for i := range n {
			dst[i] = s.number(0, i)
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
		for i := range n {
			s.put(i, &all[i][0], &all[i][1], &all[i][2])
		}
		s.permute()
		for j := range 3 {
			s.leave(j)
			for i := range n {
				all[i][j] = s.number(j, i)
			}
		}
		all = all[n:]
	}
}

// PoseidonManyBatch sets dst[i] to what PoseidonMany returns for seqs[i]; dst must be as long as
// seqs. Sequences of different length are no hindrance: where one ends, the next begins.
func (h *Hasher) PoseidonManyBatch(dst []felt.Felt, seqs [][]felt.Felt) {
	if len(dst) != len(seqs) {
		panic("crypto: PoseidonManyBatch of slices of different length")
	}
	var s [chunkPoseidon][3]felt.Felt
	var seq, at [chunkPoseidon]int // which sequence a state is for, and what of it is absorbed
	n, next := 0, 0
	for {
		for ; n < chunkPoseidon && next < len(seqs); n, next = n+1, next+1 {
			s[n], seq[n], at[n] = [3]felt.Felt{}, next, 0
		}
		if n == 0 {
			return
		}
		for i := range n {
			absorbPair(&s[i], seqs[seq[i]][at[i]:])
			at[i] += 2
		}
		h.PoseidonPermuteBatch(s[:n])
		for i := n - 1; i >= 0; i-- {
			if at[i] > len(seqs[seq[i]]) {
				dst[seq[i]] = s[i][0]
				n--
				s[i], seq[i], at[i] = s[n], seq[n], at[n]
			}
		}
	}
}

// absorbPair adds the next two felts of xs to s, with the 1 that follows the last.
func absorbPair(s *[3]felt.Felt, xs []felt.Felt) {
	switch len(xs) {
	case 0:
		s[0].Add(&s[0], &felt.One)
	case 1:
		s[0].Add(&s[0], &xs[0])
		s[1].Add(&s[1], &felt.One)
	default:
		s[0].Add(&s[0], &xs[0])
		s[1].Add(&s[1], &xs[1])
	}
}

// laneRounds are the constants of Poseidon for lanes. What a round adds first is added by the linear
// part of the round before; only the first full round, and the first after the partial ones, have
// theirs added apart.
type laneRounds struct {
	first, second [3]lanes.Limbs
	full          [fullRounds][3]lanes.Limbs
	partial       [partialRounds]lanes.Limbs
}

var laneRoundConstants = sync.OnceValue(func() *laneRounds {
	c, k := constants(), new(laneRounds)
	var zero lanes.Limbs
	for r := range k.full {
		for j := range 3 {
			k.full[r][j] = lanes.Biased(&zero)
			if next := r + 1; next != fullRounds/2 && next != fullRounds {
				v := enterLanes(&c.full[next][j])
				k.full[r][j] = lanes.Biased(&v)
			}
		}
	}
	for j := range 3 {
		k.first[j], k.second[j] = enterLanes(&c.full[0][j]), enterLanes(&c.full[fullRounds/2][j])
	}
	before := &k.full[fullRounds/2-1][2]
	for r := range c.partial {
		v := enterLanes(&c.partial[r])
		*before = lanes.Biased(&v)
		before = &k.partial[r]
	}
	*before = lanes.Biased(&zero)
	return k
})

// states are the states of many permutations, felt by felt.
type states struct {
	s      [3][]lanes.Block
	w, t   []lanes.Block
	memory [5][chunkPoseidon / lanes.Width]lanes.Block
}

var poseidonScratch = sync.Pool{New: func() any { return new(states) }}

// resize gives s room for n states. What is in the rest of the last block is permuted with them.
func (s *states) resize(n int) {
	n = blocks(n)
	for j := range s.s {
		s.s[j] = s.memory[j][:n]
	}
	s.w, s.t = s.memory[3][:n], s.memory[4][:n]
	for j := range s.s {
		s.s[j][n-1] = lanes.Block{}
	}
}

// put sets state i to canonical felts.
func (s *states) put(i int, x ...*felt.Felt) {
	for j := range s.s {
		l := lanes.Split((*[4]uint64)(x[j]), 0)
		s.s[j][i/lanes.Width].Put(i, &l)
	}
}

// leave makes felt j of all states canonical, up to multiples of P, for number.
func (s *states) leave(j int) { lanes.Mul(s.s[j], s.s[j], laneFactors().leave[:]) }

func (s *states) number(j, i int) felt.Felt { return s.s[j][i/lanes.Width].Number(i) }

// permute is the function permute on all states, from canonical felts on.
func (s *states) permute() {
	k := laneRoundConstants()
	for j := range s.s {
		lanes.Mul(s.s[j], s.s[j], laneFactors().enter[:])
		lanes.AddConstant(s.s[j], &k.first[j])
	}
	for r := range fullRounds / 2 {
		s.fullRound(&k.full[r])
	}
	s.partialRounds(k)
	for j := range s.s {
		lanes.AddConstant(s.s[j], &k.second[j])
	}
	for r := fullRounds / 2; r < fullRounds; r++ {
		s.fullRound(&k.full[r])
	}
}

func (s *states) fullRound(k *[3]lanes.Limbs) {
	for j := range s.s {
		s.cube(s.s[j])
	}
	lanes.Mix(s.s[0], s.s[1], s.s[2], k)
}

// partialRounds is partialPermute on all states.
func (s *states) partialRounds(k *laneRounds) {
	a, b := s.s[0], s.s[1]
	for n := range a {
		for i := range a[n] {
			for j := range a[n][i] {
				s.w[n][i][j] = a[n][i][j] + b[n][i][j]
			}
		}
	}
	for r := range k.partial {
		s.cube(s.s[2])
		lanes.Partial(a, s.w, s.s[2], &k.partial[r])
	}
	lanes.Sub(b, s.w, a)
}

func (s *states) cube(x []lanes.Block) {
	lanes.Mul(s.t, x, x)
	lanes.Mul(x, x, s.t)
}
