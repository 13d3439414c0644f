package vmtest_test

import (
	"context"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
)

// still is a view of a state that holds 0 everywhere, but for the money of one account.
type still struct{}

func (still) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = framework.Word{}
		if k == toy.Cell("alice") {
			out[i] = framework.Word{100}
		}
	}
	return nil
}

func (still) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}
func (still) Aborted() bool { return false }

// TestRewound rolls a transfer back, in a VM that can do it and in two that cannot.
func TestRewound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		bend func(*toy.Executor) framework.Executor
		ok   bool
	}{
		{"as it is", func(e *toy.Executor) framework.Executor { return e }, true},
		{"trusts one read too many", resumesLate, false},
		{"has no checkpoint", func(e *toy.Executor) framework.Executor {
			return &bent{Executor: e, resume: func(
				context.Context, framework.Version, int, framework.Version, framework.View, *framework.Outcome,
			) error {
				return framework.ErrNoCheckpoint
			}}
		}, false},
		{"is no Rewinder", func(e *toy.Executor) framework.Executor { return struct{ framework.Executor }{e} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			vm := &vmtest.Rewound{VM: bentVM(c.bend)}
			e, err := vm.Open(t.Context(), &framework.Block{Protocol: toy.Protocol, Header: []byte("77")})
			if err != nil {
				if c.ok {
					t.Fatal(err)
				}
				return
			}
			defer e.Close()
			tx := toy.Tx(transfer)
			var out framework.Outcome
			if err := e.Execute(t.Context(), &tx, framework.Version{}, still{}, &out); (err == nil) != c.ok {
				t.Errorf("error %v, want none: %v", err, c.ok)
			}
			if n := vm.Reads.Load(); c.ok && n != 2 {
				t.Errorf("rolled back at %d reads, want at 2", n)
			}
		})
	}
}
