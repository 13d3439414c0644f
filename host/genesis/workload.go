package genesis

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/workload"
)

// Workload makes the blocks of a chain: signed transactions, each paid for by its sender. It is a source of a sequencer. It is
// safe for concurrent use.
type Workload struct {
	spec                     Spec
	who, pools, collections  workload.Chooser
	accounts, spare          []Account
	state                    *framework.Diff
	classes                  *contracts
	accountClass, tokenClass felt.Felt

	mu sync.Mutex
	// nonces are those before block next, and start those before block first. Guarded by mu.
	nonces, start []uint64
	next, first   framework.BlockNumber
}

// New returns the blocks of a Spec, or what [Spec.Validate] says is wrong with it.
func New(s Spec) (*Workload, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	c, err := loadContracts()
	if err != nil {
		return nil, err
	}
	accounts, err := Accounts(s.Seed, s.Accounts)
	if err != nil {
		return nil, err
	}
	spare, err := spareAccounts(s.Seed)
	if err != nil {
		return nil, err
	}
	state, err := newState(slices.Concat(accounts, spare), s.Pools, s.Collections)
	if err != nil {
		return nil, err
	}
	return &Workload{
		spec: s, accounts: accounts, spare: spare, state: state, classes: c, accountClass: hash(&c.account), tokenClass: hash(&c.token),
		who:         workload.NewChooser(s.Accounts, s.Zipf),
		pools:       workload.NewChooser(s.Pools, s.Zipf),
		collections: workload.NewChooser(s.Collections, s.Zipf),
		nonces:      make([]uint64, s.Accounts), start: make([]uint64, s.Accounts), next: 1, first: 1,
	}, nil
}

// Spec returns the Spec of the workload with all defaults filled in.
func (w *Workload) Spec() Spec { return w.spec }

// Size returns the number of transactions of a block.
func (w *Workload) Size() int { return w.spec.Transactions }

// Accounts returns the funded accounts that transactions come from. They belong to the workload.
func (w *Workload) Accounts() []Account { return w.accounts }

// Spare returns funded accounts that no transaction comes from: people can use them without being in the way of the workload. They
// belong to it.
func (w *Workload) Spare() []Account { return w.spare }

// Code returns the code (CASM, as JSON) of the classes that the accounts declare: the compiler of a node has to be given it.
func (w *Workload) Code() [][]byte { return [][]byte{counterCode} }

// Genesis returns the state that block 0 makes.
func (w *Workload) Genesis() *framework.Diff { return w.state }

// Block returns block n and its transactions. The nonces of the accounts are those after the blocks below n with all their
// transactions, from block 1 or from where Resume has said.
func (w *Workload) Block(n framework.BlockNumber) (*framework.Block, []framework.Tx) {
	nonces, first := w.before(n)
	drafts := w.draw(n, first)
	txs := make([]framework.Tx, len(drafts))
	for i := range drafts {
		d := &drafts[i]
		from := &w.accounts[d.sender]
		switch {
		case d.newcomer != nil:
			txs[i] = join(d.newcomer, w.accountClass)
		case d.message != nil:
			txs[i] = deliver(d.message)
		case d.class != nil:
			txs[i] = declare(from, nonces[d.sender], d.class, w.classes.counterHash)
		default:
			txs[i] = invoke(from, nonces[d.sender], d.calls)
		}
		if d.sends() {
			nonces[d.sender]++
		}
	}
	return &framework.Block{
		Number: n, Protocol: Protocol, Header: starknet.AppendEnvironment(nil, Environment(n)),
	}, txs
}

// before returns the nonces before block n, which belong to the caller, and the first block.
func (w *Workload) before(n framework.BlockNumber) (nonces []uint64, first framework.BlockNumber) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n < w.next {
		copy(w.nonces, w.start)
		w.next = w.first
	}
	for ; w.next < n; w.next++ {
		for _, d := range w.draw(w.next, w.first) {
			if d.sends() {
				w.nonces[d.sender]++
			}
		}
	}
	return append([]uint64(nil), w.nonces...), w.first
}

// Resume makes block n the first, on the nonces that the accounts have in a state.
func (w *Workload) Resume(ctx context.Context, n framework.BlockNumber, st framework.State) error {
	keys := make([]framework.Key, len(w.accounts))
	for i := range keys {
		keys[i] = starknet.NonceKey(w.accounts[i].Address)
	}
	out := make([]framework.Word, len(keys))
	if err := st.Read(ctx, keys, out); err != nil {
		return fmt.Errorf("genesis: nonces before block %d: %w", n, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range out {
		w.start[i] = out[i][0]
	}
	copy(w.nonces, w.start)
	w.next, w.first = n, n
	return nil
}
