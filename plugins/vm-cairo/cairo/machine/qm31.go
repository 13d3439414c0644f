package machine

import "github.com/switchyard-dev/switchyard/framework/felt"

// m31 is the prime 2^31 - 1 under the field of the QM31 opcode.
const m31 = 1<<31 - 1

// qm31 is (c0 + c1*i) + (c2 + c3*i)*u with i^2 = -1 and u^2 = 2 + i, every c below m31. It is
// packed in a felt at 36 bits each, c0 lowest.
type qm31 [4]uint64

func unpackQM31(x felt.Felt) (q qm31, err error) {
	const mask = 1<<36 - 1
	q = qm31{x[0] & mask, x[0]>>36 | x[1]<<28&mask, x[1] >> 8 & mask, x[1]>>44 | x[2]<<20&mask}
	if x[3] != 0 || x[2]>>16 != 0 || max(q[0], q[1], q[2], q[3]) >= m31 {
		return q, fail(BadConversion, "Number is not a packing of a QM31 in reduced form: %s)", x.Decimal())
	}
	return q, nil
}

func (a qm31) pack() felt.Felt {
	return felt.Felt{a[0] | a[1]<<36, a[1]>>28 | a[2]<<8 | a[3]<<44, a[3] >> 20}
}

// qm31Op applies f to two packed numbers.
func qm31Op(x, y felt.Felt, f func(a, b qm31) qm31) (Cell, error) {
	a, err := unpackQM31(x)
	if err != nil {
		return Cell{}, err
	}
	b, err := unpackQM31(y)
	if err != nil {
		return Cell{}, err
	}
	return FeltCell(f(a, b).pack()), nil
}

func (a qm31) add(b qm31) (z qm31) {
	for i := range z {
		z[i] = (a[i] + b[i]) % m31
	}
	return z
}

func (a qm31) sub(b qm31) (z qm31) {
	for i := range z {
		z[i] = (a[i] + m31 - b[i]) % m31
	}
	return z
}

// cm31 is a + b*i.
type cm31 [2]uint64

func (x cm31) mul(y cm31) cm31 {
	return cm31{
		(x[0]*y[0] + (m31-x[1])*y[1]) % m31,
		(x[0]*y[1]%m31 + x[1]*y[0]) % m31,
	}
}

func (x cm31) add(y cm31) cm31 { return cm31{(x[0] + y[0]) % m31, (x[1] + y[1]) % m31} }

func (x cm31) sub(y cm31) cm31 { return cm31{(x[0] + m31 - y[0]) % m31, (x[1] + m31 - y[1]) % m31} }

// inverse returns 1/x = conj(x) / (a^2 + b^2), and 0 of 0.
func (x cm31) inverse() cm31 {
	n := inverseM31((x[0]*x[0] + x[1]*x[1]) % m31)
	return cm31{x[0] * n % m31, (m31 - x[1]) % m31 * n % m31}
}

// inverseM31 returns x^(m31-2).
func inverseM31(x uint64) uint64 {
	z := uint64(1)
	for e := uint64(m31 - 2); e != 0; e >>= 1 {
		if e&1 != 0 {
			z = z * x % m31
		}
		x = x * x % m31
	}
	return z
}

func (a qm31) halves() (low, high cm31) { return cm31{a[0], a[1]}, cm31{a[2], a[3]} }

func join(low, high cm31) qm31 { return qm31{low[0], low[1], high[0], high[1]} }

// u2 is u^2.
var u2 = cm31{2, 1}

func (a qm31) mul(b qm31) qm31 {
	a0, a1 := a.halves()
	b0, b1 := b.halves()
	return join(a0.mul(b0).add(u2.mul(a1.mul(b1))), a0.mul(b1).add(a1.mul(b0)))
}

// inverse returns 1/a = (low - high*u) / (low^2 - high^2*u^2), and 0 of 0.
func (a qm31) inverse() qm31 {
	low, high := a.halves()
	n := low.mul(low).sub(u2.mul(high.mul(high))).inverse()
	return join(low.mul(n), cm31{}.sub(high).mul(n))
}
