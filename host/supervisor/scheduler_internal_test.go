package supervisor

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mortal is a scheduler that dies when it has handed out that many outcomes.
type mortal struct {
	framework.Scheduler
	after int
}

func (m mortal) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	final := j.Final
	n := 0
	j.Final = func(f []framework.Final) error {
		if n += len(f); n > m.after {
			return framework.ErrPluginGone
		}
		return final(f)
	}
	return m.Scheduler.Run(ctx, j)
}

// resurrected is a scheduler that dies in every run and runs the block again, as the one of a supervisor does.
type resurrected struct{ after int }

func (s resurrected) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	r := &rerun{job: j, seed: maphash.MakeSeed()}
	for _, after := range []int{s.after, 2 * s.after} {
		stats, err := r.run(ctx, mortal{serial.Scheduler{}, after})
		if !errors.Is(err, framework.ErrPluginGone) {
			return stats, err
		}
	}
	return r.run(ctx, serial.Scheduler{})
}

// numbered returns transactions whose receipts are their numbers, as echo executes them.
func numbered(n int) []framework.Tx {
	txs := make([]framework.Tx, n)
	for i := range txs {
		txs[i].Body = []byte{byte(i)}
	}
	return txs
}

// TestRerunHandsOutOnce lets schedulers die in the middle of a block, and expects every outcome once and in order, and
// none at or above the end of the block, however and whenever the host ends it.
func TestRerunHandsOutOnce(t *testing.T) {
	tests := []struct {
		name string
		end  func(q *framework.Queue, handed int) // called before each run, with -1, and after each outcome
		want int
	}{
		{"end of the feed", func(*framework.Queue, int) {}, 20},
		{"ended before the run", func(q *framework.Queue, handed int) {
			if handed < 0 {
				q.EndAt(9)
			}
		}, 9},
		{"ended by an outcome before the death", func(q *framework.Queue, handed int) {
			if handed == 3 {
				q.EndAt(3)
			}
		}, 3},
		{"ended by an outcome for later", func(q *framework.Queue, handed int) {
			if handed == 3 {
				q.EndAt(13)
			}
		}, 13},
		{"ended by an outcome after the death", func(q *framework.Queue, handed int) {
			if handed == 12 {
				q.EndAt(12)
			}
		}, 12},
	}
	for _, tt := range tests {
		for _, after := range []int{0, 1, 3, 7} {
			t.Run(fmt.Sprint(tt.name, after), func(t *testing.T) {
				q := framework.NewQueue(numbered(20)...)
				q.Close()
				var got []byte
				tt.end(q, -1)
				_, err := resurrected{after}.Run(t.Context(), framework.Job{
					Block: &framework.Block{}, Feed: q, VM: echo{}, End: q.End(),
					Final: func(all []framework.Final) error {
						for _, f := range all {
							got = append(got, f.Outcome.Receipt...)
							tt.end(q, len(got))
						}
						return nil
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				for i, n := range got {
					if int(n) != i {
						t.Fatalf("outcomes of %v", got)
					}
				}
				if len(got) != tt.want {
					t.Errorf("%d outcomes, want %d", len(got), tt.want)
				}
			})
		}
	}
}

// TestRerunEndsWhileWaiting ends the block while the scheduler that was started again waits for transactions.
func TestRerunEndsWhileWaiting(t *testing.T) {
	q := framework.NewQueue(numbered(5)...)
	handed := make(chan struct{}, 5)
	done := make(chan error)
	go func() {
		_, err := resurrected{2}.Run(t.Context(), framework.Job{
			Block: &framework.Block{}, Feed: q, VM: echo{}, End: q.End(),
			Final: func([]framework.Final) error { handed <- struct{}{}; return nil },
		})
		done <- err
	}()
	for range 5 {
		<-handed
	}
	q.EndAt(5)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// changeable is a scheduler whose second run comes to other receipts.
type changeable struct {
	framework.Scheduler
	receipt string
}

func (c changeable) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	final := j.Final
	j.Final = func(f []framework.Final) error {
		for i := range f {
			f[i].Outcome.Receipt = []byte(c.receipt)
		}
		return final(f)
	}
	return c.Scheduler.Run(ctx, j)
}

// echo is an executor whose receipts are the bodies of transactions.
type echo struct{ framework.Executor }

func (echo) Execute(_ context.Context, tx *framework.Tx, _ framework.Version, _ framework.View, out *framework.Outcome) error {
	out.Receipt = append(out.Receipt, tx.Body...)
	return nil
}

func TestRerunComparesOutcomes(t *testing.T) {
	q := framework.NewQueue(framework.Tx{}, framework.Tx{}, framework.Tx{})
	q.Close()
	handed := 0
	r := &rerun{plugin: "scheduler.x", seed: maphash.MakeSeed(), job: framework.Job{
		Block: &framework.Block{Number: 5}, Feed: q, VM: echo{}, End: q.End(),
		Final: func(f []framework.Final) error { handed += len(f); return nil },
	}}
	if _, err := r.run(t.Context(), mortal{changeable{serial.Scheduler{}, "a"}, 2}); !errors.Is(err, framework.ErrPluginGone) {
		t.Fatalf("the first run: %v", err)
	}
	_, err := r.run(t.Context(), changeable{serial.Scheduler{}, "b"})
	fault := new(framework.Fault)
	if !errors.As(err, &fault) || fault.Block != 5 || !strings.Contains(err.Error(), "scheduler.x: block 5: started again, it came to another outcome of transaction 0") {
		t.Errorf("another outcome: %v", err)
	}
	if handed != 2 {
		t.Errorf("%d outcomes were handed out, want the 2 of the first run", handed)
	}
}
