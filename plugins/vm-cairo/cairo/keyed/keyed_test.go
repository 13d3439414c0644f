package keyed_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
)

// TestMap compares with Go's map, through clearing and copying, with maps of one size after another.
func TestMap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var m, other keyed.Map[felt.Felt, uint64]
	for round := range 60 {
		m.Clear()
		want, order := map[felt.Felt]uint64{}, []felt.Felt{}
		size := []uint64{3, 40, 3000, 1}[round%4]
		for range 2 * size {
			key, v := felt.FromUint64(r.Uint64N(size)), r.Uint64()
			got, ok := m.Get(key)
			if old, has := want[key]; ok != has || got != old {
				t.Fatalf("round %d: Get(%v) = %d, %v, want %d, %v", round, key, got, ok, old, has)
			} else if !has {
				order = append(order, key)
			}
			m.Put(key, v)
			want[key] = v
		}
		if round%3 == 0 {
			if !other.Copy(&m, nil) {
				t.Fatal("stopped by nobody")
			}
			m, other = other, m
		}
		got := []felt.Felt{}
		for k, v := range m.All() {
			if got = append(got, k); want[k] != v {
				t.Fatalf("round %d: %v has %d, want %d", round, k, v, want[k])
			}
		}
		if m.Len() != len(want) || !slices.Equal(got, order) {
			t.Fatalf("round %d: keys %v, want %v", round, got, order)
		}
	}
}

// TestMapCollisions adds so many keys that some have the same hash.
func TestMapCollisions(t *testing.T) {
	t.Parallel()
	var m keyed.Map[uint32, int]
	const n = 1 << 18 // of as many hashes of 32 bits eight are the same as another one
	for i := range uint32(n) {
		m.Put(i, int(i))
	}
	for i := range uint32(n) {
		if v, ok := m.Get(i); !ok || v != int(i) {
			t.Fatalf("Get(%d) = %d, %v", i, v, ok)
		}
	}
	if _, ok := m.Get(n); ok || m.Len() != n {
		t.Errorf("a key that was not added, or %d keys", m.Len())
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var p keyed.Places
	for _, n := range []int{0, 1, 2, 3, 1000, 17, 128, 5} {
		p.Clear()
		want := map[felt.Felt][]uint64{}
		for i := range uint64(n) { //nolint:gosec // not negative
			key := felt.Felt{r.Uint64N(3), 0, 0, r.Uint64N(uint64(n))} //nolint:gosec // not negative
			p.Add(key)
			want[key] = append(want[key], i)
		}
		groups, ok := p.Sort(nil)
		got := map[felt.Felt][]uint64{}
		for i, g := range groups {
			if got[g.Key] = g.At; i > 0 && !groups[i-1].Key.Less(&g.Key) {
				t.Errorf("%v comes before %v", groups[i-1].Key, g.Key)
			}
		}
		if d := cmp.Diff(want, got); !ok || d != "" || p.Len() != n {
			t.Errorf("%d places, %v (-want +got):\n%s", n, ok, d)
		}
	}
}

// TestStops gives up at one question after the other.
func TestStops(t *testing.T) {
	t.Parallel()
	var p keyed.Places
	var m, to keyed.Map[int, int]
	for i := range 5000 {
		m.Put(i, i)
	}
	for name, f := range map[string]func(func() bool) bool{
		"copy": func(stop func() bool) bool { return to.Copy(&m, stop) },
		"sort": func(stop func() bool) bool {
			p.Clear()
			for i := range uint64(1000) {
				p.Add(felt.FromUint64(i * 77 % 1000))
			}
			_, ok := p.Sort(stop)
			return ok
		},
	} {
		all := 0
		if !f(func() bool { all++; return false }) || all < 10 {
			t.Errorf("%s: asked %d times", name, all)
		}
		for k := 1; k <= all; k++ {
			asked := 0
			if f(func() bool { asked++; return asked == k }) || asked != k {
				t.Errorf("%s: went on after question %d of %d", name, k, all)
			}
		}
	}
}

func TestNoGarbage(t *testing.T) {
	var p keyed.Places
	var m, to keyed.Map[felt.Felt, felt.Felt]
	got := testing.AllocsPerRun(10, func() {
		p.Clear()
		m.Clear()
		for i := range uint64(500) {
			key := felt.FromUint64(i * 77 % 400)
			p.Add(key)
			m.Put(key, key)
		}
		p.Sort(nil)
		to.Copy(&m, nil)
	})
	if got != 0 {
		t.Errorf("%v objects are allocated", got)
	}
}

func BenchmarkMap(b *testing.B) {
	b.ReportAllocs()
	var m keyed.Map[felt.Felt, uint64]
	for b.Loop() {
		m.Clear()
		for i := range uint64(2000) {
			key := felt.FromUint64(i * 77 % 1000)
			v, _ := m.Get(key)
			m.Put(key, v+1)
		}
	}
}

func BenchmarkSort(b *testing.B) {
	b.ReportAllocs()
	var p keyed.Places
	for b.Loop() {
		p.Clear()
		for i := range uint64(1000) {
			p.Add(felt.FromUint64(i * 77 % 500))
		}
		p.Sort(nil)
	}
}
