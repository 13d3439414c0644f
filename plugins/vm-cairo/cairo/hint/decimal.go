package hint

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// decimal is a decimal fraction: digits of at most 96 bits, of which the last scale ones, at most 28, stand behind the
// point. Operations that need more round half to even. A nil decimal is the result of an overflow, and so is what is
// computed from it.
type decimal struct {
	digits *big.Int
	scale  int
}

const (
	decimalBits  = 96
	decimalScale = 28
	// feltScale is the scale that felts are read and written with.
	feltScale = 8
)

func power10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// feltDecimal reads a felt in its signed view as a multiple of 10^-8.
func feltDecimal(x felt.Felt) *decimal {
	size, negative := x.Signed()
	n := size.Big()
	if negative {
		n.Neg(n)
	}
	if n.BitLen() > decimalBits {
		return nil
	}
	return &decimal{n, feltScale}
}

// fit returns the decimal with as many digits as there is room for.
func fit(digits *big.Int, scale int) *decimal {
	drop := max(scale-decimalScale, 0)
	for ; drop <= scale; drop++ {
		q, r := new(big.Int).QuoRem(digits, power10(drop), new(big.Int))
		half := r.Abs(r).Lsh(r, 1).Cmp(power10(drop))
		if half > 0 || half == 0 && drop > 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(int64(digits.Sign())))
		}
		if q.BitLen() <= decimalBits {
			return &decimal{q, scale - drop}
		}
	}
	return nil
}

func (d *decimal) mul(e *decimal) *decimal {
	if d == nil || e == nil {
		return nil
	}
	return fit(new(big.Int).Mul(d.digits, e.digits), d.scale+e.scale)
}

// aligned returns the digits of both at the larger scale.
func (d *decimal) aligned(e *decimal) (x, y *big.Int, scale int) {
	scale = max(d.scale, e.scale)
	x = new(big.Int).Mul(d.digits, power10(scale-d.scale))
	return x, new(big.Int).Mul(e.digits, power10(scale-e.scale)), scale
}

func (d *decimal) add(e *decimal) *decimal {
	if d == nil || e == nil {
		return nil
	}
	x, y, scale := d.aligned(e)
	return fit(x.Add(x, y), scale)
}

func (d *decimal) sub(e *decimal) *decimal {
	if e == nil {
		return nil
	}
	return d.add(&decimal{new(big.Int).Neg(e.digits), e.scale})
}

// larger returns the larger one.
func (d *decimal) larger(e *decimal) *decimal {
	if d == nil || e == nil {
		return nil
	}
	if x, y, _ := d.aligned(e); x.Cmp(y) < 0 {
		return e
	}
	return d
}

func (d *decimal) abs() *decimal {
	if d == nil {
		return nil
	}
	return &decimal{new(big.Int).Abs(d.digits), d.scale}
}

// whole returns the multiple of 10^-8 that d is, cut off towards 0; ok is false after an overflow.
func (d *decimal) whole() (n *big.Int, ok bool) {
	d = d.mul(&decimal{power10(feltScale), 0})
	if d == nil {
		return nil, false
	}
	return new(big.Int).Quo(d.digits, power10(d.scale)), true
}
