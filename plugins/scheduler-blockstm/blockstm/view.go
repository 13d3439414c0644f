package blockstm

import (
	"context"
	"errors"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

var _ framework.View = (*hand)(nil)

// Read implements [framework.View].
func (h *hand) Read(ctx context.Context, keys []framework.Key, out []framework.Word) (err error) {
	if h.aborted.Load() {
		return framework.ErrAborted
	}
	h.numbers = h.numbers[:0]
	for i := range keys {
		h.numbers = append(h.numbers, h.keys.number(&keys[i]))
	}
	h.enter()
	defer func() { err = h.leave(recover(), err) }()
	for i := 0; i < len(keys); {
		if h.broken {
			return framework.ErrAborted
		}
		a := h.core.Read(h.version, h.numbers[i])
		h.perform()
		switch a.Kind {
		case core.Found:
			out[i] = a.Word
			if !a.Again {
				h.observe(framework.Event{Kind: framework.Read, Version: h.version, Worker: h.slot, Key: keys[i], Writer: a.Writer})
			}
			i++
		case core.Unknown:
			missing := func(k core.Key) bool { return h.core.Missing(h.version.Tx, k) }
			if err := h.load(ctx, missing); err != nil {
				h.fail(err)
				return err
			}
		case core.Wait:
			h.park(keys[i], a.Writer)
		case core.Ended:
			h.aborted.Store(true)
			h.settle()
			return framework.ErrAborted
		}
	}
	h.core.Answered(h.version)
	return nil
}

// load asks the base for those of h.numbers of which missing says so. h.mu must be held; it is released meanwhile.
func (h *hand) load(ctx context.Context, missing func(core.Key) bool) error {
	h.missing = h.missing[:0]
	for _, k := range h.numbers {
		if missing(k) {
			h.missing = append(h.missing, h.keys.key(k))
		}
	}
	if len(h.missing) == 0 {
		return nil
	}
	h.loaded = append(h.loaded[:0], make([]framework.Word, len(h.missing))...)
	var err error
	h.outside(func() { err = h.Base.Read(ctx, h.missing, h.loaded) })
	if err != nil || h.broken {
		return err
	}
	for i := range h.missing {
		h.core.Base(h.keys.number(&h.missing[i]), h.loaded[i])
	}
	return nil
}

// parkCost is about what it costs to begin an attempt, park it and go on with it in another goroutine.
const parkCost = 10 * time.Microsecond

// park passes the slot on and waits for one. h.mu must be held; it is released meanwhile.
func (h *hand) park(k framework.Key, writer framework.Version) {
	h.observe(framework.Event{Kind: framework.Parked, Version: h.version, Worker: h.slot, Key: k, Writer: writer})
	if h.parks++; h.parks == 1 && !h.crowded {
		h.eager.note(time.Since(h.began) > parkCost)
		h.core.Lazy(!h.eager.is())
	}
	h.idle = append(h.idle, h.slot)
	h.settle()
	h.slot = h.await().slot
	if h.broken {
		return
	}
	h.observe(framework.Event{Kind: framework.Unparked, Version: h.version, Worker: h.slot})
}

// Class implements [framework.View].
func (h *hand) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if h.aborted.Load() {
		return nil, framework.ErrAborted
	}
	h.mu.Lock()
	c := h.classes.below(hash, h.version.Tx)
	h.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := h.Base.Class(ctx, hash)
	if err != nil && !errors.Is(err, framework.ErrNoClass) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.fail(err)
	}
	return c, err
}

// Aborted implements [framework.View].
func (h *hand) Aborted() bool { return h.aborted.Load() }
