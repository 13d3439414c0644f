package repo

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// Measure is one figure of the shape of the code.
type Measure struct {
	What  string
	Value int
	Limit string // as people say it; empty if there is none
	Over  bool   // beyond the limit
}

// String returns the measure as one line of a table.
func (m Measure) String() string {
	limit, mark := "", ""
	if m.Limit != "" {
		limit = "(" + m.Limit + ")"
	}
	if m.Over {
		mark = "  BEYOND"
	}
	return strings.TrimRight(fmt.Sprintf("%-36s %6d  %s%s", m.What, m.Value, limit, mark), " ")
}

// Measures returns the shape of the hand-written code.
func Measures(t *Tree) []Measure {
	src, test := t.lengths(source), t.lengths(tests)
	most := func(what string, value, limit int) Measure {
		return Measure{what, value, fmt.Sprintf("at most %d", limit), value > limit}
	}
	least := func(what string, value, limit int) Measure {
		return Measure{what, value, fmt.Sprintf("at least %d", limit), value < limit}
	}
	total, bare := Exported(t)
	short := share(src.funcs, func(n int) bool { return n <= funcMax })
	return []Measure{
		{What: "source lines", Value: sum(src.files)},
		least("test lines", sum(test.files), sum(src.files)),
		most("file length, p90", percentile(src.files, 90), 450),
		most("file length, longest", percentile(src.files, 100), fileMax),
		most("test file length, longest", percentile(test.files, 100), fileMax),
		most("function length, p50", percentile(src.funcs, 50), 9),
		most("function length, p90", percentile(src.funcs, 90), 35),
		{What: "function length, longest", Value: percentile(src.funcs, 100)},
		least(fmt.Sprintf("functions of at most %d lines, %%", funcMax), short, 98),
		most("methods of an interface, p50", percentile(src.methods, 50), 3),
		least("exported names with a comment, %", percent(total-len(bare), total), 95),
	}
}

// lengths are the sizes of the things in some files.
type lengths struct{ files, funcs, methods []int }

func (t *Tree) lengths(keep func(*File) bool) lengths {
	var l lengths
	for _, f := range t.goFiles(keep) {
		l.files = append(l.files, t.lines(f.Go))
		for _, fn := range functions(f) {
			l.funcs = append(l.funcs, t.lines(fn))
		}
		for n := range ast.Preorder(f.Go) {
			if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > 0 {
				l.methods = append(l.methods, i.Methods.NumFields())
			}
		}
	}
	return l
}

func sum(values []int) int {
	total := 0
	for _, v := range values {
		total += v
	}
	return total
}

// percentile returns the smallest of values that p per cent of them do not exceed.
func percentile(values []int, p int) int {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// share returns how many per cent of values satisfy ok.
func share(values []int, ok func(int) bool) int {
	n := 0
	for _, v := range values {
		if ok(v) {
			n++
		}
	}
	return percent(n, len(values))
}

// percent returns part in per cent of total, rounded down; of nothing, all.
func percent(part, total int) int {
	if total == 0 {
		return 100
	}
	return 100 * part / total
}
