package cases

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Write makes cases, executes them with vm, and writes both files.
func Write(ctx context.Context, s *Spec, vm framework.VM, cases, results io.Writer) error {
	w, err := newWorld(s)
	if err != nil {
		return err
	}
	e, err := vm.Open(ctx, &framework.Block{
		Number: w.env.Header.Number, Protocol: s.Protocol, Header: starknet.AppendEnvironment(nil, &w.env),
	})
	if err != nil {
		return err
	}
	defer e.Close()
	a, b := bufio.NewWriter(cases), bufio.NewWriter(results)
	in, out := json.NewEncoder(a), json.NewEncoder(b)
	if err := in.Encode(&w.header); err != nil {
		return err
	}
	for i := range s.Groups {
		d := &dice{Rand: rand.New(rand.NewPCG(s.Seed, uint64(i)+2)), w: w, turn: i * s.Size / 2} //nolint:gosec // repeatable, not secret
		group, found, err := d.group(ctx, e, s.Size)
		if err != nil {
			return fmt.Errorf("group %d: %w", i, err)
		}
		if err := in.Encode(group); err != nil {
			return err
		}
		if err := out.Encode(found); err != nil {
			return err
		}
	}
	if err := a.Flush(); err != nil {
		return err
	}
	return b.Flush()
}

// group makes a group and executes it.
func (d *dice) group(ctx context.Context, e framework.Executor, size int) (*Group, []Result, error) {
	st := d.w.base.clone()
	g := &Group{}
	var results []Result
	for range size {
		tx, mode := d.next(st)
		t := newTransaction(tx, d.truth["transaction_hash"][0], mode)
		if d.IntN(12) == 0 {
			t.PaidFee = felt.Felt{}
		}
		r, err := d.w.execute(ctx, e, st, &t)
		if err != nil {
			return nil, nil, fmt.Errorf("transaction %d: %w", len(results), err)
		}
		g.Transactions, results = append(g.Transactions, t), append(results, *r)
	}
	return g, results, nil
}

// execute executes a transaction and makes its changes.
func (w *world) execute(ctx context.Context, e framework.Executor, st *snapshot, t *Transaction) (*Result, error) {
	in := &starknet.Input{Transaction: t.tx, PaidFee: starknet.Uint128{Lo: t.PaidFee[0]}}
	if d, ok := t.tx.(*starknet.Declare); ok {
		in.Class = w.kindOf(d.ClassHash).body
	}
	tx := in.ToTx(t.Hash)
	tx.Mode = t.mode
	var out framework.Outcome
	if err := e.Execute(ctx, &tx, framework.Version{}, st, &out); err != nil {
		return nil, err
	}
	receipt, err := starknet.DecodeReceipt(out.Receipt)
	if err != nil {
		return nil, err
	}
	r := &Result{Status: out.Status.String(), Reason: receipt.RevertReason}
	if out.Status == framework.Rejected {
		return r, nil
	}
	r.fill(receipt)
	r.Weights = slices.Clone(out.Usage.Counters)
	for _, c := range out.Usage.Once {
		r.Weights[c.Counter] += c.Amount
	}
	r.Weights = r.Weights[:starknet.CountSteps] // the counters behind are limits of our own
	r.Diff, err = st.apply(&out)
	return r, err
}

// fill takes over what a receipt says.
func (r *Result) fill(c *starknet.Receipt) {
	r.Fee, r.Steps, r.Used = c.ActualFee.Felt(), c.Resources.Steps, map[string]uint64{}
	for b, n := range c.Resources.Builtins {
		if n != 0 {
			r.Used[starknet.Builtin(b).String()] = n
		}
	}
	if g := c.Resources.Gas; g != nil {
		r.Gas = &[3]uint64{g.L1, g.L1Data, g.L2}
	}
	if g := c.Resources.DataAvailability; g != nil {
		r.DA = &[2]uint64{g.L1, g.L1Data}
	}
	for i := range c.Events {
		e := &c.Events[i]
		r.Events = append(r.Events, Event{e.From, full(e.Keys), full(e.Data)})
	}
	for i := range c.Messages {
		m := &c.Messages[i]
		r.Messages = append(r.Messages, Message{m.From, m.To, full(m.Payload)})
	}
}

// full returns xs, and an empty list instead of none.
func full(xs []felt.Felt) []felt.Felt { return append([]felt.Felt{}, xs...) }

// apply makes the changes of a transaction and returns them, sorted.
func (s *snapshot) apply(o *framework.Outcome) ([]Cell, error) {
	writes := slices.Clone(o.Writes)
	for i := range o.Adds {
		a := &o.Adds[i]
		low, high, ok := a.Fold(s.cells[a.Low], s.cells[a.High])
		if !ok {
			return nil, framework.ErrOverflow
		}
		for _, w := range []framework.Write{{Key: a.Low, Value: low}, {Key: a.High, Value: high}} {
			if s.cells[w.Key] != w.Value {
				writes = append(writes, w)
			}
		}
	}
	framework.SortWrites(writes)
	out := make([]Cell, len(writes))
	for i, w := range writes {
		s.cells[w.Key] = w.Value
		out[i] = cellOf(w.Key, w.Value)
	}
	return out, nil
}
