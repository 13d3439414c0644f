package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source returns blocks of a few signed transfers, some of which revert.
func source(t *testing.T) sequencer.Source {
	t.Helper()
	s, err := genesis.New(genesis.Spec{Transactions: 2, Accounts: 4, Seed: 7, FailPct: 30})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// supply is a source whose blocks all have a header, the genesis too.
type supply struct {
	sequencer.Supply
	sequencer.Resumer
}

func (s supply) Open(n framework.BlockNumber) *framework.Block {
	return &framework.Block{
		Number: n, Protocol: genesis.Protocol, Header: starknet.AppendEnvironment(nil, genesis.Environment(n)),
	}
}

func newSupply(t *testing.T) sequencer.Supply {
	t.Helper()
	s := sequencer.Arrivals(source(t), 0)
	r, ok := s.(sequencer.Resumer)
	if !ok {
		t.Fatal("transfers depend on no state")
	}
	return supply{s, r}
}

// disks are what outlives a crash: the file system of a ledger, and a store without what was only staged.
type disks struct {
	ledger *vfs.MemFS
	store  framework.Store
}

func newDisks(t *testing.T) disks {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return disks{vfs.NewCrashableMem(), store}
}

// crash returns the disks after a crash. percent of what was not synced is there.
func (d disks) crash(t *testing.T, percent int) disks {
	t.Helper()
	head, err := d.store.Head(t.Context())
	if errors.Is(err, framework.ErrEmpty) {
		head.Number, err = framework.AtEmpty, nil
	}
	if err == nil {
		err = d.store.Revert(t.Context(), head.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg := vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, 2))}
	return disks{d.ledger.CrashClone(cfg), d.store}
}

// node is an assembly with a ledger.
type node struct {
	*sequencer.Sequencer
	ledger *ledger.Ledger
}

func open(t *testing.T, d disks) *node {
	t.Helper()
	l, err := ledger.Open(ledger.Options{Path: "ledger", Chain: genesis.Chain, FS: d.ledger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &sequencer.Sequencer{Scheduler: serial.Scheduler{}, VM: execution.New(execution.Config{}), Store: d.store, Journal: l}
	return &node{s, l}
}

// produce makes so many blocks.
func (n *node) produce(t *testing.T, count int) error {
	t.Helper()
	return n.Produce(t.Context(), newSupply(t), sequencer.Pace{Transactions: 2, Count: count}, func(*sequencer.Sealed) {})
}

// whole is all that a ledger has of a block.
type whole struct {
	*starknet.Block
	Diff *starknet.StateDiff
}

// chain returns what the ledger has of every block, after checking every hash in it.
func (n *node) chain(t *testing.T) []whole {
	t.Helper()
	var out []whole
	head, hash, ok := n.ledger.Head()
	if !ok {
		return nil
	}
	var parent felt.Felt
	for i := framework.BlockNumber(0); i <= head; i++ {
		b, err := n.ledger.Block(i)
		if err != nil {
			t.Fatal(err)
		}
		diff, err := n.ledger.Diff(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := starknet.Verify(b, diff, genesis.Chain); err != nil {
			t.Error(err)
		}
		if b.Header.Parent != parent {
			t.Errorf("block %d has the parent %v, want %v", i, b.Header.Parent, parent)
		}
		parent = b.Header.Hash
		if at, err := n.ledger.Number(parent); err != nil || at != i {
			t.Errorf("Number(%v) = %d, %v, want %d", parent, at, err, i)
		}
		out = append(out, whole{b, diff})
	}
	if hash != parent {
		t.Errorf("Head() has the hash %v, want %v", hash, parent)
	}
	return out
}

// TestBlocks makes a chain and finds all of it in the ledger, also when it is opened again.
func TestBlocks(t *testing.T) {
	t.Parallel()
	d := newDisks(t)
	n := open(t, d)
	if err := n.produce(t, 10); err != nil {
		t.Fatal(err)
	}
	chain := n.chain(t)
	if len(chain) != 11 {
		t.Fatalf("%d blocks, want 11", len(chain))
	}
	for i := framework.BlockNumber(0); i < 11; i++ {
		checkTransactions(t, n.ledger, i)
		checkBlockHashes(t, n.ledger, i)
	}
	again := open(t, d.crash(t, 0))
	if err := again.produce(t, 1); err != nil { // which also writes down that block 10 is complete
		t.Fatal(err)
	}
	if diff := cmp.Diff(chain, again.chain(t)[:11]); diff != "" {
		t.Errorf("opened again (-before +after):\n%s", diff)
	}
}

// checkTransactions finds every transaction of a block by its hash.
func checkTransactions(t *testing.T, l *ledger.Ledger, n framework.BlockNumber) {
	t.Helper()
	b, err := l.Block(n)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Transactions {
		hash := b.Transactions[i].Hash(genesis.Chain)
		at, index, err := l.Find(hash)
		if err != nil || at != n || index != i {
			t.Errorf("Find(%v) = %d, %d, %v, want %d, %d", hash, at, index, err, n, i)
		}
		got, err := l.Transaction(n, i)
		want := &ledger.Transaction{
			Block: n, BlockHash: b.Header.Hash, Index: i, Transaction: b.Transactions[i], Receipt: &b.Receipts[i],
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("transaction %d of block %d: %v (-want +got):\n%s", i, n, err, diff)
		}
	}
}

// checkBlockHashes checks that block n writes the hash of block n-10, and no other.
func checkBlockHashes(t *testing.T, l *ledger.Ledger, n framework.BlockNumber) {
	t.Helper()
	diff, err := l.Diff(n)
	if err != nil {
		t.Fatal(err)
	}
	var want []starknet.StorageEntry
	if n >= 10 {
		h, err := l.Header(n - 10)
		if err != nil {
			t.Fatal(err)
		}
		want = []starknet.StorageEntry{{Key: felt.FromUint64(uint64(n - 10)), Value: h.Hash}}
	}
	var got []starknet.StorageEntry
	for _, c := range diff.Storage {
		if c.Contract == felt.One {
			got = c.Entries
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("hashes that block %d writes (-want +got):\n%s", n, d)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	n := open(t, newDisks(t))
	if _, _, ok := n.ledger.Head(); ok {
		t.Error("an empty ledger has a head")
	}
	if err := n.produce(t, 1); err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() error{
		"header":      func() error { _, err := n.ledger.Header(2); return err },
		"negative":    func() error { _, err := n.ledger.Header(-1); return err },
		"block":       func() error { _, err := n.ledger.Block(2); return err },
		"diff":        func() error { _, err := n.ledger.Diff(2); return err },
		"number":      func() error { _, err := n.ledger.Number(felt.One); return err },
		"find":        func() error { _, _, err := n.ledger.Find(felt.One); return err },
		"transaction": func() error { _, err := n.ledger.Transaction(1, 2); return err },
		"index":       func() error { _, err := n.ledger.Transaction(1, -1); return err },
	} {
		if err := ask(); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
}

// TestChain opens a ledger for another chain than its own.
func TestChain(t *testing.T) {
	t.Parallel()
	fs := vfs.NewMem()
	for i, want := range []error{nil, ledger.ErrChain} {
		chain := genesis.Chain
		if i == 1 {
			chain = starknet.Mainnet
		}
		l, err := ledger.Open(ledger.Options{Path: "x", Chain: chain, FS: fs})
		if !errors.Is(err, want) {
			t.Fatalf("Open() = %v, want %v", err, want)
		}
		if err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestOrder pends and completes blocks that are not the next.
func TestOrder(t *testing.T) {
	t.Parallel()
	n := open(t, newDisks(t))
	if err := n.produce(t, 1); err != nil {
		t.Fatal(err)
	}
	for _, number := range []framework.BlockNumber{0, 1, 3} {
		b := &sequencer.Block{Block: newSupply(t).Open(number)}
		if err := n.ledger.Pend(t.Context(), b, nil); !errors.Is(err, framework.ErrOutOfOrder) {
			t.Errorf("Pend(%d) after block 1 = %v, want ErrOutOfOrder", number, err)
		}
		if err := n.ledger.Complete(t.Context(), number, framework.Root{}); !errors.Is(err, framework.ErrOutOfOrder) {
			t.Errorf("Complete(%d) with none pending = %v, want ErrOutOfOrder", number, err)
		}
	}
}

// errCrash ends a sequencer in the middle of sealing.
var errCrash = errors.New("crash")

// crasher is a journal that crashes at a point of the order in which block n is sealed.
type crasher struct {
	sequencer.Journal
	at    framework.BlockNumber
	point string
}

func (c crasher) Pend(ctx context.Context, b *sequencer.Block, before framework.State) error {
	if b.Number == c.at && c.point == "executed" {
		return errCrash
	}
	err := c.Journal.Pend(ctx, b, before)
	if b.Number == c.at && c.point == "pending" {
		return errCrash
	}
	return err
}

func (c crasher) Complete(ctx context.Context, n framework.BlockNumber, root framework.Root) error {
	if n == c.at && c.point == "sealed" {
		return errCrash
	}
	err := c.Journal.Complete(ctx, n, root)
	if n == c.at && c.point == "complete" {
		return errCrash
	}
	return err
}

// TestCrash crashes at every point of the order in which a block is sealed, and compares the chain that then goes on with one
// that never crashed. It tells apart a process that was killed from a machine that lost its power.
func TestCrash(t *testing.T) {
	t.Parallel()
	const blocks = 3
	n := open(t, newDisks(t))
	if err := n.produce(t, blocks); err != nil {
		t.Fatal(err)
	}
	want := n.chain(t)
	for _, point := range []string{"executed", "pending", "sealed", "complete"} {
		for _, at := range []framework.BlockNumber{0, 2} {
			for _, power := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%d/power=%v", point, at, power), func(t *testing.T) {
					t.Parallel()
					checkCrash(t, crasher{point: point, at: at}, power, want)
				})
			}
		}
	}
}

func checkCrash(t *testing.T, c crasher, power bool, want []whole) {
	d := newDisks(t)
	n := open(t, d)
	c.Journal = n.Journal
	n.Journal = c
	if err := n.produce(t, len(want)-1); !errors.Is(err, errCrash) {
		t.Fatalf("Produce() = %v, want %v", err, errCrash)
	}
	percent := 100 // a process that is killed loses nothing that it has written
	if power {
		percent = 0
	}
	d = d.crash(t, percent)
	again := open(t, d)
	next, err := again.Start(t.Context(), newSupply(t))
	if err != nil {
		t.Fatal(err)
	}
	kept := c.at + 1 // blocks that are there from then on
	if c.point == "executed" {
		kept = max(c.at, 1) // and genesis is made again
	}
	if next != kept {
		t.Errorf("goes on with block %d, want %d", next, kept)
	}
	if err := again.produce(t, len(want)-int(next)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again.chain(t)); diff != "" {
		t.Errorf("chain after a crash (-whole +crashed):\n%s", diff)
	}
}

// TestApart starts with ledgers and stores that do not fit together.
func TestApart(t *testing.T) {
	t.Parallel()
	made := func(count int) disks {
		d := newDisks(t)
		if err := open(t, d).produce(t, count); err != nil {
			t.Fatal(err)
		}
		return d.crash(t, 0)
	}
	one, three := made(1), made(3)
	pending := newDisks(t)
	n := open(t, pending)
	n.Journal = crasher{n.Journal, 3, "pending"}
	if err := n.produce(t, 3); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	pending = pending.crash(t, 0)
	for _, tt := range []struct {
		name          string
		ledger, store disks
		want          string
	}{
		{"store behind", three, one, "at block 3, which was not sealed, and the store is at block 1"},
		{"ledger behind", one, three, "at block 1, which was not sealed, and the store is at block 3"},
		{"store empty", three, newDisks(t), "at block 3, which was not sealed, and the store is empty"},
		{"ledger empty", newDisks(t), three, "the ledger is empty, and the store is at block 3"},
		{"pending too far", pending, one, "the ledger is at block 3, which was not sealed, and the store is at block 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := disks{tt.ledger.ledger.CrashClone(vfs.CrashCloneCfg{}), tt.store.store}
			_, err := open(t, d).Start(t.Context(), newSupply(t))
			if !errors.Is(err, sequencer.ErrApart) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Start() = %v, want ErrApart that says %q", err, tt.want)
			}
		})
	}
}
