package optimistic

import (
	"context"
	"maps"

	"github.com/switchyard-dev/switchyard/framework"
)

// resolve returns the value of k as transaction i must see it: that of the highest result below it that has the
// key, or of what is final, or of the base. It reports false if the base has to be asked first.
// r.mu must be held.
func (r *run) resolve(k framework.Key, i framework.TxIndex) (framework.Word, bool) {
	if r.bugs.has(seesItself) {
		i++
	}
	for j := i - 1; j >= r.head && !r.bugs.has(readsFinalOnly); j-- {
		if res := r.txs[j].result; res != nil {
			if w, ok := res.cells[k]; ok {
				return w, true
			}
		}
	}
	w, ok := r.state[k]
	return w, ok
}

// load asks the base for those of keys whose value is not known.
func (r *run) load(ctx context.Context, keys []framework.Key) error {
	var missing []framework.Key
	r.mu.Lock()
	for _, k := range keys {
		if _, ok := r.state[k]; !ok {
			missing = append(missing, k)
		}
	}
	r.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	values := make([]framework.Word, len(missing))
	err := r.Base.Read(ctx, missing, values)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fail(err)
		return err
	}
	for i, k := range missing {
		if _, ok := r.state[k]; !ok { // it may have become final meanwhile
			r.state[k] = values[i]
		}
	}
	return nil
}

// loadAdds asks the base for the cells of additions, so that they can be folded.
func (r *run) loadAdds(ctx context.Context, out *framework.Outcome) error {
	keys := make([]framework.Key, 0, 2*len(out.Adds))
	for _, a := range out.Adds {
		keys = append(keys, a.Low, a.High)
	}
	return r.load(ctx, keys)
}

// publish makes res the result of t and compares the reads above it again. r.mu must be held.
func (r *run) publish(t *transaction, res *result) {
	r.fold(t.index, res)
	if r.publisher != nil && !r.bugs.has(publishesLate) {
		r.publisher.Publish(res.version, res.out.Writes, res.out.Adds)
	}
	var old map[framework.Key]framework.Word
	if t.result != nil {
		old = t.result.cells
	}
	t.result = res
	changed := map[framework.Key]bool{}
	if r.bugs.has(missesRemovals) {
		replace(changed, nil, res.cells)
	} else {
		replace(changed, old, res.cells)
	}
	if old != nil && r.bugs.has(keepsOldKeys) {
		maps.Copy(old, res.cells)
		res.cells = old
	}
	r.recheck(t.index, changed)
	r.wake.Broadcast()
}

// replace adds to changed the keys that differ between two sets of cells.
func replace(changed map[framework.Key]bool, before, after map[framework.Key]framework.Word) {
	for k, w := range after {
		if b, ok := before[k]; !ok || b != w {
			changed[k] = true
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			changed[k] = true
		}
	}
}

// fold adds to res, the result of transaction i, the cells of its additions. r.mu must be held.
func (r *run) fold(i framework.TxIndex, res *result) {
	res.overflow = false
	for _, a := range res.out.Adds {
		if r.bugs.has(forgetsAdds) {
			return
		}
		low, _ := r.resolve(a.Low, i)
		high, _ := r.resolve(a.High, i)
		newLow, newHigh, ok := a.Fold(low, high)
		if !ok {
			res.overflow = true
		}
		res.cells[a.Low], res.cells[a.High] = newLow, newHigh
	}
}

// recheck follows changed keys upwards from transaction i: additions are folded again, and attempts that have read
// another value are given up. r.mu must be held.
func (r *run) recheck(i framework.TxIndex, changed map[framework.Key]bool) {
	if r.bugs.has(neverValidates) {
		return
	}
	for _, t := range r.txs[i+1 : min(r.head+r.window, framework.TxIndex(len(r.txs)))] {
		if t.result != nil && !r.bugs.has(neverRefolds) {
			r.refold(t, changed)
		}
		if t.status == pending {
			continue
		}
		r.stats.Validations++
		if k, ok := r.invalid(t, changed); ok {
			r.invalidate(t, framework.Event{Cause: framework.ValueChanged, Key: k, Writer: r.txs[i].result.version})
		} else if t.status == executed {
			r.observe(framework.Event{Kind: framework.Validated, Version: t.view.version})
		}
	}
}

// refold folds the additions of t again if one of their cells has changed. r.mu must be held.
func (r *run) refold(t *transaction, changed map[framework.Key]bool) {
	for _, a := range t.result.out.Adds {
		if changed[a.Low] || changed[a.High] {
			before := maps.Clone(t.result.cells)
			r.fold(t.index, t.result)
			replace(changed, before, t.result.cells)
			return
		}
	}
}

// invalid returns a key that the attempt of t has read with another value than it would now. r.mu must be held.
func (r *run) invalid(t *transaction, changed map[framework.Key]bool) (framework.Key, bool) {
	if r.bugs.has(believesFaults) && t.status == executed && t.result.fault != nil {
		return framework.Key{}, false
	}
	for k := range changed {
		seen, ok := t.view.seen[k]
		if !ok {
			continue
		}
		now, _ := r.resolve(k, t.index)
		if r.bugs.has(comparesHalves) {
			now[2], now[3] = seen[2], seen[3]
		}
		if now != seen {
			return k, true
		}
	}
	return framework.Key{}, false
}

// invalidate gives up the attempt of t, running or ended. r.mu must be held.
func (r *run) invalidate(t *transaction, why framework.Event) {
	if t.status == running {
		r.abort(t, why)
		return
	}
	t.status = pending
	r.stats.Aborts++
	r.aborted(t, why)
	if r.publisher != nil {
		r.publisher.Estimate(t.view.version)
	}
	r.wake.Broadcast()
}

// abort stops t if it is running. r.mu must be held.
func (r *run) abort(t *transaction, why framework.Event) {
	if t.status != running || t.view.aborted.Load() {
		return
	}
	if why.Cause == framework.ValueChanged && r.bugs.has(lateAborts) {
		t.view.late = true
		return
	}
	t.view.aborted.Store(true)
	r.stats.Aborts++
	r.aborted(t, why)
}

func (r *run) aborted(t *transaction, why framework.Event) {
	why.Kind, why.Version = framework.Aborted, t.view.version
	r.observe(why)
}
