package machine

import (
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// prime3 is the most significant word of P; the others are 1, 0, 0.
const prime3 = 0x0800000000000011

// Add returns x + y: of two felts mod P, of an address and a felt the address moved by the felt
// in its signed view. The error has the text of the reference.
func Add(x, y Cell) (Cell, error) {
	a, xa := x.Address()
	b, ya := y.Address()
	switch {
	case xa && ya:
		return Cell{}, fail(BadArithmetic, "Operation failed: %v + %v, can't add two relocatable values", a, b)
	case xa:
		return addAddress(a, y.felt())
	case ya:
		return addAddress(b, x.felt())
	}
	u, v := x.felt(), y.felt()
	return FeltCell(*u.Add(&u, &v)), nil
}

func addAddress(a Address, x felt.Felt) (Cell, error) {
	off, ok := x.AddOffset(a.Offset)
	if !ok {
		return Cell{}, failAdd(a, x.Decimal())
	}
	return Address{a.Segment, off}.Cell(), nil
}

// Sub returns x - y: of two felts mod P, of an address and a felt the address moved back, of two
// addresses of one segment their distance mod P. The error has the text of the reference.
func Sub(x, y Cell) (Cell, error) {
	a, xa := x.Address()
	b, ya := y.Address()
	switch {
	case xa && ya:
		if a.Segment != b.Segment {
			return Cell{}, fail(BadArithmetic,
				"Operation failed: %v - %v, can't subtract two relocatable values with different segment indexes", a, b)
		}
		u, v := felt.FromUint64(a.Offset), felt.FromUint64(b.Offset)
		return FeltCell(*u.Sub(&u, &v)), nil
	case xa:
		v := y.felt()
		off, ok := new(felt.Felt).Neg(&v).AddOffset(a.Offset)
		if !ok {
			return Cell{}, failSub(a, v.Decimal())
		}
		return Address{a.Segment, off}.Cell(), nil
	case ya:
		return Cell{}, fail(BadArithmetic,
			"Operation failed %v - %v, can't subtract a relocatable value from an integer", x, b)
	}
	u, v := x.felt(), y.felt()
	return FeltCell(*u.Sub(&u, &v)), nil
}

// mul returns x * y in the field of the extension.
func mul(x, y Cell, ext uint8) (Cell, error) {
	if !x.isFelt() || !y.isFelt() {
		return Cell{}, fail(BadMul,
			"Failed to compute Res.MUL: Could not complete computation of non pure values %v * %v", x, y)
	}
	u, v := x.felt(), y.felt()
	if ext == ExtQM31 {
		return qm31Op(u, v, qm31.mul)
	}
	return FeltCell(*u.Mul(&u, &v)), nil
}

// div returns x / y of two felts, y not being 0, in the field of the extension.
func div(x, y felt.Felt, ext uint8) (Cell, error) {
	if ext == ExtQM31 {
		return qm31Op(x, y, func(a, b qm31) qm31 { return a.mul(b.inverse()) })
	}
	return FeltCell(*x.Div(&x, &y)), nil
}

// add and sub are Add and Sub in the field of the extension.
func add(x, y Cell, ext uint8) (Cell, error) {
	if ext != ExtQM31 {
		return Add(x, y)
	}
	if !x.isFelt() || !y.isFelt() {
		return Cell{}, fail(BadArithmetic,
			"Operation failed: %v - %v, can't add a relocatable value as a QM31 element", x, y)
	}
	return qm31Op(x.felt(), y.felt(), qm31.add)
}

func sub(x, y Cell, ext uint8) (Cell, error) {
	if ext != ExtQM31 {
		return Sub(x, y)
	}
	if !x.isFelt() || !y.isFelt() {
		return Cell{}, fail(BadArithmetic,
			"Operation failed: %v - %v, can't subtract a relocatable value or from a relocatable value as a QM31 element", x, y)
	}
	return qm31Op(x.felt(), y.felt(), qm31.sub)
}

// addFelts returns the sum of two cells of which the caller knows that they hold felts and lack
// the flag hosted. It is the addition of the fast path: the two flags known cancel each other.
func addFelts(x, y Cell) Cell {
	t0, c := bits.Add64(x.w0, y.w0, 0)
	t1, c := bits.Add64(x.w1, y.w1, c)
	t2, c := bits.Add64(x.w2, y.w2, c)
	t3 := x.top + y.top + c
	if t3 < prime3 {
		return Cell{t0, t1, t2, t3 | known}
	}
	u0, b := bits.Sub64(t0, 1, 0)
	u1, b := bits.Sub64(t1, 0, b)
	u2, b := bits.Sub64(t2, 0, b)
	u3, b := bits.Sub64(t3, prime3, b)
	if b != 0 { // P < 2^192 * (prime3 + 1): t3 == prime3 does not settle it
		return Cell{t0, t1, t2, t3 | known}
	}
	return Cell{u0, u1, u2, u3 | known}
}

// subFelts returns the difference of two cells of which the caller knows the same.
func subFelts(x, y Cell) Cell {
	t0, b := bits.Sub64(x.w0, y.w0, 0)
	t1, b := bits.Sub64(x.w1, y.w1, b)
	t2, b := bits.Sub64(x.w2, y.w2, b)
	t3, b := bits.Sub64(x.top&^flags, y.top&^flags, b)
	if b == 0 {
		return Cell{t0, t1, t2, t3 | known}
	}
	t0, c := bits.Add64(t0, 1, 0)
	t1, c = bits.Add64(t1, 0, c)
	t2, c = bits.Add64(t2, 0, c)
	return Cell{t0, t1, t2, (t3 + prime3 + c) | known}
}
