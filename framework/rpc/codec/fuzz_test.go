package codec_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// FuzzDecode decodes any bytes as any kind of value: nothing panics, and what is accepted has one encoding.
func FuzzDecode(f *testing.F) {
	all := kinds()
	r := rand.New(rand.NewPCG(17, 18))
	for i, k := range all {
		for range 4 {
			f.Add(uint8(i), k.encode(nil, k.sample(r)))
		}
		if k.name == "error" {
			for _, err := range failures() {
				f.Add(uint8(i), codec.AppendError(nil, err))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		k := all[int(which)%len(all)]
		d, v := codec.NewDecoder(b), k.empty()
		k.decode(d, v)
		if d.End() != nil {
			return
		}
		if again := k.encode(nil, v); !bytes.Equal(again, b) {
			t.Fatalf("%s: encode(decode(b)) = %x, want %x", k.name, again, b)
		}
		used := k.sample(rand.New(rand.NewPCG(uint64(len(b)), 1)))
		k.decode(codec.NewDecoder(b), used)
		if diff := cmp.Diff(v, used, same); diff != "" {
			t.Fatalf("%s: decoded into a used target (-fresh +used):\n%s", k.name, diff)
		}
	})
}
