package hint

import "github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"

// secpHints are those of cairo_secp and of the libraries for other curves that were made after it: the arithmetic of
// points. They leave what they compute in variables named as in the library, for the hints that follow.
var secpHints = map[string]Func{
	"EC_NEGATE":               func(c *Call) { negatePoint(c, fixed(&secpP)) },
	"EC_NEGATE_EMBEDDED_SECP": func(c *Call) { negatePoint(c, fixed(&edP)) },

	"EC_DOUBLE_SLOPE_V1": func(c *Call) { doubleSlope(c, "point", fixed(&secpP), constantly(&wide.Int{}), wide.FromSigned) },
	"EC_DOUBLE_SLOPE_V2": func(c *Call) { doubleSlope(c, "point", fixed(&edP), constantly(&edAlpha), wide.FromSigned) },
	"EC_DOUBLE_SLOPE_V3": func(c *Call) { doubleSlope(c, "pt", fixed(&secpP), constantly(&wide.Int{}), wide.FromSigned) },
	"EC_DOUBLE_SLOPE_V4": func(c *Call) { doubleSlope(c, "point", fixed(&r1P), constantly(&r1Alpha), wide.FromFelt) },
	"EC_DOUBLE_SLOPE_V5": func(c *Call) { doubleSlope(c, "point", fixed(&r1P), constantly(&r1Alpha), wide.FromSigned) },
	"EC_DOUBLE_SLOPE_EXTERNAL_CONSTS": func(c *Call) {
		doubleSlope(c, "point", scoped("SECP_P"), scoped("ALPHA"), wide.FromSigned)
	},

	"COMPUTE_SLOPE_V1":           func(c *Call) { lineSlope(c, "point0", "point1", fixed(&secpP)) },
	"COMPUTE_SLOPE_V2":           func(c *Call) { lineSlope(c, "point0", "point1", fixed(&edP)) },
	"COMPUTE_SLOPE_WHITELIST":    func(c *Call) { lineSlope(c, "pt0", "pt1", fixed(&secpP)) },
	"COMPUTE_SLOPE_SECP256R1_V1": func(c *Call) { lineSlope(c, "point0", "point1", scoped("SECP_P")) },
	"COMPUTE_SLOPE_SECP256R1_V2": func(c *Call) { lineSlope(c, "point0", "point1", scoped("SECP256R1_P")) },

	"EC_DOUBLE_ASSIGN_NEW_X_V1": func(c *Call) { doubleX(c, "point", fixed(&secpP)) },
	"EC_DOUBLE_ASSIGN_NEW_X_V2": func(c *Call) { doubleX(c, "point", scoped("SECP_P")) },
	"EC_DOUBLE_ASSIGN_NEW_X_V3": func(c *Call) { doubleX(c, "point", fixed(&edP)) },
	"EC_DOUBLE_ASSIGN_NEW_X_V4": func(c *Call) { doubleX(c, "pt", fixed(&secpP)) },
	"SECP_DOUBLE_ASSIGN_NEW_X":  func(c *Call) { doubleXR1(c, wide.FromFelt) },
	"SECP_DOUBLE_ASSIGN_NEW_X_V2": func(c *Call) {
		doubleXR1(c, wide.FromSigned)
	},
	"EC_DOUBLE_ASSIGN_NEW_Y":     func(c *Call) { newY(c, "x", "y", scoped("SECP_P")) },
	"FAST_SECP_ADD_ASSIGN_NEW_Y": func(c *Call) { newY(c, "x", "y", constantly(&r1P)) },
	"FAST_EC_ADD_ASSIGN_NEW_Y":   func(c *Call) { newY(c, "x0", "y0", scoped("SECP_P")) },

	"FAST_EC_ADD_ASSIGN_NEW_X":    func(c *Call) { addX(c, "point0", "point1", fixed(&secpP), true) },
	"FAST_EC_ADD_ASSIGN_NEW_X_V2": func(c *Call) { addX(c, "point0", "point1", fixed(&edP), true) },
	"FAST_EC_ADD_ASSIGN_NEW_X_V3": func(c *Call) { addX(c, "pt0", "pt1", fixed(&secpP), true) },
	"SQUARE_SLOPE_X_MOD_P":        func(c *Call) { addX(c, "point0", "point1", scoped("SECP_P"), false) },

	"IMPORT_SECP256R1_P":     func(c *Call) { c.setNumber(&r1P, "SECP_P") },
	"IMPORT_SECP256R1_N":     func(c *Call) { c.setNumber(&r1N, "N") },
	"IMPORT_SECP256R1_ALPHA": func(c *Call) { c.setNumber(&r1Alpha, "ALPHA") },

	"GET_POINT_FROM_X":            pointFromX,
	"SECP_R1_GET_POINT_FROM_X":    func(c *Call) { pointFromXR1(c, wide.FromFelt) },
	"SECP_R1_GET_POINT_FROM_X_V2": func(c *Call) { pointFromXR1(c, wide.FromSigned) },
	"IS_ON_CURVE_2": func(c *Call) {
		y, square := c.number("y"), c.number("y_square_int")
		c.SetBool("is_on_curve", y.Mod(y.Mul(&y, &y), &r1P).Cmp(&square) == 0)
	},
}

// A modulus is where a hint has its modulus from.
type modulus func(c *Call) wide.Int

// fixed is a modulus that the hint names; it leaves it in the variable SECP_P.
func fixed(p *wide.Int) modulus {
	return func(c *Call) wide.Int {
		c.setNumber(p, "SECP_P")
		return *p
	}
}

// constantly is a modulus that the hint names.
func constantly(p *wide.Int) modulus { return func(*Call) wide.Int { return *p } }

// scoped is a modulus that an earlier hint left in a variable.
func scoped(name string) modulus { return func(c *Call) wide.Int { return c.number(name) } }

// point reads the EcPoint ids.last.
func (c *Call) point(last string, take view) (x, y wide.Int) {
	return c.limbs(last, ".x", 0, 3, limbBits, take), c.limbs(last, ".y", 3, 3, limbBits, take)
}

func negatePoint(c *Call, m modulus) {
	y := c.limbs("point", ".y", 3, 3, limbBits, wide.FromSigned)
	p := m(c)
	v := c.mod(y.Neg(&y), &p)
	c.setNumber(&v, "value")
}

// doubleSlope computes the slope of the tangent: (3x² + alpha) / 2y.
func doubleSlope(c *Call, last string, m, alpha modulus, take view) {
	x, y := c.point(last, take)
	p, a := m(c), alpha(c)
	var n, three wide.Int
	n.Mul(&x, &x)
	three.Add(three.Lsh(&n, 1), &n)
	n.Add(&three, &a)
	slope := c.divideIn(&n, y.Lsh(&y, 1), &p)
	c.setNumber(&slope, "value", "slope")
}

// lineSlope computes the slope of the line through two points.
func lineSlope(c *Call, first, second string, m modulus) {
	x0, y0 := c.point(first, wide.FromSigned)
	x1, y1 := c.point(second, wide.FromSigned)
	p := m(c)
	slope := c.divideIn(y0.Sub(&y0, &y1), x0.Sub(&x0, &x1), &p)
	c.setNumber(&slope, "value", "slope")
}

// doubleX computes x of twice a point.
func doubleX(c *Call, last string, m modulus) {
	p := m(c)
	slope := c.big3("slope")
	slope = c.mod(&slope, &p)
	x, y := c.point(last, wide.FromSigned)
	x, y = c.mod(&x, &p), c.mod(&y, &p)
	setDouble(c, &slope, &x, &y, &p)
}

// doubleXR1 is doubleX for secp256r1, where the library does not reduce what it reads.
func doubleXR1(c *Call, take view) {
	c.setNumber(&r1P, "SECP256R1_P")
	slope := c.limbs("slope", "", 0, 3, limbBits, take)
	x, y := c.point("point", take)
	setDouble(c, &slope, &x, &y, &r1P)
}

func setDouble(c *Call, slope, x, y, p *wide.Int) {
	c.setNumber(slope, "slope")
	c.setNumber(x, "x")
	c.setNumber(y, "y")
	var v wide.Int
	v.Mul(slope, slope)
	v.Sub(v.Sub(&v, x), x)
	v = c.mod(&v, p)
	c.setNumber(&v, "value", "new_x")
}

// addX computes x of the sum of two points.
func addX(c *Call, first, second string, m modulus, reduce bool) {
	p := m(c)
	slope := c.big3("slope")
	x0, y0 := c.point(first, wide.FromSigned)
	x1, _ := c.point(second, wide.FromSigned)
	if reduce {
		slope, x0, x1, y0 = c.mod(&slope, &p), c.mod(&x0, &p), c.mod(&x1, &p), c.mod(&y0, &p)
	}
	c.setNumber(&slope, "slope")
	c.setNumber(&x0, "x0")
	c.setNumber(&x1, "x1")
	c.setNumber(&y0, "y0")
	var v wide.Int
	v.Mul(&slope, &slope)
	v.Sub(v.Sub(&v, &x0), &x1)
	v = c.mod(&v, &p)
	c.setNumber(&v, "value", "new_x")
}

// newY computes y of a sum from its x: slope * (x - new_x) - y.
func newY(c *Call, xName, yName string, m modulus) {
	slope, x, now, y := c.number("slope"), c.number(xName), c.number("new_x"), c.number(yName)
	p := m(c)
	var v wide.Int
	v.Mul(x.Sub(&x, &now), &slope)
	v.Sub(&v, &y)
	v = c.mod(&v, &p)
	c.setNumber(&v, "value", "new_y")
}

// pointFromX computes y of a point of secp256k1 from the cube of its x, with the parity of ids.v.
func pointFromX(c *Call) {
	c.setNumber(&secpP, "SECP_P")
	beta := wide.FromFelt(c.Constant("BETA"))
	cube := c.big3("x_cube")
	cube.Mod(&cube, &secpP)
	setRoot(c, cube.Mod(cube.Add(&cube, &beta), &secpP), &secpP)
}

func pointFromXR1(c *Call, take view) {
	c.setNumber(&r1P, "SECP256R1_P")
	x := c.limbs("x", "", 0, 3, limbBits, take)
	three := wide.FromUint64(3)
	square := c.exp(&x, &three, &r1P)
	square.Add(&square, x.Mul(&x, &r1Alpha))
	square.Add(&square, &r1Beta)
	var q, rest wide.Int
	q.QuoRem(&square, &r1P, &rest)
	setRoot(c, &rest, &r1P)
}

// setRoot computes the power of square that is its root if it has one, and chooses the sign by the parity of ids.v.
func setRoot(c *Call, square, p *wide.Int) {
	c.setNumber(square, "y_square_int")
	var e wide.Int
	e.Rsh(e.Add(p, &one), 2)
	y := c.exp(square, &e, p)
	c.setNumber(&y, "y")
	if v := c.Felt("v"); v[0]&1 != y.Bit(0) {
		y.Sub(p, &y)
	}
	c.setNumber(&y, "value")
}
