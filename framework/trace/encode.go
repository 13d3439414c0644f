package trace

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// The flags of an event say what is there.
const (
	hasInc    = 1 << iota // an incarnation other than 0
	hasWorker             // a worker other than that of the event before
	hasKey                // a key other than the zero key
	hasWriter             // a writer other than the zero version
	allFlags  = 1<<iota - 1
)

// The largest kind and cause; both have four bits.
const (
	lastKind  = framework.Stopped
	lastCause = framework.Cancelled
)

// encoder appends the events of one block.
type encoder struct {
	b      []byte
	keys   map[framework.Key]uint64
	tx     framework.TxIndex
	at     time.Duration
	worker int32
}

// encode appends the payload of a block, or says which event cannot be.
func encode(dst []byte, b *Block) ([]byte, error) {
	for _, s := range []string{b.Label, b.Scheduler, b.Placement} {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	dst = binary.AppendVarint(dst, int64(b.Number))
	dst = binary.AppendVarint(dst, int64(b.Txs))
	dst = binary.AppendVarint(dst, int64(b.Wall))
	dst = binary.AppendVarint(dst, int64(b.CPU))
	dst = binary.AppendUvarint(dst, b.Dropped)
	dst = binary.AppendUvarint(dst, uint64(len(b.Events)))
	c := encoder{b: dst, keys: map[framework.Key]uint64{}}
	for i := range b.Events {
		e := &b.Events[i]
		if e.Kind > lastKind || e.Cause > lastCause {
			return nil, fmt.Errorf("trace: event %d: kind %d, cause %d: there is no such", i, e.Kind, e.Cause)
		}
		c.event(e)
	}
	return c.b, nil
}

func (c *encoder) event(e *framework.Event) {
	flags := flag(e.Version.Inc != 0, hasInc) | flag(e.Worker != c.worker, hasWorker) |
		flag(e.Key != framework.Key{}, hasKey) | flag(e.Writer != framework.Version{}, hasWriter)
	c.b = append(c.b, byte(e.Kind)|byte(e.Cause)<<4, flags)
	c.b = binary.AppendVarint(c.b, int64(e.Version.Tx-c.tx))
	c.b = binary.AppendVarint(c.b, int64(e.At-c.at))
	if flags&hasInc != 0 {
		c.b = binary.AppendUvarint(c.b, uint64(e.Version.Inc))
	}
	if flags&hasWorker != 0 {
		c.b = binary.AppendVarint(c.b, int64(e.Worker))
	}
	if flags&hasKey != 0 {
		c.key(&e.Key)
	}
	if flags&hasWriter != 0 {
		c.b = binary.AppendVarint(c.b, int64(e.Writer.Tx-e.Version.Tx))
		c.b = binary.AppendUvarint(c.b, uint64(e.Writer.Inc))
	}
	c.tx, c.at, c.worker = e.Version.Tx, e.At, e.Worker
}

func flag(there bool, bit byte) byte {
	if there {
		return bit
	}
	return 0
}

func (c *encoder) key(k *framework.Key) {
	n, ok := c.keys[*k]
	if !ok {
		n = uint64(len(c.keys))
		c.keys[*k] = n
	}
	c.b = binary.AppendUvarint(c.b, n)
	if ok {
		return
	}
	c.b = append(c.b, k.Space)
	for _, w := range [2]framework.Word{k.Owner, k.Slot} {
		for _, limb := range w {
			c.b = binary.LittleEndian.AppendUint64(c.b, limb)
		}
	}
}
