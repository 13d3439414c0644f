package execution_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// state is a state in a map, as transactions see it one after the other. It implements framework.View and
// framework.State.
type state struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
	reads   []framework.Key
}

func newState() *state {
	return &state{cells: map[framework.Key]framework.Word{}, classes: map[framework.Word]*framework.Class{}}
}

func (s *state) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = s.cells[k]
	}
	s.reads = append(s.reads, keys...)
	return nil
}

func (s *state) Class(_ context.Context, hash framework.Word) (*framework.Class, error) {
	if c, ok := s.classes[hash]; ok {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

func (s *state) Aborted() bool { return false }
func (s *state) Close() error  { return nil }

// apply makes the changes of a transaction.
func (s *state) apply(t *testing.T, o *framework.Outcome) {
	t.Helper()
	for _, w := range o.Writes {
		s.cells[w.Key] = w.Value
	}
	for i := range o.Adds {
		a := &o.Adds[i]
		low, high, ok := a.Fold(s.cells[a.Low], s.cells[a.High])
		if !ok {
			t.Fatal("addition does not fit")
		}
		s.cells[a.Low], s.cells[a.High] = low, high
	}
	for i := range o.Classes {
		s.classes[o.Classes[i].Hash] = &o.Classes[i]
	}
}

// diff returns what changed since before.
func (s *state) diff(before map[framework.Key]framework.Word) *framework.Diff {
	d := new(framework.Diff)
	for k, v := range s.cells {
		if before[k] != v {
			d.Writes = append(d.Writes, framework.Write{Key: k, Value: v})
		}
	}
	framework.SortWrites(d.Writes)
	return d
}

// chainClass returns the body of a class of Cairo 0 that was declared on the chain.
func chainClass(t *testing.T, hash felt.Felt) []byte {
	t.Helper()
	c, err := class.ParseCairo0(realdata.Read(t, "classes/chain/"+hash.Hex()+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return class.Append(nil, c)
}

// TestSepolia executes the first seven blocks of Starknet Sepolia from the empty state, and compares every receipt and every
// change of the state. Each transaction is rolled back at each of its reads, where it must come to the same.
func TestSepolia(t *testing.T) {
	t.Parallel()
	st := newState()
	vm := &vmtest.Rewound{VM: execution.New(execution.Config{})}
	for n := range 7 {
		b, err := gateway.ParseBlock(realdata.Read(t, fmt.Sprintf("chain/sepolia-blocks/%d.json", n)))
		if err != nil {
			t.Fatal(err)
		}
		before := map[framework.Key]framework.Word{}
		for k, v := range st.cells {
			before[k] = v
		}
		env := &starknet.Environment{Chain: starknet.Sepolia, FeeTokens: starknet.PublicFeeTokens, Header: b.Header}
		fb := &framework.Block{Number: b.Header.Number, Protocol: b.Header.Protocol, Header: starknet.AppendEnvironment(nil, env)}
		e, err := vm.Open(t.Context(), fb)
		if err != nil {
			t.Fatal(err)
		}
		for i, tx := range b.Transactions {
			in := &starknet.Input{Transaction: tx, PaidFee: starknet.Uint128{Lo: 1}}
			if d, ok := tx.(*starknet.Declare); ok {
				in.Class = chainClass(t, d.ClassHash)
			}
			ftx := in.ToTx(tx.Hash(starknet.Sepolia))
			var out framework.Outcome
			if err := e.Execute(t.Context(), &ftx, framework.Version{Tx: framework.TxIndex(i)}, st, &out); err != nil {
				t.Fatalf("block %d, transaction %d: %v", n, i, err)
			}
			got, err := starknet.DecodeReceipt(out.Receipt)
			if err != nil {
				t.Fatal(err)
			}
			want := b.Receipts[i]
			got.Trace = nil
			if d := cmp.Diff(&want, got); d != "" {
				t.Errorf("block %d, transaction %d (-want +got):\n%s", n, i, d)
			}
			st.apply(t, &out)
		}
		u, err := gateway.ParseStateUpdate(realdata.Read(t, fmt.Sprintf("chain/sepolia-0-7/%d.json", n)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := starknet.FromDiff(t.Context(), st.diff(before), &state{cells: before})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(u.Diff.Sorted(), got); d != "" {
			t.Errorf("block %d: state diff (-want +got):\n%s", n, d)
		}
	}
	t.Logf("%d transactions were rolled back at %d reads", vm.Transactions.Load(), vm.Reads.Load())
}
