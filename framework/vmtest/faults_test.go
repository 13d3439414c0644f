package vmtest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
)

// recent remembers something of every transaction.
type recent[T any] struct {
	mu sync.Mutex
	m  map[framework.TxIndex]T
}

func newRecent() *recent[*framework.Tx] { return &recent[*framework.Tx]{} }

func (r *recent[T]) put(i framework.TxIndex, t T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.m == nil {
		r.m = make(map[framework.TxIndex]T)
	}
	r.m[i] = t
}

func (r *recent[T]) of(i framework.TxIndex) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m[i]
}

// remembersValue reads one cell just once in a block.
func remembersValue(e *toy.Executor) framework.Executor {
	var once sync.Map
	return through(e, func(v framework.View) framework.View {
		return &bentView{View: v, read: func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			err := v.Read(ctx, keys, out)
			if err == nil && keys[0] == toy.Cell("big") {
				known, _ := once.LoadOrStore(keys[0], out[0])
				out[0] = known.(framework.Word)
			}
			return err
		}}
	})
}

func unsortedWrites(e *toy.Executor) framework.Executor {
	return after(e, func(_ *framework.Tx, _ framework.Version, out *framework.Outcome) { slices.Reverse(out.Writes) })
}

func rejectedWrites(e *toy.Executor) framework.Executor {
	return after(e, func(_ *framework.Tx, _ framework.Version, out *framework.Outcome) {
		if out.Status == framework.Rejected {
			out.Writes = append(out.Writes, framework.Write{Key: toy.Cell("rejections")})
		}
	})
}

func dependsOnVersion(e *toy.Executor) framework.Executor {
	return after(e, func(_ *framework.Tx, v framework.Version, out *framework.Outcome) {
		out.Receipt = fmt.Appendf(out.Receipt, " at place %d", v.Tx)
	})
}

// internsReceipts keeps every receipt once. It has no other abilities, so that no two goroutines write to one receipt.
func internsReceipts(e *toy.Executor) framework.Executor {
	var table sync.Map
	b := after(e, func(_ *framework.Tx, _ framework.Version, out *framework.Outcome) {
		own := slices.Clone(out.Receipt)
		kept, _ := table.LoadOrStore(string(own), own)
		out.Receipt = kept.([]byte)
	})
	return struct{ framework.Executor }{b}
}

// usesOldView asks the view of an attempt that has ended.
func usesOldView(e *toy.Executor) framework.Executor {
	var old recent[framework.View]
	return &bent{Executor: e, execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
		if view := old.of(0); view != nil {
			_ = view.Read(ctx, nil, nil)
		}
		err := e.Execute(ctx, tx, v, vw, out)
		old.put(0, vw)
		return err
	}}
}

// classFirst loads a class before it reads whether it is declared.
func classFirst(e *toy.Executor) framework.Executor {
	return through(e, func(v framework.View) framework.View {
		return &bentView{View: v, read: func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			if keys[0].Space == toy.Classes {
				if _, err := v.Class(ctx, keys[0].Slot); err != nil && !errors.Is(err, framework.ErrNoClass) {
					return err
				}
			}
			return v.Read(ctx, keys, out)
		}}
	})
}

func declaresSilently(e *toy.Executor) framework.Executor {
	return after(e, func(_ *framework.Tx, _ framework.Version, out *framework.Outcome) {
		if len(out.Classes) > 0 {
			out.Writes = slices.DeleteFunc(out.Writes, func(w framework.Write) bool { return w.Key.Space == toy.Classes })
		}
	})
}

func ignoresExact(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
		inexact := *tx
		if string(tx.Body) != string(toy.Tx(payTooMuch).Body) { // else there would be no block to begin with
			inexact.Mode &^= framework.Exact
		}
		return e.Execute(ctx, &inexact, v, vw, out)
	}}
}

// slowToStop asks in loops, but not often enough: Spin ends before it does.
func slowToStop(e *toy.Executor) framework.Executor {
	return through(e, func(v framework.View) framework.View {
		asked := 0
		return &bentView{View: v, aborted: func() bool {
			asked++
			return asked > 500 && v.Aborted()
		}}
	})
}

// goesOn works with zeros after an abort, and returns it in the end.
func goesOn(e *toy.Executor) framework.Executor {
	return through(e, func(v framework.View) framework.View {
		var aborted error
		return &bentView{View: v, read: func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			err := v.Read(ctx, keys, out)
			if errors.Is(err, framework.ErrAborted) && aborted == nil {
				aborted = err
				return nil
			}
			return err
		}}
	})
}

// hidesErrors rejects a transaction when the view fails.
func hidesErrors(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
		err := e.Execute(ctx, tx, v, vw, out)
		known := errors.Is(err, framework.ErrAborted) || errors.Is(err, framework.ErrClosed) || errors.Is(err, context.Canceled)
		if err != nil && !known {
			out.Reset()
			out.Status = framework.Rejected
			return nil
		}
		return err
	}}
}

// garbled turns aborts at a read into errors of another kind.
func garbled(e *toy.Executor) framework.Executor {
	return through(e, func(v framework.View) framework.View {
		return &bentView{View: v, read: func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			err := v.Read(ctx, keys, out)
			if errors.Is(err, framework.ErrAborted) {
				return errors.New("stopped: " + err.Error())
			}
			return err
		}}
	})
}

func impossible(w framework.Word) bool { return w[1]&w[2]&w[3] == ^uint64(0) }

func panicsOnImpossible(e *toy.Executor) framework.Executor {
	return onImpossible(e, func() { panic("a word that nobody wrote") })
}

// onImpossible calls f in attempts that read a word of nothing but ones.
func onImpossible(e *toy.Executor, f func()) framework.Executor {
	return through(e, func(v framework.View) framework.View {
		return &bentView{View: v, read: func(ctx context.Context, keys []framework.Key, out []framework.Word) error {
			err := v.Read(ctx, keys, out)
			if err == nil && impossible(out[0]) {
				f()
			}
			return err
		}}
	})
}

func panicsOnDamage(e *toy.Executor) framework.Executor {
	return after(e, func(tx *framework.Tx, _ framework.Version, out *framework.Outcome) {
		_ = tx.Body[2]
	})
}

// deafToContext never looks at a context.
func deafToContext(e *toy.Executor) framework.Executor {
	return &bent{
		Executor: e,
		execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
			return e.Execute(context.WithoutCancel(ctx), tx, v, vw, out)
		},
		finish: func(ctx context.Context, vw framework.View, final []framework.Final) ([]framework.Write, error) {
			return e.Finish(context.WithoutCancel(ctx), vw, final)
		},
	}
}

func finishesUnsorted(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, finish: func(ctx context.Context, vw framework.View, final []framework.Final) ([]framework.Write, error) {
		w, err := e.Finish(ctx, vw, final)
		return append(w, w...), err
	}}
}

// finishesFromMemory counts executions instead of what it is shown.
func finishesFromMemory(e *toy.Executor) framework.Executor {
	var n atomic.Int64
	b := after(e, func(*framework.Tx, framework.Version, *framework.Outcome) { n.Add(1) })
	b.finish = func(ctx context.Context, vw framework.View, final []framework.Final) ([]framework.Write, error) {
		w, err := e.Finish(ctx, vw, final)
		if err == nil {
			w[0].Value[1] = uint64(n.Load())
		}
		return w, err
	}
	return b
}

// finishesInPlace returns a write of the last final.
func finishesInPlace(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, finish: func(ctx context.Context, vw framework.View, final []framework.Final) ([]framework.Write, error) {
		w, err := e.Finish(ctx, vw, final)
		if err == nil && len(final) > 0 && len(final[0].Writes) > 0 {
			return final[0].Writes[:1], nil
		}
		return w, err
	}}
}

// staysOpen does nothing in Close.
func staysOpen(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, close: func() error { return nil }}
}

// closesOnce fails the second time.
func closesOnce(e *toy.Executor) framework.Executor {
	var closed atomic.Bool
	return &bent{Executor: e, close: func() error {
		if closed.Swap(true) {
			return framework.ErrClosed
		}
		return e.Close()
	}}
}

// resumesLate trusts one read too many.
func resumesLate(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, resume: func(ctx context.Context, from framework.Version, read int, v framework.Version, vw framework.View,
		out *framework.Outcome) error {
		err := e.Resume(ctx, from, read+1, v, vw, out)
		if errors.Is(err, framework.ErrNoCheckpoint) {
			return e.Resume(ctx, from, read, v, vw, out)
		}
		return err
	}}
}

// resumesLast goes on from the last attempt, whatever the caller says.
func resumesLast(e *toy.Executor) framework.Executor {
	var last recent[framework.Version]
	return &bent{
		Executor: e,
		execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
			last.put(v.Tx, v)
			return e.Execute(ctx, tx, v, vw, out)
		},
		resume: func(ctx context.Context, _ framework.Version, read int, v framework.Version, vw framework.View,
			out *framework.Outcome) error {
			from := last.of(v.Tx)
			last.put(v.Tx, v)
			return e.Resume(ctx, from, read, v, vw, out)
		},
	}
}

// touchesOut begins before it knows that it cannot.
func touchesOut(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, resume: func(ctx context.Context, from framework.Version, read int, v framework.Version, vw framework.View,
		out *framework.Outcome) error {
		err := e.Resume(ctx, from, read, v, vw, out)
		if errors.Is(err, framework.ErrNoCheckpoint) {
			out.Receipt = append(out.Receipt, "resumed"...)
		}
		return err
	}}
}

// goesOnResumed is goesOn, in resumed attempts only.
func goesOnResumed(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, resume: goesOn(e).(*bent).resume}
}

// listensToGuesses lets what it learnt into receipts.
func listensToGuesses(e *toy.Executor) framework.Executor {
	var junk atomic.Bool
	b := after(e, func(_ *framework.Tx, _ framework.Version, out *framework.Outcome) {
		if junk.Load() {
			out.Receipt = append(out.Receipt, '!')
		}
	})
	b.learn = func(tx *framework.Tx, reads, writes []framework.Key) {
		if len(reads) == 1 && reads[0].Space == 0xde {
			junk.Store(true)
		}
		e.Learn(tx, reads, writes)
	}
	return b
}

// keepsLearnt keeps the slice that Learn was passed.
func keepsLearnt(e *toy.Executor) framework.Executor {
	var kept sync.Map
	return &bent{
		Executor: e,
		learn:    func(tx *framework.Tx, reads, _ []framework.Key) { kept.Store(tx.ID, reads) },
		predict: func(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
			reads, _ := kept.Load(tx.ID)
			keys, _ := reads.([]framework.Key)
			for _, k := range keys {
				dst = append(dst, framework.Predicted{Key: k, Rule: 1})
			}
			return dst
		},
	}
}

func overwritesDst(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, predict: func(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
		return e.Predict(tx, dst[:0])
	}}
}

func alwaysCertain(e *toy.Executor) framework.Executor {
	return &bent{Executor: e, predict: func(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
		n := len(dst)
		dst = e.Predict(tx, dst)
		for i := range dst[n:] {
			dst[n+i].Rule = 0
		}
		return dst
	}}
}
