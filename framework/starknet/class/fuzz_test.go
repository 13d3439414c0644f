package class_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// seed adds the smallest recorded classes of a kind, if they are at hand, besides the sample.
func seed(f *testing.F, sample, pattern string) {
	f.Add([]byte(sample))
	if _, ok := realdata.Dir(); !ok {
		f.Logf("no recorded classes to start from")
		return
	}
	for _, name := range realdata.Glob(f, pattern) {
		if data := realdata.Read(f, name); len(data) < 50_000 {
			f.Add(data)
		}
	}
}

// fuzzParser checks that whatever is parsed survives its own text and encoding, and can be hashed.
func fuzzParser[C class.Class](f *testing.F, parse func([]byte) (C, error), hash func(C)) {
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse(data)
		if err != nil {
			return
		}
		again, err := parse(any(c).(interface{ Text() []byte }).Text())
		if err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("parse(Text) = %v (-want +got):\n%s", err, cmp.Diff(c, again))
		}
		decoded, err := class.Decode(class.Append(nil, c))
		if err != nil || !reflect.DeepEqual(class.Class(c), decoded) {
			t.Errorf("Decode(Append) = %v (-want +got):\n%s", err, cmp.Diff(class.Class(c), decoded))
		}
		if len(data) < 5000 {
			hash(c)
		}
	})
}

func FuzzParseCairo0(f *testing.F) {
	seed(f, cairo0Text, "classes/feature/cairo0/*.json")
	fuzzParser(f, class.ParseCairo0, func(c *class.Cairo0) {
		c.Hash()
		_, _ = c.Names() // must not panic
	})
}

func FuzzParseSierra(f *testing.F) {
	seed(f, sierraText, "classes/feature/cairo1/*.sierra.json")
	fuzzParser(f, class.ParseSierra, func(c *class.Sierra) { c.Hash() })
}

func FuzzParseCasm(f *testing.F) {
	seed(f, casmText, "classes/feature/cairo1/*.casm.json")
	fuzzParser(f, class.ParseCasm, func(c *class.Casm) { c.HashV1(); c.HashV2() })
}

func FuzzDecode(f *testing.F) {
	for _, c := range samples(f) {
		f.Add(class.Append(nil, c))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := class.Decode(data)
		if err != nil {
			return
		}
		if encoded := class.Append(nil, c); !bytes.Equal(encoded, data) {
			t.Errorf("Append(Decode) = %x, want %x", encoded, data)
		}
		switch c := c.(type) {
		case *class.Cairo0:
			c.HintedText()
		case *class.Casm:
			c.HashV2()
		}
	})
}
