package vmlink_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// counted is a VM that counts executions.
type counted struct {
	framework.VM
	n atomic.Int64
}

func (c *counted) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := c.VM.Open(ctx, b)
	return countedExecutor{e, c}, err
}

type countedExecutor struct {
	framework.Executor
	of *counted
}

func (e countedExecutor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	e.of.n.Add(1)
	return e.Executor.Execute(ctx, tx, v, view, out)
}

// TestExecutesHardlyMore counts what a VM behind a link executes of transfers between ten accounts, runs that turned out
// stale included, beside what it executes without a link. The two take turns; one of three tries must do, since how attempts
// meet is chance.
func TestExecutesHardlyMore(t *testing.T) {
	const blocks, transactions, cost, most = 4, 100, 200 * time.Microsecond, 1.15
	vm := newVM(t, synthetic.Config{})
	s, err := blockstm.New(blockstm.Config{Workers: 2, ForceWorkers: true})
	if err != nil {
		t.Fatal(err)
	}
	near, far := &counted{VM: vm}, &counted{VM: vm}
	behind := serve(conform.Testing(t), carriers[0], far, vmlink.Config{Workers: 2})
	var ratio float64
	for range 3 {
		near.n.Store(0)
		far.n.Store(0)
		for range blocks {
			execute(t, s, near, transactions, cost)
			execute(t, s, behind, transactions, cost)
		}
		ratio = float64(far.n.Load()) / float64(near.n.Load())
		t.Logf("%d executions without a link, %d behind one", near.n.Load(), far.n.Load())
		if ratio <= most {
			return
		}
	}
	t.Errorf("%.2f times as many executions behind a link, want at most %.2f", ratio, most)
}
