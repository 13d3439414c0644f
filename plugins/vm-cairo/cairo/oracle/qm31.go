package oracle

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

var m31 = big.NewInt(1<<31 - 1)

// poly is c0 + c1*i + c2*u + c3*i*u, with i^2 = -1 and u^2 = 2 + i.
type poly [4]*big.Int

func unpack(v *value) (p poly, err error) {
	bad := v.n.BitLen() > 144
	rest := new(big.Int).Set(v.n)
	for k := range p {
		p[k] = new(big.Int).Mod(rest, big.NewInt(1<<36))
		rest.Rsh(rest, 36)
		bad = bad || p[k].Cmp(m31) >= 0
	}
	if bad {
		return p, failf(machine.BadConversion, "Number is not a packing of a QM31 in reduced form: %v)", v)
	}
	return p, nil
}

func (p poly) pack() *value {
	n := new(big.Int)
	for k := 3; k >= 0; k-- {
		n.Lsh(n, 36)
		n.Add(n, new(big.Int).Mod(p[k], m31))
	}
	return number(n)
}

// times multiplies by the table of the products of 1, i, u and iu.
func (p poly) times(q poly) poly {
	z := poly{new(big.Int), new(big.Int), new(big.Int), new(big.Int)}
	put := func(k int, factor int64, t *big.Int) {
		z[k].Add(z[k], new(big.Int).Mul(big.NewInt(factor), t))
	}
	for a := range p {
		for b := range q {
			t := new(big.Int).Mul(p[a], q[b])
			i, u := a&1+b&1, a>>1+b>>1 // the powers of i and u
			sign := int64(1)
			if i == 2 {
				i, sign = 0, -1
			}
			if u < 2 {
				put(i+2*u, sign, t)
				continue
			}
			// u^2 = 2 + i
			put(i, 2*sign, t)
			if i == 0 {
				put(1, sign, t)
			} else {
				put(0, -sign, t)
			}
		}
	}
	return z
}

// inverse is p^(q-2) for the field of q = m31^4 elements.
func (p poly) inverse() poly {
	e := new(big.Int).Exp(m31, big.NewInt(4), nil)
	e.Sub(e, big.NewInt(2))
	z := poly{big.NewInt(1), new(big.Int), new(big.Int), new(big.Int)}
	for i := e.BitLen() - 1; i >= 0; i-- {
		z = z.times(z).reduced()
		if e.Bit(i) == 1 {
			z = z.times(p).reduced()
		}
	}
	return z
}

func (p poly) reduced() poly {
	for k := range p {
		p[k].Mod(p[k], m31)
	}
	return p
}

// packed does op, one of + - * /, on packed numbers.
func packed(op byte, x, y *value) (*value, error) {
	if x.n == nil || y.n == nil {
		switch op {
		case '+':
			return nil, failf(machine.BadArithmetic,
				"Operation failed: %v - %v, can't add a relocatable value as a QM31 element", x, y)
		case '-':
			return nil, failf(machine.BadArithmetic, "Operation failed: %v - %v, can't subtract a relocatable value "+
				"or from a relocatable value as a QM31 element", x, y)
		}
		return mul(x, y)
	}
	p, err := unpack(x)
	if err != nil {
		return nil, err
	}
	q, err := unpack(y)
	if err != nil {
		return nil, err
	}
	switch op {
	case '*':
		return p.times(q).pack(), nil
	case '/':
		return p.times(q.inverse()).pack(), nil
	}
	var z poly
	for k := range z {
		if z[k] = new(big.Int).Add(p[k], q[k]); op == '-' {
			z[k] = new(big.Int).Sub(p[k], q[k])
		}
	}
	return z.pack(), nil
}
