package hint

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Numbers that hints compare with.
var (
	prime  = felt.Modulus()
	bound  = new(big.Int).Lsh(big.NewInt(1), 128) // of range checks
	two250 = new(big.Int).Lsh(big.NewInt(1), 250)
	two251 = new(big.Int).Lsh(big.NewInt(1), 251)
	one    = big.NewInt(1)
)

// signed returns x in its signed view.
func signed(x felt.Felt) *big.Int {
	m, negative := x.Signed()
	n := m.Big()
	if negative {
		n.Neg(n)
	}
	return n
}

func bigCell(x *big.Int) machine.Cell {
	var z felt.Felt
	return machine.FeltCell(*z.SetBig(x))
}

// floorDivMod returns q and r with x = q*y + r and 0 <= r < y, y being positive.
func floorDivMod(x, y *big.Int) (q, r *big.Int) { return new(big.Int).DivMod(x, y, new(big.Int)) }

// limbs reads a number of n limbs of 128 bits from a on; the names of the members are those of Uint256 and Uint384.
func (c *Call) limbs(last string, n int) *big.Int {
	a := c.Address(last)
	x := new(big.Int)
	for i := range n {
		limb, ok := c.run.vm.Read(a.Plus(uint64(i))).Felt()
		if !ok {
			member := memberD(i)
			if n == 2 {
				member = [...]string{"low", "high"}[i]
			}
			c.noMember(last, member)
			return x
		}
		v := limb.Big()
		x.Add(x, v.Lsh(v, uint(128*i)))
	}
	return x
}

// uint256 reads ids.last of type Uint256.
func (c *Call) uint256(last string) *big.Int { return c.limbs(last, 2) }

// setUint256 writes x to ids.last of type Uint256. The high half takes what is above it, too.
func (c *Call) setUint256(last string, x *big.Int) {
	a := c.Address(last)
	high, low := floorDivMod(x, bound)
	c.WriteBig(a, low)
	c.WriteBig(a.Plus(1), high)
}

// setLimbs writes the lowest n limbs of 128 bits of x to ids.last.
func (c *Call) setLimbs(last string, x *big.Int, n int) {
	a := c.Address(last)
	rest := x
	for i := range n {
		var limb *big.Int
		rest, limb = floorDivMod(rest, bound)
		c.WriteBig(a.Plus(uint64(i)), limb)
	}
}
