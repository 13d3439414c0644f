package vmlink

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// message serves one message. It is called by the goroutine that reads the link, so it does not wait.
func (h *Handler) message(t tag, id uint64, payload []byte) error {
	switch t {
	case tagRun:
		return h.order(id, payload)
	case tagFinish:
		return h.orderFinish(id, payload)
	case tagValues, tagClass, tagRefuse, tagStop, tagProbe:
		h.mu.Lock()
		defer h.mu.Unlock()
		if r := h.runs[id]; r != nil {
			return r.message(t, payload)
		}
		return nil // it has ended; its result may have been held back
	}
	b, err := h.block(id)
	if err != nil {
		return nil // it was closed meanwhile
	}
	d := codec.NewDecoder(payload)
	switch t {
	case tagPublish:
		v, writes, adds := d.Version(), d.Writes(b.writes), d.Adds(b.adds)
		if err := d.End(); err != nil {
			return err
		}
		b.writes, b.adds = writes, adds
		b.publish(v, writes, adds)
	case tagEstimate:
		v := d.Version()
		if err := d.End(); err != nil {
			return err
		}
		b.estimate(v)
	case tagForget:
		tx := framework.TxIndex(d.Int64())
		if err := d.End(); err != nil {
			return err
		}
		b.forget(tx)
	case tagLearn:
		return b.learn(d)
	}
	return nil
}

// order begins a run.
func (h *Handler) order(id uint64, payload []byte) error {
	if h.config.Executes != nil {
		h.first.Do(h.config.Executes)
	}
	r := newRun(h, id)
	if err := r.order.decode(payload); err != nil {
		return err
	}
	return h.begin(r, r.order.block)
}

// orderFinish begins the run of a Finish.
func (h *Handler) orderFinish(id uint64, payload []byte) error {
	d := codec.NewDecoder(payload)
	block := d.Uint64()
	if err := d.End(); err != nil {
		return err
	}
	r := newRun(h, id)
	r.finish = true
	r.order.version.Tx = framework.NoTx
	r.order.flags = orderDirect
	return h.begin(r, block)
}

// begin has a run executed. One of a block that is not open any more comes to ErrClosed.
func (h *Handler) begin(r *run, block uint64) error {
	h.mu.Lock()
	if _, ok := h.runs[r.id]; ok {
		h.mu.Unlock()
		return errors.New("the number is in use")
	}
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	if r.b = h.blocks[block]; r.b != nil && h.proposals && !r.finish {
		r.b.state.Supersede(r.order.version)
	}
	h.runs[r.id] = r
	h.pool.submit(r)
	h.mu.Unlock()
	return nil
}

// forget ends a run: nothing more comes for it.
func (h *Handler) forget(r *run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.runs, r.id)
}

// recoverFault is deferred around what the VM does: its panic becomes a fault that names it.
func (h *Handler) recoverFault(n framework.BlockNumber, v framework.Version, err *error) {
	if p := recover(); p != nil {
		*err = &framework.Fault{
			Plugin: h.config.Plugin, Block: n, Version: v, Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
		}
	}
}
