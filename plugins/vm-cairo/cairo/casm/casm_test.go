package casm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// fp is where the frame begins: cells from there on are what hints write.
const fp = 100

// bench is a machine with hints, and the values before fp that they read.
type bench struct {
	t   *testing.T
	m   machine.Machine
	run casm.Run
}

func newBench(t *testing.T, hints string, values ...machine.Cell) *bench {
	t.Helper()
	b := &bench{t: t}
	b.m.Reset(machine.NewCode(nil, nil), machine.Config{})
	for i, v := range values {
		b.write(stack(fp-len(values)+i), v)
	}
	b.m.SetRegisters(machine.Registers{AP: fp, FP: fp})
	b.run.Reset(casm.Compile([]class.Hints{{Code: json.RawMessage(hints)}}), &b.m, nil)
	return b
}

func stack(off int) machine.Address {
	return machine.Address{Segment: machine.StackSegment, Offset: uint64(off)}
}

func (b *bench) write(a machine.Address, v machine.Cell) {
	b.t.Helper()
	if err := b.m.Write(a, v); err != nil {
		b.t.Fatal(err)
	}
}

// next executes other hints in the same run.
func (b *bench) next(hints string) {
	b.t.Helper()
	b.run.Use(casm.Compile([]class.Hints{{Code: json.RawMessage(hints)}}))
	if err := b.run.Hint(0); err != nil {
		b.t.Fatalf("%s: %v", hints, err)
	}
}

// cells returns what is written from fp on, as text.
func (b *bench) cells() (out []string) {
	for off := fp; uint64(off) < b.m.Len(machine.StackSegment); off++ {
		out = append(out, b.m.Read(stack(off)).String())
	}
	return out
}

// template makes the JSON of a hint: inputs are the cells below fp, the last one last, outputs those from fp on.
func template(name string, in, out []string) string {
	var parts []string
	for i, n := range in {
		parts = append(parts, fmt.Sprintf(`%q:{"Deref":{"register":"FP","offset":%d}}`, n, i-len(in)))
	}
	for i, n := range out {
		parts = append(parts, fmt.Sprintf(`%q:{"register":"AP","offset":%d}`, n, i))
	}
	return fmt.Sprintf(`[{%q:{%s}}]`, name, strings.Join(parts, ","))
}

var two128 = new(big.Int).Lsh(big.NewInt(1), 128)

// limbs splits x into n limbs of 128 bits.
func limbs(x *big.Int, n int) (out []*big.Int) {
	for range n - 1 {
		q, r := new(big.Int).DivMod(x, two128, new(big.Int))
		out, x = append(out, r), q
	}
	return append(out, x)
}

// arithmetic are hints that compute numbers from numbers, and the same in big integers.
var arithmetic = []struct {
	name    string
	in, out string
	f       func(x []*big.Int) []*big.Int
}{
	{"TestLessThan", "lhs rhs", "dst", func(x []*big.Int) []*big.Int { return truth(x[0].Cmp(x[1]) < 0) }},
	{"TestLessThanOrEqual", "lhs rhs", "dst", func(x []*big.Int) []*big.Int { return truth(x[0].Cmp(x[1]) <= 0) }},
	{"WideMul128", "lhs rhs", "low high", func(x []*big.Int) []*big.Int { return limbs(new(big.Int).Mul(x[0], x[1]), 2) }},
	{"DivMod", "lhs rhs", "quotient remainder", func(x []*big.Int) []*big.Int {
		q, r := new(big.Int).QuoRem(x[0], x[1], new(big.Int))
		return []*big.Int{q, r}
	}},
	{"LinearSplit", "value scalar max_x", "x y", func(x []*big.Int) []*big.Int {
		q := new(big.Int).Quo(x[0], x[1])
		if q.Cmp(x[2]) > 0 {
			q = x[2]
		}
		return []*big.Int{q, new(big.Int).Sub(x[0], new(big.Int).Mul(q, x[1]))}
	}},
	{"SquareRoot", "value", "dst", func(x []*big.Int) []*big.Int { return []*big.Int{new(big.Int).Sqrt(x[0])} }},
	{
		"Uint256DivMod", "dividend0 dividend1 divisor0 divisor1", "quotient0 quotient1 remainder0 remainder1",
		func(x []*big.Int) []*big.Int {
			q, r := new(big.Int).QuoRem(join(x[:2]), join(x[2:]), new(big.Int))
			return append(limbs(q, 2), limbs(r, 2)...)
		},
	},
	{
		"Uint512DivModByUint256", "dividend0 dividend1 dividend2 dividend3 divisor0 divisor1",
		"quotient0 quotient1 quotient2 quotient3 remainder0 remainder1",
		func(x []*big.Int) []*big.Int {
			q, r := new(big.Int).QuoRem(join(x[:4]), join(x[4:]), new(big.Int))
			return append(limbs(q, 4), limbs(r, 2)...)
		},
	},
	{
		"Uint256SquareRoot", "value_low value_high",
		"sqrt0 sqrt1 remainder_low remainder_high sqrt_mul_2_minus_remainder_ge_u128",
		func(x []*big.Int) []*big.Int {
			v := join(x)
			s := new(big.Int).Sqrt(v)
			r := new(big.Int).Sub(v, new(big.Int).Mul(s, s))
			high, low := new(big.Int).QuoRem(s, new(big.Int).Lsh(big.NewInt(1), 64), new(big.Int))
			gap := new(big.Int).Sub(new(big.Int).Lsh(s, 1), r)
			return append(append([]*big.Int{low, high}, limbs(r, 2)...), truth(gap.Cmp(two128) >= 0)...)
		},
	},
}

func truth(b bool) []*big.Int {
	if b {
		return []*big.Int{big.NewInt(1)}
	}
	return []*big.Int{new(big.Int)}
}

func join(x []*big.Int) *big.Int {
	z := new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		z.Add(z.Lsh(z, 128), x[i])
	}
	return z
}

// random returns a felt of a random length, so that small and full ones both occur.
func random(r *rand.Rand) felt.Felt {
	var z felt.Felt
	z.SetWords([4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()})
	x := z.Big()
	z.SetBig(x.Rsh(x, uint(r.IntN(252))))
	return z
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable test
	for _, h := range arithmetic {
		in := strings.Fields(h.in)
		for range 300 {
			values, numbers := make([]machine.Cell, len(in)), make([]*big.Int, len(in))
			for i := range in {
				x := random(r)
				if strings.HasPrefix(h.name, "Uint") {
					x[2], x[3] = 0, 0
				}
				if x.IsZero() {
					x = felt.One
				}
				values[i], numbers[i] = machine.FeltCell(x), x.Big()
			}
			b := newBench(t, template(h.name, in, strings.Fields(h.out)), values...)
			if err := b.run.Hint(0); err != nil {
				t.Fatalf("%s %v: %v", h.name, numbers, err)
			}
			var want []string
			for _, x := range h.f(numbers) {
				var z felt.Felt
				want = append(want, z.SetBig(x).Decimal())
			}
			if d := cmp.Diff(want, b.cells()); d != "" {
				t.Fatalf("seed %d: %s %v (-want +got):\n%s", seed, h.name, numbers, d)
			}
		}
	}
}

// TestOperands reads each form of operand.
func TestOperands(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ lhs, want string }{
		{`{"Immediate":"0x6"}`, "1"}, {`{"Immediate":"-0x1"}`, "0"}, {`{"Deref":{"register":"FP","offset":-2}}`, "1"},
		{`{"DoubleDeref":[{"register":"FP","offset":-1},1]}`, "1"}, {`{"DoubleDeref":[{"register":"AP","offset":-1},0]}`, "0"},
		{`{"BinOp":{"op":"Add","a":{"register":"FP","offset":-2},"b":{"Immediate":"0x2"}}}`, "0"},
		{`{"BinOp":{"op":"Mul","a":{"register":"FP","offset":-2},"b":{"Deref":{"register":"FP","offset":-2}}}}`, "0"},
	} {
		// 5 and an address of two cells are below fp; the hint tests whether x < 7.
		hints := `[{"TestLessThan":{"lhs":` + x.lhs + `,"rhs":{"Immediate":"0x7"},"dst":{"register":"AP","offset":0}}}]`
		b := newBench(t, hints, machine.UintCell(5), stack(50).Cell())
		b.write(stack(50), machine.UintCell(8))
		b.write(stack(51), machine.UintCell(6))
		if err := b.run.Hint(0); err != nil {
			t.Errorf("%s: %v", x.lhs, err)
			continue
		}
		if d := cmp.Diff([]string{x.want}, b.cells()); d != "" {
			t.Errorf("%s (-want +got):\n%s", x.lhs, d)
		}
	}
}

// TestUnknown checks that what is not understood is named when a class is loaded, and fails when it is executed.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, hints := range []string{
		`["Nothing"]`, `[{"Nothing":{}}]`, `[{"AllocSegment":{}}]`, `[{"AllocSegment":{"dst":{"register":"PC","offset":0}}}]`,
		`[{"AllocSegment":{"dst":{"register":"AP","offset":70000}}}]`, `[{}]`, `[7]`, `"x"`, `[{"AllocSegment":[]}]`,
		`[{"TestLessThan":{"lhs":{"Immediate":"7x"},"rhs":{"Immediate":"0x1"},"dst":{"register":"AP","offset":0}}}]`,
	} {
		table := casm.Compile([]class.Hints{{PC: 5, Code: json.RawMessage(hints)}})
		if len(table.Unknown()) != 1 || !strings.HasPrefix(table.Unknown()[0], "5: ") {
			t.Errorf("%s: %q are named", hints, table.Unknown())
		}
		b := newBench(t, hints)
		if err := b.run.Hint(0); !errors.Is(err, hint.ErrUnknown) {
			t.Errorf("%s: %v", hints, err)
		}
	}
	if n := len(casm.Names()); n != 41 {
		t.Errorf("%d hints are known, want 30 of the core library, 7 deprecated, 2 of Starknet and 2 external", n)
	}
}

// TestFailures checks that what would crash the reference fails, and what fails there has the same text.
func TestFailures(t *testing.T) {
	t.Parallel()
	zero, one := machine.UintCell(0), machine.UintCell(1)
	for _, x := range []struct {
		name, in, out string
		values        []machine.Cell
		want          string
	}{
		{"DivMod", "lhs rhs", "quotient remainder", []machine.Cell{one, zero}, "DivMod: division by zero"},
		{"LinearSplit", "value scalar max_x", "x y", []machine.Cell{one, zero, one}, "LinearSplit: division by zero"},
		{"TestLessThan", "lhs rhs", "dst", []machine.Cell{one, stack(3).Cell()}, "Expected integer at address 1:99"},
		{"TestLessThan", "lhs rhs", "dst", []machine.Cell{one, {}}, "Unknown memory cell at address 1:99"},
		{"DebugPrint", "start end", "", []machine.Cell{stack(98).Cell(), stack(97).Cell()}, "Expected integer at address 1:98"},
		{"Felt252DictEntryInit", "dict_ptr key", "", []machine.Cell{stack(98).Cell(), one}, "Felt252DictEntryInit: no dictionary has the segment 1"},
		{"ShouldSkipSquashLoop", "", "should_skip_loop", nil, "ShouldSkipSquashLoop: no access is left"},
		{"SystemCall", "system", "", []machine.Cell{stack(98).Cell()}, "system call outside of Starknet"},
		{"Cheatcode", "", "", nil, "Cheatcode: not on a network"},
		{
			"TestLessThanOrEqual", "lhs rhs", "dst", []machine.Cell{one, {}},
			"Security Error: Invalid Memory Value: temporary address not relocated: 1:99",
		},
		{
			"AssertLeIsSecondArcExcluded", "", "skip_exclude_b_minus_a", nil,
			"Variable excluded_arc not present in current execution scope",
		},
		{
			"Uint256DivMod", "dividend0 dividend1 divisor0 divisor1", "quotient0 quotient1 remainder0 remainder1",
			[]machine.Cell{{}, stack(3).Cell(), one, one}, "Unknown memory cell at address 1:96",
		},
	} {
		var values []machine.Cell
		for _, v := range x.values {
			if v.Known() {
				values = append(values, v)
			}
		}
		b := newBench(t, template(x.name, strings.Fields(x.in), strings.Fields(x.out)))
		for i, v := range x.values {
			if v.Known() {
				b.write(stack(fp-len(x.values)+i), v)
			}
		}
		if err := b.run.Hint(0); err == nil || err.Error() != x.want {
			t.Errorf("%s %v: %v, want %s", x.name, values, err, x.want)
		}
	}
}

// TestPoints checks that the random point is on the curve, and that roots are.
func TestPoints(t *testing.T) {
	t.Parallel()
	b := newBench(t, template("RandomEcPoint", nil, []string{"x", "y"}))
	if err := b.run.Hint(0); err != nil {
		t.Fatal(err)
	}
	x, _ := b.m.Read(stack(fp)).Felt()
	y, _ := b.m.Read(stack(fp + 1)).Felt()
	if !(crypto.Point{X: x, Y: y}).OnCurve() {
		t.Errorf("(%v, %v) is not on the curve", x, y)
	}
	for n := range uint64(20) {
		b := newBench(t, template("FieldSqrt", []string{"val"}, []string{"sqrt"}), machine.UintCell(n))
		if err := b.run.Hint(0); err != nil {
			t.Fatal(err)
		}
		root, _ := b.m.Read(stack(fp)).Felt()
		square := *new(felt.Felt).Mul(&root, &root)
		if square != felt.FromUint64(n) && square != felt.FromUint64(3*n) {
			t.Errorf("root of %d is %v", n, root)
		}
	}
}

// TestInverse checks the equations that a program checks: r*b = k*n + 1, or s*g = b and t*g = n.
func TestInverse(t *testing.T) {
	t.Parallel()
	for _, x := range [][2]int64{{3, 7}, {6, 9}, {4, 6}, {0, 5}, {5, 1}, {12, 18}, {7, 100}, {200, 7}} {
		n, m := felt.FromUint64(uint64(x[0])), felt.FromUint64(uint64(x[1])) //nolint:gosec // positive
		zero := machine.UintCell(0)
		b := newBench(t, template("U256InvModN", strings.Fields("b0 b1 n0 n1"),
			strings.Fields("g0_or_no_inv g1_option s_or_r0 s_or_r1 t_or_k0 t_or_k1")), machine.FeltCell(n), zero, machine.FeltCell(m), zero)
		if err := b.run.Hint(0); err != nil {
			t.Fatal(err)
		}
		at := func(i int) int64 {
			v, _ := b.m.Read(stack(fp + i)).Uint64()
			return int64(v) //nolint:gosec // small
		}
		g, s, k := at(0), at(2), at(4)
		if g == 0 {
			if s*x[0] != k*x[1]+1 || s >= x[1] {
				t.Errorf("%v: r = %d, k = %d", x, s, k)
			}
		} else if s*g != x[0] || k*g != x[1] {
			t.Errorf("%v: g = %d, s = %d, t = %d", x, g, s, k)
		}
	}
}
