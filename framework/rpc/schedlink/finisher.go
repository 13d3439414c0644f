package schedlink

import (
	"context"
	"encoding/binary"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Finisher finishes a block where it was executed, in the scheduler's process.
type Finisher struct {
	conn   *link.Conn
	run    uint64
	writes []int // how many writes each outcome was handed out with
}

// offer gives an executor whose run has ended with err to f to finish. A run that failed is left at once, as one whose executor
// cannot take f. f may be nil.
func (f *Finisher) offer(e framework.Executor, err error) {
	if f == nil {
		return
	}
	if to, ok := e.(Finishable); ok && err == nil {
		to.FinishBy(f)
		return
	}
	f.Close()
}

// Finish does what Executor.Finish promises. final must hold outcomes of the run, with other writes only as Executor.Finish
// says. It returns framework.ErrPluginGone or framework.ErrClosed if the other side does not have the block any more.
func (f *Finisher) Finish(ctx context.Context, final []framework.Final) ([]framework.Write, error) {
	b := binary.LittleEndian.AppendUint64(nil, f.run)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(final))) //nolint:gosec // bounded by the transactions of a block
	for i := range final {
		tx := final[i].Tx
		other := int(tx) >= len(f.writes) || f.writes[tx] != len(final[i].Writes)
		b = codec.AppendBool(binary.LittleEndian.AppendUint64(b, uint64(tx)), other) //nolint:gosec // never negative
		if other {
			b = codec.AppendWrites(b, final[i].Writes)
		}
	}
	answer, err := f.conn.Call(ctx, kindFinish, b, nil)
	if err != nil {
		return nil, err
	}
	d := codec.NewDecoder(answer)
	writes := d.Writes(nil)
	return writes, d.End()
}

// Close says that the block is not needed any longer.
func (f *Finisher) Close() {
	_ = f.conn.Send(context.Background(), kindLeave, binary.LittleEndian.AppendUint64(nil, f.run)) // without a link it is gone anyway
}
