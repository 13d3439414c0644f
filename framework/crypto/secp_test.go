package crypto_test

import (
	"crypto/elliptic"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/crypto"
)

// refCurve is a curve y^2 = x^3 + a*x + b with affine formulas on big integers.
type refCurve struct{ p, n, a, b, gx, gy *big.Int }

func bigHex(s string) *big.Int {
	v, _ := new(big.Int).SetString(s, 16)
	return v
}

func refCurves() map[crypto.SecpCurve]refCurve {
	r1 := elliptic.P256().Params()
	return map[crypto.SecpCurve]refCurve{
		crypto.Secp256k1: {
			p: bigHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
			n: bigHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
			a: new(big.Int), b: big.NewInt(7),
			gx: bigHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
			gy: bigHex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
		},
		crypto.Secp256r1: {p: r1.P, n: r1.N, a: big.NewInt(-3), b: r1.B, gx: r1.Gx, gy: r1.Gy},
	}
}

func (c refCurve) add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	if x1.Sign() == 0 && y1.Sign() == 0 {
		return x2, y2
	}
	if x2.Sign() == 0 && y2.Sign() == 0 {
		return x1, y1
	}
	var num, den *big.Int
	switch {
	case x1.Cmp(x2) != 0:
		num, den = new(big.Int).Sub(y2, y1), new(big.Int).Sub(x2, x1)
	case y1.Cmp(y2) == 0:
		num = new(big.Int).Mul(x1, x1)
		num.Mul(num, big.NewInt(3)).Add(num, c.a)
		den = new(big.Int).Lsh(y1, 1)
	default:
		return new(big.Int), new(big.Int)
	}
	den.Mod(den, c.p)
	l := num.Mul(num, den.ModInverse(den, c.p))
	x = new(big.Int).Mul(l, l)
	x.Sub(x, x1).Sub(x, x2).Mod(x, c.p)
	y = new(big.Int).Sub(x1, x)
	y.Mul(y, l).Sub(y, y1).Mod(y, c.p)
	return x, y
}

func (c refCurve) mul(x, y, k *big.Int) (rx, ry *big.Int) {
	rx, ry = new(big.Int), new(big.Int)
	for i := k.BitLen() - 1; i >= 0; i-- {
		rx, ry = c.add(rx, ry, rx, ry)
		if k.Bit(i) == 1 {
			rx, ry = c.add(rx, ry, x, y)
		}
	}
	return rx, ry
}

func words(v *big.Int) (w [4]uint64) {
	for i := range w {
		w[i] = new(big.Int).And(new(big.Int).Rsh(v, uint(64*i)), new(big.Int).SetUint64(^uint64(0))).Uint64()
	}
	return w
}

func number(w [4]uint64) *big.Int {
	v := new(big.Int)
	for i := 3; i >= 0; i-- {
		v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(w[i]))
	}
	return v
}

func secpPoint(x, y *big.Int) crypto.SecpPoint { return crypto.SecpPoint{X: words(x), Y: words(y)} }

func TestSecp(t *testing.T) {
	for c, ref := range refCurves() {
		t.Run(c.String(), func(t *testing.T) {
			if c.Modulus().Cmp(ref.p) != 0 || c.Order().Cmp(ref.n) != 0 {
				t.Fatalf("Modulus, Order = %x, %x, want %x, %x", c.Modulus(), c.Order(), ref.p, ref.n)
			}
			r := rand.New(rand.NewPCG(13, 14))
			one := big.NewInt(1)
			ks := []*big.Int{
				new(big.Int), one, big.NewInt(2), big.NewInt(3), new(big.Int).Sub(ref.n, one), ref.n,
				new(big.Int).Add(ref.n, one), new(big.Int).Sub(new(big.Int).Lsh(one, 256), one),
				new(big.Int).Lsh(one, 128), new(big.Int).Rsh(ref.n, 1),
			}
			for range 10 {
				ks = append(ks, number([4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}))
			}
			g := secpPoint(ref.gx, ref.gy)
			inf := crypto.SecpPoint{}
			all := []crypto.SecpPoint{inf, g}
			for _, k := range ks {
				want := secpPoint(ref.mul(ref.gx, ref.gy, k))
				if got := c.Mul(g, words(k)); got != want {
					t.Fatalf("Mul(G, %x) = %x, want %x", k, got, want)
				}
				if got := c.Mul(inf, words(k)); !got.IsInfinity() {
					t.Fatalf("Mul(infinity, %x) = %x, want infinity", k, got)
				}
				all = append(all, want)
			}
			checkSecpPoints(t, c, ref, all)
		})
	}
}

// checkSecpPoints adds all points to each other and makes each of them from its coordinates.
func checkSecpPoints(t *testing.T, c crypto.SecpCurve, ref refCurve, all []crypto.SecpPoint) {
	t.Helper()
	for _, p := range all {
		for _, q := range all {
			want := secpPoint(ref.add(number(p.X), number(p.Y), number(q.X), number(q.Y)))
			if got := c.Add(p, q); got != want {
				t.Fatalf("Add(%x, %x) = %x, want %x", p, q, got, want)
			}
		}
		if got, ok := c.New(p.X, p.Y); !ok || got != p {
			t.Fatalf("New(%x) = %x, %v", p, got, ok)
		}
		if p.IsInfinity() {
			continue
		}
		if got, ok := c.FromX(p.X, p.Y[0]&1 == 1); !ok || got != p {
			t.Fatalf("FromX(%x) = %x, %v, want %x", p.X, got, ok, p)
		}
		if got, ok := c.FromX(p.X, p.Y[0]&1 == 0); !ok || !c.Add(p, got).IsInfinity() {
			t.Fatalf("FromX(%x) with the other y = %x, %v", p.X, got, ok)
		}
		if _, ok := c.New(p.X, p.X); ok {
			t.Fatalf("New(%x, x) is a point", p.X)
		}
	}
}

func TestSecpRange(t *testing.T) {
	for c, ref := range refCurves() {
		for d := int64(-2); d <= 2; d++ {
			x := new(big.Int).Add(ref.p, big.NewInt(d))
			if got, want := c.InRange(words(x)), d < 0; got != want {
				t.Errorf("%v.InRange(p%+d) = %v, want %v", c, d, got, want)
			}
			if _, ok := c.FromX(words(x), false); ok && d >= 0 {
				t.Errorf("%v.FromX(p%+d) is a point", c, d)
			}
			if _, ok := c.New(words(x), [4]uint64{1}); ok {
				t.Errorf("%v.New(p%+d, 1) is a point", c, d)
			}
		}
	}
}

func FuzzSecp(f *testing.F) {
	f.Add(uint64(1), uint64(0), uint64(0), uint64(0), true, true)
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3 uint64, odd, r1 bool) {
		c := crypto.Secp256k1
		if r1 {
			c = crypto.Secp256r1
		}
		ref := refCurves()[c]
		x := [4]uint64{x0, x1, x2, x3}
		p, ok := c.FromX(x, odd)
		v := number(x)
		rhs := new(big.Int).Exp(v, big.NewInt(3), ref.p)
		rhs.Add(rhs, new(big.Int).Mul(ref.a, v)).Add(rhs, ref.b).Mod(rhs, ref.p)
		y := new(big.Int).ModSqrt(rhs, ref.p)
		if want := v.Cmp(ref.p) < 0 && y != nil; ok != want {
			t.Fatalf("FromX(%x) = %v, want %v", x, ok, want)
		}
		if !ok {
			return
		}
		if (y.Bit(0) == 1) != odd {
			y.Sub(ref.p, y)
		}
		if want := secpPoint(v, y); p != want {
			t.Fatalf("FromX(%x, %v) = %x, want %x", x, odd, p, want)
		}
		if got, want := c.Mul(p, x), secpPoint(ref.mul(v, y, v)); got != want {
			t.Fatalf("Mul(%x, %x) = %x, want %x", p, x, got, want)
		}
	})
}

func BenchmarkSecp(b *testing.B) {
	for c, ref := range refCurves() {
		g := secpPoint(ref.gx, ref.gy)
		k := words(new(big.Int).Rsh(ref.n, 1))
		p := c.Mul(g, k)
		for name, f := range map[string]func(){
			"op=Add":   func() { c.Add(g, p) },
			"op=Mul":   func() { c.Mul(p, k) },
			"op=FromX": func() { c.FromX(p.X, true) },
		} {
			b.Run("curve="+c.String()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
	}
}
