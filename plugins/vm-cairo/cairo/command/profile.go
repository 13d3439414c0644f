package command

import (
	"compress/gzip"
	"io"
	"sort"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// function is a function of a program.
type function struct {
	name  string
	start uint64
	file  string
	line  int
}

// node is a function as it is reached by one chain of calls.
type node struct {
	parent   *node
	function int
	steps    uint64
	children map[int]*node
}

func (n *node) child(function int) *node {
	c := n.children[function]
	if c == nil {
		c = &node{parent: n, function: function, children: make(map[int]*node)}
		n.children[function] = c
	}
	return c
}

// functions returns the functions of a program by where they begin.
func functions(p *program.Program) []function {
	list := []function{{name: "(outside of functions)"}}
	for name, id := range p.Identifiers {
		if id.Type == "function" {
			at := p.Locations[id.PC]
			list = append(list, function{strings.TrimPrefix(name, "__main__."), id.PC, at.File, at.Line})
		}
	}
	sort.SliceStable(list[1:], func(i, j int) bool {
		a, b := &list[i+1], &list[j+1]
		return a.start < b.start || a.start == b.start && a.name < b.name
	})
	return list
}

// callTree counts the steps of a run by chains of calls.
func callTree(s *runner.Session, list []function) *node {
	in := make([]int, s.Loaded().Code.Len()) // the function of each word
	for pc, f := 0, 0; pc < len(in); pc++ {
		for f+1 < len(list) && list[f+1].start <= uint64(pc) {
			f++
		}
		in[pc] = f
	}
	type frame struct {
		fp     uint64
		caller *node
	}
	root := &node{children: make(map[int]*node)}
	frames := []frame{{0, root}}
	now := root
	s.Machine().Trace(func(r machine.Registers) bool {
		top := &frames[len(frames)-1]
		switch {
		case len(frames) == 1 && top.fp == 0:
			top.fp = r.FP
		case r.FP > top.fp:
			frames = append(frames, frame{r.FP, now})
		case r.FP < top.fp:
			for len(frames) > 1 && frames[len(frames)-1].fp > r.FP {
				frames = frames[:len(frames)-1]
			}
		}
		f := 0
		if r.PC.Segment == machine.ProgramSegment && r.PC.Offset < uint64(len(in)) {
			f = in[r.PC.Offset]
		}
		caller := frames[len(frames)-1].caller
		if now.parent != caller || now.function != f {
			now = caller.child(f)
		}
		now.steps++
		return true
	})
	return root
}

// Numbers of fields of profile.proto of pprof (https://github.com/google/pprof/blob/main/proto/profile.proto).
const (
	profileSampleType  = 1
	profileSample      = 2
	profileLocation    = 4
	profileFunction    = 5
	profileStringTable = 6
)

// message appends fields of a protobuf message.
type message []byte

func (m *message) number(field protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

// writeProfile writes the steps of a run by Cairo function in the format of pprof.
func writeProfile(w io.Writer, s *runner.Session) error {
	list := functions(s.Loaded().Program)
	tree := callTree(s, list)
	texts := []string{"", "steps", "count"}
	var out message
	var unit message
	unit.number(1, 1)
	unit.number(2, 2)
	out.bytes(profileSampleType, unit)
	appendSamples(&out, tree)
	for i, f := range list {
		id := uint64(i + 1)
		var line, location, fn message
		line.number(1, id)
		line.number(2, uint64(f.line)) //nolint:gosec // a line of a file
		location.number(1, id)
		location.number(3, f.start)
		location.bytes(4, line)
		out.bytes(profileLocation, location)
		fn.number(1, id)
		fn.number(2, uint64(len(texts)))
		fn.number(4, uint64(len(texts)+1))
		fn.number(5, uint64(f.line)) //nolint:gosec // a line of a file
		texts = append(texts, f.name, f.file)
		out.bytes(profileFunction, fn)
	}
	for _, t := range texts {
		out.bytes(profileStringTable, []byte(t))
	}
	z := gzip.NewWriter(w)
	if _, err := z.Write(out); err != nil {
		return err
	}
	return z.Close()
}

// appendSamples appends a sample for each node below n that has steps of its own.
func appendSamples(out *message, n *node) {
	if n.steps > 0 {
		var sample message
		for at := n; at.parent != nil; at = at.parent {
			sample.number(1, uint64(at.function+1)) //nolint:gosec // an index
		}
		sample.number(2, n.steps)
		out.bytes(profileSample, sample)
	}
	for _, c := range n.children {
		appendSamples(out, c)
	}
}
