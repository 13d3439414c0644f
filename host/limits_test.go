package host_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// listed is a supply of some transactions, in whatever blocks they fit into.
type listed struct {
	*genesis.Workload
	txs []framework.Tx
}

// Open implements [sequencer.Supply].
func (l *listed) Open(n framework.BlockNumber) *framework.Block {
	return &framework.Block{Number: n, Protocol: genesis.Protocol, Header: starknet.AppendEnvironment(nil, genesis.Environment(n))}
}

// Next implements [framework.Feed].
func (l *listed) Next(context.Context) ([]framework.Tx, error) {
	txs := l.txs
	if l.txs = nil; txs == nil {
		return nil, io.EOF
	}
	return txs, nil
}

// TestLimits fills blocks of a mix of signed transactions by one limit after the other, as a configuration sets it. Each block has as
// many transactions as fit, as counted anew here, the next one goes on with the rest, and both schedulers make the same blocks.
func TestLimits(t *testing.T) {
	w, err := genesis.New(genesis.Spec{Name: genesis.Mix, Transactions: 32, Accounts: 8, Pools: 2, Collections: 2, Seed: 21})
	if err != nil {
		t.Fatal(err)
	}
	var txs []framework.Tx
	for n := framework.BlockNumber(1); n <= 2; n++ {
		_, some := w.Block(n)
		txs = append(txs, some...)
	}
	produce := func(t *testing.T, pace sequencer.Pace, set ...string) []*sequencer.Sealed {
		t.Helper()
		return produce(t, w, txs, pace, set...)
	}
	all := produce(t, sequencer.Pace{}, "scheduler.use=serial")
	if len(all) != 1 || all[0].Full || all[0].Included() != len(txs) {
		t.Fatalf("without limits there are %d blocks, the first of %d transactions, full: %v", len(all), len(all[0].Finals), all[0].Full)
	}
	named := map[starknet.Counter]string{
		starknet.CountSteps: "steps", starknet.CountSierraGas: "gas", starknet.CountL1Gas: "l1_gas", starknet.CountEvents: "events",
		starknet.CountStateDiff: "state_diff", starknet.CountClasses: "classes",
	}
	for c := range starknet.NumCounters {
		if raceEnabled && c != starknet.CountEvents {
			continue // the same goroutines, whatever the limit is
		}
		name, set := "capacity of "+c.String(), "block.capacity="
		limit := quarter(all[0].Finals, c)
		if key, ok := named[c]; ok {
			name, set = key, fmt.Sprintf("block.limits.%s=%d", key, limit)
		} else {
			set += capacities(c, limit)
		}
		t.Run(name, func(t *testing.T) {
			blocks := produce(t, sequencer.Pace{}, "scheduler.use=serial", set)
			checkFilled(t, blocks, c, limit)
			same(t, all, blocks, produce(t, sequencer.Pace{}, "scheduler.use=blockstm", "scheduler.config.workers=4", set))
		})
	}
	t.Run("transactions", func(t *testing.T) {
		pace := sequencer.Pace{Transactions: 15}
		blocks := produce(t, pace, "scheduler.use=serial")
		for i, b := range blocks {
			if want := min(15, len(txs)-15*i); len(b.Finals) != want {
				t.Errorf("block %d has %d transactions, want %d", b.Number, len(b.Finals), want)
			}
		}
		same(t, all, blocks, produce(t, pace, "scheduler.use=blockstm", "scheduler.config.workers=4"))
	})
}

// produce makes blocks of transactions until there are no more.
func produce(t *testing.T, w *genesis.Workload, txs []framework.Tx, pace sequencer.Pace, set ...string) (blocks []*sequencer.Sealed) {
	t.Helper()
	a, err := host.Assemble(t.Context(), catalog(), load(t, "", append(set, "vm.use=cairo")...))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := a.Sequencer()
	s.StopOnFault = true
	err = s.Produce(t.Context(), &listed{w, txs}, pace, func(b *sequencer.Sealed) { blocks = append(blocks, b) })
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

// quarter returns a limit that about a quarter of the transactions reach, and none alone.
func quarter(finals []framework.Final, c starknet.Counter) uint64 {
	limit := spent(finals, c) / 4
	for i := range finals {
		limit = max(limit, spent(finals[i:i+1], c))
	}
	return limit
}

// capacities lists the limits of all counters, of which there is one.
func capacities(c starknet.Counter, limit uint64) string {
	return strings.Repeat("0,", int(c)) + fmt.Sprint(limit)
}

// spent returns what a block of these outcomes takes of a counter: each charge once.
func spent(finals []framework.Final, c starknet.Counter) (sum uint64) {
	once := map[framework.Key]bool{}
	for i := range finals {
		u := &finals[i].Outcome.Usage
		sum += u.Counters[c]
		for _, x := range u.Once {
			if x.Counter == uint8(c) && !once[x.Key] {
				once[x.Key] = true
				sum += x.Amount
			}
		}
	}
	return sum
}

// checkFilled checks that blocks are as full as they may be, by what was counted and by what can be seen.
func checkFilled(t *testing.T, blocks []*sequencer.Sealed, c starknet.Counter, limit uint64) {
	t.Helper()
	if len(blocks) < 2 {
		t.Fatalf("the limit %d makes %d blocks", limit, len(blocks))
	}
	for i, b := range blocks {
		if got := spent(b.Finals, c); got > limit {
			t.Errorf("block %d has %d, the limit is %d", b.Number, got, limit)
		}
		if got, ok := seen(t, b, c); ok && got > limit {
			t.Errorf("block %d shows %d, the limit is %d", b.Number, got, limit)
		}
		last := i == len(blocks)-1
		if b.Full == last {
			t.Errorf("block %d of %d is full: %v", b.Number, len(blocks), b.Full)
		}
		if last {
			return
		}
		if got := spent(append(slices.Clone(b.Finals), blocks[i+1].Finals[0]), c); got <= limit {
			t.Errorf("block %d has room for one more: %d, the limit is %d", b.Number, got, limit)
		}
	}
}

// seen returns what the receipts and the diff of a block show of a counter, if they do.
func seen(t *testing.T, b *sequencer.Sealed, c starknet.Counter) (n uint64, ok bool) {
	t.Helper()
	if c == starknet.CountStateDiff {
		return published(b.Diff.Writes), true
	}
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		switch c {
		case starknet.CountSteps:
			n += r.Resources.Steps
		case starknet.CountEvents:
			n += uint64(len(r.Events))
			if r.ActualFee != (starknet.Uint128{}) {
				n-- // the transfer of the fee
			}
		case starknet.CountReceiptL2Gas:
			n += r.Resources.Gas.L2
		case starknet.CountMessageSegment:
			for _, m := range r.Messages {
				n += 3 + uint64(len(m.Payload))
			}
		case starknet.CountTransactions:
			n++
		default:
			return 0, false
		}
	}
	return n, true
}

// published returns how many felts the writes of a block are when they are published, but for the aliases of keys, which no
// transaction writes and no limit counts.
func published(writes []framework.Write) (n uint64) {
	contracts, aliases := map[framework.Word]bool{}, framework.Word(felt.FromUint64(2))
	for _, w := range writes {
		if w.Key.Owner == aliases {
			continue
		}
		switch w.Key.Space {
		case starknet.SpaceStorage, starknet.SpaceCompiledClass:
			n += 2
		case starknet.SpaceClassHash:
			n++
		}
		if w.Key.Space <= starknet.SpaceClassHash && !contracts[w.Key.Owner] {
			contracts[w.Key.Owner] = true
			n += 2
		}
	}
	return n
}

// same checks that two schedulers made the same blocks, and that these hold all transactions, in order.
func same(t *testing.T, all, one, other []*sequencer.Sealed) {
	t.Helper()
	if len(one) != len(other) {
		t.Fatalf("there are %d blocks, and %d by the other scheduler", len(one), len(other))
	}
	rest := all[0].Txs
	for i, b := range one {
		o := other[i]
		if d := cmp.Diff(b.Txs, o.Txs); d != "" || b.Full != o.Full {
			t.Errorf("transactions of block %d (-one +other):\n%.1000s", b.Number, d)
		}
		if d := cmp.Diff(b.Diff, o.Diff); d != "" || b.Root != o.Root {
			t.Errorf("diff of block %d (-one +other):\n%.1000s", b.Number, d)
		}
		for j := range b.Finals {
			if d := cmp.Diff(b.Finals[j].Outcome.Receipt, o.Finals[j].Outcome.Receipt); d != "" {
				t.Errorf("receipt %d of block %d (-one +other):\n%.1000s", j, b.Number, d)
			}
		}
		n := min(len(b.Txs), len(rest))
		if d := cmp.Diff(rest[:n], b.Txs); d != "" {
			t.Errorf("transactions of block %d (-sent +got):\n%.1000s", b.Number, d)
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		t.Errorf("%d transactions are in no block", len(rest))
	}
}
