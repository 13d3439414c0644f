package hint

import (
	"math/big"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Moduli of curves and fields that the library computes in.
var (
	secpP   = number("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f") // of secp256k1
	secpN   = number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141") // its order
	edP     = new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))               // of ed25519
	edAlpha = number("5d4eacd3a5b9bee63197e10d617b3dd66bb8b65d0ca52af7ac71e18ef8bc172d")
	r1P     = number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff") // of secp256r1
	r1N     = number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
	r1Alpha = number("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc")
	r1Beta  = number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
	blsR    = number("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001") // the order of BLS12-381
)

// number reads a constant of this package.
func number(hex string) *big.Int {
	n, _ := new(big.Int).SetString(hex, 16)
	return n
}

// limbBits is the size of the limbs of a BigInt3.
const limbBits = 86

// big3 reads the BigInt3 at a distance from the start of ids.last: three limbs in their signed view. Label is its name
// in the text of an error.
func (c *Call) big3(last string, at uint64, label string) *big.Int {
	return c.bigN(last, at, label, 3, signed)
}

// bigN reads n limbs of 86 bits in the view that it is given.
func (c *Call) bigN(last string, at uint64, label string, n int, view func(felt.Felt) *big.Int) *big.Int {
	x := new(big.Int)
	from := c.Address(last)
	for i := range n {
		limb, ok := c.run.vm.Read(from.Plus(at + uint64(i))).Felt()
		if !ok {
			c.noMember(label, memberD(i))
			return x
		}
		v := view(limb)
		if i == 0 {
			x = v
			continue
		}
		x.Add(x, v.Lsh(v, uint(limbBits*i)))
	}
	return x
}

// plainView is the view of a limb as it is, not signed.
func plainView(x felt.Felt) *big.Int { return x.Big() }

// noMember fails because a member of a struct is not there or an address.
func (c *Call) noMember(last, member string) {
	c.Failf("ids.%s has no member %s or it is of incorrect type", last, member)
}

// memberD is the name of member i of a BigInt3 and the like.
func memberD(i int) string { return "d" + string(rune('0'+i)) }

// bigVar returns a variable of the scope that is a number; it must not be changed.
func (c *Call) bigVar(last string) *big.Int {
	if x := Var[*big.Int](c, last); x != nil {
		return x
	}
	return new(big.Int)
}

// setBigs sets variables of the scope to x.
func (c *Call) setBigs(x *big.Int, names ...string) {
	if c.Failed() {
		return
	}
	for _, n := range names {
		c.SetVar(n, x)
	}
}

// mod returns x mod p, and fails if p is 0.
func (c *Call) mod(x, p *big.Int) *big.Int {
	_, r := c.divMod(x, p)
	return r
}

// divMod divides with a remainder of the sign of y, and fails if y is 0.
func (c *Call) divMod(x, y *big.Int) (q, r *big.Int) {
	q, r = new(big.Int), new(big.Int)
	if y.Sign() == 0 {
		c.Failf("Attempted to divide by zero")
		return q, r
	}
	q.DivMod(x, y, r)
	if y.Sign() < 0 && r.Sign() != 0 {
		r.Add(r, y)
		q.Sub(q, one)
	}
	return q, r
}

// divideIn returns n / m modulo p, and fails if m has no inverse.
func (c *Call) divideIn(n, m, p *big.Int) *big.Int {
	x := new(big.Int)
	if c.Failed() {
		return x
	}
	if p.Sign() == 0 || x.ModInverse(m, p) == nil {
		c.Failf("Operation failed: divmod(%v, %v, %v), igcdex(%v, %v) != 1 ", n, m, p, m, p)
		return new(big.Int)
	}
	return c.mod(x.Mul(x, n), p)
}

// exact returns x / y, and fails if there is a remainder.
func (c *Call) exact(x, y *big.Int) *big.Int {
	q, r := c.divMod(x, y)
	if r.Sign() != 0 {
		c.Failf("%v is not divisible by %v", x, y)
	}
	return q
}

// splitBig3 returns the three limbs of x, which must be from 0 up to 2^258.
func (c *Call) splitBig3(x *big.Int) (limbs [3]*big.Int) {
	rest := x
	for i := range limbs {
		limbs[i] = new(big.Int).And(rest, limbMask)
		rest = new(big.Int).Rsh(rest, limbBits)
	}
	if x.Sign() < 0 {
		c.Failf("BigInt to BigUint failed, BigInt is negative")
	} else if rest.Sign() != 0 {
		c.Failf("Integer: %v out of range", x)
	}
	return limbs
}

var limbMask = new(big.Int).Sub(new(big.Int).Lsh(one, limbBits), one)

// writeLimbs writes numbers to the cells of ids.last.
func (c *Call) writeLimbs(last string, limbs []*big.Int) {
	at := c.Address(last)
	for i, x := range slices.Backward(limbs) {
		c.WriteBig(at.Plus(uint64(i)), x)
	}
}
