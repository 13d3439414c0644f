package analyze

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteDOT prints the dependency graph for Graphviz, the critical path in bold red. Transactions that nobody depends on and
// that depend on nobody are left out.
func WriteDOT(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n\trankdir=LR; node [shape=box, style=rounded]; edge [fontsize=9]\n", r.Title())
	critical := map[[2]int]bool{}
	for i := 1; i < len(r.Graph.Critical); i++ {
		critical[[2]int{r.Graph.Critical[i-1], r.Graph.Critical[i]}] = true
	}
	var nodes []int
	for _, e := range r.Graph.Edges {
		nodes = append(nodes, e.From, e.To)
	}
	slices.Sort(nodes)
	for _, n := range slices.Compact(nodes) {
		mark := ""
		if slices.Contains(r.Graph.Critical, n) {
			mark = ", color=red, penwidth=2"
		}
		fmt.Fprintf(&b, "\tt%d [label=\"Tx%d\\n%.0f µs\"%s]\n", n, n, r.Graph.Nodes[n].CostUs, mark)
	}
	for _, e := range r.Graph.Edges {
		mark := ""
		if critical[[2]int{e.From, e.To}] {
			mark = ", color=red, penwidth=2"
		}
		fmt.Fprintf(&b, "\tt%d -> t%d [label=%q%s]\n", e.From, e.To, e.Key, mark)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}
