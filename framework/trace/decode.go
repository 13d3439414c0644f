package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// ErrMalformed says that bytes are no trace.
var ErrMalformed = errors.New("malformed trace")

// keySize is how many bytes a key takes; leastEvent is how many an event takes at least.
const (
	keySize    = 1 + 2*4*8
	leastEvent = 4
)

// decoder reads a payload. After the first error all that it reads is zero.
type decoder struct {
	all    []byte
	at     int
	err    error
	keys   []framework.Key
	tx     framework.TxIndex
	time   time.Duration
	worker int32
}

// decode reads the payload of a block.
func decode(payload []byte) (*Block, error) {
	d := &decoder{all: payload}
	b := &Block{Label: d.text("label"), Scheduler: d.text("scheduler"), Placement: d.text("placement")}
	b.Number = framework.BlockNumber(d.signed("number", math.MinInt64, math.MaxInt64))
	b.Txs = int(d.signed("transactions", 0, math.MaxInt32))
	b.Wall = time.Duration(d.signed("wall time", 0, math.MaxInt64))
	b.CPU = time.Duration(d.signed("processor time", 0, math.MaxInt64))
	b.Dropped = d.unsigned("dropped", math.MaxUint64)
	n := d.unsigned("events", min(uint64(len(d.all)-d.at)/leastEvent, maxEvents))
	if n > 0 && d.err == nil {
		b.Events = make([]framework.Event, n)
	}
	for i := range b.Events {
		d.event(&b.Events[i])
		if d.err != nil {
			return nil, fmt.Errorf("event %d: %w", i, d.err)
		}
	}
	if d.err == nil && d.at < len(d.all) {
		d.fail("%d bytes too many", len(d.all)-d.at)
	}
	return b, d.err
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: byte %d: %s", ErrMalformed, d.at, fmt.Sprintf(format, args...))
		d.at = len(d.all)
	}
}

// take returns the next n bytes, or nil.
func (d *decoder) take(what string, n int) []byte {
	if len(d.all)-d.at < n {
		d.fail("%s: %d bytes, %d left", what, n, len(d.all)-d.at)
		return nil
	}
	d.at += n
	return d.all[d.at-n : d.at]
}

// unsigned reads a number of at most most.
func (d *decoder) unsigned(what string, most uint64) uint64 {
	x, n := binary.Uvarint(d.all[d.at:])
	if n <= 0 || x > most {
		d.fail("%s: no number up to %d", what, most)
		return 0
	}
	d.at += n
	return x
}

// signed reads a number between low and high.
func (d *decoder) signed(what string, low, high int64) int64 {
	x, n := binary.Varint(d.all[d.at:])
	if n <= 0 || x < low || x > high {
		d.fail("%s: no number from %d to %d", what, low, high)
		return 0
	}
	d.at += n
	return x
}

func (d *decoder) text(what string) string {
	n := d.unsigned(what, uint64(len(d.all)-d.at))
	return string(d.take(what, int(n))) //nolint:gosec // at most what is left
}

// near reads a number that is written as the difference to another one.
func (d *decoder) near(what string, from, low, high int64) int64 {
	x := from + d.signed(what, math.MinInt64, math.MaxInt64) // wraps around if it is too far away
	if x < low || x > high {
		d.fail("%s: %d is not between %d and %d", what, x, low, high)
		return low
	}
	return x
}

func (d *decoder) event(e *framework.Event) {
	head := d.take("kind", 2)
	if head == nil {
		return
	}
	flags := head[1]
	e.Kind, e.Cause = framework.EventKind(head[0]&0xf), framework.Cause(head[0]>>4)
	if e.Kind > lastKind || e.Cause > lastCause || flags > allFlags {
		d.fail("kind %d, cause %d, flags %#x", e.Kind, e.Cause, flags)
		return
	}
	d.tx = framework.TxIndex(d.near("transaction", int64(d.tx), int64(framework.NoTx), math.MaxInt32))
	d.time = time.Duration(d.near("time", int64(d.time), 0, math.MaxInt64))
	e.Version.Tx, e.At = d.tx, d.time
	if flags&hasInc != 0 {
		e.Version.Inc = framework.Incarnation(d.unsigned("incarnation", math.MaxUint32))
	}
	if flags&hasWorker != 0 {
		d.worker = int32(d.signed("worker", 0, math.MaxInt16)) //nolint:gosec // bounded
	}
	e.Worker = d.worker
	if flags&hasKey != 0 {
		d.key(&e.Key)
	}
	if flags&hasWriter != 0 {
		e.Writer.Tx = framework.TxIndex(d.near("writer", int64(d.tx), int64(framework.NoTx), math.MaxInt32))
		e.Writer.Inc = framework.Incarnation(d.unsigned("writer's incarnation", math.MaxUint32))
	}
}

func (d *decoder) key(k *framework.Key) {
	n := d.unsigned("key", uint64(len(d.keys)))
	if d.err != nil {
		return
	}
	if n < uint64(len(d.keys)) {
		*k = d.keys[n]
		return
	}
	b := d.take("key", keySize)
	if b == nil {
		return
	}
	k.Space = b[0]
	for i := range 4 {
		k.Owner[i] = binary.LittleEndian.Uint64(b[1+8*i:])
		k.Slot[i] = binary.LittleEndian.Uint64(b[33+8*i:])
	}
	d.keys = append(d.keys, *k)
}
