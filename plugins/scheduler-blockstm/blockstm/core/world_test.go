package core

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// program is what a transaction of a test does: it reads keys one after the other, each of which may depend on what
// it saw before, and then ends with a result.
type program struct {
	// key returns the next key to read; false: no more.
	key func(seen []uint64) (Key, bool)
	end func(seen []uint64, exact bool) Result
	// loops says that the attempt goes on until it is told to stop: it has seen what cannot be. It may be nil.
	loops func(seen []uint64) bool
	// hints are what is predicted of it, right or wrong.
	hints []Hint
}

// reading returns a program that reads fixed keys.
func reading(end func(seen []uint64, exact bool) Result, keys ...Key) program {
	return program{end: end, key: func(seen []uint64) (Key, bool) {
		if len(seen) < len(keys) {
			return keys[len(seen)], true
		}
		return 0, false
	}}
}

func word(n uint64) framework.Word { return framework.Word{n} }

func put(k Key, n uint64) Result { return Result{Writes: []Write{{k, word(n)}}} }

// attempt is an attempt under way.
type attempt struct {
	version framework.Version
	exact   bool
	seen    []uint64
	loading bool // it waits for the base
	parked  bool
	told    bool // to stop
	over    bool // it has stopped, and has only to say so
	resumed bool // it has just begun, in the middle
}

// world drives a machine one event at a time. Everything that can happen next is an event; which does is for
// somebody else to choose.
type world struct {
	core     *Core
	programs []program
	base     map[Key]uint64

	added    int
	closed   bool
	attempts []*attempt // by transaction; nil if none is under way
	results  []Result   // of the last attempt that ended
	finals   []map[Key]uint64

	onRun func(framework.Version) // told of attempts that begin; may be nil

	endAt  framework.TxIndex // offered as an event, once; -1: not
	cancel bool              // likewise
	ended  framework.TxIndex // math.MaxInt if not
	gone   bool              // cancelled
}

func newWorld(p Policy, slots int, base map[Key]uint64, programs ...program) *world {
	return &world{
		core: New(p, slots), programs: programs, base: base, endAt: -1, ended: math.MaxInt,
		attempts: make([]*attempt, len(programs)), results: make([]Result, len(programs)),
	}
}

// eventKind is something that can happen.
type eventKind uint8

const (
	addOne  eventKind = iota // the feed hands out a transaction, or ends
	useSlot                  // a slot is free: Next
	step                     // the attempt reads once more, or ends
	notice                   // the attempt ends because it was told to
	restart                  // the attempt cannot go on from the middle, and begins from the start
	commit                   // the lowest transaction becomes final, if it can
	endBlock
	cancelAll
)

type event struct {
	kind eventKind
	tx   framework.TxIndex
}

// events returns what can happen.
func (w *world) events() []event {
	var all []event
	if !w.closed {
		all = append(all, event{kind: addOne})
	}
	if w.core.running < w.core.slots && w.core.Ready() {
		all = append(all, event{kind: useSlot})
	}
	for i, a := range w.attempts {
		if a == nil || a.parked {
			continue
		}
		if p := w.programs[i]; !a.over && (p.loops == nil || !p.loops(a.seen)) {
			all = append(all, event{step, framework.TxIndex(i)})
		}
		if a.resumed {
			all = append(all, event{restart, framework.TxIndex(i)})
		}
		if a.told || a.over {
			all = append(all, event{notice, framework.TxIndex(i)})
		}
	}
	if w.core.Final() {
		all = append(all, event{kind: commit})
	}
	if w.endAt >= 0 {
		all = append(all, event{kind: endBlock})
	}
	if w.cancel {
		all = append(all, event{kind: cancelAll})
	}
	return all
}

// do makes an event happen.
func (w *world) do(e event) {
	switch e.kind {
	case addOne:
		if w.added == len(w.programs) {
			w.closed = true
			w.core.Close()
			break
		}
		w.core.Add(w.programs[w.added].hints)
		w.added++
	case useSlot:
		w.next()
	case step:
		w.step(w.attempts[e.tx])
	case notice:
		w.finish(w.attempts[e.tx], Result{})
	case restart:
		a := w.attempts[e.tx]
		w.core.Restart(a.version)
		a.seen, a.resumed = nil, false
	case commit:
		w.commit()
	case endBlock:
		w.core.End(w.endAt)
		w.ended, w.endAt = w.endAt, -1
	case cancelAll:
		w.core.Cancel()
		w.cancel, w.gone = false, true
	}
	for _, a := range w.core.Take() {
		if a.Kind == Stop {
			w.attempts[a.Version.Tx].told = true
		}
	}
}

func (w *world) next() {
	switch a := w.core.Next(); a.Kind {
	case Run:
		t := &attempt{version: a.Version, exact: a.Exact}
		if a.From > 0 {
			t.seen, t.resumed = w.replay(a), true
		}
		w.attempts[a.Version.Tx] = t
		if w.onRun != nil {
			w.onRun(a.Version)
		}
	case Resume:
		w.attempts[a.Version.Tx].parked = false
	}
}

// told returns how many different cells an attempt has seen.
func (w *world) told(a *attempt) int {
	keys := map[Key]bool{}
	for n := range a.seen {
		k, _ := w.programs[a.version.Tx].key(a.seen[:n])
		keys[k] = true
	}
	return len(keys)
}

// replay returns what a resumed attempt has seen.
func (w *world) replay(a Action) (seen []uint64) {
	reads := w.core.at(a.Version.Tx).reads
	for {
		k, more := w.programs[a.Version.Tx].key(seen)
		i := slices.IndexFunc(reads, func(r read) bool { return r.key == k })
		if !more || i < 0 {
			return seen
		}
		seen = append(seen, reads[i].word[0])
	}
}

func (w *world) step(a *attempt) {
	p := w.programs[a.version.Tx]
	a.resumed = false
	k, more := p.key(a.seen)
	if !more {
		w.finish(a, p.end(a.seen, a.exact))
		return
	}
	if a.loading {
		w.core.Base(k, word(w.base[k]))
		a.loading = false
		return
	}
	switch r := w.core.Read(a.version, k); r.Kind {
	case Found:
		a.seen = append(a.seen, r.Word[0])
		w.core.Answered(a.version)
	case Unknown:
		a.loading = true
	case Wait:
		a.parked = true
	case Ended:
		a.over = true
	}
}

func (w *world) finish(a *attempt, r Result) {
	for _, add := range r.Adds {
		w.core.Base(add.Low, word(w.base[add.Low]))
		w.core.Base(add.High, word(w.base[add.High]))
	}
	w.attempts[a.version.Tx] = nil
	if w.core.Finish(a.version, r) {
		w.results[a.version.Tx] = r
	}
}

func (w *world) commit() {
	v, folded, ok := w.core.Commit(nil)
	if !ok {
		return
	}
	final := map[Key]uint64{}
	for _, x := range append(folded, w.results[v.Tx].Writes...) {
		final[x.Key] = x.Value[0]
	}
	w.finals = append(w.finals, final)
}

// serial returns what the programs come to one after the other.
func (w *world) serial() []map[Key]uint64 {
	state := map[Key]framework.Word{}
	for k, n := range w.base {
		state[k] = word(n)
	}
	var finals []map[Key]uint64
	for _, p := range w.programs {
		final, ok := alonely(state, p, false)
		if !ok {
			final, _ = alonely(state, p, true)
		}
		small := map[Key]uint64{}
		for k, x := range final {
			state[k] = x
			small[k] = x[0]
		}
		finals = append(finals, small)
	}
	return finals
}

// alonely runs a program on a state. It reports false if an addition does not fit.
func alonely(state map[Key]framework.Word, p program, exact bool) (map[Key]framework.Word, bool) {
	var seen []uint64
	for k, more := p.key(seen); more; k, more = p.key(seen) {
		seen = append(seen, state[k][0])
	}
	r := p.end(seen, exact)
	final := map[Key]framework.Word{}
	for _, x := range r.Writes {
		final[x.Key] = x.Value
	}
	for _, a := range r.Adds {
		low, high, ok := (&framework.Add{Amount: a.Amount}).Fold(state[a.Low], state[a.High])
		if !ok {
			return nil, false
		}
		final[a.Low], final[a.High] = low, high
	}
	return final, true
}

// check says what does not hold, of the machine and of what became final.
func (w *world) check() error {
	want := w.serial()
	for i, f := range w.finals {
		if fmt.Sprint(f) != fmt.Sprint(want[i]) {
			return fmt.Errorf("final %d is %v, want %v", i, f, want[i])
		}
		if framework.TxIndex(i) >= w.ended && w.core.end < w.core.head {
			break
		}
	}
	if err := w.core.invariants(); err != nil {
		return err
	}
	for i, a := range w.attempts {
		if a == nil {
			continue
		}
		if told, n := w.told(a), w.core.at(framework.TxIndex(i)).answered; told != n {
			return fmt.Errorf("attempt %v was told %d cells, not %d", a.version, told, n)
		}
	}
	if w.core.Over() && slices.ContainsFunc(w.attempts, func(a *attempt) bool { return a != nil }) {
		return errors.New("the block is over, and an attempt is under way")
	}
	if len(w.events()) > 0 {
		return nil
	}
	switch n := framework.TxIndex(len(w.finals)); {
	case !w.core.Over():
		return errors.New("nothing can happen, and the block is not over")
	case !w.gone && n < min(w.ended, framework.TxIndex(len(w.programs))):
		return fmt.Errorf("the block is over after %d finals", n)
	}
	return nil
}

// clone returns a world that goes its own way.
func (w *world) clone() *world {
	c := *w
	c.core = w.core.clone()
	c.attempts = make([]*attempt, len(w.attempts))
	for i, a := range w.attempts {
		if a != nil {
			b := *a
			b.seen = slices.Clone(a.seen)
			c.attempts[i] = &b
		}
	}
	c.results = slices.Clone(w.results)
	c.finals = slices.Clone(w.finals)
	return &c
}

// state returns what decides how a world goes on.
func (w *world) state() string {
	s := fmt.Sprint(w.added, w.closed, w.endAt, w.cancel, w.ended, w.gone, len(w.finals))
	for i, a := range w.attempts {
		if a != nil {
			s += fmt.Sprint(i, *a)
		}
	}
	return s + w.core.state()
}
