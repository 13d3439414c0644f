package mempool_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

// shelf is a shelf in memory.
type shelf struct {
	records map[felt.Felt][]byte
	synced  chan int // is told how many records there are
}

func newShelf() *shelf { return &shelf{map[felt.Felt][]byte{}, make(chan int, 100)} }

func (s *shelf) Shelve(hash felt.Felt, record []byte) error {
	s.records[hash] = record
	return nil
}

func (s *shelf) Unshelve(hashes []felt.Felt) error {
	for _, h := range hashes {
		delete(s.records, h)
	}
	return nil
}

func (s *shelf) Shelved(f func(felt.Felt, []byte) error) error {
	for h, r := range s.records {
		if err := f(h, slices.Clone(r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Sync() error {
	s.synced <- 1
	return nil
}

// past is a chain of which nothing is known but nonces, and which transactions its blocks have.
type past struct {
	mempool.Chain
	nonces   map[felt.Felt]uint64
	included map[felt.Felt]bool
}

func (p *past) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = framework.Word{p.nonces[felt.Felt(k.Owner)]}
	}
	return nil
}

func (p *past) Included(hash felt.Felt) (bool, error) { return p.included[hash], nil }

// TestRestore fills a pool, and a second one from the shelf of the first after some time and some blocks: it hands out what the first
// would still have to.
func TestRestore(t *testing.T) {
	t.Parallel()
	w, err := genesis.New(genesis.Spec{Transactions: 9, Accounts: 3, Seed: 3, Name: genesis.Mix})
	if err != nil {
		t.Fatal(err)
	}
	_, txs := w.Block(1)
	now := &clock{time.Unix(5000, 0)}
	kept := newShelf()
	first := mempool.New(mempool.Limits{}, now.Now, 1)
	first.KeepOn(kept)
	var sent, messages []framework.Tx
	for i, tx := range txs {
		now.now = now.now.Add(time.Second)
		in, err := starknet.DecodeInput(tx.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch x := in.Transaction.(type) {
		case *starknet.Invoke:
			err = first.Add(&mempool.Tx{Tx: tx, Sender: x.Sender, Nonce: x.Nonce[0]}, 0)
			sent = append(sent, tx)
		case *starknet.L1Handler:
			err = first.AddMessage(tx)
			messages = append(messages, tx)
		}
		if err != nil {
			t.Fatalf("transaction %d: %v", i, err)
		}
	}
	if len(messages) != 1 || len(sent) != 8 {
		t.Fatalf("%d messages and %d invocations", len(messages), len(sent))
	}
	chain := &past{nonces: map[felt.Felt]uint64{}, included: map[felt.Felt]bool{}}
	for _, tt := range []struct {
		name string
		wait time.Duration
		done int // how many invocations blocks have
		met  bool
		want []framework.Tx
	}{
		{"nothing has happened", 0, 0, false, append(slices.Clone(messages), sent...)},
		{"a block has some", 0, 3, false, append(slices.Clone(messages), sent[3:]...)},
		{"a block has the message", 0, 3, true, sent[3:]},
		{"much time has passed", 2 * time.Minute, 0, false, messages},
	} {
		chain.nonces, chain.included = map[felt.Felt]uint64{}, map[felt.Felt]bool{felt.Felt(messages[0].ID): tt.met}
		for _, tx := range sent[:tt.done] {
			chain.nonces[senderOf(t, tx)]++
		}
		copied := &shelf{maps.Clone(kept.records), nil}
		later := &clock{now.now.Add(tt.wait)}
		second := mempool.New(mempool.Limits{}, later.Now, 2)
		second.KeepOn(copied)
		n, err := mempool.NewAdmission(second, chain, nil).Restore(t.Context())
		if err != nil || n != len(tt.want) || len(copied.records) != n {
			t.Errorf("%s: Restore() = %d, %v, with %d on the shelf, want %d", tt.name, n, err, len(copied.records), len(tt.want))
		}
		got, _ := second.Take(100)
		// Those of one sender are handed out together once their turn has come.
		if d := gocmp.Diff(ids(tt.want), ids(got), sorted); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

var sorted = gocmp.Transformer("sorted", func(ids []uint64) []uint64 {
	return slices.Sorted(slices.Values(ids))
})

func senderOf(t *testing.T, tx framework.Tx) felt.Felt {
	t.Helper()
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		t.Fatal(err)
	}
	x, ok := in.Transaction.(*starknet.Invoke)
	if !ok {
		t.Fatalf("%T", in.Transaction)
	}
	return x.Sender
}

// TestDamagedShelf finds something on the shelf that nobody has put there.
func TestDamagedShelf(t *testing.T) {
	t.Parallel()
	for _, record := range [][]byte{nil, {1}, make([]byte, 30), {1, 0, 0, 0, 0, 0, 0, 0, 0, 9}} {
		s := newShelf()
		s.records[felt.One] = record
		p := mempool.New(mempool.Limits{}, time.Now, 1)
		p.KeepOn(s)
		if _, err := mempool.NewAdmission(p, &past{}, nil).Restore(t.Context()); err == nil {
			t.Errorf("Restore() of %x = nil", record)
		}
	}
}

// TestKeep waits until what was added is lasting.
func TestKeep(t *testing.T) {
	t.Parallel()
	s := newShelf()
	p := mempool.New(mempool.Limits{}, time.Now, 1)
	p.KeepOn(s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Keep(ctx) }()
	for i := range uint64(3) {
		add(t, p, transaction(i+1, 1, i, 0, 0))
		<-s.synced
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
