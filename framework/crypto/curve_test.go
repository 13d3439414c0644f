package crypto_test

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	starkcurve "github.com/consensys/gnark-crypto/ecc/stark-curve"
	"github.com/consensys/gnark-crypto/ecc/stark-curve/ecdsa"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// gnarkPoint and ourPoint convert points from and to those of the other implementation, where
// (0, 0) is infinity.
func gnarkPoint(p crypto.Point) (g starkcurve.G1Affine) {
	g.X.SetBigInt(p.X.Big())
	g.Y.SetBigInt(p.Y.Big())
	return g
}

func ourPoint(g starkcurve.G1Affine) (p crypto.Point) {
	p.X.SetBig(g.X.BigInt(new(big.Int)))
	p.Y.SetBig(g.Y.BigInt(new(big.Int)))
	return p
}

func refMul(p crypto.Point, k *big.Int) crypto.Point {
	g := gnarkPoint(p)
	g.ScalarMultiplication(&g, k)
	return ourPoint(g)
}

func refAdd(p, q crypto.Point) crypto.Point {
	a, b := gnarkPoint(p), gnarkPoint(q)
	a.Add(&a, &b)
	return ourPoint(a)
}

// points returns n points: the generator and its multiples by random numbers.
func points(n int) []crypto.Point {
	r := rand.New(rand.NewPCG(5, 6))
	out := []crypto.Point{crypto.Generator()}
	for len(out) < n {
		k := random(r)
		out = append(out, refMul(crypto.Generator(), k.Big()))
	}
	return out
}

// scalars returns numbers around which multiplication may go wrong.
func scalars() []felt.Felt {
	out := edges()
	for d := int64(-3); d <= 3; d++ {
		v := crypto.Order.Big()
		out = append(out, *new(felt.Felt).SetBig(v.Add(v, big.NewInt(d))))
		half := new(big.Int).Rsh(crypto.Order.Big(), 1)
		out = append(out, *new(felt.Felt).SetBig(half.Add(half, big.NewInt(d))))
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		out = append(out, random(r))
	}
	return append(out, ints(3, 15, 16, 17, 31, 32, 33)...)
}

// checkPoint compares a point with its reference, where (0, 0) stands for infinity.
func checkPoint(t *testing.T, what string, got crypto.Point, err error, want crypto.Point) {
	t.Helper()
	if (want == crypto.Point{}) {
		if !errors.Is(err, crypto.ErrInfinity) {
			t.Fatalf("%s = %v, %v, want %v", what, got, err, crypto.ErrInfinity)
		}
		return
	}
	if err != nil || got != want {
		t.Fatalf("%s = %v, %v, want %v", what, got, err, want)
	}
}

func TestGenerator(t *testing.T) {
	_, g := starkcurve.Generators()
	if got, want := crypto.Generator(), ourPoint(g); got != want || !got.OnCurve() {
		t.Errorf("Generator() = %v, want %v", got, want)
	}
}

func TestAddPoints(t *testing.T) {
	all := points(6)
	for _, p := range all {
		for _, q := range append(all, p.Neg(), crypto.DoublePoint(p)) {
			got, err := crypto.AddPoints(p, q)
			checkPoint(t, "AddPoints", got, err, refAdd(p, q))
		}
		checkPoint(t, "DoublePoint", crypto.DoublePoint(p), nil, refAdd(p, p))
	}
}

func TestMulPoint(t *testing.T) {
	for _, k := range scalars() {
		for _, p := range points(2) {
			got, err := crypto.MulPoint(p, k)
			checkPoint(t, "MulPoint by "+k.String(), got, err, refMul(p, k.Big()))
		}
		got, err := crypto.MulGenerator(k)
		checkPoint(t, "MulGenerator by "+k.String(), got, err, refMul(crypto.Generator(), k.Big()))
	}
}

func TestRecoverY(t *testing.T) {
	for _, p := range points(5) {
		y, ok := crypto.RecoverY(p.X)
		if !ok || y != p.Y && y != p.Neg().Y || new(felt.Felt).Neg(&y).Less(&y) {
			t.Errorf("RecoverY(%v) = %v, %v, want the smaller of %v and its negative", p.X, y, ok, p.Y)
		}
	}
	none := 0
	for _, x := range ints(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) {
		y, ok := crypto.RecoverY(x)
		if on := (crypto.Point{X: x, Y: y}).OnCurve(); on != ok {
			t.Errorf("RecoverY(%v) = %v, %v, but OnCurve = %v", x, y, ok, on)
		}
		if !ok {
			none++
		}
	}
	if none == 0 {
		t.Error("RecoverY found a point at every x")
	}
}

// refEcOp is the rule of the builtin with the other implementation.
func refEcOp(a, b crypto.Point, m *big.Int) (crypto.Point, error) {
	for i := range m.BitLen() {
		if a.X == b.X {
			return crypto.Point{}, crypto.ErrCollision
		}
		if m.Bit(i) == 1 {
			a = refAdd(a, b)
		}
		b = refAdd(b, b)
	}
	return a, nil
}

func TestEcOp(t *testing.T) {
	all := points(4)
	g := crypto.Generator()
	twice := crypto.DoublePoint(g)
	thrice, _ := crypto.AddPoints(g, twice)
	for _, c := range []struct{ a, b crypto.Point }{
		{all[1], all[2]}, {all[2], g}, {g, g}, {g, g.Neg()}, {g, twice}, {twice, g}, {thrice, g}, {twice.Neg(), g}, {thrice.Neg(), g},
	} {
		for _, m := range scalars() {
			got, err := crypto.EcOp(c.a, c.b, m)
			want, wantErr := refEcOp(c.a, c.b, m.Big())
			if !errors.Is(err, wantErr) || wantErr == nil && got != want {
				t.Fatalf("EcOp(%v, %v, %v) = %v, %v, want %v, %v", c.a, c.b, m, got, err, want, wantErr)
			}
		}
	}
	off := crypto.Point{X: felt.One, Y: felt.One}
	if _, err := crypto.EcOp(off, g, felt.One); !errors.Is(err, crypto.ErrNotOnCurve) {
		t.Errorf("EcOp off the curve = %v, want %v", err, crypto.ErrNotOnCurve)
	}
	if _, err := crypto.EcOp(g, off, felt.One); !errors.Is(err, crypto.ErrNotOnCurve) {
		t.Errorf("EcOp off the curve = %v, want %v", err, crypto.ErrNotOnCurve)
	}
}

// TestSign signs, verifies, recovers, and spoils each part.
func TestSign(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 30 {
		private, message := random(r), random(r)
		private[3] >>= 1
		message[3] &= 1<<59 - 1
		public, err := crypto.PublicKey(private)
		if err != nil {
			t.Fatal(err)
		}
		s, err := crypto.Sign(private, message)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := crypto.Sign(private, message); again != s {
			t.Fatalf("Sign is not the same twice: %v, %v", s, again)
		}
		if !crypto.Verify(public, message, s) {
			t.Fatalf("Verify(%v, %v, %v) = false", public, message, s)
		}
		if got, err := crypto.Recover(message, s); err != nil || got != public {
			t.Fatalf("Recover(%v, %v) = %v, %v, want %v", message, s, got, err, public)
		}
		checkSpoilt(t, public, message, s)
	}
}

func checkSpoilt(t *testing.T, public, message felt.Felt, s crypto.Signature) {
	t.Helper()
	next := func(x felt.Felt) felt.Felt { return *new(felt.Felt).Add(&x, &felt.One) }
	limit := *new(felt.Felt).SetBig(new(big.Int).Lsh(big.NewInt(1), 251))
	for name, ok := range map[string]bool{
		"message":       crypto.Verify(public, next(message), s),
		"public":        crypto.Verify(next(public), message, s),
		"r":             crypto.Verify(public, message, crypto.Signature{R: next(s.R), S: s.S}),
		"s":             crypto.Verify(public, message, crypto.Signature{R: s.R, S: next(s.S)}),
		"r=0":           crypto.Verify(public, message, crypto.Signature{S: s.S}),
		"s=0":           crypto.Verify(public, message, crypto.Signature{R: s.R}),
		"r=2^251":       crypto.Verify(public, message, crypto.Signature{R: limit, S: s.S}),
		"s=2^251":       crypto.Verify(public, message, crypto.Signature{R: s.R, S: limit}),
		"message=2^251": crypto.Verify(public, limit, s),
	} {
		if ok {
			t.Fatalf("Verify with another %s = true", name)
		}
	}
}

// TestVerifyKnownAnswers has a good and a bad signature that many implementations test with.
func TestVerifyKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		public, message, r, s string
		want                  bool
	}{
		{
			"0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca", "0x2",
			"0x411494b501a98abd8262b0da1351e17899a0c4ef23dd2f96fec5ba847310b20",
			"0x405c3191ab3883ef2b763af35bc5f5d15b3b4e99461d70e84c654a351a7c81b", true,
		}, {
			"0x77a4b314db07c45076d11f62b6f9e748a39790441823307743cf00d6597ea43",
			"0x397e76d1667c4454bfb83514e120583af836f8e32a516765497823eabe16a3f",
			"0x173fd03d8b008ee7432977ac27d1e9d1a1f6c98b1a2f05fa84a21c84c44e882",
			"0x1f2c44a7798f55192f153b4c48ea5c1241fbb69e6132cc8a0da9c5b62a4286e", false,
		},
	} {
		s := crypto.Signature{R: hex(c.r), S: hex(c.s)}
		if got := crypto.Verify(hex(c.public), hex(c.message), s); got != c.want {
			t.Errorf("Verify(%v, %v, %v) = %v, want %v", c.public, c.message, s, got, c.want)
		}
	}
}

func TestKeysOutOfRange(t *testing.T) {
	for _, key := range []felt.Felt{{}, crypto.Order, minus1} {
		if _, err := crypto.PublicKey(key); !errors.Is(err, crypto.ErrKey) {
			t.Errorf("PublicKey(%v) = %v, want %v", key, err, crypto.ErrKey)
		}
		if _, err := crypto.Sign(key, felt.One); !errors.Is(err, crypto.ErrKey) {
			t.Errorf("Sign by %v = %v, want %v", key, err, crypto.ErrKey)
		}
	}
	if _, err := crypto.Sign(felt.One, minus1); !errors.Is(err, crypto.ErrMessage) {
		t.Errorf("Sign(1, P-1) = %v, want %v", err, crypto.ErrMessage)
	}
	if _, err := crypto.Recover(felt.One, crypto.Signature{}); !errors.Is(err, crypto.ErrSignature) {
		t.Errorf("Recover(1, 0) = %v, want %v", err, crypto.ErrSignature)
	}
}

func FuzzCurve(f *testing.F) {
	f.Add(uint64(1), uint64(0), uint64(0), uint64(0), uint64(2))
	f.Fuzz(func(t *testing.T, k0, k1, k2, k3, n uint64) {
		var k felt.Felt
		k.SetWords([4]uint64{k0, k1, k2, k3})
		g := crypto.Generator()
		want := refMul(g, k.Big())
		got, err := crypto.MulGenerator(k)
		checkPoint(t, "MulGenerator", got, err, want)
		got, err = crypto.MulPoint(g, k)
		checkPoint(t, "MulPoint", got, err, want)
		if err != nil {
			return
		}
		m := felt.FromUint64(n)
		sum, err := crypto.EcOp(got, g, m)
		wantSum, wantErr := refEcOp(got, g, m.Big())
		if !errors.Is(err, wantErr) || wantErr == nil && sum != wantSum {
			t.Fatalf("EcOp(%v, G, %v) = %v, %v, want %v, %v", got, m, sum, err, wantSum, wantErr)
		}
	})
}

func BenchmarkCurve(b *testing.B) {
	p, q := points(3)[1], points(3)[2]
	k := random(rand.New(rand.NewPCG(11, 12)))
	for name, f := range map[string]func(){
		"op=AddPoints":    func() { _, _ = crypto.AddPoints(p, q) },
		"op=DoublePoint":  func() { crypto.DoublePoint(p) },
		"op=MulPoint":     func() { _, _ = crypto.MulPoint(p, k) },
		"op=MulGenerator": func() { _, _ = crypto.MulGenerator(k) },
		"op=EcOp":         func() { _, _ = crypto.EcOp(p, q, k) },
		"op=EcOpByG":      func() { _, _ = crypto.EcOp(p, crypto.Generator(), k) },
		"op=RecoverY":     func() { crypto.RecoverY(p.X) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	b.Run("op=MulPoint/impl=gnark", func(b *testing.B) {
		g, n := gnarkPoint(p), k.Big()
		b.ReportAllocs()
		for b.Loop() {
			var z starkcurve.G1Affine
			z.ScalarMultiplication(&g, n)
		}
	})
}

func BenchmarkECDSA(b *testing.B) {
	private, message := felt.FromUint64(12345), felt.FromUint64(67890)
	public, _ := crypto.PublicKey(private)
	s, _ := crypto.Sign(private, message)
	for name, f := range map[string]func(){
		"op=Verify":  func() { crypto.Verify(public, message, s) },
		"op=Sign":    func() { _, _ = crypto.Sign(private, message) },
		"op=Recover": func() { _, _ = crypto.Recover(message, s) },
	} {
		b.Run(name+"/impl=ours", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	key, err := ecdsa.GenerateKey(rand.NewChaCha8([32]byte{}))
	if err != nil {
		b.Fatal(err)
	}
	msg := make([]byte, 32)
	sig, err := key.Sign(msg, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("op=Verify/impl=gnark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if ok, err := key.PublicKey.Verify(sig, msg, nil); !ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	})
	b.Run("op=Sign/impl=gnark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = key.Sign(msg, nil)
		}
	})
}

// TestUntil stops EcOpUntil and VerifyUntil at each of their questions.
func TestUntil(t *testing.T) {
	t.Parallel()
	private := felt.FromUint64(12345)
	p, err := crypto.MulGenerator(private)
	if err != nil {
		t.Fatal(err)
	}
	q := crypto.DoublePoint(p)
	m := felt.MustParse("0x3ffffffffffffeeeeeeeeeeeeeeeffffffffffffffffffffffffffffffffff")
	s, err := crypto.Sign(private, m)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(stop func() bool) error{
		"EcOp":      func(stop func() bool) error { _, err := crypto.EcOpUntil(stop, p, q, m); return err },
		"Generator": func(stop func() bool) error { _, err := crypto.EcOpUntil(stop, p, crypto.Generator(), m); return err },
		"Verify": func(stop func() bool) error {
			if ok, err := crypto.VerifyUntil(stop, p.X, m, s); !ok {
				return errors.Join(err, crypto.ErrSignature)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := 0
			if err := f(func() bool { all++; return false }); err != nil || all < 10 {
				t.Fatalf("asked %d times, %v, want 10 times at least", all, err)
			}
			for k := 1; k <= all; k++ {
				asked := 0
				if err := f(func() bool { asked++; return asked == k }); !errors.Is(err, crypto.ErrStopped) || asked != k {
					t.Errorf("stopped at question %d of %d: %v, asked %d times", k, all, err, asked)
				}
			}
		})
	}
}
