package core

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// randomKeys is the number of cells of random programs.
const randomKeys = 4

// randomProgram returns a program whose keys and result depend on what it reads.
func randomProgram(rnd *rand.Rand) program {
	reads, salt := rnd.IntN(4), rnd.Uint64N(100)
	mix := func(seen []uint64) uint64 {
		n := salt
		for _, x := range seen {
			n = n*31 + x
		}
		return n
	}
	kind, writes := rnd.IntN(6), 1+rnd.IntN(2)
	p := program{
		key: func(seen []uint64) (Key, bool) {
			return Key(mix(seen) % randomKeys), len(seen) < reads
		},
		end: func(seen []uint64, exact bool) Result {
			var r Result
			n := mix(seen)
			switch {
			case kind == 0:
			case kind == 1 && !exact:
				r.Adds = []Add{{Key(n % randomKeys), Key((n + 1) % randomKeys), word(n)}}
			default:
				for i := range writes {
					r.Writes = append(r.Writes, Write{Key((int(n%randomKeys) + i) % randomKeys), word(n % 7)}) //nolint:gosec // small
				}
			}
			return r
		},
	}
	for range rnd.IntN(3) {
		p.hints = append(p.hints, Hint{
			Key: Key(rnd.IntN(randomKeys)), Access: framework.Access(rnd.IntN(3)), Rule: new(Rule), //nolint:gosec // small
		})
	}
	return p
}

// TestWalk takes random ways through blocks of a dozen random transactions, with two to five slots, and checks the
// invariants after each event.
func TestWalk(t *testing.T) {
	walks := uint64(300)
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		walks = 30_000
	}
	for name, p := range policies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range walks {
				if err := walk(p, seed); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

func walk(p Policy, seed uint64) error {
	rnd := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // makes blocks
	programs := make([]program, 1+rnd.IntN(12))
	for i := range programs {
		programs[i] = randomProgram(rnd)
	}
	w := newWorld(p, 2+rnd.IntN(4), map[Key]uint64{0: 1, 1: 2}, programs...)
	if rnd.IntN(3) == 0 {
		w.endAt = framework.TxIndex(rnd.IntN(len(programs) + 1))
	}
	w.cancel = rnd.IntN(10) == 0
	w.core.trustRewrites(p.Rewrites && rnd.IntN(2) == 0)
	const most = 5000
	w.core.alone = alone{on: rnd.IntN(4) == 0, spell: 1 + rnd.IntN(4)}
	for n := range most {
		events := w.events()
		if len(events) == 0 {
			return nil
		}
		e := events[rnd.IntN(len(events))]
		if rare := e.kind == endBlock || e.kind == cancelAll; rare && len(events) > 1 && rnd.IntN(20) > 0 {
			continue
		}
		if err := try(w, e); err != nil {
			return fmt.Errorf("event %d: %w", n, err)
		}
	}
	return fmt.Errorf("no end after %d events", most)
}
