package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/report"
)

// Side is a VM somewhere, and what drives it.
type Side struct {
	Placement string
	// Carrier is how the VM is reached: "call" if by a function call.
	Carrier string
	VM      framework.VM
	// Scheduler, if not nil, executes the transactions on a base state of Store, or one in memory if that is nil. Else the
	// VM's executor is driven directly, by as many attempts at once as four for each processor.
	Scheduler framework.Scheduler
	Store     framework.Store
	// Away says that the scheduler is in another process, with the VM.
	Away bool
	// PIDs are the other processes that take part.
	PIDs []int
}

// Driver is the name of what drives the VM.
func (s Side) Driver() string {
	if s.Scheduler == nil {
		return "none"
	}
	return "serial"
}

// BoundaryRow is what a place of the VM made of one kind of load.
type BoundaryRow struct {
	CostUs    int64  `json:"cost_us"`
	Scheduler string `json:"scheduler"`
	Placement string `json:"placement"`
	Carrier   string `json:"carrier"`
	// MissPct is how many in a hundred reads only the scheduler's side can answer, all of a transaction in one call.
	MissPct int `json:"miss_pct"`
	// AbortPct is how many in a hundred attempts are invalidated while they run, by a change of what they have read first.
	AbortPct int `json:"abort_pct"`
	// TxPerS is a median over the rounds, like CPUUsPerTx, the processor time of all processes; Ratio is the median of the
	// throughput over that of the first side with the same scheduler in the same round.
	TxPerS     float64 `json:"tx_per_s"`
	Ratio      float64 `json:"ratio"`
	CPUUsPerTx float64 `json:"cpu_us_per_tx"`
}

// cell is one kind of load.
type cell struct {
	cost        time.Duration
	miss, abort int
}

// Boundary measures sides under all loads, each round all in turn. The first side without a scheduler, and the first
// with one, are the baselines. Schedulers get no load with misses or aborts: those would be their own.
func Boundary(ctx context.Context, sides []Side, costs []time.Duration, percents []int, rounds int, step func(done, total int)) ([]BoundaryRow, error) {
	var cells []cell
	for _, cost := range costs {
		for _, miss := range percents {
			for _, abort := range percents {
				cells = append(cells, cell{cost, miss, abort})
			}
		}
	}
	var rows []BoundaryRow
	for i, c := range cells {
		step(i, len(cells))
		more, err := c.measure(ctx, sides, rounds)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// measure returns a row for each side that can have the load.
func (c cell) measure(ctx context.Context, sides []Side, rounds int) ([]BoundaryRow, error) {
	var able []Side
	for _, s := range sides {
		if s.Scheduler == nil || c.miss+c.abort == 0 {
			able = append(able, s)
		}
	}
	figures := make([][3][]float64, len(able)) // throughput, ratio, processor time
	for round := range rounds + 1 {
		baseline := map[bool]float64{}
		for i, s := range able {
			perSecond, cpu, err := c.run(ctx, s)
			if err != nil {
				return nil, fmt.Errorf("VM in place %s over %s: %w", s.Placement, s.Carrier, err)
			}
			scheduled := s.Scheduler != nil
			if baseline[scheduled] == 0 {
				baseline[scheduled] = perSecond
			}
			if round > 0 { // the first one only warms up
				for j, x := range []float64{perSecond, perSecond / baseline[scheduled], cpu} {
					figures[i][j] = append(figures[i][j], x)
				}
			}
		}
	}
	rows := make([]BoundaryRow, len(able))
	for i, s := range able {
		rows[i] = BoundaryRow{
			CostUs: c.cost.Microseconds(), Scheduler: s.Driver(), Placement: s.Placement, Carrier: s.Carrier,
			MissPct: c.miss, AbortPct: c.abort,
			TxPerS: report.Median(figures[i][0]), Ratio: report.Median(figures[i][1]), CPUUsPerTx: report.Median(figures[i][2]),
		}
	}
	return rows, nil
}

// cellTime is how long a cell takes where nothing is lost.
const cellTime = 150 * time.Millisecond

// run measures one side once.
func (c cell) run(ctx context.Context, s Side) (perSecond, cpuUs float64, err error) {
	workers := 1
	if s.Scheduler == nil {
		workers = runtime.GOMAXPROCS(0)
	}
	l := newLoad(c, workers*int(cellTime/c.cost))
	execute, end, err := l.prepare(ctx, s, 4*workers)
	if err != nil {
		return 0, 0, err
	}
	runtime.GC()
	meter := report.Start(s.PIDs...)
	err = execute()
	wall, cpu := meter.Stop()
	if bad := end(); err == nil {
		err = bad
	}
	n := float64(len(l.txs))
	return n / wall.Seconds(), float64(cpu.Nanoseconds()) / 1e3 / n, err
}
