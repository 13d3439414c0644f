package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// Numbers that hints compute with.
var (
	prime  = wide.FromBig(felt.Modulus())
	bound  = felt.Felt{0, 0, 1} // of range checks
	two250 = felt.Felt{0, 0, 0, 1 << 58}
	two251 = felt.Felt{0, 0, 0, 1 << 59}
	one    = wide.FromUint64(1)

	halfPrime = felt.Felt{0, 0, 1 << 63, 1<<58 + 8} // (P-1) / 2
)

// Moduli of curves and fields that the library computes in.
var (
	secpP   = wide.MustHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f") // of secp256k1
	secpN   = wide.MustHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141") // its order
	edP     = wide.MustHex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed") // of ed25519
	edAlpha = wide.MustHex("5d4eacd3a5b9bee63197e10d617b3dd66bb8b65d0ca52af7ac71e18ef8bc172d")
	r1P     = wide.MustHex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff") // of secp256r1
	r1N     = wide.MustHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
	r1Alpha = wide.MustHex("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc")
	r1Beta  = wide.MustHex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
	blsR    = wide.MustHex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001") // the order of BLS12-381
)

// Sizes of limbs.
const (
	limbBits = 86  // of a BigInt3 and the like
	halfBits = 128 // of a Uint256 and the like
)

// members are the names of the members of a BigInt3 and the like.
var members = [...]string{"d0", "d1", "d2", "d3", "d4", "d5"}

// view says how a felt is taken for a limb.
type view func(felt.Felt) wide.Int

// limbs reads n limbs of so many bits from the cell at a distance from the start of ids.last. Suffix stands behind its name in the
// text of an error.
func (c *Call) limbs(last, suffix string, at uint64, n, width int, take view) (x wide.Int) {
	from := c.Address(last).Plus(at)
	for i := range n {
		c.poll()
		limb, ok := c.run.vm.Read(from.Plus(uint64(i))).Felt() //nolint:gosec // not negative
		if !ok {
			member := members[i]
			if n == 2 {
				member = [...]string{"low", "high"}[i]
			}
			c.noMember(last+suffix, member)
			return x
		}
		v := take(limb)
		x.Add(&x, v.Lsh(&v, width*i))
	}
	return x
}

// noMember fails because a member of a struct is not there or an address.
func (c *Call) noMember(last, member string) {
	c.Failf("ids.%s has no member %s or it is of incorrect type", last, member)
}

// big3 reads the BigInt3 ids.last: three limbs in their signed view.
func (c *Call) big3(last string) wide.Int { return c.limbs(last, "", 0, 3, limbBits, wide.FromSigned) }

// uint128s reads ids.last of type Uint256, Uint384 and so on: n limbs of 128 bits.
func (c *Call) uint128s(last string, n int) wide.Int {
	return c.limbs(last, "", 0, n, halfBits, wide.FromFelt)
}

// uint256 reads ids.last of type Uint256.
func (c *Call) uint256(last string) wide.Int { return c.uint128s(last, 2) }

// member returns the felt of the struct ids.last at an offset, which has a name for the text of the error.
func (c *Call) member(last string, at uint64, name string) felt.Felt {
	x, ok := c.run.vm.Read(c.Address(last).Plus(at)).Felt()
	if !ok {
		c.noMember(last, name)
		return felt.Felt{}
	}
	return x
}

// WriteInt writes x mod P to a.
func (c *Call) WriteInt(a machine.Address, x *wide.Int) { c.Write(a, intCell(x)) }

// intCell returns x mod P as the content of a cell.
func intCell(x *wide.Int) machine.Cell { return machine.FeltCell(x.Felt()) }

// setUint256 writes x to ids.last of type Uint256. The high half takes what is above it, too.
func (c *Call) setUint256(last string, x *wide.Int) {
	a := c.Address(last)
	var high wide.Int
	c.Write(a, machine.FeltCell(x.Bits(0, halfBits)))
	c.WriteInt(a.Plus(1), high.Rsh(x, halfBits))
}

// setUint128s writes the lowest n limbs of 128 bits of x, which is not negative, to ids.last.
func (c *Call) setUint128s(last string, x *wide.Int, n int) {
	a := c.Address(last)
	for i := range n {
		c.Write(a.Plus(uint64(i)), machine.FeltCell(x.Bits(halfBits*i, halfBits))) //nolint:gosec // not negative
	}
}

// mod returns x mod p, and fails if p is 0.
func (c *Call) mod(x, p *wide.Int) wide.Int {
	_, r := c.divMod(x, p)
	return r
}

// divMod divides with a remainder of the sign of y, and fails if y is 0.
func (c *Call) divMod(x, y *wide.Int) (q, r wide.Int) {
	if y.Sign() == 0 {
		c.Failf("Attempted to divide by zero")
		return q, r
	}
	q.DivMod(x, y, &r)
	return q, r
}

// divideIn returns n / m modulo p, and fails if m has no inverse.
func (c *Call) divideIn(n, m, p *wide.Int) (x wide.Int) {
	if c.ask(); c.Failed() {
		return x
	}
	if !x.Inverse(m, p) {
		c.Failf("Operation failed: divmod(%v, %v, %v), igcdex(%v, %v) != 1 ", *n, *m, *p, *m, *p)
		return wide.Int{}
	}
	var y wide.Int
	return c.mod(x.Mul(&x, y.Mod(n, p)), p)
}

// exact returns x / y, and fails if there is a remainder.
func (c *Call) exact(x, y *wide.Int) wide.Int {
	q, r := c.divMod(x, y)
	if r.Sign() != 0 {
		c.Failf("%v is not divisible by %v", *x, *y)
	}
	return q
}

// exp returns x^e modulo m. It fails if nobody waits for it any more.
func (c *Call) exp(x, e, m *wide.Int) (z wide.Int) {
	if !z.Exp(x, e, m, c.run.stop) {
		c.abort()
	}
	return z
}

// number returns a variable of the scope that is a number.
func (c *Call) number(name string) wide.Int {
	s := c.scope()
	for i := range s.numbers {
		if s.numbers[i].name == name {
			return s.numbers[i].x
		}
	}
	c.missing(name)
	return wide.Int{}
}

// setNumber sets variables of the scope to x.
func (c *Call) setNumber(x *wide.Int, names ...string) {
	if c.Failed() {
		return
	}
	s := c.scope()
next:
	for _, name := range names {
		for i := range s.numbers {
			if s.numbers[i].name == name {
				s.numbers[i].x = *x
				continue next
			}
		}
		s.numbers = append(s.numbers, number{name, *x})
	}
}
