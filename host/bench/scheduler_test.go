package bench_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func TestScheduler(t *testing.T) {
	vm, err := synthetic.New(synthetic.Config{})
	if err != nil {
		t.Fatal(err)
	}
	candidates := []bench.Candidate{{Name: "serial", Placement: "builtin", Scheduler: serial.Scheduler{}}}
	var recorded []string
	rows, err := bench.Scheduler(t.Context(), bench.Run{
		VM: vm, VMName: "plain", Spec: workload.Spec{Name: "p2p", Accounts: 5, Transactions: 40}, Rounds: 3,
		Record: func(c bench.Candidate, b *trace.Block) { recorded = append(recorded, c.Name) },
	}, candidates)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Scheduler != bench.Bare || rows[1].Scheduler != "serial" {
		t.Fatalf("rows %+v, want bare and serial", rows)
	}
	for _, r := range rows {
		if r.Workload != "p2p" || r.Accounts != 5 || r.Txs != 40 || r.WallMs <= 0 || r.ExecPerTx != 1 {
			t.Errorf("row %+v", r)
		}
	}
	if r := rows[1]; r.Bound != 1 || r.Efficiency != 1 || r.Waste != 1 || len(recorded) != 1 || recorded[0] != "serial" {
		t.Errorf("of the serial scheduler, which is recorded as %q: %+v", recorded, r)
	}
	if rows[1].Speedup != 1 || rows[0].NsOverhead != 0 {
		t.Errorf("the baselines are not 1 and 0: speedup %v, overhead %v", rows[1].Speedup, rows[0].NsOverhead)
	}
}
