package analyze

import (
	"fmt"
	"slices"
	"strings"
)

// What fits on a screen is drawn: so many bars on lines of that many characters, and so many transactions in a graph.
const (
	mostBars  = 60
	chartWide = 96
	mostDrawn = 40
)

// chart draws when which attempt ran, if that are few.
func (p *printer) chart(r *Report) {
	if len(r.Chart.Bars) > mostBars || r.WallUs == 0 {
		return
	}
	at := func(us float64) int { return min(int(us/r.WallUs*chartWide+0.5), chartWide) }
	p.line("\nwhen which attempt ran (= useful, x in vain, ~ parked, . idle)")
	for w := range r.Workers {
		lane := []rune(strings.Repeat(".", chartWide+1))
		for _, b := range r.Chart.Waits {
			if int(b.Worker) == w {
				fill(lane, at(b.FromUs), at(b.ToUs), '~', "")
			}
		}
		for _, b := range r.Chart.Bars {
			if int(b.Worker) == w {
				mark := '='
				if b.State == Aborted {
					mark = 'x'
				}
				fill(lane, at(b.FromUs), at(b.ToUs), mark, label(b))
			}
		}
		p.line("  worker %-2d %s", w, string(lane[:chartWide]))
	}
	for _, a := range r.Chart.Arrows {
		p.line("  %s: Tx%d wrote %s, which Tx%d had read: attempt %d of Tx%d is given up", ms(a.AtUs), a.FromTx, a.Key, a.ToTx, a.ToInc+1, a.ToTx)
	}
}

// label names an attempt; one that is not the first says which it is.
func label(b Bar) string {
	if b.Incarnation == 0 {
		return fmt.Sprintf("Tx%d", b.Tx)
	}
	return fmt.Sprintf("Tx%d.%d", b.Tx, b.Incarnation)
}

// fill draws a bar with a name in it.
func fill(lane []rune, from, to int, mark rune, name string) {
	for i := from; i < to; i++ {
		lane[i] = mark
	}
	if to > from {
		lane[from] = '|'
	}
	if runes := []rune(name); len(runes)+1 < to-from {
		copy(lane[from+1:], runes)
	}
}

// columns draws who depends on whom, in a column for each number of dependencies in a row, if that are few.
func (p *printer) columns(r *Report) {
	if r.Txs > mostDrawn || len(r.Graph.Edges) == 0 {
		return
	}
	var rows [][]string
	rowOf := make([]int, r.Txs)
	for i, n := range r.Graph.Nodes {
		rowOf[i] = p.row(r, rows, rowOf, i)
		for len(rows) <= rowOf[i] {
			rows = append(rows, make([]string, len(r.Graph.Depths)))
		}
		rows[rowOf[i]][n.Depth] = fmt.Sprintf("Tx%d", i)
	}
	p.line("\nwho depends on whom (on what stands to the left of it)")
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			arrow := "    "
			if i > 0 && cell != "" && row[i-1] != "" {
				arrow = "──▶ "
			}
			if i == 0 {
				arrow = "  "
			}
			line += arrow + fmt.Sprintf("%-5s", cell)
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// row returns where a transaction is drawn: beside the one that it depends on, if there is room, or in a new row.
func (p *printer) row(r *Report, rows [][]string, rowOf []int, tx int) int {
	depth := r.Graph.Nodes[tx].Depth
	for _, e := range r.Graph.Edges {
		if e.To == tx && r.Graph.Nodes[e.From].Depth == depth-1 && rows[rowOf[e.From]][depth] == "" {
			return rowOf[e.From]
		}
	}
	if n := slices.IndexFunc(rows, func(row []string) bool { return strings.Join(row, "") == "" }); n >= 0 {
		return n
	}
	return len(rows)
}
