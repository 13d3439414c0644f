package blockstm_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// heap returns the bytes of the heap that are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // empties pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestManyBlocks executes blocks one after the other on one scheduler: memory does not grow.
func TestManyBlocks(t *testing.T) {
	blocks := 200
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		blocks = 10_000
	}
	s := newScene(t, workload.Spec{Transactions: 100, Accounts: 50, Fee: "add"}, synthetic.Config{Rewind: true, Predict: true})
	sched, err := blockstm.New(blockstm.Config{Workers: 2, ForceWorkers: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.run(t, sched)
	}
	before := heap()
	for range blocks {
		s.run(t, sched)
	}
	const most = 1 << 20
	if after := heap(); after > before+most {
		t.Errorf("the heap has grown from %d to %d bytes in %d blocks", before, after, blocks)
	}
}

// TestLongBlock executes one long block and looks at the heap shortly before its end: what is kept of a transaction
// beside the feed is its cells and their keys.
func TestLongBlock(t *testing.T) {
	n := 20_000
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		n = 100_000
	}
	s := newScene(t, workload.Spec{Name: "independent", Transactions: n}, synthetic.Config{})
	sched, err := blockstm.New(blockstm.Config{Workers: 2, ForceWorkers: true})
	if err != nil {
		t.Fatal(err)
	}
	var after uint64
	before := heap()
	s.final = func(f []framework.Final) error {
		if after == 0 && int(f[0].Tx) > n*9/10 {
			after = heap()
		}
		return nil
	}
	s.run(t, sched)
	const most = 1500
	each := (after - before) / uint64(n) //nolint:gosec // positive
	t.Logf("%d bytes for a transaction with two cells of its own", each)
	if each > most {
		t.Errorf("%d bytes for a transaction, want at most %d", each, most)
	}
}
