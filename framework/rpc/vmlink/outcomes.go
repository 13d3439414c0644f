package vmlink

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// FeatureOutcomes is the feature of a link's hello that says that a side knows the call outcomes: the VM keeps what the last
// run of each transaction came to, so that Finish need not be told.
const FeatureOutcomes = "outcomes"

// What an entry of outcomes holds after the number of the run.
const (
	writesSame  = iota // nothing: the final has the writes of the outcome
	writesOther        // [Write]
)

var seed = maphash.MakeSeed()

// named is what the scheduler's side remembers of what an attempt came to.
type named struct {
	run uint32 // its number at the VM
	sum uint64 // of the outcome, encoded
}

// note remembers which run an outcome is of. d is at its start.
func (e *executor) note(a *attempt, d *codec.Decoder) {
	sum := maphash.Bytes(seed, d.Rest())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.s == a.s && a.s.conn.Has(FeatureOutcomes) {
		e.names[a.order.version.Tx] = named{a.last, sum}
	}
}

// errUnnamed says that outcomes cannot be named, and have to be sent.
var errUnnamed = errors.New("vmlink: outcomes that the VM does not have")

// nameFinals tells the VM what Finish is about by the numbers of runs, or returns errUnnamed.
func (e *executor) nameFinals(ctx context.Context, a *attempt, final []framework.Final) error {
	b := le.AppendUint32(le.AppendUint64(nil, a.order.block), uint32(len(final))) //nolint:gosec // bounded by the block
	var encoded []byte
	for i := range final {
		f := &final[i]
		e.mu.Lock()
		known, ok := e.names[f.Tx]
		e.mu.Unlock()
		if encoded = codec.AppendOutcome(encoded[:0], f.Outcome); !ok || f.Fault != nil || maphash.Bytes(seed, encoded) != known.sum {
			return errUnnamed
		}
		b = le.AppendUint64(b, uint64(f.Tx)) //nolint:gosec // never negative
		b = le.AppendUint32(b, known.run)
		if len(f.Outcome.Adds) == 0 && len(f.Writes) == len(f.Outcome.Writes) {
			b = append(b, writesSame)
			continue
		}
		b = codec.AppendWrites(append(b, writesOther), f.Writes)
	}
	_, err := a.s.conn.Call(ctx, kindOutcomes, b, nil)
	switch {
	case err == nil:
		return nil
	case a.s.Broken() != nil:
		return errGone
	case errors.Is(err, framework.ErrClosed):
		return errUnnamed
	}
	return err
}

// kept is what the last run of a transaction came to that ended well, at the VM.
type kept struct {
	run uint32
	out *framework.Outcome
}

// keep keeps the outcome of a run.
func (b *block) keep(r *run) {
	k := kept{r.number, r.out.Clone()}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept[r.order.version.Tx] = k
}

// unname decodes the finals that the other side has named.
func (b *block) unname(d *codec.Decoder) ([]framework.Final, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	final := make([]framework.Final, d.Count("outcomes", 8+4+1))
	for i := range final {
		f := &final[i]
		f.Tx = framework.TxIndex(d.Int64())
		run, how := d.Uint32(), d.Uint8()
		if d.Err() != nil {
			break
		}
		k, ok := b.kept[f.Tx]
		if !ok || k.run != run {
			return nil, fmt.Errorf("run %d of transaction %d: %w", run, f.Tx, framework.ErrClosed)
		}
		f.Outcome, f.Writes = k.out, k.out.Writes
		if how == writesOther {
			f.Writes = d.Writes(nil)
		} else if how != writesSame {
			d.Fail("writes", fmt.Errorf("%d is neither %d nor %d", how, writesSame, writesOther))
		}
	}
	return final, d.End()
}

// outcomes serves the call of that name.
func (h *Handler) outcomes(_ context.Context, d *codec.Decoder) ([]byte, error) {
	b, err := h.block(d.Uint64())
	if err != nil {
		return nil, err
	}
	final, err := b.unname(d)
	if err != nil {
		return nil, err
	}
	b.collect(true, final)
	return nil, nil
}
