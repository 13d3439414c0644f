package codec_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

var update = flag.Bool("update", false, "rewrite the golden bytes in testdata")

// same compares decoded values: nil and empty slices are alike, errors are compared by text and fields.
var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b error) bool {
		return bytes.Equal(codec.AppendError(nil, a), codec.AppendError(nil, b))
	}),
}

func TestRoundTrip(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			used := k.empty() // decoded into again and again
			for range 50 {
				v := k.sample(r)
				b := k.encode([]byte("before"), v)[len("before"):]
				for _, target := range []any{k.empty(), used} {
					d := codec.NewDecoder(b)
					k.decode(d, target)
					if err := d.End(); err != nil {
						t.Fatalf("decode(encode(%+v)): %v", v, err)
					}
					if diff := cmp.Diff(v, target, same); diff != "" {
						t.Fatalf("decode(encode(x)) is not x (-x +got):\n%s", diff)
					}
				}
			}
		})
	}
}

// TestDecodedSharesNothing scribbles over the input after decoding.
func TestDecodedSharesNothing(t *testing.T) {
	for _, k := range kinds() {
		r := rand.New(rand.NewPCG(3, 4))
		v := k.sample(r)
		b := k.encode(nil, v)
		target := k.empty()
		k.decode(codec.NewDecoder(b), target)
		for i := range b {
			b[i] ^= 0xff
		}
		if diff := cmp.Diff(v, target, same); diff != "" {
			t.Errorf("%s shares memory with the input (-want +got):\n%s", k.name, diff)
		}
	}
}

func TestClassBodiesAreNew(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	first := outcome(r)
	for len(first.Classes) == 0 || len(first.Classes[0].Body) == 0 {
		first = outcome(r)
	}
	target := outcome(r)
	codec.NewDecoder(codec.AppendOutcome(nil, &first)).Outcome(&target)
	kept := target.Classes[0].Body
	want := bytes.Clone(kept)

	second := first.Clone()
	second.Classes[0].Body = bytes.Repeat([]byte{0xee}, len(want))
	codec.NewDecoder(codec.AppendOutcome(nil, second)).Outcome(&target)
	if !bytes.Equal(kept, want) {
		t.Errorf("body of a class that was handed out = %x, want %x", kept, want)
	}
}

func TestTruncated(t *testing.T) {
	for _, k := range kinds() {
		r := rand.New(rand.NewPCG(7, 8))
		b := k.encode(nil, k.sample(r))
		for n := range b {
			d := codec.NewDecoder(b[:n])
			k.decode(d, k.empty())
			if err := d.End(); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("%s cut to %d of %d bytes: %v, want ErrMalformed", k.name, n, len(b), err)
			}
		}
	}
}

func TestTrailingBytes(t *testing.T) {
	for _, k := range kinds() {
		r := rand.New(rand.NewPCG(9, 10))
		d := codec.NewDecoder(append(k.encode(nil, k.sample(r)), 0))
		k.decode(d, k.empty())
		if err := d.Err(); err != nil {
			t.Errorf("%s: Err before the end = %v, want nil", k.name, err)
		}
		if err := d.End(); !errors.Is(err, codec.ErrMalformed) {
			t.Errorf("%s with a byte behind it: End = %v, want ErrMalformed", k.name, err)
		}
	}
}

// TestHostileCounts puts a huge count at every place and looks at how much is allocated.
func TestHostileCounts(t *testing.T) {
	for _, k := range kinds() {
		r := rand.New(rand.NewPCG(11, 12))
		b := k.encode(nil, k.sample(r))
		for at := 0; at+4 <= len(b); at++ {
			for _, count := range []byte{0xff, 0x7f, 0x00} {
				hostile := bytes.Clone(b)
				copy(hostile[at:], []byte{0xff, 0xff, count, count})
				if got, most := allocated(k, hostile), uint64(4096+20*len(b)); got > most {
					t.Fatalf("%s with a huge count at byte %d of %d: allocates %d bytes, at most %d", k.name, at, len(b), got, most)
				}
			}
		}
	}
}

// allocated returns how many bytes decoding b allocates, roughly.
func allocated(k kind, b []byte) uint64 {
	var before, after runtime.MemStats
	target := k.empty()
	runtime.ReadMemStats(&before)
	k.decode(codec.NewDecoder(b), target)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestErrorsSayWhere(t *testing.T) {
	finals := []framework.Final{{Outcome: &framework.Outcome{}}, {Outcome: &framework.Outcome{Receipt: make([]byte, 100)}}}
	classes := []framework.Class{{}, {Body: make([]byte, 100)}}
	tests := []struct {
		name, want string
		encoded    []byte
		decode     func(d *codec.Decoder)
	}{
		{
			"count", "codec: finals[1].final.outcome.receipt at byte 71: malformed: 100 entries of 1 bytes, 65 bytes left",
			codec.AppendFinals(nil, finals)[:140], func(d *codec.Decoder) { d.Finals(nil) },
		},
		{
			"body", "codec: classes[1].class.body at byte 72: malformed: 100 entries of 1 bytes, 99 bytes left",
			codec.AppendClasses(nil, classes)[:175], func(d *codec.Decoder) { d.Classes(nil) },
		},
		{
			"fixed", "codec: word at byte 0: malformed: needs 32 bytes, 7 left",
			make([]byte, 7), func(d *codec.Decoder) { d.Word() },
		},
		{
			"bool", "codec: bool at byte 0: malformed: is 2, not 0 or 1",
			[]byte{2}, func(d *codec.Decoder) { d.Bool() },
		},
		{
			"end", "codec: end at byte 1: malformed: 2 bytes too many",
			[]byte{1, 2, 3}, func(d *codec.Decoder) { d.Uint8() },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := codec.NewDecoder(tt.encoded)
			tt.decode(d)
			if err := d.End(); err == nil || err.Error() != tt.want {
				t.Errorf("End = %v\nwant  %v", err, tt.want)
			}
		})
	}
}

// TestGolden compares the bytes of each value with those that earlier versions wrote.
func TestGolden(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(15, 16))
			v, b := k.sample(r), []byte(nil)
			for range 8 { // the longest of a few: a short one shows little
				next := k.sample(r)
				if e := k.encode(nil, next); len(e) > len(b) {
					v, b = next, e
				}
			}
			path := filepath.Join("testdata", k.name+".hex")
			if *update {
				writeGolden(t, path, b)
			}
			golden := readGolden(t, path)
			if !bytes.Equal(b, golden) {
				t.Errorf("encoding has changed:\ngot  %x\nwant %x", b, golden)
			}
			d, target := codec.NewDecoder(golden), k.empty()
			k.decode(d, target)
			if err := d.End(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v, target, same); diff != "" {
				t.Errorf("golden bytes mean something else (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGoldenErrors does the same for errors that do not arrive as what they were.
func TestGoldenErrors(t *testing.T) {
	for name, err := range failures() {
		b := codec.AppendError(nil, err)
		path := filepath.Join("testdata", "error-"+strings.ReplaceAll(name, " ", "-")+".hex")
		if *update {
			writeGolden(t, path, b)
		}
		if golden := readGolden(t, path); !bytes.Equal(b, golden) {
			t.Errorf("%s: encoding has changed:\ngot  %x\nwant %x", name, b, golden)
		}
	}
}

func writeGolden(t *testing.T, path string, b []byte) {
	t.Helper()
	var text strings.Builder
	for line := range slices.Chunk(b, 32) {
		text.WriteString(hex.EncodeToString(line) + "\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readGolden(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
