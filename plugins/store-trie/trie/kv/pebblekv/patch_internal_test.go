package pebblekv

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// history returns a value and patches that change it, one after the other.
func history(t testing.TB, rng *rand.Rand, size int) (values, patches [][]byte) {
	t.Helper()
	value := make([]byte, size)
	for i := range value {
		value[i] = byte(rng.Uint32())
	}
	values = [][]byte{value}
	for range 6 {
		next := bytes.Clone(value)
		for range rng.IntN(4) {
			at := rng.IntN(size)
			n := min(size-at, 1+rng.IntN(32))
			for i := range n {
				next[at+i] = byte(rng.Uint32())
			}
		}
		if patch, ok := appendPatch(nil, value, next); ok {
			values, patches, value = append(values, next), append(patches, patch), next
		}
	}
	return values, patches
}

// merge gives operands to Pebble's interface in one order or the other.
func merge(t *testing.T, operands [][]byte, newestFirst, base bool) []byte {
	t.Helper()
	first := operands[0]
	if newestFirst {
		first = operands[len(operands)-1]
	}
	m, err := patcher.Merge(nil, first)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(operands); i++ {
		if newestFirst {
			err = m.MergeOlder(operands[len(operands)-1-i])
		} else {
			err = m.MergeNewer(operands[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	value, _, err := m.Finish(base)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestMergeInAnyOrder merges a value and its patches as Pebble may: at once, some patches before the others, from
// either end.
func TestMergeInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for round := range 300 {
		values, patches := history(t, rng, 100+rng.IntN(400))
		if len(patches) == 0 {
			continue
		}
		want := values[len(values)-1]
		cut := rng.IntN(len(patches))
		for _, newestFirst := range []bool{false, true} {
			all := append([][]byte{values[0]}, patches...)
			if got := merge(t, all, newestFirst, true); !bytes.Equal(got, want) {
				t.Fatalf("round %d: %x, want %x", round, got, want)
			}
			upper := merge(t, patches[cut:], newestFirst, false)
			lower := merge(t, all[:cut+1], newestFirst, true)
			if got := merge(t, [][]byte{lower, upper}, newestFirst, true); !bytes.Equal(got, want) {
				t.Fatalf("round %d: patches from %d on first: %x, want %x", round, cut, got, want)
			}
		}
	}
}

// TestNoPatch has values that are written whole.
func TestNoPatch(t *testing.T) {
	a := bytes.Repeat([]byte{1}, 100)
	for name, b := range map[string][]byte{"another size": a[:99], "all is new": bytes.Repeat([]byte{2}, 100)} {
		if patch, ok := appendPatch(nil, a, b); ok {
			t.Errorf("%s: patch %x", name, patch)
		}
	}
	if patch, ok := appendPatch(nil, a, a); !ok || len(patch) > 1 {
		t.Errorf("nothing is new: patch %x, %v", patch, ok)
	}
}

// FuzzPatch gives patches that nobody made to Pebble's interface.
func FuzzPatch(f *testing.F) {
	values, patches := history(f, rand.New(rand.NewPCG(2, 2)), 200)
	f.Add(values[0], patches[0], patches[1], true)
	f.Add(patches[0], patches[1], patches[2], false)
	f.Fuzz(func(t *testing.T, oldest, middle, newest []byte, base bool) {
		m, err := patcher.Merge(nil, oldest)
		if err == nil {
			err = errors.Join(m.MergeNewer(middle), m.MergeNewer(newest))
		}
		if err != nil {
			t.Fatal(err)
		}
		value, _, err := m.Finish(base)
		switch {
		case err != nil && !errors.Is(err, kv.ErrDamaged):
			t.Errorf("error %v, want ErrDamaged", err)
		case err == nil && base && len(value) != len(oldest):
			t.Errorf("%d bytes of a value of %d", len(value), len(oldest))
		}
	})
}
