package replica_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// oracle is multi-version memory written down in the plainest way.
type oracle struct {
	base map[framework.Key]framework.Word
	txs  map[framework.TxIndex]*written
}

type written struct {
	inc    int
	doomed int
	writes []framework.Write
	adds   []framework.Add
}

func newOracle() *oracle {
	return &oracle{base: map[framework.Key]framework.Word{}, txs: map[framework.TxIndex]*written{}}
}

func (o *oracle) of(i framework.TxIndex) *written {
	if o.txs[i] == nil {
		o.txs[i] = &written{inc: -1, doomed: -1}
	}
	return o.txs[i]
}

func (o *oracle) publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	w := o.of(v.Tx)
	if int(v.Inc) < w.inc {
		return
	}
	w.inc, w.writes, w.adds = int(v.Inc), writes, adds
}

func (o *oracle) estimate(v framework.Version) {
	w := o.of(v.Tx)
	w.doomed = max(w.doomed, int(v.Inc))
}

// read returns what transaction i sees, and false if that is not known.
func (o *oracle) read(k framework.Key, i framework.TxIndex) (framework.Word, bool) {
	for j := i - 1; j >= 0; j-- {
		w := o.txs[j]
		if w == nil {
			continue
		}
		for _, x := range w.writes {
			if x.Key == k {
				return x.Value, w.inc > w.doomed
			}
		}
		for _, a := range w.adds {
			if a.Low != k && a.High != k {
				continue
			}
			low, lowOK := o.read(a.Low, j)
			high, highOK := o.read(a.High, j)
			low, high, ok := a.Fold(low, high)
			if k == a.High {
				low = high
			}
			return low, ok && lowOK && highOK && w.inc > w.doomed
		}
	}
	w, ok := o.base[k]
	return w, ok
}

// script is a random schedule, run on a replica and on the oracle.
type script struct {
	t       *testing.T
	rnd     *rand.Rand
	b       *replica.Block
	o       *oracle
	running []*attempt
	next    [transactions]int // incarnations
	settled int
	answers bool // the schedule has answers, which may differ from what the replica knows
	bounded bool // the replica may forget the base
}

type attempt struct {
	replica.Attempt
	tx        framework.TxIndex
	seen      map[framework.Key]framework.Word
	must, may bool // be stopped
}

const (
	transactions = 12
	cells        = 9
)

func (s *script) key() framework.Key { return key(s.rnd.IntN(cells)) }

// value returns one of few values, some of which make sums carry or overflow.
func (s *script) value() framework.Word {
	full := framework.Word{^uint64(0), ^uint64(0)}
	return []framework.Word{word(0), word(1), word(2), full, full, {0, 0, 1}}[s.rnd.IntN(6)]
}

func (s *script) step() {
	switch s.rnd.IntN(10) {
	case 0, 1, 2:
		s.publish()
	case 3:
		s.estimate()
	case 4:
		s.base()
	case 5:
		s.begin()
	case 6:
		s.end()
	case 7:
		if s.rnd.IntN(8) == 0 {
			s.settle()
		}
	default:
		s.read()
	}
}

// version returns the next attempt of a transaction, or sometimes an earlier or later one.
func (s *script) version() framework.Version {
	tx := s.settled + s.rnd.IntN(transactions-s.settled)
	v := version(tx, max(0, s.next[tx]+[]int{0, 0, 0, 0, -1, -2, 1}[s.rnd.IntN(7)]))
	s.next[tx] = max(s.next[tx], int(v.Inc)+s.rnd.IntN(2))
	return v
}

func (s *script) publish() {
	v := s.version()
	left := s.rnd.Perm(cells)
	var writes []framework.Write
	var adds []framework.Add
	for range s.rnd.IntN(3) {
		writes = append(writes, framework.Write{Key: key(left[0]), Value: s.value()})
		left = left[1:]
	}
	for range s.rnd.IntN(3) {
		adds = append(adds, framework.Add{Low: key(left[0]), High: key(left[1]), Amount: s.value()})
		left = left[2:]
	}
	before := s.values()
	s.o.publish(v, writes, adds)
	s.b.Publish(v, writes, adds)
	s.compareStops(before)
}

// known is a value, and whether there is one.
type known struct {
	value framework.Word
	ok    bool
}

// values returns what every running attempt would see of what it has read.
func (s *script) values() []map[framework.Key]known {
	var all []map[framework.Key]known
	for _, a := range s.running {
		m := map[framework.Key]known{}
		for k := range a.seen {
			w, ok := s.o.read(k, a.tx)
			m[k] = known{w, ok}
		}
		all = append(all, m)
	}
	return all
}

// compareStops compares who was stopped after something was published.
func (s *script) compareStops(before []map[framework.Key]known) {
	s.t.Helper()
	after := s.values()
	for i, a := range s.running {
		for k, now := range after[i] {
			wrong := now.ok && now.value != a.seen[k]
			a.must = a.must || wrong && now != before[i][k]
			a.may = a.may || wrong
		}
		if stopped := a.Stopped(); stopped && !a.may || !stopped && a.must && !s.bounded {
			s.t.Fatalf("attempt of %d stopped: %v, has seen %v, sees %v", a.tx, stopped, a.seen, after[i])
		}
	}
}

func (s *script) estimate() {
	v := s.version()
	s.o.estimate(v)
	s.b.Estimate(v)
}

// base tells a value of the base, always the same for a key.
func (s *script) base() {
	n := s.rnd.IntN(cells)
	k, w := key(n), word(n)
	if _, ok := s.o.base[k]; ok && s.settled > 0 {
		return
	}
	if s.settled > 0 {
		return // what is settled counts as base
	}
	s.o.base[k] = w
	s.b.Base([]framework.Write{{Key: k, Value: w}})
}

func (s *script) begin() {
	a := &attempt{
		tx:   framework.TxIndex(s.settled + s.rnd.IntN(transactions+1-s.settled)),
		seen: map[framework.Key]framework.Word{},
	}
	a.Begin(s.b, a.tx)
	s.running = append(s.running, a)
}

func (s *script) end() {
	if len(s.running) == 0 {
		return
	}
	i := s.rnd.IntN(len(s.running))
	s.running[i].End()
	s.running = slices.Delete(s.running, i, i+1)
}

func (s *script) settle() {
	n := s.settled + s.rnd.IntN(3)
	for i := s.settled; i < n; i++ {
		if w := s.o.txs[framework.TxIndex(i)]; n > transactions/2 || w != nil && w.inc <= w.doomed {
			return
		}
	}
	// Attempts below are over.
	s.running = slices.DeleteFunc(s.running, func(a *attempt) bool {
		if int(a.tx) >= n {
			return false
		}
		a.End()
		return true
	})
	s.settled = n
	s.b.Settle(framework.TxIndex(n))
}

func (s *script) read() {
	s.t.Helper()
	if len(s.running) == 0 {
		return
	}
	a := s.running[s.rnd.IntN(len(s.running))]
	keys := make([]framework.Key, 1+s.rnd.IntN(3))
	want, all := make([]framework.Word, len(keys)), true
	for i := range keys {
		keys[i] = s.key()
		w, ok := a.seen[keys[i]]
		if !ok {
			w, ok = s.o.read(keys[i], a.tx)
		}
		want[i], all = w, all && ok
	}
	got := make([]framework.Word, len(keys))
	ok := a.Read(keys, got)
	if ok != all && !(s.bounded && all) || ok && !slices.Equal(got, want) {
		s.t.Fatalf("Read(%v) by %d = %v, %v, want %v, %v", keys, a.tx, got, ok, want, all)
	}
	if !ok && s.answers && s.rnd.IntN(2) == 0 {
		for i := range got {
			got[i] = s.value()
			if i > 0 && keys[i] == keys[i-1] {
				got[i] = got[i-1]
			}
		}
		a.Answer(keys, got, false)
		ok = a.Read(keys, got)
	}
	for i, k := range keys {
		if _, old := a.seen[k]; ok && !old {
			a.seen[k] = got[i]
		}
	}
}

func run(t *testing.T, seed uint64, limit int, answers bool) {
	t.Helper()
	s := &script{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)), o: newOracle(), b: replica.New(limit),
		answers: answers, bounded: limit > 0,
	}
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
		for _, a := range s.running {
			a.End()
		}
		s.b.Release() // the next schedule gets its memory
	}()
	for range 150 {
		s.step()
	}
}

// seeds returns how many random schedules are run.
func seeds() uint64 {
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		return 20_000
	}
	return 400
}

// TestOracle compares random schedules, with reorderings of what is published, to plain multi-version memory.
func TestOracle(t *testing.T) {
	for _, c := range []struct {
		limit   int
		answers bool
	}{{0, false}, {0, true}, {3, false}, {3, true}} {
		t.Run(fmt.Sprintf("limit=%d/answers=%v", c.limit, c.answers), func(t *testing.T) {
			for seed := range seeds() {
				if run(t, seed, c.limit, c.answers); t.Failed() {
					return
				}
			}
		})
	}
}

func FuzzOracle(f *testing.F) {
	f.Add(uint64(1), false, false)
	f.Add(uint64(5571), false, true)
	f.Fuzz(func(t *testing.T, seed uint64, bounded, answers bool) {
		limit := 0
		if bounded {
			limit = 4
		}
		run(t, seed, limit, answers)
	})
}

// TestHammer publishes, reads and ends from many goroutines at once. Transaction 0 publishes pairs of equal values,
// so nobody may ever see two different ones and not be stopped.
func TestHammer(t *testing.T) {
	const goroutines, rounds = 6, 300
	b := replica.New(50)
	pair := func(n int) []framework.Write { return append(set(0, n), set(1, n)...) }
	b.Publish(version(0, 0), pair(0), nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range rounds * goroutines {
			b.Publish(version(0, n), pair(n), nil)
			if n%7 == 0 {
				b.Estimate(version(0, n))
				b.Publish(version(0, n+1), pair(n+1), nil)
			}
		}
	})
	for g := range goroutines {
		wg.Go(func() {
			var a replica.Attempt
			for n := range rounds {
				hammer(t, b, &a, g, n)
			}
		})
	}
	wg.Wait()
	for i := range cells {
		refuses(t, begin(t, b, 1), 1000+i)
	}
}

func hammer(t *testing.T, b *replica.Block, a *replica.Attempt, g, n int) {
	a.Begin(b, framework.TxIndex(1+g))
	defer func() {
		a.End()
		a.Reset()
	}()
	var one, other [1]framework.Word
	for i := range cells {
		b.Base(set(2+n*cells+i, i))
	}
	if !a.Read([]framework.Key{key(0)}, one[:]) || !a.Read([]framework.Key{key(1)}, other[:]) {
		<-a.Wake()
		return
	}
	b.Publish(version(1+g, n), append(set(2+g, n), set(500+n, n)...), add(20, 21, 1))
	if one != other && !a.Stopped() {
		t.Errorf("attempt sees %v and %v and is not stopped", one, other)
	}
}

// TestHammerRelease executes block after block in many goroutines, each released while somebody publishes to it and an
// attempt runs. No attempt may see a value of another block.
func TestHammerRelease(t *testing.T) {
	const goroutines, rounds, writes = 4, 30, 600
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for n := range rounds {
				b, mine := replica.New(0), 1+g*rounds+n
				var a replica.Attempt
				a.Begin(b, writes)
				b.Base(set(0, mine))
				published := make(chan struct{})
				go func() {
					defer close(published)
					for i := range writes {
						b.Publish(version(i, 0), set(i, mine), nil)
					}
				}()
				sees(t, &a, mine, writes)
				b.Release()
				sees(t, &a, mine, writes)
				<-published
				b.Release()
				a.End()
				if b.Len() != 0 {
					t.Errorf("a released block has %d cells", b.Len())
				}
			}
		})
	}
	wg.Wait()
}

// sees wants an attempt to see one value wherever there is one.
func sees(t *testing.T, a *replica.Attempt, value, cells int) {
	t.Helper()
	var out [1]framework.Word
	for i := range cells {
		if a.Read([]framework.Key{key(i)}, out[:]) && out[0] != word(value) {
			t.Errorf("Read(%d) = %v, want %d", i, out[0], value)
		}
	}
}
