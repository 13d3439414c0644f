package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// driver makes attempts as a scheduler that never decides anything: so many at once, each published when it has ended.
// Transaction i is number 2i+1; the even numbers below are those that change what a doomed one has read.
type driver struct {
	e         framework.Executor
	publisher framework.Publisher // nil if the executor is none
	load      *load
	inFlight  int

	mu    sync.Mutex
	ended int         // attempts; guarded by mu
	doom  []*leanView // attempts to be invalidated, by when; guarded by mu
}

func newDriver(e framework.Executor, l *load, inFlight int) *driver {
	d := &driver{e: e, load: l, inFlight: inFlight}
	d.publisher, _ = e.(framework.Publisher)
	return d
}

// run executes transactions, the first of which has that number.
func (d *driver) run(ctx context.Context, txs []framework.Tx, first int) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, d.inFlight)
	for n := range errs {
		wg.Go(func() {
			var out framework.Outcome
			for errs[n] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(txs) {
					return
				}
				doomed := first == 0 && d.load.doomed[i]
				errs[n] = d.execute(ctx, &txs[i], first+i, doomed, &out)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// execute executes one transaction, twice if it is invalidated.
func (d *driver) execute(ctx context.Context, tx *framework.Tx, i int, doomed bool, out *framework.Outcome) error {
	v := framework.Version{Tx: framework.TxIndex(2*i + 1)}
	for {
		view := &leanView{state: d.load.state, tx: i}
		if doomed {
			d.condemn(view)
		}
		view.changed = v.Inc > 0
		out.Reset()
		err := d.e.Execute(ctx, tx, v, view, out)
		d.over(view)
		if doomed && errors.Is(err, framework.ErrAborted) {
			doomed = false
			v.Inc++
			continue
		}
		if err == nil && d.publisher != nil {
			d.publisher.Publish(v, out.Writes, out.Adds)
		}
		return err
	}
}

// condemn has an attempt invalidated when as many others have ended as are then under way, but one: about halfway.
func (d *driver) condemn(v *leanView) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v.at = d.ended + d.inFlight - 1
	d.doom = append(d.doom, v)
}

// over counts an attempt, and invalidates those whose time has come.
func (d *driver) over(v *leanView) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended++
	if i := slices.Index(d.doom, v); i >= 0 {
		d.doom = slices.Delete(d.doom, i, i+1)
	}
	for len(d.doom) > 0 && d.doom[0].at <= d.ended {
		v := d.doom[0]
		d.doom = d.doom[1:]
		v.aborted.Store(true)
		if d.publisher != nil {
			change := []framework.Write{{Key: loadKey(doomOwner, uint64(v.tx)), Value: changedTo}} //nolint:gosec // not negative
			d.publisher.Publish(framework.Version{Tx: framework.TxIndex(2 * v.tx)}, change, nil)
		}
	}
}

// changedTo is what invalidates an attempt.
var changedTo = framework.Word{1 << 50}

// leanView is a view of a map, with next to nothing around it.
type leanView struct {
	state   *mapState
	tx      int
	changed bool // it shows what invalidated the attempt before it
	at      int  // guarded by the mutex of the driver
	aborted atomic.Bool
}

// Read implements [framework.View].
func (v *leanView) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if v.aborted.Load() {
		return framework.ErrAborted
	}
	if err := v.state.Read(ctx, keys, out); err != nil || !v.changed {
		return err
	}
	for i := range keys {
		if keys[i].Owner[0] == doomOwner {
			out[i] = changedTo
		}
	}
	return nil
}

// Class implements [framework.View].
func (v *leanView) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	return v.state.Class(ctx, hash)
}

// Aborted implements [framework.View].
func (v *leanView) Aborted() bool { return v.aborted.Load() }

// medianUs returns the median in microseconds.
func medianUs(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds()) / 1e3
}

// Ping returns the median time that a sign of life takes, in microseconds.
func Ping(ctx context.Context, ping func(context.Context) error) (float64, error) {
	const pings = 2000
	return timed(pings, func() error { return ping(ctx) })
}

// Codec returns the times that it takes to encode and decode what one transaction of the boundary's load has read and
// what it came to, in microseconds.
func Codec() (encodeUs, decodeUs float64) {
	reads := make([]framework.Write, loadReads)
	out := framework.Outcome{Writes: make([]framework.Write, loadWrites), Receipt: make([]byte, 200)}
	var b []byte
	const times, calls = 200, 100
	encodeUs, _ = timed(times, func() error {
		for range calls {
			b = codec.AppendOutcome(codec.AppendWrites(b[:0], reads), &out)
		}
		return nil
	})
	decodeUs, _ = timed(times, func() error {
		for range calls {
			d := codec.NewDecoder(b)
			reads = d.Writes(reads)
			d.Outcome(&out)
			if err := d.End(); err != nil {
				return err
			}
		}
		return nil
	})
	return encodeUs / calls, decodeUs / calls
}
