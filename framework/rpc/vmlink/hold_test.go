package vmlink_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// gated is a VM some of whose transactions end only when a channel is closed.
type gated struct {
	framework.Executor
	began chan struct{} // closed when transaction 0 has begun
	gates map[uint64]chan struct{}
}

func (g *gated) Open(context.Context, *framework.Block) (framework.Executor, error) { return g, nil }

func (g *gated) Execute(ctx context.Context, tx *framework.Tx, _ framework.Version, _ framework.View, _ *framework.Outcome) error {
	if tx.ID[0] == 0 {
		close(g.began)
	}
	gate, ok := g.gates[tx.ID[0]]
	if !ok {
		return nil
	}
	select {
	case <-gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gated) Close() error { return nil }

// watched is a view of an attempt that says when it has been ordered: when it was asked once at the start, and twice in the
// rounds of the session, between which all orders are sent.
type watched struct {
	asks
	mu      sync.Mutex
	asked   int // guarded by mu
	ordered chan struct{}
}

func (w *watched) Aborted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked++; w.asked == 3 {
		close(w.ordered)
	}
	return false
}

// TestHeldResultArrives lets a VM of one worker come to results that may wait for the next ones, since runs are short and
// more has been ordered, and then to a run that ends only when all of them have arrived.
func TestHeldResultArrives(t *testing.T) {
	const quick, txs = 43, 47
	for _, carrier := range carriers {
		t.Run(string(carrier), func(t *testing.T) {
			vm := &gated{began: make(chan struct{}), gates: map[uint64]chan struct{}{0: make(chan struct{}), quick: make(chan struct{})}}
			s := serve(conform.Testing(t), carrier, vm, vmlink.Config{Workers: 1, Credits: 2 * txs})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			e, err := s.Open(ctx, new(framework.Block))
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			var returned [txs]chan error
			for i := range returned {
				view := &watched{ordered: make(chan struct{})}
				returned[i] = make(chan error, 1)
				go func() {
					tx := framework.Tx{ID: framework.Word{uint64(i)}}
					returned[i] <- e.Execute(ctx, &tx, framework.Version{Tx: framework.TxIndex(i)}, view, new(framework.Outcome))
				}()
				<-view.ordered
				if i == 0 {
					<-vm.began
				}
			}
			errs := []error{s.near.Ping(ctx)} // the other end has all orders
			close(vm.gates[0])
			for i, r := range returned {
				if i == quick {
					close(vm.gates[quick])
				}
				errs = append(errs, <-r)
			}
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
		})
	}
}
