package class_test

import (
	"fmt"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// The largest class of each kind at hand.
const (
	largeCairo0 = "classes/cairo0/katana_legacy_erc20.json"
	largeSierra = "classes/cairo1/oz_account_1.0.0.sierra.json"
	largeCasm   = "classes/feature/cairo1/test_contract.casm.json"
)

func BenchmarkParse(b *testing.B) {
	for kind, name := range map[string]string{"cairo0": largeCairo0, "sierra": largeSierra, "casm": largeCasm} {
		b.Run(kind, func(b *testing.B) {
			data := realdata.Read(b, name)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse(name, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for kind, name := range map[string]string{"cairo0": largeCairo0, "sierra": largeSierra, "casm": largeCasm} {
		b.Run(kind, func(b *testing.B) {
			c, err := parse(name, realdata.Read(b, name))
			if err != nil {
				b.Fatal(err)
			}
			data := class.Append(nil, c)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := class.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCairo0Hash(b *testing.B) {
	c, err := class.ParseCairo0(realdata.Read(b, largeCairo0))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Hash()
	}
}

func BenchmarkCasmHash(b *testing.B) {
	const felts = 64 << 10
	for _, segments := range []uint64{1, 16, 256} {
		c := &class.Casm{Bytecode: make([]felt.Felt, felts)}
		for i := range c.Bytecode {
			c.Bytecode[i] = felt.FromUint64(0x480680017fff8000 + uint64(i))
		}
		if segments > 1 {
			c.Segments = &class.Segment{Length: felts}
			for range segments {
				c.Segments.Children = append(c.Segments.Children, class.Segment{Length: felts / segments})
			}
		}
		for version, hash := range map[int]func() felt.Felt{1: c.HashV1, 2: c.HashV2} {
			b.Run(fmt.Sprintf("v=%d/segments=%d", version, segments), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					hash()
				}
			})
		}
	}
}
