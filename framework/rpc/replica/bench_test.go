package replica_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// BenchmarkAttempt is what the replica adds to a transaction of 30 reads and 15 writes.
func BenchmarkAttempt(b *testing.B) {
	const reads, writes, cells = 30, 15, 65536
	block := replica.New(0)
	for i := range cells {
		block.Base(set(i, i))
	}
	var a replica.Attempt
	var out [1]framework.Word
	keys := make([]framework.Key, reads)
	set := make([]framework.Write, writes)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		a.Begin(block, framework.TxIndex(n))
		for i := range keys {
			keys[i] = key((n*7919 + i*104729) % cells)
			if !a.Read(keys[i:i+1], out[:]) {
				b.Fatal("unknown")
			}
		}
		a.End()
		a.Reset()
		for i := range set {
			set[i] = framework.Write{Key: keys[2*i], Value: word(n)}
		}
		block.Publish(version(n, 0), set, nil)
		block.Settle(framework.TxIndex(n - 16))
	}
}

// BenchmarkPublish publishes 15 writes while attempts above run, or wait, that have read 30 other cells each.
func BenchmarkPublish(b *testing.B) {
	for _, above := range []int{0, 2, 20, 200, 2000} {
		b.Run(fmt.Sprintf("above=%d", above), func(b *testing.B) {
			l := newLoad()
			block := replica.New(0)
			block.Base(l.base)
			all := make([]replica.Attempt, above)
			var out [1]framework.Word
			for n := range all {
				all[n].Begin(block, framework.TxIndex(1+n))
				for i := range 30 {
					k := (n*7919 + i*104729) % len(l.base)
					all[n].Read([]framework.Key{l.base[k].Key}, out[:])
				}
			}
			var writes []framework.Write
			for i := range 15 {
				writes = append(writes, set(1<<20+i, i)...)
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				block.Publish(version(0, n), writes, nil)
			}
		})
	}
}

// BenchmarkBlock is a block of transactions, executed by two goroutines, that read cells which all of them read and
// write cells which nobody else touches. It says how long the calls of a transaction take while the processors do
// other things in between, and how much is allocated for a block.
func BenchmarkBlock(b *testing.B) {
	const txs, workers = 1000, 2
	l := newLoad()
	var total spent
	b.ReportAllocs()
	for b.Loop() {
		block := replica.New(0)
		block.Base(l.base)
		var next atomic.Int64
		var wg sync.WaitGroup
		var all [workers]spent
		for w := range workers {
			wg.Go(func() {
				t := newTransaction(l)
				for n := int(next.Add(1)) - 1; n < txs; n = int(next.Add(1)) - 1 {
					t.execute(b, block, n)
				}
				all[w] = t.spent
			})
		}
		wg.Wait()
		block.Release()
		for _, s := range all {
			total.read += s.read
			total.end += s.end
			total.publish += s.publish
		}
	}
	per := float64(b.N) * txs
	b.ReportMetric(float64(total.read)/per, "read-ns/tx")
	b.ReportMetric(float64(total.end)/per, "end-ns/tx")
	b.ReportMetric(float64(total.publish)/per, "publish-ns/tx")
}

// load is what the transactions of a block read: some of 8192 cells.
type load struct{ base []framework.Write }

func newLoad() *load {
	l := &load{base: make([]framework.Write, 8192)}
	for i := range l.base {
		l.base[i] = framework.Write{Key: key(i), Value: word(i)}
	}
	return l
}

// spent is the time that calls have taken.
type spent struct{ read, end, publish time.Duration }

// transaction is a transaction of a load, as one goroutine executes it.
type transaction struct {
	l       *load
	attempt replica.Attempt
	writes  []framework.Write
	spent   spent
	noise   uint64
}

func newTransaction(l *load) *transaction {
	return &transaction{l: l, writes: make([]framework.Write, 15)}
}

// execute executes transaction n: 30 reads and 15 writes.
func (t *transaction) execute(b *testing.B, block *replica.Block, n int) {
	const reads = 30
	a := &t.attempt
	a.Begin(block, framework.TxIndex(n))
	var out [1]framework.Word
	for i := range reads {
		t.work()
		k := (n*7919 + i*104729) % len(t.l.base)
		began := time.Now()
		ok := a.Read([]framework.Key{t.l.base[k].Key}, out[:])
		t.spent.read += time.Since(began)
		if !ok || out[0] != t.l.base[k].Value {
			b.Errorf("Read(%d) = %v, %v", k, out[0], ok)
		}
	}
	began := time.Now()
	a.End()
	a.Reset()
	t.spent.end += time.Since(began)
	for i := range t.writes {
		t.writes[i] = framework.Write{Key: key(1<<20 + n*len(t.writes) + i), Value: word(n)}
	}
	began = time.Now()
	block.Publish(version(n, 0), t.writes, nil)
	block.Settle(framework.TxIndex(n - 64))
	t.spent.publish += time.Since(began)
}

// work takes some microseconds.
func (t *transaction) work() {
	for range 3000 {
		t.noise = t.noise*6364136223846793005 + 1442695040888963407
	}
}
