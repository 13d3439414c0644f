package execution

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// The curves that contracts can compute on.
const (
	k1 = crypto.Secp256k1
	r1 = crypto.Secp256r1
)

// secpPoint is a point that a contract has made. To the contract it is an address, of which nothing is ever written.
type secpPoint struct {
	curve crypto.SecpCurve
	crypto.SecpPoint
}

// pointCells is how far the addresses of points are apart.
const pointCells = 6

// keep makes a point known to the contract.
func (g handler1) keep(c crypto.SecpCurve, p crypto.SecpPoint) machine.Cell {
	if g.made.points == nil {
		at := g.m.AddSegment(machine.NoRule)
		g.made.points = &at
	}
	g.made.secp = append(g.made.secp, secpPoint{c, p})
	return g.made.points.Plus(uint64(pointCells * (len(g.made.secp) - 1))).Cell()
}

// point reads a point that the contract has made.
func (g handler1) point(r *request, c crypto.SecpCurve) crypto.SecpPoint {
	at := r.pointer()
	if r.err != nil {
		return crypto.SecpPoint{}
	}
	made := &g.made
	i := at.Offset / pointCells
	if made.points == nil || at.Segment != made.points.Segment || at.Offset%pointCells != 0 ||
		i >= uint64(len(made.secp)) || made.secp[i].curve != c {
		r.err = fail("Invalid syscall input: %v; the address of a point of %v is expected.", at, c)
		return crypto.SecpPoint{}
	}
	return made.secp[i].SecpPoint
}

// uint256 reads a number of two halves, the lower one first.
func (r *request) uint256() (x [4]uint64) {
	low, high := r.felt(), r.felt()
	if r.err == nil && (!low.IsUint128() || !high.IsUint128()) {
		r.err = fail("Expected a number of 256 bits, got %s, %s", low.Hex(), high.Hex())
	}
	return [4]uint64{low[0], low[1], high[0], high[1]}
}

// halves returns a number as two cells, the lower half first.
func halves(x [4]uint64) []machine.Cell {
	return []machine.Cell{machine.FeltCell(felt.Felt{x[0], x[1]}), machine.FeltCell(felt.Felt{x[2], x[3]})}
}

// maybe returns a point that there may not be.
func (g handler1) maybe(c crypto.SecpCurve, p crypto.SecpPoint, ok bool) ([]machine.Cell, []felt.Felt, error) {
	if !ok {
		return []machine.Cell{machine.UintCell(1), machine.UintCell(0)}, nil, nil
	}
	return []machine.Cell{machine.UintCell(0), g.keep(c, p)}, nil, nil
}

func secpNew(c crypto.SecpCurve) func(handler1, *request) (serve, uint64) {
	return func(g handler1, r *request) (serve, uint64) {
		x, y := r.uint256(), r.uint256()
		return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
			if !c.InRange(x) || !c.InRange(y) {
				return softly(textInvalidArgument)
			}
			p, ok := c.New(x, y)
			return g.maybe(c, p, ok)
		}, 0
	}
}

func secpFromX(c crypto.SecpCurve) func(handler1, *request) (serve, uint64) {
	return func(g handler1, r *request) (serve, uint64) {
		x := r.uint256()
		odd := r.flag("Invalid y parity")
		return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
			if !c.InRange(x) {
				return softly(textInvalidArgument)
			}
			p, ok := c.FromX(x, odd)
			return g.maybe(c, p, ok)
		}, 0
	}
}

func secpAdd(c crypto.SecpCurve) func(handler1, *request) (serve, uint64) {
	return func(g handler1, r *request) (serve, uint64) {
		p, q := g.point(r, c), g.point(r, c)
		return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
			return []machine.Cell{g.keep(c, c.Add(p, q))}, nil, nil
		}, 0
	}
}

func secpMul(c crypto.SecpCurve) func(handler1, *request) (serve, uint64) {
	return func(g handler1, r *request) (serve, uint64) {
		p := g.point(r, c)
		k := r.uint256()
		return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
			return []machine.Cell{g.keep(c, c.Mul(p, k))}, nil, nil
		}, 0
	}
}

func secpXY(c crypto.SecpCurve) func(handler1, *request) (serve, uint64) {
	return func(g handler1, r *request) (serve, uint64) {
		p := g.point(r, c)
		return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
			return append(halves(p.X), halves(p.Y)...), nil, nil
		}, 0
	}
}
