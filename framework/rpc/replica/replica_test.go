package replica_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func key(n int) framework.Key { return framework.Key{Space: 1, Slot: word(n)} }

func word(n int) framework.Word { return framework.Word{uint64(n)} }

func version(tx, inc int) framework.Version {
	return framework.Version{Tx: framework.TxIndex(tx), Inc: framework.Incarnation(inc)}
}

func set(n, value int) []framework.Write { return []framework.Write{{Key: key(n), Value: word(value)}} }

func add(low, high, amount int) []framework.Add {
	return []framework.Add{{Low: key(low), High: key(high), Amount: word(amount)}}
}

// begin begins an attempt that ends with the test.
func begin(t *testing.T, b *replica.Block, tx int) *replica.Attempt {
	t.Helper()
	a := new(replica.Attempt)
	a.Begin(b, framework.TxIndex(tx))
	t.Cleanup(a.End)
	return a
}

// wants reads one key and compares.
func wants(t *testing.T, a *replica.Attempt, n, value int) {
	t.Helper()
	var out [1]framework.Word
	if ok := a.Read([]framework.Key{key(n)}, out[:]); !ok || out[0] != word(value) {
		t.Errorf("Read(%d) = %v, %v, want %d", n, out[0], ok, value)
	}
}

// refuses wants a read to come to nothing.
func refuses(t *testing.T, a *replica.Attempt, n int) {
	t.Helper()
	var out [1]framework.Word
	if a.Read([]framework.Key{key(n)}, out[:]) {
		t.Errorf("Read(%d) = %v, want nothing", n, out[0])
	}
}

func woken(a *replica.Attempt) bool {
	select {
	case <-a.Wake():
		return true
	default:
		return false
	}
}

func TestRead(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 10))
	b.Publish(version(3, 0), set(1, 13), nil)
	b.Publish(version(5, 0), set(1, 15), nil)
	for tx, want := range map[int]int{0: 10, 3: 10, 4: 13, 5: 13, 6: 15, 100: 15} {
		wants(t, begin(t, b, tx), 1, want)
	}
	refuses(t, begin(t, b, 4), 2)
	var out [3]framework.Word
	a := begin(t, b, 4)
	if a.Read([]framework.Key{key(1), key(2)}, out[:2]) || len(a.Log()) != 0 {
		t.Errorf("a read of which a part is unknown leaves the log %v", a.Log())
	}
	if !a.Read([]framework.Key{key(1), key(1)}, out[:2]) || out[1] != word(13) || len(a.Log()) != 1 {
		t.Errorf("a key read twice gives %v, log %v", out, a.Log())
	}
}

func TestEstimate(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 10))
	b.Publish(version(3, 0), set(1, 13), nil)
	b.Publish(version(3, 1), set(1, 14), nil)
	b.Publish(version(3, 0), set(1, 13), nil) // late
	b.Estimate(version(3, 0))                 // late
	early := begin(t, b, 4)
	wants(t, early, 1, 14)
	b.Estimate(version(3, 1))
	late, below := begin(t, b, 5), begin(t, b, 3)
	refuses(t, late, 1)
	wants(t, below, 1, 10)
	if early.Stopped() || woken(late) {
		t.Error("an estimate stops or wakes")
	}
	b.Publish(version(3, 2), set(1, 14), nil)
	if early.Stopped() || !woken(late) {
		t.Error("the same value stops, or does not wake")
	}
	wants(t, late, 1, 14)
	b.Estimate(version(3, 4)) // before attempt 4 is published
	b.Publish(version(3, 4), set(1, 15), nil)
	refuses(t, begin(t, b, 5), 1)
	if early.Stopped() {
		t.Error("an estimate stops")
	}
}

func TestSuggest(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 10))
	b.Publish(version(3, 0), set(2, 13), nil)
	b.Suggest(set(1, 99))
	b.Suggest(set(2, 20))
	b.Suggest(set(3, 30))
	a := begin(t, b, 2)
	wants(t, a, 1, 10)
	wants(t, a, 2, 20)
	wants(t, a, 3, 30)
	wants(t, begin(t, b, 4), 2, 13)
}

func TestStop(t *testing.T) {
	b := replica.New(0)
	b.Base(append(set(1, 10), set(2, 20)...))
	reader, other, below, done := begin(t, b, 5), begin(t, b, 5), begin(t, b, 3), new(replica.Attempt)
	done.Begin(b, 5)
	wants(t, done, 1, 10)
	done.End()
	wants(t, reader, 1, 10)
	wants(t, other, 2, 20)
	wants(t, below, 1, 10)
	b.Publish(version(3, 0), set(1, 10), nil)
	if reader.Stopped() {
		t.Error("an equal value stops")
	}
	b.Publish(version(4, 0), set(1, 11), nil)
	if want := (replica.Cause{Key: key(1), Writer: version(4, 0)}); !reader.Stopped() || reader.Cause() != want || !woken(reader) {
		t.Errorf("cause %v, want %v", reader.Cause(), want)
	}
	if other.Stopped() || below.Stopped() || done.Stopped() {
		t.Error("an attempt is stopped that has not read the key, is not above, or has ended")
	}
	// What an attempt does not write any more counts as well.
	again := begin(t, b, 6)
	wants(t, again, 1, 11)
	b.Publish(version(4, 1), set(3, 1), nil)
	if !again.Stopped() {
		t.Error("a value that is gone does not stop")
	}
	wants(t, begin(t, b, 6), 1, 10)
}

func TestAdd(t *testing.T) {
	b := replica.New(0)
	b.Publish(version(2, 0), nil, add(1, 2, 5))
	refuses(t, begin(t, b, 4), 1)
	b.Base(append(set(1, 10), set(2, 0)...))
	wants(t, begin(t, b, 2), 1, 10)
	wants(t, begin(t, b, 3), 1, 15)
	b.Publish(version(3, 0), nil, add(1, 2, 7))
	top := begin(t, b, 9)
	wants(t, top, 1, 22)
	wants(t, top, 2, 0)
	b.Publish(version(2, 1), nil, add(1, 2, 6))
	if !top.Stopped() {
		t.Error("another sum does not stop")
	}
	carried := begin(t, b, 9)
	wants(t, carried, 2, 0)
	b.Publish(version(1, 0), []framework.Write{{Key: key(1), Value: framework.Word{^uint64(0), ^uint64(0)}}}, nil)
	if !carried.Stopped() {
		t.Error("a carry into the other cell does not stop")
	}
	b.Publish(version(1, 1), []framework.Write{{Key: key(1), Value: framework.Word{0, 0, 1}}}, nil)
	refuses(t, begin(t, b, 9), 1) // does not fit
}

// TestAddHidden checks that one change reaches a cell both below and above a write that hides what is below.
func TestAddHidden(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 0))
	b.Publish(version(0, 0), nil, add(1, 2, 5)) // over a base that is not known
	b.Publish(version(1, 0), append(set(3, 0), set(4, 7)...), nil)
	b.Publish(version(2, 0), nil, add(1, 3, 1))
	b.Publish(version(3, 0), nil, add(3, 4, 1))
	a := begin(t, b, 4)
	refuses(t, a, 3)
	a.Answer([]framework.Key{key(3)}, []framework.Word{word(9)}, false)
	a.Answer([]framework.Key{key(4)}, []framework.Word{word(7)}, false)
	b.Publish(version(0, 1), nil, add(5, 3, 1))
	if want := (replica.Cause{Key: key(3), Writer: version(0, 1)}); a.Cause() != want {
		t.Errorf("cause %v, want %v", a.Cause(), want)
	}
	wants(t, begin(t, b, 4), 3, 1)
	full := framework.Write{Key: key(1), Value: framework.Word{^uint64(0), ^uint64(0)}}
	b.Publish(version(0, 2), []framework.Write{full}, add(5, 3, 1)) // the addition of 2 carries
	above := begin(t, b, 4)
	wants(t, above, 3, 2)
	b.Publish(version(0, 3), nil, add(5, 3, 1))
	wants(t, begin(t, b, 4), 3, 1)
	if !above.Stopped() {
		t.Error("a carry that is gone does not stop")
	}
}

// TestLongSum checks that additions over a base that is not known cost no more than others.
func TestLongSum(t *testing.T) {
	const n = 5000
	b := replica.New(0)
	for i := range n {
		b.Publish(version(i, 0), nil, add(1, 2, 1))
	}
	refuses(t, begin(t, b, n), 1)
	b.Base(append(set(1, 0), set(2, 0)...))
	b.Estimate(version(0, 0))
	refuses(t, begin(t, b, n), 1)
	b.Publish(version(0, 1), nil, add(1, 2, 1))
	wants(t, begin(t, b, n), 1, n)
}

func TestAnswer(t *testing.T) {
	b := replica.New(0)
	b.Publish(version(3, 0), set(1, 13), nil)
	keys := []framework.Key{key(1), key(2), key(3)}
	a := begin(t, b, 5)
	a.Answer(keys[:2], []framework.Word{word(7), word(8)}, true)
	a.Answer(keys[2:], []framework.Word{word(9)}, false)
	for i, want := range []int{7, 8, 9} {
		wants(t, a, i+1, want)
	}
	other := begin(t, b, 6)
	wants(t, other, 1, 13)
	wants(t, other, 2, 8)
	refuses(t, other, 3)
	b.Doubt(key(2), word(8))
	wants(t, begin(t, b, 6), 2, 8)
	b.Doubt(key(2), word(9))
	refuses(t, begin(t, b, 6), 2)
	b.Publish(version(4, 0), set(3, 10), nil)
	if !a.Stopped() {
		t.Error("an answer that has changed does not stop")
	}
}

// TestAnswerIsOld checks that an answer is not taken for the base if the cell was written while it was under way.
func TestAnswerIsOld(t *testing.T) {
	b := replica.New(0)
	keys, values := []framework.Key{key(1), key(2)}, []framework.Word{word(7), word(8)}
	a := begin(t, b, 5)
	a.Ask()
	b.Publish(version(3, 0), set(1, 7), nil)
	b.Publish(version(3, 1), set(9, 9), nil)
	a.Answer(keys, values, true)
	refuses(t, begin(t, b, 6), 1)
	wants(t, begin(t, b, 6), 2, 8)
	a.End()
	a.Reset()
	a.Begin(b, 7)
	a.Ask()
	a.Answer(keys, values, true)
	wants(t, begin(t, b, 6), 1, 7)
}

func TestSettle(t *testing.T) {
	b := replica.New(0)
	b.Base(append(set(1, 10), set(2, 0)...))
	for i := range 50 {
		b.Publish(version(i, 0), set(3, i), add(1, 2, 1))
	}
	reader := begin(t, b, 100)
	wants(t, reader, 1, 60)
	b.Settle(40)
	b.Publish(version(7, 1), set(3, 1000), nil) // late
	wants(t, begin(t, b, 40), 3, 39)
	wants(t, begin(t, b, 45), 1, 55)
	if reader.Stopped() {
		t.Error("Settle stops")
	}
	b.Publish(version(44, 1), nil, add(1, 2, 2))
	if !reader.Stopped() {
		t.Error("another sum above what is settled does not stop")
	}
	wants(t, begin(t, b, 50), 1, 61)
}

// TestLimit checks that what is known of the base is bounded, and that what is published stays.
func TestLimit(t *testing.T) {
	const limit = 100
	b := replica.New(limit)
	b.Publish(version(0, 0), set(5000, 1), nil)
	for i := range 10 * limit {
		b.Base(set(i, i))
		if n := b.Len(); n > limit+1 {
			t.Fatalf("%d cells, want at most %d", n, limit)
		}
	}
	wants(t, begin(t, b, 1), 5000, 1)
}

// TestForgotten checks that an attempt is stopped because of a cell that was forgotten after the attempt had read it.
func TestForgotten(t *testing.T) {
	const limit = 100
	b := replica.New(limit)
	b.Base(set(0, 10))
	b.Publish(version(0, 0), nil, add(1, 2, 1))
	b.Base(append(set(1, 0), set(2, 0)...))
	b.Settle(1)
	a := begin(t, b, 5)
	for i := range 3 {
		wants(t, a, i, []int{10, 1, 0}[i])
	}
	for i := range 10 * limit {
		b.Base(set(100+i, i))
	}
	for i := range 3 {
		refuses(t, begin(t, b, 5), i)
		wants(t, a, i, []int{10, 1, 0}[i])
	}
	b.Publish(version(1, 0), append(set(0, 10), set(1, 1)...), nil)
	if a.Stopped() {
		t.Error("an equal value stops")
	}
	b.Publish(version(2, 0), set(1, 2), nil)
	if want := (replica.Cause{Key: key(1), Writer: version(2, 0)}); !a.Stopped() || a.Cause() != want {
		t.Errorf("cause %v, want %v", a.Cause(), want)
	}
}

// TestRelease checks that a released block knows nothing, and can be used on.
func TestRelease(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 10))
	b.Publish(version(3, 0), set(2, 20), add(3, 4, 1))
	b.Estimate(version(3, 0))
	early, waiting := begin(t, b, 5), begin(t, b, 5)
	wants(t, early, 1, 10)
	refuses(t, waiting, 2)
	b.Release()
	b.Release()
	other := replica.New(0)
	for i := range 5 {
		other.Base(set(i, 77))
		refuses(t, begin(t, b, 5), i)
	}
	wants(t, early, 1, 10)
	b.Publish(version(3, 0), set(1, 11), nil)
	if !early.Stopped() || woken(waiting) || b.Len() != 1 {
		t.Errorf("stopped %v, %d cells", early.Stopped(), b.Len())
	}
	for i := range 5 {
		wants(t, begin(t, other, 5), i, 77)
	}
}

// TestMany checks that of many attempts those are stopped that have read what has changed, in whatever order they end.
func TestMany(t *testing.T) {
	const attempts, cells = 100, 200
	b := replica.New(0)
	for i := range cells {
		b.Base(set(i, 1))
	}
	all := make([]replica.Attempt, attempts)
	for i := range all {
		all[i].Begin(b, framework.TxIndex(i))
		for k := range i + 1 {
			wants(t, &all[i], cells-1-k, 1)
		}
	}
	for i := range all {
		n := i * 37 % attempts
		b.Publish(version(n, 0), set(cells-1-n, 2), nil) // those above n have read it
		if all[n].Stopped() != (i > 0 && anyBelow(n, i, attempts)) {
			t.Errorf("attempt %d stopped: %v", n, all[n].Stopped())
		}
		all[n].End()
	}
}

// anyBelow reports whether one of the first i transactions that TestMany publishes is below n.
func anyBelow(n, i, attempts int) bool {
	for j := range i {
		if j*37%attempts < n {
			return true
		}
	}
	return false
}

// TestReuse checks that an attempt that is used again knows nothing of the one before.
func TestReuse(t *testing.T) {
	b := replica.New(0)
	a := new(replica.Attempt)
	for i := range 100 {
		b.Base(set(i, i))
	}
	for round := range 5 {
		a.Begin(b, 5)
		if a.Stopped() || woken(a) || len(a.Log()) != 0 {
			t.Fatalf("round %d begins stopped, woken or with a log", round)
		}
		for i := range 100 {
			wants(t, a, i, i)
			wants(t, a, i/2, i/2)
		}
		b.Publish(version(1, 2*round), set(50, 51), nil)
		b.Publish(version(1, 2*round+1), nil, nil)
		if !a.Stopped() {
			t.Fatalf("round %d is not stopped", round)
		}
		a.End()
		a.Reset()
	}
}
