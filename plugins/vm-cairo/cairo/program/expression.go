package program

import (
	"math/big"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Expression is the value of a reference, such as [cast(fp + (-5), felt*)] or cast([ap + (-1)] + 3, felt).
// The zero value cannot be evaluated.
type Expression struct {
	// Type is the type that it is cast to; for one in memory that of the pointer without its star.
	Type string
	// InMemory says that it is the content of a cell, and so can be written.
	InMemory bool
	// root is the value, or the address of the cell; nil if the text was not understood.
	root *node
}

type op uint8

const (
	opNumber op = iota
	opAP
	opFP
	opDeref
	opAdd
	opSub
	opMul
)

type node struct {
	op   op
	n    machine.Cell
	a, b *node
}

// Valid reports whether the expression was understood.
func (e *Expression) Valid() bool { return e.root != nil }

// UsesAP reports whether the value depends on ap.
func (e *Expression) UsesAP() bool { return e.root.usesAP() }

func (n *node) usesAP() bool { return n != nil && (n.op == opAP || n.a.usesAP() || n.b.usesAP()) }

// IsPlain reports whether the expression is the cell at a fixed distance from fp, or from ap.
func (e *Expression) IsPlain() bool {
	return e.root != nil && e.InMemory && (e.root.op == opFP || e.root.op == opAP || e.root.op == opAdd &&
		e.root.a.op != opDeref && e.root.b.op == opNumber)
}

// Offset returns at which distance from ap, or from fp, the cell of a plain expression lies; ok is false if the expression is not
// plain, or the distance is no small number.
func (e *Expression) Offset() (ap bool, off int64, ok bool) {
	if !e.IsPlain() {
		return false, 0, false
	}
	base := e.root
	if base.op == opAdd {
		x, _ := base.b.n.Felt()
		if off, ok = x.Int64(); !ok {
			return false, 0, false
		}
		base = base.a
	}
	return base.op == opAP, off, base.op == opAP || base.op == opFP
}

// Reader reads memory.
type Reader interface {
	Read(machine.Address) machine.Cell
}

// Address returns where the cell of an expression in memory is, or what a pointer points to, given ap as it was
// when the name was bound, and whether it is known: where hints look for the members of a struct.
func (e *Expression) Address(m Reader, ap, fp uint64) (machine.Address, bool) {
	return e.root.eval(m, ap, fp).Address()
}

// Value returns the value, empty if it is not known.
func (e *Expression) Value(m Reader, ap, fp uint64) machine.Cell {
	v := e.root.eval(m, ap, fp)
	if !e.InMemory {
		return v
	}
	a, ok := v.Address()
	if !ok {
		return machine.Cell{}
	}
	return m.Read(a)
}

// eval returns the value of n, empty if it is not known.
func (n *node) eval(m Reader, ap, fp uint64) machine.Cell {
	if n == nil {
		return machine.Cell{}
	}
	switch n.op {
	case opNumber:
		return n.n
	case opAP:
		return machine.Address{Segment: machine.StackSegment, Offset: ap}.Cell()
	case opFP:
		return machine.Address{Segment: machine.StackSegment, Offset: fp}.Cell()
	case opDeref:
		a, ok := n.a.eval(m, ap, fp).Address()
		if !ok {
			return machine.Cell{}
		}
		return m.Read(a)
	}
	x, y := n.a.eval(m, ap, fp), n.b.eval(m, ap, fp)
	if !x.Known() || !y.Known() {
		return machine.Cell{}
	}
	return n.combine(x, y)
}

func (n *node) combine(x, y machine.Cell) (z machine.Cell) {
	var err error
	switch n.op {
	case opAdd:
		z, err = machine.Add(x, y)
	case opSub:
		z, err = machine.Sub(x, y)
	case opMul:
		u, ok := x.Felt()
		v, ok2 := y.Felt()
		if !ok || !ok2 {
			return machine.Cell{}
		}
		return machine.FeltCell(*u.Mul(&u, &v))
	}
	if err != nil {
		return machine.Cell{}
	}
	return z
}

// maxNesting bounds the depth of expressions.
const maxNesting = 50

// parser reads an expression from the front of s.
type parser struct {
	s     string
	depth int
	bad   bool
}

// parseExpression reads a whole reference value: cast(E, T) or [cast(E, T*)].
func parseExpression(s string) (e Expression) {
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(s, "]") && strings.HasPrefix(inner, "cast(") {
		s, e.InMemory = strings.TrimSuffix(inner, "]"), true
	}
	body, ok := strings.CutPrefix(s, "cast(")
	if !ok || !strings.HasSuffix(body, ")") {
		return Expression{}
	}
	body = strings.TrimSuffix(body, ")")
	value, typ, ok := strings.Cut(body, ", ")
	if !ok {
		return Expression{}
	}
	p := parser{s: value}
	e.root = p.sum()
	if p.bad || p.s != "" {
		return Expression{}
	}
	if e.Type = typ; e.InMemory {
		e.Type = strings.TrimSuffix(typ, "*")
	}
	return e
}

func (p *parser) fail() *node {
	p.bad = true
	return &node{}
}

func (p *parser) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(p.s, prefix)
	if ok {
		p.s = rest
	}
	return ok
}

func (p *parser) sum() *node {
	if p.depth++; p.depth > maxNesting {
		return p.fail()
	}
	defer func() { p.depth-- }()
	n := p.product()
	for !p.bad {
		switch {
		case p.skip(" + "):
			n = &node{op: opAdd, a: n, b: p.product()}
		case p.skip(" - "):
			n = &node{op: opSub, a: n, b: p.product()}
		default:
			return n
		}
	}
	return n
}

func (p *parser) product() *node {
	n := p.term()
	for !p.bad && p.skip(" * ") {
		n = &node{op: opMul, a: n, b: p.term()}
	}
	return n
}

func (p *parser) term() *node {
	switch {
	case p.skip("ap"):
		return &node{op: opAP}
	case p.skip("fp"):
		return &node{op: opFP}
	case p.skip("["):
		n := &node{op: opDeref, a: p.sum()}
		if !p.skip("]") {
			return p.fail()
		}
		return n
	case p.skip("("):
		n := p.sum()
		if !p.skip(")") {
			return p.fail()
		}
		return n
	}
	return p.number()
}

func (p *parser) number() *node {
	i := 0
	if strings.HasPrefix(p.s, "-") {
		i++
	}
	for i < len(p.s) && p.s[i] >= '0' && p.s[i] <= '9' {
		i++
	}
	x, ok := new(big.Int).SetString(p.s[:i], 10)
	if !ok || i > maxDigits {
		return p.fail()
	}
	p.s = p.s[i:]
	var z felt.Felt
	return &node{op: opNumber, n: machine.FeltCell(*z.SetBig(x))}
}
