package crypto

import (
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// pointAdder adds many affine points at once, with a single inversion for all of them. The points
// form rows, of which each is a point for each of several sums that are made side by side.
type pointAdder interface {
	// load makes row i of the points of the table that the pairs select. All loads of a chunk have
	// the same number of pairs.
	load(t *pedersenTable, i int, pairs [][2]felt.Felt)
	// add adds n rows from row off on to the first n, with off >= n. It reports false, and has spoilt
	// the points, if the points of a sum have the same x.
	add(n, off int) bool
	// store writes the x coordinates of row 0.
	store(dst []felt.Felt)
}

// scalarAdder is the adder of the portable path.
type scalarAdder struct {
	x, y, d, t []fp.Element
	width      int // points of a row
}

var _ pointAdder = (*scalarAdder)(nil)

// newScalarAdder returns an adder with room for n points.
func newScalarAdder(n int) *scalarAdder {
	return &scalarAdder{
		x: make([]fp.Element, n), y: make([]fp.Element, n),
		d: make([]fp.Element, n/2), t: make([]fp.Element, n/2), width: 1,
	}
}

func (s *scalarAdder) load(t *pedersenTable, i int, pairs [][2]felt.Felt) {
	s.width = len(pairs)
	row, side, bit := t.row(i)
	x, y := s.x[i*len(pairs):][:len(pairs)], s.y[i*len(pairs):][:len(pairs)]
	for j := range pairs {
		p := &row[digit(&pairs[j][side], bit, uint(t.window))]
		x[j], y[j] = p.x, p.y
	}
}

func (s *scalarAdder) add(n, off int) bool {
	n, off = n*s.width, off*s.width
	ax, ay, bx, by, d := s.x[:n], s.y[:n], s.x[off:off+n], s.y[off:off+n], s.d[:n]
	for i := range d {
		sub(&d[i], &bx[i], &ax[i])
	}
	if !invertAll(d, s.t) {
		return false
	}
	for i := range d {
		var l, x3 fp.Element
		sub(&l, &by[i], &ay[i])
		l.Mul(&l, &d[i])
		x3.Square(&l)
		sub(&x3, &x3, &ax[i])
		sub(&x3, &x3, &bx[i])
		sub(&ax[i], &ax[i], &x3)
		l.Mul(&l, &ax[i])
		sub(&ay[i], &l, &ay[i])
		ax[i] = x3
	}
	return true
}

func (s *scalarAdder) store(dst []felt.Felt) {
	for j := range dst {
		dst[j] = leave(&s.x[j])
	}
}
