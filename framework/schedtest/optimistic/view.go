package optimistic

import (
	"context"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// view is the state as one attempt sees it.
type view struct {
	run     *run
	version framework.Version
	aborted atomic.Bool // the attempt is invalid; it stays set

	// All that follows is guarded by run.mu.
	seen  map[framework.Key]framework.Word // every key read, with the value that was seen
	order []framework.Key                  // the keys of seen in the order of their first read
	open  bool                             // the attempt has not ended
	late  bool                             // used by the bug lateAborts only
}

var _ framework.View = (*view)(nil)

func newView(r *run, v framework.Version) *view {
	return &view{run: r, version: v, seen: map[framework.Key]framework.Word{}, open: true}
}

// Read implements [framework.View].
func (v *view) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if v.Aborted() {
		return framework.ErrAborted
	}
	if err := v.run.load(ctx, keys); err != nil {
		return err
	}
	v.run.mu.Lock()
	defer v.run.mu.Unlock()
	if !v.open || v.Aborted() {
		return framework.ErrAborted
	}
	for i, k := range keys {
		w, ok := v.seen[k]
		if !ok || v.run.bugs.has(readsAgain) {
			w, _ = v.run.resolve(k, v.version.Tx)
			v.note(k, w)
		}
		out[i] = w
	}
	return nil
}

// note writes a read down. run.mu must be held.
func (v *view) note(k framework.Key, w framework.Word) {
	if _, ok := v.seen[k]; !ok {
		v.order = append(v.order, k)
	}
	v.seen[k] = w
}

// forget takes back what was noted: the attempt begins from the start.
func (v *view) forget() {
	v.run.mu.Lock()
	defer v.run.mu.Unlock()
	clear(v.seen)
	v.order = nil
}

// keepPrefix gives the new view of t the reads of the last attempt that still hold, and returns the number of the
// read to resume from: the first that does not, or else the last. 0 means to begin from the start.
// r.mu must be held.
func (r *run) keepPrefix(t *transaction, last *view) int {
	if last == nil || r.rewinder == nil || t.exact {
		return 0
	}
	for i, k := range last.order {
		w, _ := r.resolve(k, t.index)
		if w != last.seen[k] && !r.bugs.has(resumesAnywhere) {
			return i
		}
		t.view.note(k, last.seen[k])
	}
	return max(len(last.order)-1, 0)
}

// Class implements [framework.View].
func (v *view) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if v.Aborted() {
		return nil, framework.ErrAborted
	}
	if c := v.run.class(hash, v.version.Tx); c != nil {
		return c, nil
	}
	return v.run.baseClass(ctx, hash)
}

// Aborted implements [framework.View].
func (v *view) Aborted() bool { return v.aborted.Load() }

// class returns the class that a transaction below i declares, or nil.
func (r *run) class(hash framework.Word, i framework.TxIndex) *framework.Class {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bugs.has(declaresEarly) {
		i = framework.TxIndex(len(r.txs))
	}
	for j := i - 1; j >= r.head; j-- {
		res := r.txs[j].result
		if res == nil {
			continue
		}
		for k := range res.out.Classes {
			if c := res.out.Classes[k]; c.Hash == hash {
				return &c
			}
		}
	}
	return r.classes[hash]
}
