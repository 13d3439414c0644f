package replica_test

import (
	"testing"

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
