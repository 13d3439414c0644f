package compare_test

import (
	"context"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/compare"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func assembly(t *testing.T, name string, s framework.Scheduler) compare.Assembly {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	vm, err := synthetic.New(synthetic.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return compare.Assembly{
		Name:       name,
		Sequencer:  &sequencer.Sequencer{Scheduler: s, VM: vm, Store: store},
		Commitment: "memory",
	}
}

func source(t *testing.T, transactions int) *workload.Workload {
	t.Helper()
	w, err := workload.New(workload.Spec{Transactions: transactions, Accounts: 5})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestRun(t *testing.T) {
	all := []compare.Assembly{assembly(t, "a", serial.Scheduler{}), assembly(t, "b", serial.Scheduler{})}
	steps := 0
	res, err := compare.Run(t.Context(), all, source(t, 20), 3, func(int) { steps++ })
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 6 || steps != 3 || len(res.Differences) != 0 {
		t.Errorf("%d rows, %d steps, differences %q, want 6, 3 and none", len(res.Rows), steps, res.Differences)
	}
	for i, r := range res.Rows {
		if r.Assembly != all[i%2].Name || r.Block != i/2+1 || r.Txs != 20 || !r.Same || r.ExecPerTx != 1 || r.WallMs <= 0 {
			t.Errorf("row %d: %+v", i, r)
		}
	}
}

// tampering changes finals on their way out of the serial scheduler.
type tampering struct {
	serial.Scheduler
	change func(*framework.Final)
}

func (s tampering) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	final := j.Final
	j.Final = func(finals []framework.Final) error {
		for i := range finals {
			if finals[i].Tx == 7 {
				finals[i] = finals[i].Clone()
				s.change(&finals[i])
			}
		}
		return final(finals)
	}
	return s.Scheduler.Run(ctx, j)
}

func TestRunFindsDifferences(t *testing.T) {
	tests := map[string]func(*framework.Final){
		"status (reverted and succeeded) of transaction 7":    func(f *framework.Final) { f.Outcome.Status = framework.Reverted },
		"receipt of transaction 7":                            func(f *framework.Final) { f.Outcome.Receipt[0]++ },
		"writes of transaction 7":                             func(f *framework.Final) { f.Writes[0].Value[3]++ },
		"usage of transaction 7":                              func(f *framework.Final) { f.Outcome.Usage.Counters[0]++ },
		"fault (context canceled and <nil>) of transaction 7": func(f *framework.Final) { f.Fault = context.Canceled },
		"classes of transaction 7": func(f *framework.Final) {
			f.Outcome.Classes = append(f.Outcome.Classes, framework.Class{})
		},
	}
	for want, change := range tests {
		t.Run(want, func(t *testing.T) {
			all := []compare.Assembly{assembly(t, "good", serial.Scheduler{}), assembly(t, "bad", tampering{change: change})}
			res, err := compare.Run(t.Context(), all, source(t, 10), 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(res.Differences, "\n"); got != "block 1: bad differs from good: "+want {
				t.Errorf("differences: %q, want %q", got, want)
			}
			if !res.Rows[0].Same || res.Rows[1].Same {
				t.Errorf("rows say same = %v, %v", res.Rows[0].Same, res.Rows[1].Same)
			}
		})
	}
}

// short hands out fewer transactions than there are.
type short struct{ serial.Scheduler }

func (s short) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	q := framework.NewQueue()
	txs, err := j.Feed.Next(ctx)
	if err != nil {
		return framework.Stats{}, err
	}
	q.Push(txs[:len(txs)-1]...)
	q.Close()
	j.Feed = q
	return s.Scheduler.Run(ctx, j)
}

func TestRunFindsMissingTransactions(t *testing.T) {
	all := []compare.Assembly{assembly(t, "good", serial.Scheduler{}), assembly(t, "bad", short{})}
	res, err := compare.Run(t.Context(), all, source(t, 10), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(res.Differences, "\n"); got != "block 1: bad differs from good: 9 transactions and 10" {
		t.Errorf("differences: %q", got)
	}
}
