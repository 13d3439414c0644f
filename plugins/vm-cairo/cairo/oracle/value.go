package oracle

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

var (
	prime = felt.Modulus()
	two64 = new(big.Int).Lsh(big.NewInt(1), 64)
)

// value is a felt if n is set, else an address.
type value struct {
	n    *big.Int
	addr machine.Address
}

func number(n *big.Int) *value { return &value{n: new(big.Int).Mod(n, prime)} }

func address(seg int, off uint64) *value {
	return &value{addr: machine.Address{Segment: seg, Offset: off}}
}

func fromCell(c machine.Cell) *value {
	if a, ok := c.Address(); ok {
		return &value{addr: a}
	}
	if x, ok := c.Felt(); ok {
		return &value{n: x.Big()}
	}
	return nil
}

func (v *value) cell() machine.Cell {
	if v == nil {
		return machine.Cell{}
	}
	if v.n == nil {
		return v.addr.Cell()
	}
	return machine.FeltCell(v.felt())
}

func (v *value) felt() felt.Felt {
	var x felt.Felt
	return *x.SetBig(v.n)
}

func (v *value) equal(w *value) bool {
	if v.n == nil || w.n == nil {
		return v.n == nil && w.n == nil && v.addr == w.addr
	}
	return v.n.Cmp(w.n) == 0
}

func (v *value) isZero() bool { return v.n != nil && v.n.Sign() == 0 }

func (v *value) String() string { return v.cell().String() }

// signed returns the number in (-P/2, P/2) that is n mod P.
func signed(n *big.Int) *big.Int {
	half := new(big.Int).Rsh(prime, 1)
	if n.Cmp(half) > 0 {
		return new(big.Int).Sub(n, prime)
	}
	return n
}

// shift returns off + by, if both |by| and the sum are below 2^64.
func shift(off uint64, by *big.Int) (uint64, bool) {
	sum := new(big.Int).Add(new(big.Int).SetUint64(off), by)
	if new(big.Int).Abs(by).Cmp(two64) >= 0 || sum.Sign() < 0 || sum.Cmp(two64) >= 0 {
		return 0, false
	}
	return sum.Uint64(), true
}

func add(x, y *value) (*value, error) {
	switch {
	case x.n == nil && y.n == nil:
		return nil, failf(machine.BadArithmetic, "Operation failed: %v + %v, can't add two relocatable values", x, y)
	case x.n == nil:
		off, ok := shift(x.addr.Offset, signed(y.n))
		if !ok {
			return nil, failf(machine.BadOffset, "Operation failed: %v + %v, maximum offset value exceeded", x, y)
		}
		return address(x.addr.Segment, off), nil
	case y.n == nil:
		return add(y, x)
	}
	return number(new(big.Int).Add(x.n, y.n)), nil
}

func sub(x, y *value) (*value, error) {
	switch {
	case x.n == nil && y.n == nil && x.addr.Segment == y.addr.Segment:
		a, b := new(big.Int).SetUint64(x.addr.Offset), new(big.Int).SetUint64(y.addr.Offset)
		return number(a.Sub(a, b)), nil
	case x.n == nil && y.n == nil:
		return nil, failf(machine.BadArithmetic,
			"Operation failed: %v - %v, can't subtract two relocatable values with different segment indexes", x, y)
	case x.n == nil:
		off, ok := shift(x.addr.Offset, new(big.Int).Neg(signed(y.n)))
		if !ok {
			return nil, failf(machine.BadOffset, "Operation failed: %v - %v, offsets cant be negative", x, y)
		}
		return address(x.addr.Segment, off), nil
	case y.n == nil:
		return nil, failf(machine.BadArithmetic,
			"Operation failed %v - %v, can't subtract a relocatable value from an integer", x, y)
	}
	return number(new(big.Int).Sub(x.n, y.n)), nil
}

func mul(x, y *value) (*value, error) {
	if x.n == nil || y.n == nil {
		return nil, failf(machine.BadMul,
			"Failed to compute Res.MUL: Could not complete computation of non pure values %v * %v", x, y)
	}
	return number(new(big.Int).Mul(x.n, y.n)), nil
}

func div(x, y *value) *value {
	return number(new(big.Int).Mul(x.n, new(big.Int).ModInverse(y.n, prime)))
}
