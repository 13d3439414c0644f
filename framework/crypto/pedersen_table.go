package crypto

import (
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// pedersenPoints are P0 to P4, the points of Starknet's Pedersen hash. Nobody chose them: each takes
// 76 decimal digits of pi mod P as its x, or the next number that is the x of a point, and the
// smaller y. The tests of this package make them again. See nothing_up_my_sleeve_gen.py in
// https://github.com/starkware-libs/cairo-lang.
var pedersenPoints = [5]affine{
	{
		mustEnter("0x49ee3eba8c1600700ee1b87eb599f16716b0b1022947733551fde4050ca6804"),
		mustEnter("0x3ca0cfe4b3bc6ddf346d49d06ea0ed34e621062c0e056c1d0405d266e10268a"),
	}, {
		mustEnter("0x234287dcbaffe7f969c748655fca9e58fa8120b6d56eb0c1080d17957ebe47b"),
		mustEnter("0x3b056f100f96fb21e889527d41f4e39940135dd7a6c94cc6ed0268ee89e5615"),
	}, {
		mustEnter("0x4fa56f376c83db33f9dab2656558f3399099ec1de5e3018b7a6932dba8aa378"),
		mustEnter("0x3fa0984c931c9e38113e0c0e47e4401562761f92a7a23b45168f4e80ff5b54d"),
	}, {
		mustEnter("0x4ba4cc166be8dec764910f75b45f74b40c690c74709e90f3aa372f0bd2d6997"),
		mustEnter("0x40301cf5c1751f4b971e46c4ede85fcac5c59a5ce5ae7c48151f27b24b219c"),
	}, {
		mustEnter("0x54302dcb0e6cc1c6e44cca8f61a63bb2ca65048d53fb325d36ff12c49a58202"),
		mustEnter("0x1b77b3e37d13504b348046268d8ae25ce98ad783c25561a879dcc77e99c2426"),
	},
}

const lowBits = 248 // bits of a felt that belong to the first of its two points

// pedersenTable has a row of points for each digit of both inputs. A hash is the sum of one point
// of each row, whatever the digits: every row is moved by a point of its own, so that the digit 0
// is no special case, and the first row makes up for it and carries P0. The moves of the others are
// 2^i times the generator, so no sum of some rows meets a sum of others.
type pedersenTable struct {
	window int
	digits int // rows for one input
	rows   [][]affine
	// zeros[side][i] is the sum of the first points of the rows of that side from row i on: what the digits of an input are
	// together if they are 0 from digit i on.
	zeros [2][]affine
}

// entry returns the point of row i for input x.
func (t *pedersenTable) entry(i int, x *felt.Felt) *affine {
	row, _, bit := t.row(i)
	return &row[digit(x, bit, uint(t.window))]
}

// row returns row i, the input whose digit selects its point, and the first bit of the digit.
func (t *pedersenTable) row(i int) (row []affine, side int, bit uint) {
	row = t.rows[i]
	if i >= t.digits {
		side, i = 1, i-t.digits
	}
	return row, side, uint(i * t.window)
}

// digit returns the n bits of x from bit i on, for n < 64; above bit 255 there are none.
func digit(x *felt.Felt, i, n uint) uint64 {
	d := x[i/64] >> (i % 64)
	if i%64+n > 64 && i < 192 {
		d |= x[i/64+1] << (64 - i%64)
	}
	return d & (1<<n - 1)
}

func newPedersenTable(window int) *pedersenTable {
	t := &pedersenTable{window: window, digits: (felt.Bits + window - 1) / window}
	var basis [2][]affine // the point that each bit of an input stands for
	for i := range basis {
		low, high := &pedersenPoints[2*i+1], &pedersenPoints[2*i+2]
		basis[i] = append(powersOfTwo(low, lowBits), powersOfTwo(high, felt.Bits-lowBits)...)
	}
	moves := t.moves()
	store := make([]affine, 2*(t.digits-1)<<window+2<<t.width(t.digits-1))
	for i := range 2 * t.digits {
		n := t.width(i % t.digits)
		row := store[:1<<n]
		store = store[1<<n:]
		row[0] = moves[i]
		fillRow(row, basis[i/t.digits][i%t.digits*window:][:n])
		t.rows = append(t.rows, row)
	}
	t.sumZeros()
	return t
}

// sumZeros fills zeros. The first row of the first side is never left out, since it carries P0.
func (t *pedersenTable) sumZeros() {
	for side := range t.zeros {
		sums := make([]xyzz, t.digits)
		var acc xyzz
		for i := t.digits - 1; i >= 0; i-- {
			if side > 0 || i > 0 {
				acc.addAffine(&t.rows[side*t.digits+i][0])
			}
			sums[i] = acc
		}
		t.zeros[side] = make([]affine, t.digits)
		toAffine(t.zeros[side], sums, make([]fp.Element, 2*t.digits))
	}
}

// width returns the number of bits of digit i, which is less for the last.
func (t *pedersenTable) width(i int) int { return min(t.window, felt.Bits-i*t.window) }

// moves returns what each row is moved by.
func (t *pedersenTable) moves() []affine {
	points := make([]xyzz, 2*t.digits)
	var acc, sum xyzz
	acc.set(&generator)
	for i := 1; i < len(points); i++ {
		acc.double()
		points[i] = acc
		sum.add(&acc)
	}
	sum.y.Neg(&sum.y)
	sum.addAffine(&pedersenPoints[0])
	points[0] = sum
	out := make([]affine, len(points))
	toAffine(out, points, make([]fp.Element, 2*len(points)))
	return out
}

// powersOfTwo returns p, 2*p, 4*p and so on, n points.
func powersOfTwo(p *affine, n int) []affine {
	points := make([]xyzz, n)
	points[0].set(p)
	for i := 1; i < n; i++ {
		points[i] = points[i-1]
		points[i].double()
	}
	out := make([]affine, n)
	toAffine(out, points, make([]fp.Element, 2*n))
	return out
}

// fillRow sets row[d] to row[0] plus the sum of the basis points of the bits of d.
func fillRow(row, basis []affine) {
	s := newScalarAdder(len(row))
	for b := range basis {
		n := 1 << b
		for i, p := range row[:n] {
			s.x[i], s.y[i] = p.x, p.y
			s.x[n+i], s.y[n+i] = basis[b].x, basis[b].y
		}
		if !s.add(n, n) {
			panic("crypto: the table of Pedersen has a point twice")
		}
		for i := range n {
			row[n+i] = affine{s.x[i], s.y[i]}
		}
	}
}
