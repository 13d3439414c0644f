package hint

import "math/big"

// secpHints are those of cairo_secp and of the libraries for other curves that were made after it: the arithmetic of
// points. They leave what they compute in variables named as in the library, for the hints that follow.
var secpHints = map[string]Func{
	"EC_NEGATE":               func(c *Call) { negatePoint(c, fixed(secpP)) },
	"EC_NEGATE_EMBEDDED_SECP": func(c *Call) { negatePoint(c, fixed(edP)) },

	"EC_DOUBLE_SLOPE_V1": func(c *Call) { doubleSlope(c, "point", fixed(secpP), constantly(new(big.Int)), false) },
	"EC_DOUBLE_SLOPE_V2": func(c *Call) { doubleSlope(c, "point", fixed(edP), constantly(edAlpha), false) },
	"EC_DOUBLE_SLOPE_V3": func(c *Call) { doubleSlope(c, "pt", fixed(secpP), constantly(new(big.Int)), false) },
	"EC_DOUBLE_SLOPE_V4": func(c *Call) { doubleSlope(c, "point", fixed(r1P), constantly(r1Alpha), true) },
	"EC_DOUBLE_SLOPE_V5": func(c *Call) { doubleSlope(c, "point", fixed(r1P), constantly(r1Alpha), false) },
	"EC_DOUBLE_SLOPE_EXTERNAL_CONSTS": func(c *Call) {
		doubleSlope(c, "point", scoped("SECP_P"), scoped("ALPHA"), false)
	},

	"COMPUTE_SLOPE_V1":           func(c *Call) { lineSlope(c, "point0", "point1", fixed(secpP)) },
	"COMPUTE_SLOPE_V2":           func(c *Call) { lineSlope(c, "point0", "point1", fixed(edP)) },
	"COMPUTE_SLOPE_WHITELIST":    func(c *Call) { lineSlope(c, "pt0", "pt1", fixed(secpP)) },
	"COMPUTE_SLOPE_SECP256R1_V1": func(c *Call) { lineSlope(c, "point0", "point1", scoped("SECP_P")) },
	"COMPUTE_SLOPE_SECP256R1_V2": func(c *Call) { lineSlope(c, "point0", "point1", scoped("SECP256R1_P")) },

	"EC_DOUBLE_ASSIGN_NEW_X_V1": func(c *Call) { doubleX(c, "point", fixed(secpP)) },
	"EC_DOUBLE_ASSIGN_NEW_X_V2": func(c *Call) { doubleX(c, "point", scoped("SECP_P")) },
	"EC_DOUBLE_ASSIGN_NEW_X_V3": func(c *Call) { doubleX(c, "point", fixed(edP)) },
	"EC_DOUBLE_ASSIGN_NEW_X_V4": func(c *Call) { doubleX(c, "pt", fixed(secpP)) },
	"SECP_DOUBLE_ASSIGN_NEW_X":  func(c *Call) { doubleXR1(c, true) },
	"SECP_DOUBLE_ASSIGN_NEW_X_V2": func(c *Call) {
		doubleXR1(c, false)
	},
	"EC_DOUBLE_ASSIGN_NEW_Y":     func(c *Call) { newY(c, "x", "y", scoped("SECP_P")) },
	"FAST_SECP_ADD_ASSIGN_NEW_Y": func(c *Call) { newY(c, "x", "y", constantly(r1P)) },
	"FAST_EC_ADD_ASSIGN_NEW_Y":   func(c *Call) { newY(c, "x0", "y0", scoped("SECP_P")) },

	"FAST_EC_ADD_ASSIGN_NEW_X":    func(c *Call) { addX(c, "point0", "point1", fixed(secpP), true) },
	"FAST_EC_ADD_ASSIGN_NEW_X_V2": func(c *Call) { addX(c, "point0", "point1", fixed(edP), true) },
	"FAST_EC_ADD_ASSIGN_NEW_X_V3": func(c *Call) { addX(c, "pt0", "pt1", fixed(secpP), true) },
	"SQUARE_SLOPE_X_MOD_P":        func(c *Call) { addX(c, "point0", "point1", scoped("SECP_P"), false) },

	"IMPORT_SECP256R1_P":     func(c *Call) { c.setBigs(r1P, "SECP_P") },
	"IMPORT_SECP256R1_N":     func(c *Call) { c.setBigs(r1N, "N") },
	"IMPORT_SECP256R1_ALPHA": func(c *Call) { c.setBigs(r1Alpha, "ALPHA") },

	"GET_POINT_FROM_X":            pointFromX,
	"SECP_R1_GET_POINT_FROM_X":    func(c *Call) { pointFromXR1(c, true) },
	"SECP_R1_GET_POINT_FROM_X_V2": func(c *Call) { pointFromXR1(c, false) },
	"IS_ON_CURVE_2": func(c *Call) {
		y, square := c.bigVar("y"), c.bigVar("y_square_int")
		yy := new(big.Int).Mul(y, y)
		c.SetBool("is_on_curve", yy.Mod(yy, r1P).Cmp(square) == 0)
	},
}

// A modulus is where a hint has its modulus from.
type modulus func(c *Call) *big.Int

// fixed is a modulus that the hint names; it leaves it in the variable SECP_P.
func fixed(p *big.Int) modulus {
	return func(c *Call) *big.Int {
		c.setBigs(p, "SECP_P")
		return p
	}
}

// constantly is a modulus that the hint names.
func constantly(p *big.Int) modulus { return func(*Call) *big.Int { return p } }

// scoped is a modulus that an earlier hint left in a variable.
func scoped(name string) modulus { return func(c *Call) *big.Int { return c.bigVar(name) } }

// point reads the EcPoint ids.last. The limbs are taken as they are if plain is set.
func (c *Call) point(last string, plain bool) (x, y *big.Int) {
	view := signed
	if plain {
		view = plainView
	}
	return c.bigN(last, 0, last+".x", 3, view), c.bigN(last, 3, last+".y", 3, view)
}

func negatePoint(c *Call, m modulus) {
	y := c.big3("point", 3, "point.y")
	p := m(c)
	c.setBigs(c.mod(y.Neg(y), p), "value")
}

// doubleSlope computes the slope of the tangent: (3x² + alpha) / 2y.
func doubleSlope(c *Call, last string, m modulus, alpha modulus, plain bool) {
	x, y := c.point(last, plain)
	p, a := m(c), alpha(c)
	n := new(big.Int).Mul(x, x)
	n.Mul(n, big.NewInt(3)).Add(n, a)
	c.setBigs(c.divideIn(n, y.Lsh(y, 1), p), "value", "slope")
}

// lineSlope computes the slope of the line through two points.
func lineSlope(c *Call, first, second string, m modulus) {
	x0, y0 := c.point(first, false)
	x1, y1 := c.point(second, false)
	p := m(c)
	c.setBigs(c.divideIn(y0.Sub(y0, y1), x0.Sub(x0, x1), p), "value", "slope")
}

// doubleX computes x of twice a point.
func doubleX(c *Call, last string, m modulus) {
	p := m(c)
	slope := c.mod(c.big3("slope", 0, "slope"), p)
	x, y := c.point(last, false)
	setDouble(c, slope, c.mod(x, p), c.mod(y, p), p)
}

// doubleXR1 is doubleX for secp256r1, where the library does not reduce what it reads.
func doubleXR1(c *Call, plain bool) {
	c.setBigs(r1P, "SECP256R1_P")
	view := signed
	if plain {
		view = plainView
	}
	slope := c.bigN("slope", 0, "slope", 3, view)
	x, y := c.point("point", plain)
	setDouble(c, slope, x, y, r1P)
}

func setDouble(c *Call, slope, x, y, p *big.Int) {
	c.setBigs(slope, "slope")
	c.setBigs(x, "x")
	c.setBigs(y, "y")
	v := new(big.Int).Mul(slope, slope)
	v.Sub(v, x).Sub(v, x)
	c.setBigs(c.mod(v, p), "value", "new_x")
}

// addX computes x of the sum of two points.
func addX(c *Call, first, second string, m modulus, reduce bool) {
	p := m(c)
	slope := c.big3("slope", 0, "slope")
	x0, y0 := c.point(first, false)
	x1, _ := c.point(second, false)
	if reduce {
		slope, x0, x1, y0 = c.mod(slope, p), c.mod(x0, p), c.mod(x1, p), c.mod(y0, p)
	}
	c.setBigs(slope, "slope")
	c.setBigs(x0, "x0")
	c.setBigs(x1, "x1")
	c.setBigs(y0, "y0")
	v := new(big.Int).Mul(slope, slope)
	v.Sub(v, x0).Sub(v, x1)
	c.setBigs(c.mod(v, p), "value", "new_x")
}

// newY computes y of a sum from its x: slope * (x - new_x) - y.
func newY(c *Call, xName, yName string, m modulus) {
	slope, x, now, y := c.bigVar("slope"), c.bigVar(xName), c.bigVar("new_x"), c.bigVar(yName)
	p := m(c)
	v := new(big.Int).Sub(x, now)
	v.Mul(v, slope).Sub(v, y)
	c.setBigs(c.mod(v, p), "value", "new_y")
}

// pointFromX computes y of a point of secp256k1 from the cube of its x, with the parity of ids.v.
func pointFromX(c *Call) {
	c.setBigs(secpP, "SECP_P")
	beta := c.Constant("BETA")
	cube := c.mod(c.big3("x_cube", 0, "x_cube"), secpP)
	setRoot(c, c.mod(cube.Add(cube, beta.Big()), secpP), secpP)
}

func pointFromXR1(c *Call, plain bool) {
	c.setBigs(r1P, "SECP256R1_P")
	view := signed
	if plain {
		view = plainView
	}
	x := c.bigN("x", 0, "x", 3, view)
	square := new(big.Int).Exp(x, big.NewInt(3), r1P)
	square.Add(square, x.Mul(x, r1Alpha)).Add(square, r1Beta)
	setRoot(c, square.Rem(square, r1P), r1P)
}

// setRoot computes the power of square that is its root if it has one, and chooses the sign by the parity of ids.v.
func setRoot(c *Call, square, p *big.Int) {
	c.setBigs(square, "y_square_int")
	e := new(big.Int).Add(p, one)
	y := new(big.Int).Exp(square, e.Rsh(e, 2), p)
	c.setBigs(y, "y")
	if v := c.Felt("v"); uint(v[0]&1) != y.Bit(0) {
		y = new(big.Int).Sub(p, y)
	}
	c.setBigs(y, "value")
}
