package framework_test

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
)

func word(n uint64) framework.Word { return framework.Word{n} }

func key(n uint64) framework.Key { return framework.Key{Slot: word(n)} }

func TestKeyCompare(t *testing.T) {
	big := framework.Word{0, 0, 0, 1}
	sorted := []framework.Key{
		{},
		{Slot: word(1)},
		{Slot: word(math.MaxUint64)},
		{Slot: big},
		{Owner: word(1)},
		{Owner: word(1), Slot: word(1)},
		{Owner: big},
		{Space: 1},
		{Space: 255},
	}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestAddFold(t *testing.T) {
	const m = math.MaxUint64
	tests := []struct {
		name              string
		low, high, amount framework.Word
		wantLow, wantHigh framework.Word
		ok                bool
	}{
		{name: "zero", ok: true},
		{"low only", word(3), word(9), word(4), word(7), word(9), true},
		{"carry", framework.Word{m, m}, word(9), word(1), word(0), word(10), true},
		{"high part of the amount", word(1), word(2), framework.Word{0, 0, 5, 6}, word(1), framework.Word{7, 6}, true},
		{"largest sum", word(0), word(0), framework.Word{m, m, m, m}, framework.Word{m, m}, framework.Word{m, m}, true},
		{name: "sum over 256 bits", low: word(1), amount: framework.Word{m, m, m, m}},
		{name: "cell over 128 bits", low: framework.Word{0, 0, 1}, amount: word(1)},
		{name: "high cell over 128 bits", high: framework.Word{0, 0, 0, 1}, amount: word(1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := framework.Add{Amount: tt.amount}
			low, high, ok := a.Fold(tt.low, tt.high)
			if ok != tt.ok {
				t.Fatalf("Fold(%v, %v) + %v: ok = %v, want %v", tt.low, tt.high, tt.amount, ok, tt.ok)
			}
			if ok && (low != tt.wantLow || high != tt.wantHigh) {
				t.Errorf("Fold(%v, %v) + %v = %v, %v, want %v, %v", tt.low, tt.high, tt.amount, low, high, tt.wantLow, tt.wantHigh)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	full := func() *framework.Outcome {
		return &framework.Outcome{
			Status:  framework.Reverted,
			Writes:  []framework.Write{{Key: key(1), Value: word(2)}},
			Adds:    []framework.Add{{Low: key(3), High: key(4), Amount: word(5)}},
			Classes: []framework.Class{{Hash: word(6), Body: []byte{7}}},
			Usage:   framework.Usage{Counters: []uint64{8}, Once: []framework.Charge{{Counter: 1, Key: key(9), Amount: 10}}},
			Receipt: []byte{11},
		}
	}
	o := full()
	f := framework.Final{Tx: 3, Outcome: o, Writes: o.Writes, Fault: io.ErrUnexpectedEOF}
	c := f.Clone()
	o.Writes[0].Value, o.Adds[0].Amount, o.Classes[0].Hash = word(0), word(0), word(0)
	o.Usage.Counters[0], o.Usage.Once[0].Amount, o.Receipt[0] = 0, 0, 0
	if diff := cmp.Diff(full(), c.Outcome); diff != "" {
		t.Errorf("clone changed with its original (-want +got):\n%s", diff)
	}
	if c.Writes[0].Value != word(2) || c.Tx != 3 || c.Fault != io.ErrUnexpectedEOF {
		t.Errorf("Clone() = %+v", c)
	}
	o.Reset()
	if o.Status != 0 || len(o.Writes)+len(o.Adds)+len(o.Classes)+len(o.Usage.Counters)+len(o.Usage.Once)+len(o.Receipt) != 0 {
		t.Errorf("after Reset: %+v", o)
	}
}

func TestQueue(t *testing.T) {
	ctx := t.Context()
	q := framework.NewQueue(make([]framework.Tx, 2)...)
	if txs, err := q.Next(ctx); len(txs) != 2 || err != nil {
		t.Fatalf("Next() = %d transactions, %v, want 2", len(txs), err)
	}
	q.Push(make([]framework.Tx, 5)...)
	q.EndAt(4)
	q.EndAt(9)
	if txs, err := q.Next(ctx); len(txs) != 2 || err != nil {
		t.Fatalf("Next() after EndAt(4) = %d transactions, %v, want the 2 below the end", len(txs), err)
	}
	if _, err := q.Next(ctx); err != io.EOF {
		t.Fatalf("Next() at the end: %v, want io.EOF", err)
	}
	if n := <-q.End(); n != 4 {
		t.Errorf("End() gave %d, want 4", n)
	}
}

func TestQueueWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wakes := map[string]func(q *framework.Queue, cancel func()){
			"Push":             func(q *framework.Queue, _ func()) { q.Push(framework.Tx{}) },
			"Close":            func(q *framework.Queue, _ func()) { q.Close() },
			"EndAt below":      func(q *framework.Queue, _ func()) { q.EndAt(0) },
			"context is ended": func(_ *framework.Queue, cancel func()) { cancel() },
		}
		want := map[string]error{"Push": nil, "Close": io.EOF, "EndAt below": io.EOF, "context is ended": context.Canceled}
		for name, wake := range wakes {
			q := framework.NewQueue()
			ctx, cancel := context.WithCancel(t.Context())
			got := make(chan error, 1)
			go func() { _, err := q.Next(ctx); got <- err }()
			synctest.Wait()
			select {
			case err := <-got:
				t.Fatalf("%s: Next() returned %v too early", name, err)
			default:
			}
			wake(q, cancel)
			if err := <-got; !errors.Is(err, want[name]) {
				t.Errorf("%s: Next() = %v, want %v", name, err, want[name])
			}
			cancel()
		}
	})
}

func TestQueueKeepsEndOpenForWhatIsBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := framework.NewQueue()
		q.EndAt(1)
		got := make(chan int, 1)
		go func() { txs, _ := q.Next(t.Context()); got <- len(txs) }()
		synctest.Wait()
		q.Push(make([]framework.Tx, 3)...)
		if n := <-got; n != 1 {
			t.Errorf("Next() = %d transactions, want 1", n)
		}
	})
}

func TestQueueHammer(t *testing.T) {
	const pushers, each = 4, 500
	q := framework.NewQueue()
	var wg sync.WaitGroup
	for range pushers {
		wg.Go(func() {
			for i := range each {
				q.Push(framework.Tx{ID: word(uint64(i))})
			}
		})
	}
	go func() { wg.Wait(); q.Close() }()
	n := 0
	for {
		txs, err := q.Next(t.Context())
		if err == io.EOF {
			break
		}
		n += len(txs)
	}
	if n != pushers*each {
		t.Errorf("%d transactions came out, want %d", n, pushers*each)
	}
}

// state is a base state in a map; err, if set, is what it answers.
type state struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
	err     error
}

func (s *state) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = s.cells[k]
	}
	return s.err
}

func (s *state) Class(_ context.Context, h framework.Word) (*framework.Class, error) {
	if s.err != nil {
		return nil, s.err
	}
	if c, ok := s.classes[h]; ok {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

func (s *state) Close() error { return nil }

func TestOverlayAgainstMap(t *testing.T) {
	const seed = 7
	rnd := rand.New(rand.NewPCG(seed, 0))
	base := &state{cells: map[framework.Key]framework.Word{}}
	want := map[framework.Key]framework.Word{}
	for i := range uint64(20) {
		base.cells[key(i)] = word(i + 1)
		want[key(i)] = word(i + 1)
	}
	o := framework.NewOverlay(t.Context(), base, nil)
	for step := range 200 {
		var writes []framework.Write
		for range rnd.IntN(4) {
			w := framework.Write{Key: key(rnd.Uint64N(30)), Value: word(rnd.Uint64N(3))}
			writes = append(writes, w)
			want[w.Key] = w.Value
		}
		o.Apply(writes, nil)
		keys := make([]framework.Key, rnd.IntN(8))
		for i := range keys {
			keys[i] = key(rnd.Uint64N(30))
		}
		out := make([]framework.Word, len(keys))
		if err := o.Read(t.Context(), keys, out); err != nil {
			t.Fatal(err)
		}
		for i, k := range keys {
			if out[i] != want[k] {
				t.Fatalf("seed %d, step %d: Read(%v)[%d] = %v, want %v", seed, step, keys, i, out[i], want[k])
			}
		}
	}
}

func TestOverlayFold(t *testing.T) {
	base := &state{cells: map[framework.Key]framework.Word{key(5): {math.MaxUint64, math.MaxUint64}, key(9): {0, 0, 1}}}
	o := framework.NewOverlay(t.Context(), base, []framework.Write{{Key: key(1), Value: word(10)}})
	out := framework.Outcome{
		Writes: []framework.Write{{Key: key(3), Value: word(1)}, {Key: key(7), Value: word(2)}},
		Adds:   []framework.Add{{Low: key(5), High: key(1), Amount: word(2)}},
	}
	before := slices.Clone(out.Writes)
	got, err := o.Fold(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	want := []framework.Write{
		{Key: key(1), Value: word(11)}, {Key: key(3), Value: word(1)}, {Key: key(5), Value: word(1)}, {Key: key(7), Value: word(2)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Fold() differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, out.Writes); diff != "" {
		t.Errorf("Fold changed the writes of the outcome (-want +got):\n%s", diff)
	}
	out.Adds[0].Low = key(9)
	if _, err := o.Fold(t.Context(), &out); !errors.Is(err, framework.ErrOverflow) {
		t.Errorf("Fold() of a cell over 128 bits: %v, want ErrOverflow", err)
	}
}

func TestOverlayErrors(t *testing.T) {
	base := &state{}
	ctx, cancel := context.WithCancel(t.Context())
	o := framework.NewOverlay(ctx, base, nil)
	if _, err := o.Class(ctx, word(1)); !errors.Is(err, framework.ErrNoClass) || o.Err() != nil {
		t.Errorf("Class() = %v, Err() = %v, want ErrNoClass and none", err, o.Err())
	}
	o.Apply(nil, []framework.Class{{Hash: word(1), Body: []byte("code")}})
	if c, err := o.Class(ctx, word(1)); err != nil || string(c.Body) != "code" {
		t.Errorf("Class() = %v, %v, want the class just declared", c, err)
	}
	base.err = io.ErrUnexpectedEOF
	if err := o.Read(ctx, []framework.Key{{}}, make([]framework.Word, 1)); err != base.err || o.Err() != base.err {
		t.Errorf("Read() = %v, Err() = %v, want the error of the base", err, o.Err())
	}
	if o.Aborted() {
		t.Error("Aborted() before the context is cancelled")
	}
	cancel()
	if !o.Aborted() {
		t.Error("not Aborted() after the context is cancelled")
	}
}

func TestFault(t *testing.T) {
	err := error(&framework.Fault{Plugin: "vm.cairo", Block: 7, Version: framework.Version{Tx: 17, Inc: 2}, Err: io.EOF})
	if got, want := err.Error(), "vm.cairo: block 7: transaction 17.2: EOF"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is not found in a fault")
	}
	err = &framework.Fault{Plugin: "store.trie", Block: 7, Version: framework.Version{Tx: framework.NoTx}, Err: io.EOF}
	if got, want := err.Error(), "store.trie: block 7: EOF"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestMode(t *testing.T) {
	for _, kind := range []framework.Mode{framework.Execute, framework.Validate, framework.Call} {
		m := kind | framework.SkipFee | framework.SkipValidate | framework.Query | framework.Exact
		if m.Kind() != kind {
			t.Errorf("Kind() of %d = %d, want %d", m, m.Kind(), kind)
		}
	}
}

// TestSortWrites checks few and many writes, in an order that mixes spaces, owners and slots.
func TestSortWrites(t *testing.T) {
	for _, n := range []int{0, 1, 5, 31, 32, 500} {
		writes := make([]framework.Write, n)
		for i := range writes {
			x := uint64(i*7919 + 13)
			writes[i].Key = framework.Key{Space: uint8(x % 3), Owner: framework.Word{x % 5, 0, 0, x % 2}, Slot: framework.Word{x, x % 7, 0, x % 11}}
			writes[i].Value = framework.Word{x}
		}
		framework.SortWrites(writes)
		for i := range writes {
			if i > 0 && writes[i-1].Key.Compare(writes[i].Key) >= 0 {
				t.Errorf("%d writes: %d is not above the one before", n, i)
			}
			if writes[i].Value[0] != writes[i].Key.Slot[0] {
				t.Errorf("%d writes: %d has the value of another", n, i)
			}
		}
	}
}
