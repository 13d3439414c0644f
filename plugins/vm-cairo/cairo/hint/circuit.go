package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// circuitHints are those of modulo: they fill in the values of a circuit of additions and multiplications.
var circuitHints = map[string]Func{
	"RUN_P_CIRCUIT":                       func(c *Call) { fillCircuit(c, felt.One) },
	"RUN_P_CIRCUIT_WITH_LARGE_BATCH_SIZE": func(c *Call) { fillCircuit(c, c.Constant("BATCH_SIZE")) },
}

const (
	gateCells    = 7 // of an instance: the modulus in four words, values, offsets, n
	modulusWords = 4
	// maxGates is the largest n of an instance.
	maxGates = 100_000
)

// wordBits is the size of the words of values.
const wordBits = 96

// gates are the operations that one of the modulo builtins does in a circuit.
type gates struct {
	name    string
	at      machine.Address // the first instance
	modulus [modulusWords]felt.Felt
	p       wide.Int
	values  machine.Address
	offsets machine.Address
	done, n uint64
	product bool
}

// fillCircuit writes the instances of both builtins from their first ones, and then one value after the other that
// follows from two others. Batch is how many gates an instance should have: more than one is not supported.
func fillCircuit(c *Call, batch felt.Felt) {
	adds := gates{name: "add_mod_builtin"}
	muls := gates{name: "mul_mod_builtin", product: true}
	adds.at, muls.at = c.Pointer("add_mod_ptr"), c.Pointer("mul_mod_ptr")
	adds.n, muls.n = c.count("add_mod_n"), c.count("mul_mod_n")
	if c.run.builtins.AddMod < 0 {
		c.Failf("Expected add_mod_builtin to be present")
	}
	if batch != felt.One {
		c.Failf("add_mod_builtin batch size is not %s", batch.Decimal())
	}
	if c.run.builtins.MulMod < 0 {
		c.Failf("Expected mul_mod_builtin to be present")
	}
	c.begin(&adds)
	c.begin(&muls)
	if adds.n == 0 && muls.n == 0 {
		c.Failf("At least one of add_mod and mul_mod must be given.")
	}
	for !c.Failed() && (adds.done < adds.n || muls.done < muls.n) {
		switch {
		case adds.done < adds.n && c.fillGate(&adds):
			adds.done++
		case muls.done < muls.n && c.fillGate(&muls):
			muls.done++
		default:
			c.Failf("Could not fill the values table, add_mod_index=%d, mul_mod_index=%d", adds.done, muls.done)
		}
	}
}

// use writes v to a and makes the cell count as accessed, where the machine counts that.
func (c *Call) use(a machine.Address, v machine.Cell) {
	c.Write(a, v)
	if c.run.marker != nil {
		c.run.marker.MarkAccessed(a, 1)
	}
}

// count returns ids.last, a number of gates.
func (c *Call) count(last string) uint64 {
	n := c.Felt(last)
	if !n.IsUint64() {
		c.Failf("Conversion to usize failed for Felt252 %s", n.Decimal())
	}
	return n[0]
}

// begin reads the first instance of a builtin, if it has gates, and writes the others.
func (c *Call) begin(g *gates) {
	if g.n == 0 || c.Failed() {
		return
	}
	p, known := c.readWords(g.at, &g.modulus)
	if !known {
		c.Failf("%s: Missing value at address %v.", g.name, g.at.Plus(modulusWords))
	}
	values, ok := c.Read(g.at.Plus(4)).Address()
	offsets, ok2 := c.Read(g.at.Plus(5)).Address()
	total := c.ReadFelt(g.at.Plus(6))
	switch {
	case !ok || !ok2:
		c.Failf("Expected relocatable at address %v", g.at.Plus(4))
	case total.IsZero():
		c.Failf("%s: Expected n >= 1. Got: 0.", g.name)
	case atLeast(total, maxGates+1):
		c.Failf("%s: n must be <= %d", g.name, maxGates)
	}
	g.p, g.values, g.offsets = p, values, offsets
	for i := uint64(1); i < total[0] && !c.Failed(); i++ {
		at := g.at.Plus(i * gateCells)
		for k, w := range g.modulus {
			c.use(at.Plus(uint64(k)), machine.FeltCell(w))
		}
		c.use(at.Plus(4), values.Cell())
		c.use(at.Plus(5), offsets.Plus(3*i).Cell())
		c.use(at.Plus(6), machine.UintCell(total[0]-i))
	}
	for i := g.n; i < total[0] && !c.Failed(); i++ { // the first gate again, for the rest
		for k := range uint64(3) {
			c.use(offsets.Plus(3*i+k), c.Read(offsets.Plus(k)))
		}
	}
}

// readWords reads a value of four words of 96 bits; known is false if one is missing.
func (c *Call) readWords(at machine.Address, words *[modulusWords]felt.Felt) (v wide.Int, known bool) {
	for i := range words {
		a := at.Plus(uint64(i))
		cell := c.run.vm.Read(a)
		x, ok := cell.Felt()
		switch {
		case !cell.Known():
			return v, false
		case !ok:
			c.Failf("Expected integer at address %v", a)
		case x.BitLen() > wordBits:
			c.Failf("Expected integer at address %v to be smaller than 2^96. Got: %s.", a, x.Decimal())
		}
		words[i] = x
		word := wide.FromFelt(x)
		v.Add(&v, word.Lsh(&word, wordBits*i))
	}
	return v, true
}

// fillGate writes the one value of the next gate that is not known. It reports whether all three are known then.
func (c *Call) fillGate(g *gates) bool {
	var v [3]wide.Int
	var at [3]machine.Address
	missing, count := 0, 0
	for k := range v {
		off := c.ReadFelt(g.offsets.Plus(3*g.done + uint64(k)))
		at[k] = g.values.Plus(off[0])
		var words [modulusWords]felt.Felt
		var known bool
		if v[k], known = c.readWords(at[k], &words); !known {
			missing, count = k, count+1
		}
	}
	if c.Failed() || count > 1 {
		return false
	}
	if count == 1 {
		z := c.solve(g, &v, missing)
		c.writeWords(g, at[missing], &z)
	}
	return !c.Failed()
}

// solve returns the missing one of a, b, c with a op b = c modulo p.
func (c *Call) solve(g *gates, v *[3]wide.Int, missing int) (z wide.Int) {
	if missing == 2 {
		if z.Add(&v[0], &v[1]); g.product {
			z.Mul(&v[0], &v[1])
		}
		g.reduce(&z)
		return z
	}
	known := &v[1-missing]
	if !g.product {
		if z.Sub(&v[2], known); z.Sign() < 0 {
			z.Add(&z, &g.p)
		}
		return z
	}
	if !z.Inverse(known, &g.p) {
		c.Failf("Operation failed: divmod(%v, %v, %v), igcdex(%v, %v) != 1 ", v[2], *known, g.p, *known, g.p)
		return wide.Int{}
	}
	z.Mod(z.Mul(&z, &v[2]), &g.p)
	return z
}

// two384 is what a value is below, and so is the quotient of a product.
var (
	two384       = new(wide.Int).Lsh(&one, wordBits*modulusWords)
	mostQuotient = *new(wide.Int).Sub(two384, &one)
)

// reduce takes x modulo p, or leaves it less reduced if x is so large that the quotient has no room: 1 for a sum, below 2^384
// for a product.
func (g *gates) reduce(x *wide.Int) {
	most := one
	if g.product {
		most = mostQuotient
	}
	var taken, limit wide.Int
	taken.Mul(&most, &g.p)
	if x.Cmp(limit.Add(&taken, &g.p)) < 0 {
		x.Mod(x, &g.p)
		return
	}
	x.Sub(x, &taken)
}

func (c *Call) writeWords(g *gates, at machine.Address, v *wide.Int) {
	fits := v.Sign() >= 0 && v.BitLen() <= wordBits*modulusWords
	if v.Sign() < 0 {
		v.Add(v, two384)
	}
	for i := range modulusWords {
		c.use(at.Plus(uint64(i)), machine.FeltCell(v.Bits(wordBits*i, wordBits))) //nolint:gosec // not negative
	}
	if !fits {
		c.Failf("%s: write_n_words value must be 0 after loop", g.name)
	}
}
