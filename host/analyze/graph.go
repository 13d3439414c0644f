package analyze

import (
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// graph is who depends on whom: a transaction on the last one below it that wrote, or added to, what it reads. The access
// sets are those of the final outcomes.
type graph struct {
	edges []edge
	// finish is when each transaction ends if it begins after all that it depends on have ended, with as many workers as
	// it takes; after is the one that it begins after, none if -1.
	finish []time.Duration
	after  []int
	via    []framework.Key // the key of that dependency
	depth  []int           // the most dependencies in a row that end at it
	// finishRead is when each ends if it waits in the middle, at the read concerned.
	finishRead []time.Duration
	work       time.Duration
}

// edge says that transaction to reads what transaction from wrote.
type edge struct {
	from, to int
	key      framework.Key
}

// source is who provides the value of a key: the last writer and whoever added to it since.
type source struct {
	tx               int
	finish, readable time.Duration
}

// dependencies makes the graph of some transactions. Keys that leave says are left out, as if nobody touched them.
func dependencies(works []trace.Work, leave ...framework.Key) *graph {
	n := len(works)
	g := &graph{
		finish: make([]time.Duration, n), finishRead: make([]time.Duration, n),
		after: make([]int, n), via: make([]framework.Key, n), depth: make([]int, n),
	}
	sources := map[framework.Key]source{}
	for i := range works {
		w := &works[i]
		g.work += w.Cost
		g.place(i, w, sources, leave)
		for _, k := range w.Writes {
			sources[k] = source{i, g.finish[i], g.finishRead[i]}
		}
		for _, k := range w.Adds {
			s := sources[k]
			sources[k] = source{i, max(s.finish, g.finish[i]), max(s.readable, g.finishRead[i])}
		}
	}
	return g
}

// place finds out what a transaction depends on, and so when it ends.
func (g *graph) place(i int, w *trace.Work, sources map[framework.Key]source, leave []framework.Key) {
	g.after[i] = -1
	var begin, clock, offset time.Duration
	for _, r := range w.Reads {
		s, ok := sources[r.Key]
		if !ok || slices.Contains(leave, r.Key) {
			continue
		}
		g.edges = append(g.edges, edge{s.tx, i, r.Key})
		g.depth[i] = max(g.depth[i], g.depth[s.tx]+1)
		if s.finish > begin || g.after[i] < 0 {
			begin, g.after[i], g.via[i] = s.finish, s.tx, r.Key
		}
		at := min(max(r.Offset, offset), w.Cost)
		clock = max(clock+at-offset, s.readable)
		offset = at
	}
	g.finish[i] = begin + w.Cost
	g.finishRead[i] = clock + w.Cost - offset
}

// longest returns the length of the critical path, and its transactions in order.
func (g *graph) longest() (time.Duration, []int) {
	last := -1
	for i, f := range g.finish {
		if last < 0 || f > g.finish[last] {
			last = i
		}
	}
	if last < 0 {
		return 0, nil
	}
	length := g.finish[last]
	var path []int
	for ; last >= 0; last = g.after[last] {
		path = append(path, last)
	}
	slices.Reverse(path)
	return length, path
}

// longestRead returns the length of the critical path if transactions wait in the middle.
func (g *graph) longestRead() time.Duration {
	if len(g.finishRead) == 0 {
		return 0
	}
	return slices.Max(g.finishRead)
}

// bound returns the speed-up that a block allows with so many workers, 0 for any number.
func (g *graph) bound(critical time.Duration, workers int) float64 {
	least := critical
	if workers > 0 {
		least = max(least, g.work/time.Duration(workers))
	}
	if least == 0 {
		return float64(max(workers, 1))
	}
	return ratio(g.work, least)
}

// Graph is who depends on whom.
type Graph struct {
	// Nodes are all transactions, in block order.
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
	// Critical are the transactions of the critical path.
	Critical []int `json:"critical"`
	// Depths counts transactions by the most dependencies in a row that end at them, Distances the dependencies by how far
	// apart their two ends are: 1, 2 to 3, 4 to 7, and so on.
	Depths    []int `json:"depths"`
	Distances []int `json:"distances"`
}

// Node is a transaction of a graph.
type Node struct {
	CostUs float64 `json:"cost_us"`
	Depth  int     `json:"depth"`
}

// Edge says that transaction To reads what transaction From wrote to Key.
type Edge struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Key  string `json:"key"`
}

func (g *graph) report(works []trace.Work) Graph {
	r := Graph{Nodes: make([]Node, len(works)), Edges: make([]Edge, len(g.edges))}
	_, r.Critical = g.longest()
	for i := range works {
		r.Nodes[i] = Node{micros(works[i].Cost), g.depth[i]}
		r.Depths = count(r.Depths, g.depth[i])
	}
	for i, e := range g.edges {
		r.Edges[i] = Edge{e.from, e.to, Name(e.key)}
		class := 0
		for d := e.to - e.from; d > 1; d /= 2 {
			class++
		}
		r.Distances = count(r.Distances, class)
	}
	return r
}

// count adds one to a counter of a list, which grows as needed.
func count(counters []int, i int) []int {
	for len(counters) <= i {
		counters = append(counters, 0)
	}
	counters[i]++
	return counters
}
