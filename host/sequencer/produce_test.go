package sequencer_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// supply hands out batches of transactions when they are sent, until the channel is closed.
type supply struct {
	batches  chan []framework.Tx
	capacity []uint64
	err      error // instead of the end
}

func (s *supply) Genesis() *framework.Diff { return &framework.Diff{} }

func (s *supply) Open(n framework.BlockNumber) *framework.Block {
	return &framework.Block{Number: n, Capacity: s.capacity}
}

func (s *supply) Next(ctx context.Context) ([]framework.Tx, error) {
	select {
	case txs, ok := <-s.batches:
		if ok {
			return txs, nil
		}
		if s.err != nil {
			return nil, s.err
		}
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// given returns a supply of these batches, and no more.
func given(batches ...[]framework.Tx) *supply {
	s := &supply{batches: make(chan []framework.Tx, len(batches))}
	for _, b := range batches {
		s.batches <- b
	}
	close(s.batches)
	return s
}

// writes returns transactions that write one cell each, with these ids.
func writes(ids ...uint64) []framework.Tx {
	var txs []framework.Tx
	for _, id := range ids {
		txs = append(txs, program(id, synthetic.Write(cell(id), word(id))))
	}
	return txs
}

// produced runs Produce and returns the ids of the transactions of each block.
func produced(t *testing.T, ctx context.Context, s *sequencer.Sequencer, in sequencer.Supply, p sequencer.Pace) ([][]uint64, error) {
	t.Helper()
	var blocks [][]uint64
	err := s.Produce(ctx, in, p, func(b *sequencer.Sealed) {
		head, err := s.Store.Head(t.Context())
		if err != nil || head != (framework.Head{Number: b.Number, Root: b.Root}) {
			t.Errorf("head %v, %v after block %d with root %v", head, err, b.Number, b.Root)
		}
		ids := []uint64{}
		for _, f := range b.Finals {
			for _, w := range f.Writes {
				ids = append(ids, w.Key.Slot[0])
			}
		}
		blocks = append(blocks, ids)
	})
	return blocks, err
}

func TestProduceClosesBlocks(t *testing.T) {
	capacity := make([]uint64, synthetic.Counters)
	capacity[synthetic.CounterWrites] = 3
	tests := []struct {
		name     string
		capacity []uint64
		pace     sequencer.Pace
		batches  [][]framework.Tx
		want     [][]uint64
	}{
		{"at the end", nil, sequencer.Pace{}, [][]framework.Tx{writes(1, 2), writes(3)}, [][]uint64{{1, 2, 3}}},
		{"by count", nil, sequencer.Pace{Transactions: 2}, [][]framework.Tx{writes(1, 2, 3), writes(4, 5)}, [][]uint64{{1, 2}, {3, 4}, {5}}},
		{"by capacity", capacity, sequencer.Pace{}, [][]framework.Tx{writes(1, 2, 3, 4, 5, 6, 7)}, [][]uint64{{1, 2, 3}, {4, 5, 6}, {7}}},
		{"by whichever comes first", capacity, sequencer.Pace{Transactions: 4}, [][]framework.Tx{writes(1, 2, 3, 4, 5)}, [][]uint64{{1, 2, 3}, {4, 5}}},
		{"so many blocks", nil, sequencer.Pace{Transactions: 1, Count: 2}, [][]framework.Tx{writes(1, 2, 3)}, [][]uint64{{1}, {2}}},
		{"none without transactions", nil, sequencer.Pace{}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := given(tt.batches...)
			in.capacity = tt.capacity
			got, err := produced(t, t.Context(), assemble(t), in, tt.pace)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("transactions of the blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProduceClosesByInterval lets transactions arrive in the middle of intervals, by a clock that the test has.
func TestProduceClosesByInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &supply{batches: make(chan []framework.Tx)}
		go func() {
			defer close(in.batches)
			for i := range uint64(7) { // at 0 s, 4 s, 8 s ...; a block lasts 10 s from its first one
				in.batches <- writes(i + 1)
				time.Sleep(4 * time.Second)
			}
		}()
		got, err := produced(t, t.Context(), assemble(t), in, sequencer.Pace{Interval: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]uint64{{1, 2, 3}, {4, 5, 6}, {7}}, got); diff != "" {
			t.Errorf("transactions of the blocks (-want +got):\n%s", diff)
		}
	})
}

// TestArrivals checks that blocks come at their intervals, and that a clock that jumps ahead (a machine that slept)
// makes no burst of them.
func TestArrivals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var at []time.Duration
		start := time.Now()
		pace := sequencer.Pace{Interval: time.Minute, Transactions: 5}
		err := assemble(t).Produce(ctx, sequencer.Arrivals(source(t), time.Minute), pace, func(b *sequencer.Sealed) {
			at = append(at, time.Since(start))
			switch len(at) {
			case 2:
				time.Sleep(time.Hour)
			case 6:
				cancel()
			}
		})
		if err != nil {
			t.Errorf("Produce() = %v after it was cancelled, want nil", err)
		}
		m := time.Minute
		// Within the hour block 3 was executed, and transactions for the two after it were fetched.
		if diff := cmp.Diff([]time.Duration{0, m, 61 * m, 61 * m, 61 * m, 62 * m}, at); diff != "" {
			t.Errorf("blocks came at (-want +got):\n%s", diff)
		}
	})
}

// slowStore holds every Seal up until the test lets it go on.
type slowStore struct {
	framework.Store
	sealing chan framework.BlockNumber
	goOn    chan error
}

func (s *slowStore) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	if n > 0 {
		s.sealing <- n
		if err := <-s.goOn; err != nil {
			return framework.Root{}, err
		}
	}
	return s.Store.Seal(ctx, n)
}

// finished tells of every final outcome.
type finished chan framework.TxIndex

func (f finished) Observe(e *framework.Event) {
	if e.Kind == framework.Finalized {
		f <- e.Version.Tx
	}
}

// TestProduceOverlaps holds up the sealing of block 1 until block 2 is executed, which reads what block 1 wrote.
func TestProduceOverlaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		slow := &slowStore{s.Store, make(chan framework.BlockNumber), make(chan error)}
		executed := make(finished, 10)
		s.Store, s.Observer = slow, executed
		in := given(writes(1), []framework.Tx{program(2, synthetic.Read(cell(1)), synthetic.Write(cell(2), word(10)))})
		var blocks []*sequencer.Sealed
		done := make(chan error)
		go func() {
			done <- s.Produce(t.Context(), in, sequencer.Pace{Transactions: 1}, func(b *sequencer.Sealed) { blocks = append(blocks, b) })
		}()
		<-executed
		if n := <-slow.sealing; n != 1 {
			t.Errorf("sealing block %d, want 1", n)
		}
		time.Sleep(time.Second)
		<-executed // of block 2, while block 1 is held up
		synctest.Wait()
		select {
		case n := <-slow.sealing:
			t.Errorf("block %d is sealed while block 1 is", n)
		default:
		}
		slow.goOn <- nil
		<-slow.sealing
		slow.goOn <- nil
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(blocks) != 2 || blocks[0].Sealing != time.Second {
			t.Fatalf("%d blocks, the first sealed in %v, want 2 and 1 s", len(blocks), blocks[0].Sealing)
		}
		if got := blocks[1].Finals[0].Writes[0].Value; got != word(11) {
			t.Errorf("block 2 wrote %v, want 11: it has not read what block 1 wrote", got)
		}
	})
}

// TestProduceMeasuresOverlap has block 2 take two seconds, one of them while block 1 is sealed.
func TestProduceMeasuresOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		slow := &slowStore{s.Store, make(chan framework.BlockNumber), make(chan error)}
		s.Store = slow
		in := &supply{batches: make(chan []framework.Tx, 2)}
		in.batches <- writes(1)
		in.batches <- writes(2)
		var overlap []time.Duration
		done := make(chan error)
		go func() {
			done <- s.Produce(t.Context(), in, sequencer.Pace{Transactions: 2, Interval: 2 * time.Second}, func(b *sequencer.Sealed) { overlap = append(overlap, b.Overlap) })
		}()
		<-slow.sealing
		in.batches <- writes(3)
		time.Sleep(time.Second)
		slow.goOn <- nil
		<-slow.sealing // after block 2 was closed by its interval
		close(in.batches)
		slow.goOn <- nil
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{0, time.Second}, overlap); diff != "" {
			t.Errorf("overlap (-want +got):\n%s", diff)
		}
	})
}

func TestProduceStopsWhenSealingFails(t *testing.T) {
	s := assemble(t)
	slow := &slowStore{s.Store, make(chan framework.BlockNumber, 9), make(chan error, 9)}
	s.Store = slow
	broken := errors.New("disk full")
	slow.goOn <- broken
	// The supply never ends: only the failure stops it.
	got, err := produced(t, t.Context(), s, &supply{batches: filled(writes(1))}, sequencer.Pace{Transactions: 1})
	if !errors.Is(err, broken) || len(got) != 0 {
		t.Errorf("Produce() = %v after %d blocks, want %v after none", err, len(got), broken)
	}
}

func filled(txs []framework.Tx) chan []framework.Tx {
	c := make(chan []framework.Tx, 1)
	c <- txs
	return c
}

// TestProduceCancelled cancels while a block is sealed and the next one waits for transactions.
func TestProduceCancelled(t *testing.T) {
	s := assemble(t)
	slow := &slowStore{s.Store, make(chan framework.BlockNumber, 2), make(chan error, 2)}
	s.Store = slow
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	sealed := 0
	go func() {
		done <- s.Produce(ctx, &supply{batches: filled(writes(1, 2))}, sequencer.Pace{Transactions: 1}, func(*sequencer.Sealed) { sealed++ })
	}()
	<-slow.sealing
	cancel()
	slow.goOn <- nil
	slow.goOn <- nil // block 2 may be executed by now
	if err := <-done; err != nil {
		t.Errorf("Produce() = %v after it was cancelled, want nil", err)
	}
	if head, err := s.Store.Head(t.Context()); err != nil || sealed == 0 || head.Number != framework.BlockNumber(sealed) {
		t.Errorf("head %d, %v, want %d: what was reported as sealed", head.Number, err, sealed)
	}
}

func TestProduceReportsSupplyAndVM(t *testing.T) {
	in := given()
	in.err = errors.New("mempool is broken")
	if _, err := produced(t, t.Context(), assemble(t), in, sequencer.Pace{}); !errors.Is(err, in.err) {
		t.Errorf("Produce() = %v, want %v", err, in.err)
	}
}

// bottomless is a VM that does not see what fits into an empty block.
type bottomless struct{ framework.VM }

func (v bottomless) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	c := *b
	c.Capacity = nil
	return v.VM.Open(ctx, &c)
}

func TestProduceStopsAtWhatFitsNowhere(t *testing.T) {
	s := assemble(t)
	s.VM = bottomless{s.VM}
	in := given([]framework.Tx{program(7, synthetic.Write(cell(1), word(1)), synthetic.Write(cell(2), word(1)))})
	in.capacity = make([]uint64, synthetic.Counters)
	in.capacity[synthetic.CounterWrites] = 1
	_, err := produced(t, t.Context(), s, in, sequencer.Pace{})
	if err == nil || !strings.Contains(err.Error(), "does not fit into an empty block") {
		t.Errorf("Produce() = %v", err)
	}
}
