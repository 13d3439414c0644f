package hint

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// curveHints are those of ec.
var curveHints = map[string]Func{
	"RANDOM_EC_POINT": func(c *Call) {
		px, py := c.ecPoint("p")
		qx, qy := c.ecPoint("q")
		c.setRandomPoint(c.text(px, py, c.Felt("m"), qx, qy))
	},
	"RECOVER_Y": func(c *Call) {
		x, at := c.Felt("x"), c.Address("p")
		c.Write(at, machine.FeltCell(x))
		y, ok := crypto.RecoverY(x)
		if !ok {
			c.Failf("recover_y: %s does not represent the x coordinate of a point on the curve.", x.Decimal())
		}
		c.Write(at.Plus(1), machine.FeltCell(y))
	},
	"CHAINED_EC_OP_RANDOM_EC_POINT": func(c *Call) {
		n := c.Felt("len")
		if n.IsZero() || !n.IsUint64() {
			c.Failf("Invalid value for len. Got: %s.", n.Decimal())
		}
		x, y := c.ecPoint("p")
		m, q := c.Pointer("m"), c.Pointer("q")
		seed := c.text(x, y)
		for i := uint64(0); i < n[0] && !c.Failed(); i++ {
			z := c.ReadFelt(m.Plus(i))
			seed = z.AppendBytes(seed)
		}
		for i := uint64(0); i < 2*n[0] && !c.Failed(); i++ {
			z := c.ReadFelt(q.Plus(i))
			seed = z.AppendBytes(seed)
		}
		c.setRandomPoint(seed)
	},
}

// ecPoint reads ids.last of type EcPoint.
func (c *Call) ecPoint(last string) (x, y felt.Felt) {
	return c.member(last, 0, "x"), c.member(last, 1, "y")
}

// text returns felts as bytes, in memory of the run.
func (c *Call) text(list ...felt.Felt) []byte {
	text := c.run.bytes[:0]
	for i := range list {
		text = list[i].AppendBytes(text)
	}
	return text
}

// setRandomPoint writes a point to ids.s that looks random and depends on the seed alone, a text.
func (c *Call) setRandomPoint(seed []byte) {
	c.run.bytes = seed
	if c.Failed() {
		return
	}
	p, ok := c.randomPoint(seed)
	if !ok {
		c.Failf("random_ec_point: Could not find a point on the curve.")
		return
	}
	at := c.Address("s")
	c.Write(at, machine.FeltCell(p.X))
	c.Write(at.Plus(1), machine.FeltCell(p.Y))
}

// pointTries is how many x are tried.
const pointTries = 100

// randomPoint is random_ec_point of src/starkware/python/math_utils.py in cairo-lang: the first x that belongs to
// a point among hashes of the seed and a counter of ten bytes.
func (c *Call) randomPoint(seed []byte) (crypto.Point, bool) {
	h := sha256.Sum256(seed)
	var room [41]byte
	for i := uint64(0); i < pointTries && !c.Failed(); i++ {
		c.ask()
		block := append(room[:0], h[1:]...)
		block = binary.LittleEndian.AppendUint64(block, i)
		block = append(block, 0, 0)
		d := sha256.Sum256(block)
		var x felt.Felt
		x.SetBytesReduce(d[:])
		y, ok := crypto.RecoverY(x)
		if !ok {
			continue
		}
		if h[0]&1 != 0 {
			y.Neg(&y)
		}
		return crypto.Point{X: x, Y: y}, true
	}
	return crypto.Point{}, false
}
