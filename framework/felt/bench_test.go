package felt_test

import (
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// gnark takes the same words as a Montgomery number: another number, but as random as the first.
func gnark(x *felt.Felt) *fp.Element { return (*fp.Element)(x) }

// full returns felts of full length.
func full() (x, y felt.Felt) {
	r := rand.New(rand.NewPCG(7, 8))
	for !x.Valid() || x.BitLen() < 250 {
		x = felt.Felt{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64() >> 4}
	}
	for !y.Valid() || y.BitLen() < 250 {
		y = felt.Felt{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64() >> 4}
	}
	return x, y
}

// BenchmarkMul measures one product after the other, each waiting for the one before. A product
// of gnark is of Montgomery numbers, which have to be made (a product) and read back
// (impl=gnark-canonical, as a user of canonical numbers pays for it).
func BenchmarkMul(b *testing.B) {
	x, y := full()
	b.Run("impl=felt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x.Mul(&x, &y)
		}
	})
	b.Run("impl=gnark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			gnark(&x).Mul(gnark(&x), gnark(&y))
		}
	})
	b.Run("impl=gnark-canonical", func(b *testing.B) {
		b.ReportAllocs()
		var u, v fp.Element
		for b.Loop() {
			u, v = fp.Element(x), fp.Element(y)
			u.Mul(&u, &r2)
			v.Mul(&v, &r2)
			u.Mul(&u, &v)
			x = u.Bits()
		}
	})
}

// r2 is 2^512 mod P: a Montgomery product by it brings a canonical number into Montgomery form.
var r2 = fp.Element{0xfffffd737e000401, 0x00000001330fffff, 0xffffffffff6f8000, 0x07ffd4ab5e008810}

// BenchmarkMulSmall measures operands of 64 and of 128 bits.
func BenchmarkMulSmall(b *testing.B) {
	for name, x := range map[string]felt.Felt{"bits=64": {1 << 63}, "bits=128": {1, 1 << 63}} {
		b.Run(name+"/impl=felt", func(b *testing.B) {
			b.ReportAllocs()
			var z felt.Felt
			for b.Loop() {
				z.Mul(&x, &x)
			}
		})
		b.Run(name+"/impl=gnark", func(b *testing.B) {
			b.ReportAllocs()
			var z felt.Felt
			for b.Loop() {
				gnark(&z).Mul(gnark(&x), gnark(&x))
			}
		})
	}
}

func BenchmarkSquare(b *testing.B) {
	unaryBench(b, (*felt.Felt).Square, (*fp.Element).Square)
}

func BenchmarkNeg(b *testing.B) {
	unaryBench(b, (*felt.Felt).Neg, (*fp.Element).Neg)
}

func BenchmarkAdd(b *testing.B) { binaryBench(b, (*felt.Felt).Add, (*fp.Element).Add) }

func BenchmarkSub(b *testing.B) { binaryBench(b, (*felt.Felt).Sub, (*fp.Element).Sub) }

// BenchmarkInverse inverts another number each time: the branches must not be learnt.
func BenchmarkInverse(b *testing.B) {
	b.Run("impl=felt", func(b *testing.B) {
		x, _ := full()
		b.ReportAllocs()
		for b.Loop() {
			x.Inverse(&x)
			x[0]++
		}
	})
	b.Run("impl=gnark", func(b *testing.B) {
		x, _ := full()
		b.ReportAllocs()
		for b.Loop() {
			gnark(&x).Inverse(gnark(&x))
			x[0]++
		}
	})
}

func BenchmarkSqrt(b *testing.B) {
	x, _ := full()
	square := *new(felt.Felt).Square(&x)
	b.Run("impl=felt", func(b *testing.B) {
		b.ReportAllocs()
		var z felt.Felt
		for b.Loop() {
			z.Sqrt(&square)
		}
	})
	b.Run("impl=gnark", func(b *testing.B) {
		b.ReportAllocs()
		var m, z fp.Element
		m.Square(gnark(&x))
		for b.Loop() {
			z.Sqrt(&m)
		}
	})
}

func BenchmarkQuoRem(b *testing.B) {
	x, y := full()
	for name, d := range map[string]felt.Felt{"divisor=64": {y[3]}, "divisor=128": {y[2], y[3]}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var q, r felt.Felt
			for b.Loop() {
				q.QuoRem(&x, &d, &r)
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	x, _ := full()
	hex, decimal := x.Hex(), x.Decimal()
	var buf [80]byte
	for name, f := range map[string]func(){
		"op=AppendHex":  func() { x.AppendHex(buf[:0]) },
		"op=SetHex":     func() { _ = x.SetHex(hex) },
		"op=Decimal":    func() { x.Decimal() },
		"op=SetDecimal": func() { _ = x.SetDecimal(decimal) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

func unaryBench(b *testing.B, ours func(z, x *felt.Felt) *felt.Felt, theirs func(z, x *fp.Element) *fp.Element) {
	x, _ := full()
	b.Run("impl=felt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ours(&x, &x)
		}
	})
	b.Run("impl=gnark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			theirs(gnark(&x), gnark(&x))
		}
	})
}

// binaryBench measures op on numbers that fit a word and on full ones, of which another pair comes
// each time: whether a sum passes P must not be learnt.
func binaryBench(b *testing.B, ours func(z, x, y *felt.Felt) *felt.Felt, theirs func(z, x, y *fp.Element) *fp.Element) {
	r := rand.New(rand.NewPCG(9, 10))
	sets := map[string]*[1024]felt.Felt{"bits=64": {}, "bits=252": {}}
	for i := range 1024 {
		sets["bits=64"][i] = felt.Felt{r.Uint64() >> 1}
		sets["bits=252"][i] = felt.Felt{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64() >> 5}
	}
	for name, set := range sets {
		b.Run(name+"/impl=felt", func(b *testing.B) {
			b.ReportAllocs()
			var z felt.Felt
			for i := 0; b.Loop(); i++ {
				ours(&z, &set[i%1024], &set[(i/1024+i)%1024])
			}
		})
		b.Run(name+"/impl=gnark", func(b *testing.B) {
			b.ReportAllocs()
			var z felt.Felt
			for i := 0; b.Loop(); i++ {
				theirs(gnark(&z), gnark(&set[i%1024]), gnark(&set[(i/1024+i)%1024]))
			}
		})
	}
}
