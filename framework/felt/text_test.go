package felt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// checkCodecs encodes x in every form and decodes it again.
func checkCodecs(t *testing.T, x felt.Felt) {
	t.Helper()
	if got, want := x.Hex(), fmt.Sprintf("%#x", ref(x)); got != want || x.String() != want {
		t.Fatalf("Hex = %q, String = %q, want %q", got, x.String(), want)
	}
	if got, want := x.Decimal(), ref(x).String(); got != want {
		t.Fatalf("Decimal = %q, want %q", got, want)
	}
	b := x.Bytes()
	if want := ref(x).FillBytes(make([]byte, 32)); !bytes.Equal(b[:], want) {
		t.Fatalf("Bytes = %x, want %x", b, want)
	}
	if got := x.AppendBytes([]byte{7}); !bytes.Equal(got[1:], b[:]) || got[0] != 7 {
		t.Fatalf("AppendBytes = %x, want %x", got, b)
	}
	if got := x.Big(); got.Cmp(ref(x)) != 0 {
		t.Fatalf("Big = %x, want %x", got, ref(x))
	}
	text, _ := json.Marshal(x)
	for _, c := range []struct {
		name   string
		decode func(z *felt.Felt) error
	}{
		{"SetHex", func(z *felt.Felt) error { return z.SetHex(x.Hex()) }},
		{"SetHex/upper", func(z *felt.Felt) error { return z.SetHex("0x0" + strings.ToUpper(x.Hex()[2:])) }},
		{"SetDecimal", func(z *felt.Felt) error { return z.SetDecimal(x.Decimal()) }},
		{"SetString/hex", func(z *felt.Felt) error { return z.SetString(x.Hex()) }},
		{"SetString/decimal", func(z *felt.Felt) error { return z.SetString(x.Decimal()) }},
		{"SetBytes", func(z *felt.Felt) error { return z.SetBytes(b[:]) }},
		{"SetBytesReduce", func(z *felt.Felt) error { z.SetBytesReduce(b[:]); return nil }},
		{"SetBig", func(z *felt.Felt) error { z.SetBig(ref(x)); return nil }},
		{"SetWords", func(z *felt.Felt) error { z.SetWords(x); return nil }},
		{"json", func(z *felt.Felt) error { return json.Unmarshal(text, z) }},
		{"Parse", func(z *felt.Felt) (err error) { *z, err = felt.Parse(x.Hex()); return err }},
	} {
		z := felt.FromUint64(99)
		if err := c.decode(&z); err != nil || z != x {
			t.Fatalf("%s of %v = %v, %v", c.name, x, z, err)
		}
	}
}

func TestCodecs(t *testing.T) {
	pairs(func(x, _ felt.Felt) { checkCodecs(t, x) })
}

func FuzzCodecs(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3 uint64) { checkCodecs(t, mod(ref(felt.Felt{x0, x1, x2, x3}))) })
}

// FuzzSetString holds the parser against math/big, which takes the same digits.
func FuzzSetString(f *testing.F) {
	for _, s := range []string{"", "0x", "0x0", "-1", "1_0", "0X1", "0x" + strings.Repeat("f", 64), "00012", p.String(), "+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z := felt.FromUint64(99)
		err := z.SetString(s)
		want, ok := refParse(s)
		switch {
		case !ok:
			if !errors.Is(err, felt.ErrSyntax) {
				t.Fatalf("SetString(%q) = %v, want %v", s, err, felt.ErrSyntax)
			}
		case want.Cmp(p) >= 0:
			if !errors.Is(err, felt.ErrNotCanonical) {
				t.Fatalf("SetString(%q) = %v, want %v", s, err, felt.ErrNotCanonical)
			}
		case err != nil || z != mod(want):
			t.Fatalf("SetString(%q) = %v, %v, want %x", s, z, err, want)
		}
		if err != nil && z != felt.FromUint64(99) {
			t.Fatalf("SetString(%q) left %v, want no change", s, z)
		}
	})
}

func refParse(s string) (*big.Int, bool) {
	if strings.ContainsAny(s, "_+-") {
		return nil, false
	}
	if h, ok := strings.CutPrefix(s, "0x"); ok {
		if len(h) > 64 {
			return nil, false
		}
		return new(big.Int).SetString(h, 16)
	}
	for i := range s {
		// A number that is too big is found so before what follows it is read.
		if v, ok := new(big.Int).SetString(s[:i], 10); ok && len(s) <= 80 && v.Cmp(p) >= 0 {
			return v, true
		}
	}
	if len(s) > 80 {
		return nil, false
	}
	return new(big.Int).SetString(s, 10)
}

func TestSetBytes(t *testing.T) {
	full := bytes.Repeat([]byte{0xff}, 100)
	for _, c := range []struct {
		b    []byte
		want error
	}{
		{nil, felt.ErrLength},
		{make([]byte, 31), felt.ErrLength},
		{make([]byte, 33), felt.ErrLength},
		{full[:32], felt.ErrNotCanonical},
		{p.FillBytes(make([]byte, 32)), felt.ErrNotCanonical},
		{make([]byte, 32), nil},
	} {
		var z felt.Felt
		if err := z.SetBytes(c.b); !errors.Is(err, c.want) {
			t.Errorf("SetBytes(%x) = %v, want %v", c.b, err, c.want)
		}
	}
	for n := range full {
		var z felt.Felt
		if got, want := *z.SetBytesReduce(full[:n]), mod(new(big.Int).SetBytes(full[:n])); got != want {
			t.Errorf("SetBytesReduce of %d bytes = %v, want %v", n, got, want)
		}
		x := new(big.Int).Neg(new(big.Int).SetBytes(full[:n]))
		if got, want := *z.SetBig(x), mod(x); got != want {
			t.Errorf("SetBig(%x) = %v, want %v", x, got, want)
		}
	}
}

func FuzzSetWords(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint64(1<<59+17))
	f.Add(^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0))
	f.Add(uint64(30), uint64(0), uint64(0), uint64(31<<59+31*17))
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3 uint64) {
		x := felt.Felt{x0, x1, x2, x3}
		var z felt.Felt
		if got, want := *z.SetWords(x), mod(ref(x)); got != want {
			t.Fatalf("SetWords(%x) = %v, want %v", x, got, want)
		}
		if got, want := x.Valid(), ref(x).Cmp(p) < 0; got != want {
			t.Fatalf("Valid(%x) = %v, want %v", x, got, want)
		}
	})
}

func TestSyntaxErrorsNameTheInput(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`""`, `felt: bad syntax: "" has no 0x`},
		{`"12"`, `felt: bad syntax: "12" has no 0x`},
		{`"0x"`, `felt: bad syntax: "0x" has 0 digits, want 1 to 64`},
		{`"0x1g"`, `felt: bad syntax: 'g' in "0x1g" is no hexadecimal digit`},
		{`"0x-1"`, `felt: bad syntax: '-' in "0x-1" is no hexadecimal digit`},
		{`"0x800000000000011000000000000000000000000000000000000000000000001"`,
			`felt: number not below the prime: "0x800000000000011000000000000000000000000000000000000000000000001"`},
	} {
		var z felt.Felt
		if err := json.Unmarshal([]byte(c.in), &z); err == nil || err.Error() != c.want {
			t.Errorf("Unmarshal(%s) = %v, want %v", c.in, err, c.want)
		}
	}
	var z felt.Felt
	if err := json.Unmarshal([]byte("12"), &z); err == nil {
		t.Error("Unmarshal(12) = nil, want an error: a number has lost its digits elsewhere")
	}
	long := "0x" + strings.Repeat("1", 10_000)
	if err := z.SetHex(long); err == nil || len(err.Error()) > 300 {
		t.Errorf("SetHex of 10,000 digits = %v, want a short error", err)
	}
}

func TestJSONInsideValues(t *testing.T) {
	type doc struct {
		A felt.Felt
		B []felt.Felt
		C map[felt.Felt]*felt.Felt
	}
	two := felt.FromUint64(2)
	in := doc{A: felt.One, B: []felt.Felt{{}, two}, C: map[felt.Felt]*felt.Felt{two: &two}}
	b, err := json.Marshal(in)
	want := `{"A":"0x1","B":["0x0","0x2"],"C":{"0x2":"0x2"}}`
	if err != nil || string(b) != want {
		t.Fatalf("Marshal = %s, %v, want %s", b, err, want)
	}
	var out doc
	if err := json.Unmarshal(b, &out); err != nil || out.A != in.A || out.B[1] != two || *out.C[two] != two {
		t.Fatalf("Unmarshal(%s) = %v, %v", b, out, err)
	}
}

func TestShortString(t *testing.T) {
	for _, c := range []struct {
		s   string
		hex string
	}{
		{"", "0x0"},
		{"a", "0x61"},
		{"STARKNET_STATE_V0", "0x535441524b4e45545f53544154455f5630"},
		{strings.Repeat("~", 31), "0x" + strings.Repeat("7e", 31)},
	} {
		z := felt.MustShortString(c.s)
		if z.Hex() != c.hex {
			t.Errorf("SetShortString(%q) = %v, want %v", c.s, z, c.hex)
		}
		if s, ok := z.ShortString(); !ok || s != c.s {
			t.Errorf("ShortString(%v) = %q, %v, want %q", z, s, ok, c.s)
		}
	}
	var z felt.Felt
	if err := z.SetShortString(strings.Repeat("a", 32)); !errors.Is(err, felt.ErrLength) {
		t.Errorf("SetShortString of 32 bytes = %v, want %v", err, felt.ErrLength)
	}
	if err := z.SetShortString("é"); !errors.Is(err, felt.ErrSyntax) {
		t.Errorf("SetShortString(é) = %v, want %v", err, felt.ErrSyntax)
	}
	for _, hex := range []string{"0x1", "0x6100", "0x80", "0x7f", "0x7" + strings.Repeat("1", 62)} {
		x := felt.MustParse(hex)
		if s, ok := x.ShortString(); ok {
			t.Errorf("ShortString(%v) = %q, want none", x, s)
		}
	}
}

func TestMustPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"MustParse":       func() { felt.MustParse("x") },
		"MustShortString": func() { felt.MustShortString("é") },
		"BatchInverse":    func() { felt.BatchInverse(make([]felt.Felt, 1), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("didn't panic")
				}
			}()
			f()
		})
	}
}
