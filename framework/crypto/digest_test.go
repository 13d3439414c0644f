package crypto_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/big"
	"testing"

	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/sha3"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

func TestKeccak(t *testing.T) {
	for name, want := range map[string]string{
		"transfer":    "0x83afd3f4caedc6eebf44246fe54e38c95e3179a5ec9ea81740eca5b482d12e",
		"constructor": "0x28ffe4ff0f226a9107253e17a904099aa4f63a02a5621de0576e5aa71bc5194",
		"ABC":         "0x1629b9dda060bb30c7908346f6af189c16773fa148d3366701fbaa35d54f3c8",
	} {
		if got := crypto.Keccak([]byte(name)); got != hex(want) {
			t.Errorf("Keccak(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestKeccak256AgainstLibrary(t *testing.T) {
	data := make([]byte, 600)
	for i := range data {
		data[i] = byte(i * 7)
	}
	for n := range data {
		checkKeccak(t, data[:n])
	}
}

func checkKeccak(t *testing.T, data []byte) {
	t.Helper()
	h := sha3.NewLegacyKeccak256()
	_, _ = h.Write(data)
	if got, want := crypto.Keccak256(data), h.Sum(nil); !bytes.Equal(got[:], want) {
		t.Fatalf("Keccak256(%x) = %x, want %x", data, got, want)
	}
}

func FuzzKeccak256(f *testing.F) {
	f.Add(make([]byte, 135))
	f.Add(make([]byte, 136))
	f.Fuzz(func(t *testing.T, data []byte) { checkKeccak(t, data) })
}

// TestKeccakF1600 has the first lanes of the first two permutations of zeros.
func TestKeccakF1600(t *testing.T) {
	var a [25]uint64
	for _, want := range []uint64{0xf1258f7940e1dde7, 0x2d5c954df96ecb3c} {
		if crypto.KeccakF1600(&a); a[0] != want {
			t.Errorf("KeccakF1600: lane 0 = %#x, want %#x", a[0], want)
		}
	}
}

func TestBlake2s(t *testing.T) {
	at63 := felt.FromUint64(1 << 63)
	for _, c := range []struct {
		xs   []felt.Felt
		want string
	}{
		{nil, "874258848688468311465623299960361657518391155660316941922502367727700287818"},
		{ints(0), "0x5768af071a2f8df7c9df9dc4ca0e7a1c5908d5eff88af963c3264f412dbdf43"},
		{ints(1, 2), "0x5534c03a14b214436366f30e9c77b6e56c8835de7dc5aee36957d4384cce66d"},
		{ints(1<<63 - 1), "94160078030592802631039216199460125121854007413180444742120780261703604445"},
		{[]felt.Felt{at63}, "318549634615606806810268830802792194529205864650702991817600345489579978482"},
		{
			[]felt.Felt{felt.FromUint64(42), at63, felt.FromUint64(1337)},
			"1127477916086913892828040583976438888091205536601278656613505514972451246501",
		},
	} {
		if got := crypto.Blake2s(c.xs...); got != hex(c.want) {
			t.Errorf("Blake2s(%v) = %v, want %v", c.xs, got, hex(c.want))
		}
	}
}

// TestBlake2sLong encodes sequences longer than any buffer in the plainest way.
func TestBlake2sLong(t *testing.T) {
	var in []felt.Felt
	for i, p := range pairs(300) {
		in = append(in, p[0], felt.FromUint64(uint64(i)))
		if got, want := crypto.Blake2s(in...), refBlake(in); got != want {
			t.Fatalf("Blake2s of %d felts = %v, want %v", len(in), got, want)
		}
	}
}

func refBlake(xs []felt.Felt) (z felt.Felt) {
	var b []byte
	for i := range xs {
		v := xs[i].Big()
		n := 8
		if v.BitLen() <= 63 {
			n = 2
		}
		for j := n - 1; j >= 0; j-- {
			w := uint32(new(big.Int).And(new(big.Int).Rsh(v, uint(32*j)), big.NewInt(0xffffffff)).Uint64())
			if n == 8 && j == 7 {
				w |= 1 << 31
			}
			b = binary.LittleEndian.AppendUint32(b, w)
		}
	}
	sum := blake2s.Sum256(b)
	for i := range 16 {
		sum[i], sum[31-i] = sum[31-i], sum[i]
	}
	return *z.SetBytesReduce(sum[:])
}

// TestBlake2sCompress makes the whole hash from the function.
func TestBlake2sCompress(t *testing.T) {
	data := make([]byte, 300)
	for i := range data {
		data[i] = byte(i * 5)
	}
	for n := range data {
		checkCompress(t, data[:n])
	}
}

func checkCompress(t *testing.T, data []byte) {
	t.Helper()
	h := [8]uint32{0x6a09e667 ^ 0x01010020, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
	for rest, done := data, 0; ; rest = rest[64:] {
		var block [64]byte
		done += copy(block[:], rest)
		var m [16]uint32
		for i := range m {
			m[i] = binary.LittleEndian.Uint32(block[4*i:])
		}
		crypto.Blake2sCompress(&h, &m, uint64(done), done == len(data))
		if done == len(data) {
			break
		}
	}
	var got []byte
	for _, w := range h {
		got = binary.LittleEndian.AppendUint32(got, w)
	}
	if want := blake2s.Sum256(data); !bytes.Equal(got, want[:]) {
		t.Fatalf("Blake2s of %x by Blake2sCompress = %x, want %x", data, got, want)
	}
}

func FuzzBlake2sCompress(f *testing.F) {
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, data []byte) { checkCompress(t, data) })
}

func BenchmarkKeccakF1600(b *testing.B) {
	var a [25]uint64
	b.ReportAllocs()
	for b.Loop() {
		crypto.KeccakF1600(&a)
	}
}

func BenchmarkKeccak256(b *testing.B) {
	data := make([]byte, 135)
	b.Run("impl=ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			crypto.Keccak256(data)
		}
	})
	b.Run("impl=library", func(b *testing.B) {
		b.ReportAllocs()
		h, out := sha3.NewLegacyKeccak256(), make([]byte, 0, 32)
		for b.Loop() {
			h.Reset()
			_, _ = h.Write(data)
			h.Sum(out)
		}
	})
}

func BenchmarkBlake2s(b *testing.B) {
	for _, n := range []int{2, 1000} {
		xs := make([]felt.Felt, n)
		for i, p := range pairs(n) {
			xs[i] = p[1]
		}
		b.Run(fmt.Sprintf("felts=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				crypto.Blake2s(xs...)
			}
		})
	}
}

func BenchmarkBlake2sCompress(b *testing.B) {
	var h [8]uint32
	var m [16]uint32
	b.ReportAllocs()
	for b.Loop() {
		crypto.Blake2sCompress(&h, &m, 64, true)
	}
}
