package crypto

import "github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

// adder adds many pairs of affine points at once, with a single inversion for all of them. The
// points lie in x and y; add leaves the sums in place of the first points.
type adder struct {
	x, y fp.Vector
	path Path

	d, l, t fp.Vector // differences of x, slopes, a temporary
	tree    fp.Vector // products for the inversion, level by level
	inv     [2]fp.Vector
}

// lanes is the number of products that the vector unit makes at a time. What is computed for the
// rest of the last group is thrown away.
const lanes = 8

func pad(n int) int { return (n + lanes - 1) &^ (lanes - 1) }

// newAdder returns an adder with room for n points.
func newAdder(n int, path Path) *adder {
	half := pad(n/2 + 1)
	s := &adder{x: make(fp.Vector, n), y: make(fp.Vector, n), path: path}
	s.d, s.l, s.t = make(fp.Vector, half), make(fp.Vector, half), make(fp.Vector, half)
	if path == Vector {
		s.tree = make(fp.Vector, half+64*lanes) // each level is half of the one before, rounded up
		s.inv = [2]fp.Vector{make(fp.Vector, half), make(fp.Vector, half)}
	}
	return s
}

// add adds the m points from off on to the first m, with off >= m. It reports false, and has spoilt
// the points, if the points of a pair have the same x.
func (s *adder) add(m, off int) bool {
	if s.path == Vector {
		return s.addVector(m, off)
	}
	return s.addPortable(m, off)
}

func (s *adder) addPortable(m, off int) bool {
	bx, by := s.x[off:off+m], s.y[off:off+m]
	for i := range m {
		s.d[i].Sub(&bx[i], &s.x[i])
	}
	if !invertAll(s.d[:m], s.t) {
		return false
	}
	for i := range m {
		var l, x3 fp.Element
		l.Sub(&by[i], &s.y[i])
		l.Mul(&l, &s.d[i])
		x3.Square(&l)
		x3.Sub(&x3, &s.x[i])
		x3.Sub(&x3, &bx[i])
		s.x[i].Sub(&s.x[i], &x3)
		l.Mul(&l, &s.x[i])
		s.y[i].Sub(&l, &s.y[i])
		s.x[i] = x3
	}
	return true
}

func (s *adder) addVector(m, off int) bool {
	n := pad(m)
	ax, ay, bx, by := s.x[:m], s.y[:m], s.x[off:off+m], s.y[off:off+m]
	d, l, t := s.d[:n], s.l[:n], s.t[:n]
	head(d, m).Sub(bx, ax)
	for i := m; i < n; i++ {
		d[i] = fp.One()
	}
	inv, ok := s.invert(d)
	if !ok {
		return false
	}
	head(l, m).Sub(by, ay)
	l.Mul(l, inv)
	t.Mul(l, l)
	head(t, m).Sub(t[:m], ax)
	head(t, m).Sub(t[:m], bx) // x of the sums
	head(d, m).Sub(ax, t[:m])
	d.Mul(d, l)
	head(s.y, m).Sub(d[:m], ay)
	copy(ax, t)
	return true
}

// head returns the first m of v as a receiver.
func head(v fp.Vector, m int) *fp.Vector {
	v = v[:m]
	return &v
}

// invert returns the inverses of d, whose length is a multiple of lanes, in memory of s, and whether
// all of them exist. It multiplies halves until one group is left and walks back.
func (s *adder) invert(d fp.Vector) (fp.Vector, bool) {
	var levels [64]fp.Vector
	levels[0] = d
	top, free := 0, s.tree
	for len(levels[top]) > lanes {
		v := levels[top]
		h := len(v) / 2 &^ (lanes - 1)
		next := free[:len(v)-h]
		free = free[len(next):]
		head(next, h).Mul(v[:h], v[h:2*h])
		copy(next[h:], v[2*h:])
		top++
		levels[top] = next
	}
	var scratch [lanes]fp.Element
	last := levels[top]
	if !invertAll(last, scratch[:]) {
		return nil, false
	}
	q := last
	for top--; top >= 0; top-- {
		v := levels[top]
		h := len(v) / 2 &^ (lanes - 1)
		out := s.inv[top%2][:len(v)]
		head(out, h).Mul(q[:h], v[h:2*h])
		head(out[h:], h).Mul(q[:h], v[:h])
		copy(out[2*h:], q[h:])
		q = out
	}
	return q, true
}
