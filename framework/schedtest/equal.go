package schedtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var equalTests = append([]test{
	{"independent", func(s *suite, t conform.T) { s.equal(t, play{scene: independent(50)}) }},
	{"counter", func(s *suite, t conform.T) { s.equal(t, play{scene: counter(50)}) }},
	{"chain", func(s *suite, t conform.T) { s.equal(t, play{scene: chain(50)}) }},
	{"two accounts", func(s *suite, t conform.T) { s.equal(t, play{scene: bank(2, 50)}) }},
	{"many accounts", func(s *suite, t conform.T) { s.equal(t, play{scene: bank(20, 80)}) }},
	{"keys that depend on values", func(s *suite, t conform.T) { s.equal(t, play{scene: pointers(60)}) }},
	{"reverted and rejected", func(s *suite, t conform.T) { s.equal(t, play{scene: failures(60)}) }},
	{"nothing read or written", func(s *suite, t conform.T) { s.equal(t, play{scene: repeat(30, func(*attempt) {})}) }},
	{"written by all and read by none", func(s *suite, t conform.T) {
		s.equal(t, play{scene: repeat(30, func(a *attempt) { a.put(key(1), word(uint64(a.Tx))) })})
	}},
	{"reader below its writer", often(equalReaderBelow)},
	{"value written twice", often(equalSameValue)},
	{"start of the block", equalStart},
}, workloadTests()...)

// repeat returns a block of n transactions that run one program.
func repeat(n int, p program) *scene {
	programs := make([]program, n)
	for i := range programs {
		programs[i] = p
	}
	return newScene(programs...)
}

func independent(n int) *scene { return repeat(n, func(a *attempt) { a.bump(key(int(a.Tx))) }) }

func counter(n int) *scene { return repeat(n, func(a *attempt) { a.bump(key(0)) }) }

// chain returns a block in which each transaction reads what the one below it writes.
func chain(n int) *scene {
	return repeat(n, func(a *attempt) {
		w := a.get(key(int(a.Tx)))
		w[0] = w[0]*3 + 1
		a.put(key(int(a.Tx)+1), w)
	})
}

// bank returns a block of transfers between random accounts, some of which are not covered.
func bank(accounts, n int) *scene {
	b := repeat(n, func(a *attempt) {
		rnd := rand.New(rand.NewPCG(a.tx.ID[0], 1))
		from, to := key(rnd.IntN(accounts)), key(rnd.IntN(accounts))
		amount := rnd.Uint64N(40)
		w := a.gets(from, to)
		switch {
		case w[0][0] < amount:
			a.revert()
		case from != to:
			a.put(from, word(w[0][0]-amount))
			a.put(to, word(w[1][0]+amount))
		}
	})
	for i := range accounts {
		b.with(set(i, word(100)))
	}
	return b
}

// pointers returns a block in which what a transaction reads and writes depends on what it has read.
func pointers(n int) *scene {
	return repeat(n, func(a *attempt) {
		k := key(0)
		for range 3 {
			k = key(int(a.get(k)[0]*7+uint64(a.Tx)) % 5)
		}
		w := a.get(k)
		a.put(k, word(w[0]+uint64(a.Tx)+1))
	})
}

// failures returns a block in which how a transaction ends depends on what it has read.
func failures(n int) *scene {
	return repeat(n, func(a *attempt) {
		nonce, w := a.get(key(0)), a.get(key(1))
		a.put(key(1), word(w[0]+uint64(a.Tx)))
		switch (nonce[0] + w[0]) % 4 {
		case 1:
			a.revert()
		case 2:
			a.reject()
			return
		}
		a.put(key(0), word(nonce[0]+1))
	})
}

// equalReaderBelow: a transaction does not see what those above it write, however early they do.
func equalReaderBelow(s *suite, t conform.T) {
	s.equal(t, play{scene: newScene(
		func(a *attempt) { a.await("written"); a.bump(key(0)) },
		func(a *attempt) { a.put(key(0), word(100)); a.reach("written") },
		func(a *attempt) { a.bump(key(0)) },
	)})
}

// equalSameValue: a value that is written once more does not change the result.
func equalSameValue(s *suite, t conform.T) {
	s.equal(t, play{scene: newScene(
		func(a *attempt) { a.await("read"); a.put(key(0), word(5)) },
		func(a *attempt) { a.bump(key(0)); a.reach("read") },
		func(a *attempt) { a.put(key(0), word(5)) },
		func(a *attempt) { a.bump(key(0)) },
	).with(set(0, word(5)))})
}

// equalStart: Block.Start is there before the first transaction, also where it empties a cell.
func equalStart(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.gets(key(0), key(1), key(2), key(3)) },
		func(a *attempt) { a.bump(key(1)); a.bump(key(3)) },
	).with(set(0, word(10)), set(2, word(20)), set(3, word(30)))
	b.block.Start = []framework.Write{set(1, word(1)), set(2, word(0)), set(3, word(3))}
	s.equal(t, play{scene: b})
	if d := fmt.Sprint(b.block.Start); d != fmt.Sprint([]framework.Write{set(1, word(1)), set(2, word(0)), set(3, word(3))}) {
		t.Errorf("Block.Start was changed to %s", d)
	}
}
