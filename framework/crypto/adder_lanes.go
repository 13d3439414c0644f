package crypto

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/felt/lanes"
)

// Numbers in lanes are times 2^260, those of gnark-crypto times 2^256: sixteen of the latter are one
// of the former.
var (
	sixteen = fp.NewElement(16)
	lane256 = fp.NewElement(256)
)

// enterLanes returns x for lanes, below P.
func enterLanes(x *fp.Element) lanes.Limbs {
	var v fp.Element
	v.Mul(x, &sixteen)
	return lanes.Split((*[4]uint64)(&v), 0)
}

// laneConstants are blocks full of one number each, as many as a chunk can have.
type laneConstants struct {
	enter [maxBlocks]lanes.Block // makes a canonical number times 2^260
	leave [maxBlocks]lanes.Block // and back
}

const maxBlocks = max(chunkPedersen, chunkPoseidon) / lanes.Width

var laneFactors = sync.OnceValue(func() *laneConstants {
	c := new(laneConstants)
	// A product by 2^520 divides by 2^260: enterLanes makes it of 2^260, which is the plain number
	// 2^256 times 16.
	r := fp.One()
	r.Mul(&r, &r2) // 2^256 in Montgomery form
	r.Mul(&r, &sixteen)
	enter, leave := enterLanes(&r), lanes.Limbs{1}
	for i := range c.enter {
		c.enter[i].Fill(&enter)
		c.leave[i].Fill(&leave)
	}
	return c
})

// laneAdder is the adder of the vector path. A row has whole blocks; the last pair stands in for
// those that are missing.
type laneAdder struct {
	x, y    []lanes.Block
	d, l, t []lanes.Block // differences of x, slopes, a temporary
	tree    []lanes.Block // products for the inversion, level by level
	inv     [2][]lanes.Block
	width   int // blocks of a row
}

var _ pointAdder = (*laneAdder)(nil)

// newLaneAdder returns an adder with room for rows of n points.
func newLaneAdder(rows, n int) *laneAdder {
	all := rows * blocks(n)
	half := all/2 + 1
	room := func(n int) []lanes.Block { return make([]lanes.Block, n) }
	return &laneAdder{
		x: room(all), y: room(all), d: room(half), l: room(half), t: room(half),
		tree: room(half + 64), // each level is half of the one before, rounded up
		inv:  [2][]lanes.Block{room(half), room(half)},
	}
}

// blocks returns the number of blocks for n numbers.
func blocks(n int) int { return (n + lanes.Width - 1) / lanes.Width }

func (s *laneAdder) load(t *pedersenTable, i int, pairs [][2]felt.Felt) {
	s.width = blocks(len(pairs))
	row, side, bit := t.row(i)
	x, y := s.x[i*s.width:][:s.width], s.y[i*s.width:][:s.width]
	for k := range x {
		var px, py [lanes.Width]*[4]uint64
		for j := range px {
			pair := min(k*lanes.Width+j, len(pairs)-1)
			p := &row[digit(&pairs[pair][side], bit, uint(t.window))]
			px[j], py[j] = (*[4]uint64)(&p.x), (*[4]uint64)(&p.y)
		}
		x[k].Gather(&px) // times 16, without reduction: lanes bear it
		y[k].Gather(&py)
	}
}

func (s *laneAdder) add(n, off int) bool {
	n, off = n*s.width, off*s.width
	ax, ay, bx, by := s.x[:n], s.y[:n], s.x[off:off+n], s.y[off:off+n]
	d, l, t := s.d[:n], s.l[:n], s.t[:n]
	lanes.Sub(d, bx, ax)
	inv, ok := s.invert(d)
	if !ok {
		return false
	}
	lanes.Sub(l, by, ay)
	lanes.Mul(l, l, inv)
	lanes.Mul(t, l, l)
	lanes.Sub(t, t, ax)
	lanes.Sub(t, t, bx) // x of the sums
	lanes.Sub(d, ax, t)
	lanes.Mul(d, d, l)
	lanes.Sub(ay, d, ay)
	copy(ax, t)
	return true
}

// invert returns the inverses of d in memory of s, and whether all of them exist. It multiplies halves
// until one block is left and walks back.
func (s *laneAdder) invert(d []lanes.Block) ([]lanes.Block, bool) {
	var levels [32][]lanes.Block
	levels[0] = d
	top, free := 0, s.tree
	for len(levels[top]) > 1 {
		v := levels[top]
		h := len(v) / 2
		next := free[:len(v)-h]
		free = free[len(next):]
		lanes.Mul(next[:h], v[:h], v[h:2*h])
		copy(next[h:], v[2*h:])
		top++
		levels[top] = next
	}
	if !invertBlock(&levels[top][0]) {
		return nil, false
	}
	q := levels[top]
	for top--; top >= 0; top-- {
		v := levels[top]
		h := len(v) / 2
		out := s.inv[top%2][:len(v)]
		lanes.Mul(out[:h], q[:h], v[h:2*h])
		lanes.Mul(out[h:2*h], q[:h], v[:h])
		copy(out[2*h:], q[h:])
		q = out
	}
	return q, true
}

// invertBlock replaces the numbers of b by their inverses. It reports whether all of them have one; if
// not, b is spoilt.
func invertBlock(b *lanes.Block) bool {
	var x, scratch [lanes.Width]fp.Element
	for j := range x {
		x[j] = fp.Element(b.Number(j))
	}
	if !invertAll(x[:], scratch[:]) {
		return false
	}
	for j := range x {
		// As words for gnark-crypto, v times 2^260 is 16*v. 256/(16*v) has the words of 1/v for lanes.
		x[j].Mul(&x[j], &lane256)
		l := lanes.Split((*[4]uint64)(&x[j]), 0)
		b.Put(j, &l)
	}
	return true
}

func (s *laneAdder) store(dst []felt.Felt) {
	x := s.x[:s.width]
	lanes.Mul(x, x, laneFactors().leave[:])
	for j := range dst {
		dst[j] = x[j/lanes.Width].Number(j)
	}
}
