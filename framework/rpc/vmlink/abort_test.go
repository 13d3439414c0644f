package vmlink_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// asks is a view that calls a function for each key that is read.
type asks struct {
	read    func(k framework.Key) (framework.Word, error)
	aborted atomic.Bool
}

func (a *asks) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		var err error
		if out[i], err = a.read(k); err != nil {
			return err
		}
	}
	return nil
}

func (a *asks) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}

func (a *asks) Aborted() bool { return a.aborted.Load() }

// TestInvalidatedStopsEarly invalidates an attempt when it has done a fifth of its work, by a value that is published or by
// its view alone: it must not come to two fifths, where it would read one more cell.
func TestInvalidatedStopsEarly(t *testing.T) {
	const cost = 500 * time.Millisecond
	cell := func(n uint64) framework.Key { return synthetic.Storage(framework.Word{1}, framework.Word{n}) }
	program := synthetic.Program{Cost: cost, Steps: []synthetic.Step{
		synthetic.Read(cell(0)), synthetic.Read(cell(20)).At(20), synthetic.Read(cell(40)).At(40),
	}}
	vm := newVM(t, synthetic.Config{})
	for _, carrier := range carriers {
		for _, publishes := range []bool{true, false} {
			name := map[bool]string{true: "/ValueChanged", false: "/ViewSaysSo"}[publishes]
			t.Run(string(carrier)+name, func(t *testing.T) {
				s := serve(conform.Testing(t), carrier, vm, vmlink.Config{Workers: 2})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				e, err := s.Open(ctx, new(framework.Block))
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				late := false
				view := new(asks)
				view.read = func(k framework.Key) (framework.Word, error) {
					switch k {
					case cell(20):
						if publishes {
							changed := []framework.Write{{Key: cell(0), Value: framework.Word{1}}}
							e.(framework.Publisher).Publish(framework.Version{}, changed, nil) //nolint:forcetypeassert // a panic fails the test
						}
						view.aborted.Store(true)
					case cell(40):
						late = true
					}
					return framework.Word{}, nil
				}
				tx := program.Tx(framework.Word{1})
				var out framework.Outcome
				err = e.Execute(ctx, &tx, framework.Version{Tx: 1}, view, &out)
				if !errors.Is(err, framework.ErrAborted) || late {
					t.Errorf("Execute = %v, has come to two fifths: %v; want ErrAborted before", err, late)
				}
			})
		}
	}
}

// deaf is a VM that hears nothing of errors, and stops when it is told to.
type deaf struct{ framework.Executor }

func (d deaf) Open(context.Context, *framework.Block) (framework.Executor, error) { return d, nil }

func (d deaf) Execute(ctx context.Context, _ *framework.Tx, _ framework.Version, view framework.View, _ *framework.Outcome) error {
	_ = view.Read(ctx, make([]framework.Key, 1), make([]framework.Word, 1))
	for !view.Aborted() && ctx.Err() == nil {
		runtime.Gosched()
	}
	return framework.ErrAborted
}

func (d deaf) Close() error { return nil }

// TestRefusalMeetsProbe has a view refuse to answer, and the VM be silent for so long that it is asked what it has read: the
// attempt ends with the error of the view, not with the stop that follows, and not with nothing.
func TestRefusalMeetsProbe(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := serve(conform.Testing(t), carriers[0], deaf{}, vmlink.Config{})
	e, err := s.Open(ctx, new(framework.Block))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	bad := errors.New("the disk is gone")
	view := &asks{read: func(framework.Key) (framework.Word, error) { return framework.Word{}, bad }}
	var out framework.Outcome
	if err := e.Execute(ctx, new(framework.Tx), framework.Version{}, view, &out); !errors.Is(err, bad) {
		t.Errorf("Execute = %v, want %v", err, bad)
	}
}
