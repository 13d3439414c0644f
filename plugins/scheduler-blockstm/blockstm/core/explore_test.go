package core

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// increment reads a cell and writes one more.
func increment(k Key) program {
	return reading(func(seen []uint64, _ bool) Result { return put(k, seen[0]+1) }, k)
}

// copyTo reads a cell and writes it to another.
func copyTo(from, to Key) program {
	return reading(func(seen []uint64, _ bool) Result { return put(to, seen[0]+10) }, from)
}

// writes writes without reading.
func writes(k Key, n uint64) program {
	return reading(func([]uint64, bool) Result { return put(k, n) })
}

// either writes one cell or another, as the first one says.
func either(k, one, other Key) program {
	return reading(func(seen []uint64, _ bool) Result {
		if seen[0] == 0 {
			return put(one, 7)
		}
		return put(other, 8)
	}, k)
}

// follow reads the cell that another one names, and writes the sum into the first.
func follow(k Key) program {
	return program{
		key: func(seen []uint64) (Key, bool) {
			switch len(seen) {
			case 0:
				return k, true
			case 1:
				return Key(seen[0] % 3), seen[0]%3 != uint64(k)
			}
			return 0, false
		},
		end: func(seen []uint64, _ bool) Result {
			n := uint64(1)
			for _, x := range seen {
				n += x
			}
			return put(k, n)
		},
	}
}

// looks reads cells, and writes what it saw into cell 3.
func looks(keys ...Key) program {
	return reading(func(seen []uint64, _ bool) Result {
		n := uint64(0)
		for _, x := range seen {
			n = n*100 + x
		}
		return put(3, n)
	}, keys...)
}

// adds adds to the cells 0 and 1, or to others.
func adds(low, high Key, amount framework.Word) program {
	return reading(func(_ []uint64, exact bool) Result {
		if exact {
			return put(low, 99) // what the VM makes of an overflow
		}
		return Result{Adds: []Add{{low, high, amount}}}
	})
}

// pair writes two cells, or loops if they differ.
func pair(hints ...Hint) program {
	p := reading(func(seen []uint64, _ bool) Result {
		n := word(seen[0] + 1)
		return Result{Writes: []Write{{0, n}, {1, n}}}
	}, 0, 1)
	p.loops = func(seen []uint64) bool { return len(seen) == 2 && seen[0] != seen[1] }
	return hinted(p, hints...)
}

// unless reads a second cell if the first one is zero.
func unless(first, second Key) program {
	p := looks(first)
	p.key = func(seen []uint64) (Key, bool) {
		switch {
		case len(seen) == 0:
			return first, true
		case len(seen) == 1 && seen[0] == 0:
			return second, true
		}
		return 0, false
	}
	return p
}

// hinted adds predictions to a program.
func hinted(p program, hints ...Hint) program {
	p.hints = hints
	return p
}

func willWrite(k Key) Hint { return Hint{Key: k, Access: framework.AccessWrite} }
func willRead(k Key) Hint  { return Hint{Key: k} }

// scenario is a block of three or four transactions on few cells.
type scenario struct {
	name     string
	base     map[Key]uint64
	programs []program
}

func scenarios() []scenario {
	huge := framework.Word{0, 0, math.MaxUint64, math.MaxUint64}
	return []scenario{
		{"counter", nil, []program{increment(0), increment(0), increment(0)}},
		{"chain", nil, []program{increment(0), copyTo(0, 1), looks(1, 0)}},
		{"crossed", nil, []program{copyTo(1, 0), copyTo(0, 1), looks(0, 1)}},
		{"either", nil, []program{writes(0, 1), either(0, 1, 2), looks(1, 2)}},
		{"either twice", nil, []program{increment(0), either(0, 1, 2), either(1, 0, 2)}},
		{"same value", map[Key]uint64{0: 5}, []program{writes(0, 5), increment(0), increment(0)}},
		{"pointer", map[Key]uint64{0: 1}, []program{writes(0, 2), increment(1), follow(0)}},
		{"four", nil, []program{writes(0, 1), copyTo(0, 1), copyTo(1, 2), looks(2)}},
		{"additions", nil, []program{adds(0, 1, word(3)), writes(0, 5), adds(0, 1, word(4)), looks(0, 1)}},
		{"crosswise", nil, []program{adds(0, 1, word(3)), adds(1, 0, word(4)), looks(0, 1)}},
		{"overflow", nil, []program{adds(0, 1, huge), adds(0, 1, huge), looks(0, 1)}},
		{"carry", nil, []program{
			reading(func([]uint64, bool) Result {
				return Result{Writes: []Write{{0, framework.Word{math.MaxUint64, math.MaxUint64}}}}
			}),
			adds(0, 1, word(1)), looks(1),
		}},
		{"emptied", map[Key]uint64{1: 5}, []program{
			increment(0), reading(func([]uint64, bool) Result { return put(1, 0) }, 0), looks(1),
		}},
		{"again", nil, []program{writes(0, 1), writes(1, 1), looks(0, 1, 0, 1)}},
		{"another mind", nil, []program{writes(0, 1), hinted(writes(1, 1), willWrite(1)), unless(0, 1)}},
		{"loops", nil, []program{pair(), pair(), pair(), increment(2)}},
		{"loops with hints", nil, []program{
			pair(willWrite(0)), pair(willRead(1)), pair(willWrite(0), willWrite(1)),
		}},
		{"hints", nil, []program{
			hinted(increment(0), willWrite(0)), hinted(copyTo(0, 1), willRead(0), willWrite(1)),
			hinted(looks(1), willRead(1)),
		}},
		{"wrong hints", nil, []program{
			hinted(writes(0, 1), willWrite(2), willRead(0)), hinted(either(0, 1, 2), willWrite(1), willWrite(0)),
			hinted(looks(2, 1), willRead(0), willWrite(1)),
		}},
	}
}

// policies returns every way in which abilities can be combined that differs in more than speed of the same steps.
func policies() map[string]Policy {
	return map[string]Policy{
		"paper":        {Estimates: true},
		"push":         {Push: true, Estimates: true, Suspend: true, Stop: true},
		"full":         {Push: true, Estimates: true, Suspend: true, Stop: true, Rewind: true, Hints: true},
		"no estimates": {Push: true, Suspend: true, Rewind: true, Hints: true},
		"no suspend":   {Push: true, Estimates: true, Stop: true, Rewind: true, Hints: true, Attempts: 2},
		"alone":        {Push: true, Estimates: true, Suspend: true, Stop: true, Rewind: true, Hints: true},
		"rewrites":     {Push: true, Estimates: true, Suspend: true, Stop: true, Rewind: true, Rewrites: true},
		"tight":        {Push: true, Estimates: true, Suspend: true, Hints: true, Parked: 1, Window: 2},
	}
}

// TestExplore tries every order of events in small blocks with two or three slots, and checks the machine's invariants after
// each, and that the block ends with what serial execution gives: also if it is ended anywhere, or cancelled, with two slots.
// A normal run takes random samples; SWITCHYARD_LONG=1 visits every state.
func TestExplore(t *testing.T) {
	limit := 120
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		limit = math.MaxInt
	}
	for name, p := range policies() {
		for _, s := range scenarios() {
			for slots := 2; slots <= 3; slots++ {
				t.Run(fmt.Sprintf("%s/%s/slots=%d", name, s.name, slots), func(t *testing.T) {
					t.Parallel()
					w := newWorld(p, slots, s.base, s.programs...)
					w.core.trustRewrites(name == "rewrites")
					if name == "alone" { // for the first transaction, so that others get into the way afterwards
						w.core.alone = alone{on: true, spell: 1}
					}
					explore(t, w, limit)
				})
			}
			for n := range len(s.programs) + 1 {
				t.Run(fmt.Sprintf("%s/%s/end=%d", name, s.name, n), func(t *testing.T) {
					t.Parallel()
					w := newWorld(p, 2, s.base, s.programs...)
					w.endAt = framework.TxIndex(n)
					w.cancel = n == 0
					w.core.alone.on = name == "alone" // until the end
					w.core.alone.spell = longSpell
					w.core.trustRewrites(name == "rewrites")
					explore(t, w, limit)
				})
			}
		}
	}
}

// trustRewrites has it that whoever read a cell so far has written it.
func (c *Core) trustRewrites(yes bool) {
	for k := range Key(testKeys) {
		if yes {
			c.memory.at(k).rewrites = 1
		}
	}
}

// explore visits the states that can be reached from w, up to a number.
func explore(t *testing.T, w *world, limit int) {
	t.Helper()
	seed := maphash.MakeSeed()
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // chooses what to try
	seen := map[uint64]bool{}
	type node struct {
		world *world
		path  *path
	}
	todo := []node{{w, nil}}
	for len(todo) > 0 && len(seen) < limit {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		events := n.world.events()
		rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, e := range events {
			next := n.world.clone()
			p := &path{n.path, e}
			if err := try(next, e); err != nil {
				t.Fatalf("%v\nafter %v", err, p)
			}
			if h := maphash.String(seed, next.state()); !seen[h] {
				seen[h] = true
				todo = append(todo, node{next, p})
			}
		}
	}
	t.Logf("%d states", len(seen))
}

// try makes an event happen and checks what follows. A panic is an error, so that the way there is told.
func try(w *world, e event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	w.do(e)
	return w.check()
}

// path is how a state was reached.
type path struct {
	before *path
	event  event
}

func (p *path) String() string {
	if p == nil {
		return ""
	}
	names := []string{"add", "slot", "step", "notice", "restart", "commit", "end", "cancel"}
	return fmt.Sprintf("%v %s %d,", p.before, names[p.event.kind], p.event.tx)
}
