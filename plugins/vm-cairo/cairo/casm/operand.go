package casm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// cell is a cell of the stack, at a distance from ap or fp.
type cell struct {
	fp  bool
	off int16
}

// operand is a value that a hint reads.
type operand struct {
	kind operandKind
	a, b cell
	// inner is what is added to the address in a before that is read.
	inner int16
	// n is the number, or where n is known in a sum or a product, the number in the place of b.
	n machine.Cell
}

type operandKind uint8

const (
	opNumber  operandKind = iota
	opDeref               // [a]
	opDeref2              // [[a] + inner]
	opSum                 // [a] + [b], or [a] + n
	opProduct             // [a] * [b], or [a] * n
)

// fileCell is a cell as JSON has it.
type fileCell struct {
	Register string `json:"register"`
	Offset   *int16 `json:"offset"`
}

func (f *fileCell) cell() (cell, error) {
	switch {
	case f == nil || f.Offset == nil:
		return cell{}, fmt.Errorf("want a cell")
	case f.Register != "AP" && f.Register != "FP":
		return cell{}, fmt.Errorf("unknown register %.20q", f.Register)
	}
	return cell{f.Register == "FP", *f.Offset}, nil
}

// fileOperand is an operand as JSON has it: exactly one of the fields is there.
type fileOperand struct {
	Deref       *fileCell         `json:"Deref"`
	DoubleDeref []json.RawMessage `json:"DoubleDeref"`
	Immediate   *string           `json:"Immediate"`
	BinOp       *struct {
		Op string       `json:"op"`
		A  *fileCell    `json:"a"`
		B  *fileOperand `json:"b"`
	} `json:"BinOp"`
}

// decode reads one JSON value and refuses keys that it does not know.
func decode(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

func parseCell(text []byte) (cell, error) {
	var f fileCell
	if err := decode(text, &f); err != nil {
		return cell{}, err
	}
	return f.cell()
}

func parseOperand(text []byte) (operand, error) {
	var f fileOperand
	if err := decode(text, &f); err != nil {
		return operand{}, err
	}
	return f.operand()
}

func (f *fileOperand) operand() (o operand, err error) {
	switch {
	case f.Immediate != nil:
		o.kind = opNumber
		o.n, err = number(*f.Immediate)
	case f.Deref != nil:
		o.kind = opDeref
		o.a, err = f.Deref.cell()
	case len(f.DoubleDeref) == 2:
		o.kind = opDeref2
		if o.a, err = parseCell(f.DoubleDeref[0]); err == nil {
			err = decode(f.DoubleDeref[1], &o.inner)
		}
	case f.BinOp != nil:
		return f.binary()
	default:
		err = fmt.Errorf("want an operand")
	}
	return o, err
}

func (f *fileOperand) binary() (o operand, err error) {
	switch f.BinOp.Op {
	case "Add":
		o.kind = opSum
	case "Mul":
		o.kind = opProduct
	default:
		return o, fmt.Errorf("unknown operation %.20q", f.BinOp.Op)
	}
	if o.a, err = f.BinOp.A.cell(); err != nil {
		return o, err
	}
	if f.BinOp.B == nil {
		return o, fmt.Errorf("want a second operand")
	}
	b, err := f.BinOp.B.operand()
	if err != nil || b.kind > opDeref {
		return o, fmt.Errorf("the second operand must be a number or a cell: %w", err)
	}
	o.b, o.n = b.a, b.n
	return o, nil
}

// maxDigits is how long a number may be in JSON.
const maxDigits = 100

// number reads a number such as 0x1f or -0x1f, the latter modulo P.
func number(s string) (machine.Cell, error) {
	digits, negative := strings.CutPrefix(s, "-")
	var x felt.Felt
	if len(s) > maxDigits {
		return machine.Cell{}, fmt.Errorf("a number of %d digits", len(s))
	}
	if err := x.SetHex(digits); err != nil {
		return machine.Cell{}, err
	}
	if negative {
		x.Neg(&x)
	}
	return machine.FeltCell(x), nil
}

// at returns the address of c.
func (c *call) at(x cell) machine.Address {
	base := c.ap
	if x.fp {
		base = c.fp
	}
	off := base + uint64(int64(x.off))
	if x.off < 0 && off > base {
		c.failf("Operation failed: %d:%d - %d, offsets cant be negative", machine.StackSegment, base, -int(x.off))
		off = math.MaxUint64
	}
	return machine.Address{Segment: machine.StackSegment, Offset: off}
}

// read returns the value at a, and fails if there is none.
func (c *call) read(a machine.Address) machine.Cell {
	c.poll()
	v := c.run.vm.Read(a)
	if !v.Known() {
		c.failf("Unknown memory cell at address %v", a)
	}
	return v
}

// readFelt returns the felt at a.
func (c *call) readFelt(a machine.Address) felt.Felt {
	x, ok := c.read(a).Felt()
	if !ok {
		c.failf("Expected integer at address %v", a)
		return felt.Felt{}
	}
	return x
}

// readAddress returns the address at a.
func (c *call) readAddress(a machine.Address) machine.Address {
	to, ok := c.read(a).Address()
	if !ok {
		c.failf("Expected relocatable at address %v", a)
	}
	return to
}

// moved returns a moved by the felt x in its signed view.
func (c *call) moved(a machine.Address, x machine.Cell) machine.Address {
	v, err := machine.Add(a.Cell(), x)
	if err != nil {
		c.fail(err)
	}
	to, _ := v.Address()
	return to
}

// plus returns a moved by n.
func (c *call) plus(a machine.Address, n uint64) machine.Address {
	return c.moved(a, machine.UintCell(n))
}

// felt returns input i, which has to be a felt.
func (c *call) felt(i int) felt.Felt {
	o := &c.hint.in[i]
	switch o.kind {
	case opNumber:
		x, _ := o.n.Felt()
		return x
	case opDeref:
		return c.readFelt(c.at(o.a))
	case opDeref2:
		return c.readFelt(c.offset(c.readAddress(c.at(o.a)), o.inner))
	}
	x, y := c.readFelt(c.at(o.a)), c.second(o)
	if o.kind == opSum {
		return *x.Add(&x, &y)
	}
	return *x.Mul(&x, &y)
}

// second returns the second operand of a sum or product, which has to be a felt.
func (c *call) second(o *operand) felt.Felt {
	if x, ok := o.n.Felt(); ok {
		return x
	}
	return c.readFelt(c.at(o.b))
}

// offset returns a moved by a signed number of cells.
func (c *call) offset(a machine.Address, n int16) machine.Address {
	var x felt.Felt
	return c.moved(a, machine.FeltCell(*x.SetInt64(int64(n))))
}

// value returns input i, a felt or an address.
func (c *call) value(i int) machine.Cell {
	o := &c.hint.in[i]
	switch o.kind {
	case opDeref:
		return c.readAny(c.at(o.a))
	case opDeref2:
		return c.readAny(c.offset(c.readAddress(c.at(o.a)), o.inner))
	case opSum:
		v := c.readAny(c.at(o.a))
		y := c.second(o)
		if c.err != nil {
			return machine.Cell{}
		}
		v, err := machine.Add(v, machine.FeltCell(y))
		if err != nil {
			c.fail(err)
		}
		return v
	case opProduct:
		c.readAny(c.at(o.a))
	}
	return machine.FeltCell(c.felt(i))
}

// readAny returns the value at a, which may be of either kind, and fails if there is none, with the text of the reference for that.
func (c *call) readAny(a machine.Address) machine.Cell {
	c.poll()
	v := c.run.vm.Read(a)
	if !v.Known() {
		c.failf("Security Error: Invalid Memory Value: temporary address not relocated: %v", a)
	}
	return v
}

// pointer returns input i, which has to be the address in a cell, perhaps with a number added.
func (c *call) pointer(i int) machine.Address {
	o := &c.hint.in[i]
	switch {
	case o.kind == opDeref:
		return c.readAddress(c.at(o.a))
	case o.kind == opSum && o.n.Known():
		return c.moved(c.readAddress(c.at(o.a)), o.n)
	}
	c.failf("%s: operand %d is no pointer", c.hint.name, i)
	return machine.Address{}
}

// number returns input i, which has to fit into a machine word.
func (c *call) number(i int) uint64 {
	x := c.felt(i)
	if !x.IsUint64() {
		c.failf("Conversion to usize failed for Felt252 %s", x.Decimal())
	}
	return x[0]
}
