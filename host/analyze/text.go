package analyze

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// mostLines is how many rows of a table are printed.
const mostLines = 12

// WriteText prints reports for people: a comparison if there are several, and then each.
func WriteText(w io.Writer, reports []*Report) error {
	p := &printer{w: w}
	if len(reports) > 1 {
		p.comparison(reports)
	}
	for _, r := range reports {
		p.report(r)
	}
	return p.err
}

// printer prints until something goes wrong.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// table prints rows of cells, the first of them the header. Only the first column is text.
func (p *printer) table(title string, rows [][]string) {
	if p.err != nil || len(rows) < 2 {
		return
	}
	p.line("")
	if title != "" {
		p.line("%s", title)
	}
	// Numbers are flush right: the first column is padded by hand.
	width := 0
	for _, row := range rows {
		width = max(width, len([]rune(row[0])))
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		first := row[0] + strings.Repeat(" ", width-len([]rune(row[0])))
		fmt.Fprintf(t, "  %s\t%s\t\n", first, strings.Join(row[1:], "\t"))
	}
	p.err = t.Flush()
}

// Title names a report.
func (r *Report) Title() string {
	title := fmt.Sprintf("block %d, %s", r.Block, r.Scheduler)
	if r.Label != "" && r.Label != r.Scheduler {
		title = fmt.Sprintf("block %d, %s (%s)", r.Block, r.Label, r.Scheduler)
	}
	if r.Placement != "" && r.Placement != "builtin" {
		title += " in " + r.Placement
	}
	return title
}

func (p *printer) report(r *Report) {
	p.line("%s: %d transactions, %d attempts, %d workers, %s", r.Title(), r.Txs, r.Attempts, r.Workers, ms(r.WallUs))
	p.line("%s", r.Verdict)
	if r.Dropped > 0 {
		p.line("%d events are missing: what follows is about the rest.", r.Dropped)
	}
	t := &r.Time
	share := func(us float64) string { return fmt.Sprintf("%.1f %%", 100*ratio(us, t.TotalUs)) }
	p.table("what the workers did", [][]string{
		{"", "useful", "aborted", "parked", "idle", "all"},
		{"time", ms(t.UsefulUs), ms(t.AbortedUs), ms(t.ParkedUs), ms(t.IdleUs), ms(t.TotalUs)},
		{"share", share(t.UsefulUs), share(t.AbortedUs), share(t.ParkedUs), share(t.IdleUs), ""},
	})
	p.chart(r)
	p.columns(r)
	p.bounds(r)
	p.aborts(r)
	p.hotKeys(r)
	p.scaling(r)
	p.line("")
}

func (p *printer) bounds(r *Report) {
	b := &r.Bounds
	p.table("what the block allows", [][]string{
		{"", "time", fmt.Sprintf("speed-up, %d workers", r.Workers), "any number"},
		{"work of all transactions", ms(b.WorkUs), "1.00", "1.00"},
		{"longest chain of transactions", ms(b.CriticalTxUs), times(b.BoundTx), times(b.AnyTx)},
		{"longest chain, waiting at reads", ms(b.CriticalReadUs), times(b.BoundRead), times(b.AnyRead)},
		{"any greedy schedule, at most", ms(b.GrahamUs), times(ratio(b.WorkUs, b.GrahamUs)), ""},
		{"reached", ms(r.WallUs), times(b.Speedup), ""},
	})
	p.line("  efficiency %.2f (of what waiting at reads allows), waste %.2f (worker time over work)", b.Efficiency, b.Waste)
}

func (p *printer) aborts(r *Report) {
	rows := [][]string{{"cause", "attempts", "wasted"}}
	for _, c := range r.Causes {
		rows = append(rows, []string{c.Name, fmt.Sprint(c.Count), ms(c.WastedUs)})
	}
	p.table("attempts given up", rows)
	rows = [][]string{{"the most wasteful", "cause", "writer", "at", "wasted"}}
	worst := slices.Clone(r.Aborts)
	slices.SortStableFunc(worst, func(a, b Abort) int { return int(b.WastedUs - a.WastedUs) })
	for _, a := range worst[:min(len(worst), mostLines)] {
		writer := ""
		if a.Writer >= 0 {
			writer = fmt.Sprint(a.Writer)
		}
		rows = append(rows, []string{fmt.Sprintf("%d.%d  %s", a.Tx, a.Incarnation, a.Key), a.Cause, writer, ms(a.AtUs), ms(a.WastedUs)})
	}
	p.table("", rows)
}

func (p *printer) hotKeys(r *Report) {
	rows := [][]string{{"key", "reads", "writes", "adds", "depend", "critical", "aborts", "wasted", "bound if added", "predicted"}}
	for _, h := range r.HotKeys {
		predicted := ""
		if h.IfAddedSpeedup > 0 {
			predicted = times(h.IfAddedSpeedup)
		}
		rows = append(rows, []string{
			h.Key, fmt.Sprint(h.Reads), fmt.Sprint(h.Writes), fmt.Sprint(h.Adds), fmt.Sprint(h.Dependencies),
			fmt.Sprint(h.Critical), fmt.Sprint(h.Aborts), ms(h.WastedUs), times(h.IfAddedTx), predicted,
		})
	}
	p.table(fmt.Sprintf("hot keys (the last two columns: if it were an addition, any number of workers, and %d)", whatIfWorkers), rows)
}

func (p *printer) scaling(r *Report) {
	header := []string{"workers"}
	rows := map[string][]string{}
	var policies []string
	for _, s := range r.Scaling {
		if _, ok := rows[s.Policy]; !ok {
			policies = append(policies, s.Policy)
			rows[s.Policy] = []string{s.Policy}
		}
		if len(policies) == 1 {
			header = append(header, fmt.Sprint(s.Workers))
		}
		rows[s.Policy] = append(rows[s.Policy], fmt.Sprintf("%s/%.1f", times(s.Speedup), s.Waste))
	}
	all := [][]string{header}
	for _, policy := range policies {
		all = append(all, rows[policy])
	}
	p.table("predicted speed-up / waste, by policy (access sets as recorded)", all)
}

// comparison prints reports side by side.
func (p *printer) comparison(reports []*Report) {
	rows := [][]string{{""}}
	for _, r := range reports {
		rows[0] = append(rows[0], r.Title())
	}
	for _, f := range figures() {
		row := []string{f.Name}
		for _, r := range reports {
			row = append(row, f.text(r))
		}
		rows = append(rows, row)
	}
	p.table("side by side", rows)
	p.line("")
}

// figure is a line of a comparison.
type figure struct {
	Name string
	text func(r *Report) string
}

// figures returns what reports are compared by.
func figures() []figure {
	return []figure{
		{"transactions", func(r *Report) string { return fmt.Sprint(r.Txs) }},
		{"workers", func(r *Report) string { return fmt.Sprint(r.Workers) }},
		{"time", func(r *Report) string { return ms(r.WallUs) }},
		{"attempts per transaction", func(r *Report) string { return times(ratio(float64(r.Attempts), float64(r.Txs))) }},
		{"attempts given up", func(r *Report) string { return fmt.Sprint(len(r.Aborts)) }},
		{"useful", func(r *Report) string { return ms(r.Time.UsefulUs) }},
		{"aborted", func(r *Report) string { return ms(r.Time.AbortedUs) }},
		{"parked", func(r *Report) string { return ms(r.Time.ParkedUs) }},
		{"idle", func(r *Report) string { return ms(r.Time.IdleUs) }},
		{"speed-up", func(r *Report) string { return times(r.Bounds.Speedup) }},
		{"bound", func(r *Report) string { return times(r.Bounds.BoundRead) }},
		{"efficiency", func(r *Report) string { return times(r.Bounds.Efficiency) }},
		{"waste", func(r *Report) string { return times(r.Bounds.Waste) }},
	}
}

func ms(us float64) string { return fmt.Sprintf("%.2f ms", us/1000) }

func times(x float64) string { return fmt.Sprintf("%.2f", x) }
