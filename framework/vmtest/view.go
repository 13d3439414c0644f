package vmtest

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// state is a whole state. It is not changed once a view reads from it.
type state struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
}

func (s *state) clone() *state {
	return &state{cells: maps.Clone(s.cells), classes: maps.Clone(s.classes)}
}

func (s *state) apply(writes []framework.Write, classes []framework.Class) {
	for _, w := range writes {
		if w.Value == (framework.Word{}) {
			delete(s.cells, w.Key)
			continue
		}
		s.cells[w.Key] = w.Value
	}
	for _, c := range classes {
		s.classes[c.Hash] = &c
	}
}

// fold returns the writes of o with its additions made, sorted, and whether every addition fitted.
func (s *state) fold(o *framework.Outcome) ([]framework.Write, bool) {
	writes := append([]framework.Write(nil), o.Writes...)
	for _, a := range o.Adds {
		low, high, ok := a.Fold(s.cells[a.Low], s.cells[a.High])
		if !ok {
			return nil, false
		}
		writes = append(writes, framework.Write{Key: a.Low, Value: low}, framework.Write{Key: a.High, Value: high})
	}
	framework.SortWrites(writes)
	return writes, true
}

// read is one entry of a read log.
type read struct {
	key   framework.Key
	value framework.Word
}

// view answers an attempt from a state, keeps the log of its reads, and notes what the VM does wrong.
type view struct {
	st *state
	// alter, if set, changes what a read sees.
	alter alter
	// hook, if set, is asked before the view answers its call number n, from 0; its error is the answer.
	hook func(n int) error
	// stop, if set, is what Aborted returns at its call number n, from 0.
	stop func(n int) bool
	// declared, if set, is the key to be read before a class.
	declared func(framework.Word) framework.Key

	busy  atomic.Bool  // a Read or Class is running
	over  atomic.Bool  // the call that the view was made for has returned
	cut   atomic.Bool  // the suite gave up waiting
	asked atomic.Int64 // calls of Aborted

	mu       sync.Mutex
	calls    int                              // guarded by mu, like all below
	failed   bool                             // a call was answered with an error
	after    int                              // calls after the first such answer
	refused  int                              // new keys in the Read that was answered with an error first
	log      []read                           // by first occurrence of the key
	seen     map[framework.Key]framework.Word // of log
	early    []framework.Word                 // classes asked before their key
	breaches []string                         // use from two goroutines, after the end, with wrong lengths
}

func (r *rig) view(st *state) *view {
	return &view{st: st, declared: r.Declared, seen: make(map[framework.Key]framework.Word)}
}

// knows makes v take the reads as made before: those of the attempt that is resumed.
func (v *view) knows(reads []read) *view {
	for _, rd := range reads {
		v.note(rd.key, rd.value)
	}
	return v
}

func (v *view) note(k framework.Key, w framework.Word) {
	if _, ok := v.seen[k]; !ok {
		v.seen[k] = w
		v.log = append(v.log, read{k, w})
	}
}

// unknown counts the keys that were not read before.
func (v *view) unknown(keys []framework.Key) int {
	n := 0
	for _, k := range keys {
		if _, ok := v.seen[k]; !ok {
			n++
		}
	}
	return n
}

// value returns what the view shows at k.
func (v *view) value(k framework.Key) framework.Word {
	if w, ok := v.seen[k]; ok {
		return w
	}
	w := v.st.cells[k]
	if v.alter != nil {
		w = v.alter(k, w)
	}
	return w
}

// Read implements [framework.View].
func (v *view) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if !v.busy.CompareAndSwap(false, true) {
		v.breach("used by two goroutines at once")
	} else {
		defer v.busy.Store(false)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(keys) != len(out) {
		v.breaches = append(v.breaches, fmt.Sprintf("Read of %d keys into %d words", len(keys), len(out)))
		return fmt.Errorf("vmtest: Read of %d keys into %d words", len(keys), len(out))
	}
	if err := v.admit(ctx, "Read"); err != nil {
		if v.after == 0 {
			v.refused = v.unknown(keys)
		}
		return err
	}
	for i, k := range keys {
		out[i] = v.value(k)
		v.note(k, out[i])
	}
	return nil
}

// Class implements [framework.View].
func (v *view) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if !v.busy.CompareAndSwap(false, true) {
		v.breach("used by two goroutines at once")
	} else {
		defer v.busy.Store(false)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.admit(ctx, "Class"); err != nil {
		return nil, err
	}
	if v.declared != nil {
		if _, ok := v.seen[v.declared(hash)]; !ok {
			v.early = append(v.early, hash)
		}
	}
	if c := v.st.classes[hash]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("vmtest: class %x: %w", hash, framework.ErrNoClass)
}

// Aborted implements [framework.View].
func (v *view) Aborted() bool {
	n := v.asked.Add(1) - 1
	return v.cut.Load() || v.stop != nil && v.stop(int(n))
}

// admit counts a call and returns the error to answer it with. v.mu must be held.
func (v *view) admit(ctx context.Context, call string) error {
	n := v.calls
	v.calls++
	if v.over.Load() {
		v.breaches = append(v.breaches, call+" after the call that it was made for had returned")
	}
	if v.failed {
		v.after++
	}
	err := v.answer(ctx, n)
	v.failed = v.failed || err != nil
	return err
}

func (v *view) answer(ctx context.Context, n int) error {
	if v.cut.Load() {
		return framework.ErrAborted
	}
	if v.hook != nil {
		if err := v.hook(n); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (v *view) breach(what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.breaches = append(v.breaches, what)
}

// noted returns the breaches.
func (v *view) noted() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.breaches
}
