package casm_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// deref is the JSON of a cell below fp.
func deref(off int) string { return fmt.Sprintf(`{"Deref":{"register":"FP","offset":%d}}`, off) }

func dst(off int) string { return fmt.Sprintf(`{"register":"FP","offset":%d}`, off) }

// read returns the cells from a on as text.
func (b *bench) read(a machine.Address, n uint64) (out []string) {
	for i := range n {
		out = append(out, b.m.Read(a.Plus(i)).String())
	}
	return out
}

// TestDictionary makes a dictionary, writes to it and squashes its accesses.
func TestDictionary(t *testing.T) {
	t.Parallel()
	// Below fp: the pointer of the arena, a key, a value, and where the dictionary is, once it is made.
	infos, arena := machine.Address{Segment: 2}, machine.Address{Segment: 3, Offset: 3}
	hints := []string{
		`{"AllocFelt252Dict":{"segment_arena_ptr":` + deref(-4) + `}}`,
		`{"Felt252DictEntryInit":{"dict_ptr":` + deref(-1) + `,"key":` + deref(-3) + `}}`,
		`{"Felt252DictEntryUpdate":{"dict_ptr":{"BinOp":{"op":"Add","a":` + dst(-1) + `,"b":{"Immediate":"0x3"}}},"value":` + deref(-2) + `}}`,
		`{"Felt252DictRead":{"dict_ptr":` + deref(-1) + `,"key":` + deref(-3) + `,"value_dst":` + dst(0) + `}}`,
		`{"GetSegmentArenaIndex":{"dict_end_ptr":` + deref(-1) + `,"dict_index":` + dst(1) + `}}`,
	}
	dict := machine.Address{Segment: 4}
	b := newBench(t, "["+strings.Join(hints[:1], ",")+"]", arena.Cell(), machine.UintCell(17), machine.UintCell(99), dict.Cell())
	for range 2 {
		b.m.AddSegment(machine.NoRule)
	}
	for i, v := range []machine.Cell{infos.Cell(), machine.UintCell(0), machine.UintCell(0)} {
		b.write(arena.Plus(uint64(i)-3), v)
	}
	if err := b.run.Hint(0); err != nil {
		t.Fatal(err)
	}
	if got := b.read(infos, 1); got[0] != "4:0" {
		t.Errorf("the dictionary is at %v", got)
	}
	b.write(dict, machine.UintCell(17)) // the program writes the key
	for _, h := range hints[1:] {
		b.next("[" + h + "]")
	}
	if d := cmp.Diff([]string{"99", "0"}, b.cells()); d != "" {
		t.Errorf("value and index (-want +got):\n%s", d)
	}
	if got := b.read(dict, 2); got[1] != "0" {
		t.Errorf("previous value %v", got)
	}
}

// TestSquash goes through the accesses 0..4 of the keys 7, 5, 7, 5, 9: in order of keys, in order of time.
func TestSquash(t *testing.T) {
	t.Parallel()
	at := machine.Address{Segment: 2}
	b := newBench(t, `[{"InitSquashData":{"dict_accesses":`+deref(-2)+`,"ptr_diff":`+deref(-1)+`,"n_accesses":`+deref(-1)+`,"big_keys":`+
		dst(0)+`,"first_key":`+dst(1)+`}}]`, at.Cell(), machine.UintCell(5))
	b.m.AddSegment(machine.NoRule)
	for i, key := range []uint64{7, 5, 7, 5, 9} {
		b.write(at.Plus(uint64(3*i)), machine.UintCell(key))
	}
	if err := b.run.Hint(0); err != nil {
		t.Fatal(err)
	}
	b.next(`[{"ShouldSkipSquashLoop":{"should_skip_loop":` + dst(2) + `}},"AssertAllKeysUsed","AssertCurrentAccessIndicesIsEmpty",
		{"AssertAllAccessesUsed":{"n_used_accesses":` + dst(-1) + `}},{"GetCurrentAccessDelta":{"index_delta_minus1":` + dst(3) + `}},
		{"ShouldContinueSquashLoop":{"should_continue":` + dst(4) + `}},{"GetNextDictKey":{"next_key":` + dst(5) + `}},
		{"GetCurrentAccessDelta":{"index_delta_minus1":` + dst(6) + `}},{"GetNextDictKey":{"next_key":` + dst(7) + `}}]`)
	if d := cmp.Diff([]string{"0", "5", "0", "1", "0", "7", "1", "9"}, b.cells()); d != "" {
		t.Errorf("cells (-want +got):\n%s", d)
	}
}

// TestAddresses compares addresses: by segment first, and they come before numbers.
func TestAddresses(t *testing.T) {
	t.Parallel()
	a, b := machine.Address{Segment: 1, Offset: 9}.Cell(), machine.Address{Segment: 2}.Cell()
	for _, x := range []struct {
		lhs, rhs machine.Cell
		want     string
	}{{a, b, "1"}, {b, a, "0"}, {a, a, "1"}, {a, machine.UintCell(0), "1"}, {machine.UintCell(0), a, "0"}} {
		for _, name := range []string{"TestLessThanOrEqualAddress", "TestLessThanOrEqual"} {
			w := newBench(t, template(name, []string{"lhs", "rhs"}, []string{"dst"}), x.lhs, x.rhs)
			if err := w.run.Hint(0); err != nil || w.cells()[0] != x.want {
				t.Errorf("%s: %v <= %v: %v, %v", name, x.lhs, x.rhs, w.cells(), err)
			}
		}
	}
}

// TestArcs checks the split of the two short arcs.
func TestArcs(t *testing.T) {
	t.Parallel()
	to := machine.Address{Segment: 2}
	b := newBench(t, template("AssertLeFindSmallArcs", strings.Fields("range_check_ptr a b"), nil), to.Cell(), machine.UintCell(5), machine.UintCell(12))
	b.m.AddSegment(machine.NoRule)
	if err := b.run.Hint(0); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"5", "0", "7", "0"}, b.read(to, 4)); d != "" {
		t.Errorf("arcs (-want +got):\n%s", d)
	}
	b.next(`[{"AssertLeIsFirstArcExcluded":{"skip_exclude_a_flag":` + dst(0) + `}},{"AssertLeIsSecondArcExcluded":{"skip_exclude_b_minus_a":` + dst(1) + `}}]`)
	if d := cmp.Diff([]string{"1", "1"}, b.cells()); d != "" {
		t.Errorf("the last arc is the long one (-want +got):\n%s", d)
	}
}

// TestCircuit evaluates 1/a, b*a' and a sum modulo 15 or 1, where a may have no inverse: the evaluation goes on, and the
// instances end before that gate.
func TestCircuit(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		p, a, inverse, product, sum int64
		instances                   uint64
	}{{15, 4, 4, 8, 6, 2}, {15, 6, 5, 10, 7, 0}, {1, 4, 0, 0, 0, 2}} {
		adds, muls, values, offsets := seg(2), seg(3), seg(4), seg(5)
		b := newBench(t, template("EvalCircuit", strings.Fields("n_add_mods add_mod_builtin n_mul_mods mul_mod_builtin"), nil),
			machine.UintCell(1), adds.Cell(), machine.UintCell(2), muls.Cell())
		for range 4 {
			b.m.AddSegment(machine.NoRule)
		}
		for _, at := range []machine.Address{adds, muls} {
			b.value(at, x.p)
			b.write(at.Plus(4), values.Cell())
		}
		b.write(adds.Plus(5), offsets.Cell())
		b.write(muls.Plus(5), offsets.Plus(3).Cell())
		b.value(values, 1)           // 0: the number 1
		b.value(values.Plus(4), x.a) // 4: a
		b.value(values.Plus(8), 2)   // 8: b
		for i, off := range []uint64{12, 8, 20 /* sum = 1/a + b */, 12, 4, 0 /* 1/a * a = 1 */, 12, 8, 16 /* product */} {
			b.write(offsets.Plus(uint64(i)), machine.UintCell(off))
		}
		if err := b.run.Hint(0); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, off := range []uint64{12, 16, 20} {
			got = append(got, b.read(values.Plus(off), 1)...)
		}
		want := []string{big.NewInt(x.inverse).String(), big.NewInt(x.product).String(), big.NewInt(x.sum).String()}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("a = %d (-want +got):\n%s", x.a, d)
		}
		if n := b.m.Len(muls.Segment); n != max(7*x.instances, 6) {
			t.Errorf("a = %d: %d cells of products, want %d instances", x.a, n, x.instances)
		}
	}
}

// TestAbsurdCircuit multiplies values with the largest felt for each of their words, modulo a number of the same kind: nothing is
// larger in any hint.
func TestAbsurdCircuit(t *testing.T) {
	t.Parallel()
	last := *new(felt.Felt).Neg(&felt.One)
	adds, muls, values, offsets := seg(2), seg(3), seg(4), seg(5)
	b := newBench(t, template("EvalCircuit", strings.Fields("n_add_mods add_mod_builtin n_mul_mods mul_mod_builtin"), nil),
		machine.UintCell(0), adds.Cell(), machine.UintCell(1), muls.Cell())
	for range 4 {
		b.m.AddSegment(machine.NoRule)
	}
	value := func(at machine.Address, lowest felt.Felt) *big.Int {
		n := new(big.Int)
		for i := range uint(4) {
			x := last
			if i == 0 {
				x = lowest
			}
			b.write(at.Plus(uint64(i)), machine.FeltCell(x))
			n.Add(n, new(big.Int).Lsh(x.Big(), 96*i))
		}
		return n
	}
	p := value(muls, felt.One)
	x, y := value(values, last), value(values.Plus(4), last)
	b.write(muls.Plus(4), values.Cell())
	b.write(muls.Plus(5), offsets.Cell())
	for i, off := range []uint64{0, 4, 8} {
		b.write(offsets.Plus(uint64(i)), machine.UintCell(off))
	}
	if err := b.run.Hint(0); err != nil {
		t.Fatal(err)
	}
	want := new(big.Int).Mod(x.Mul(x, y), p)
	for i, got := range b.read(values.Plus(8), 4) {
		word := new(big.Int).Rsh(want, 96*uint(i)) //nolint:gosec // not negative
		word.And(word, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 96), big.NewInt(1)))
		if got != word.String() {
			t.Errorf("word %d is %s, want %v", i, got, word)
		}
	}
}

func seg(n int) machine.Address { return machine.Address{Segment: n} }

// value writes a small number in four words.
func (b *bench) value(at machine.Address, x int64) {
	b.write(at, machine.UintCell(uint64(x))) //nolint:gosec // positive
	for i := range uint64(3) {
		b.write(at.Plus(i+1), machine.UintCell(0))
	}
}
