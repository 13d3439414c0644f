package genesis

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Spec says what the blocks of a chain are like. The zero value of every field has a meaning.
type Spec struct {
	// Transactions is the number per block. 0 means 1000.
	Transactions int
	// Accounts is the number of accounts that send and receive: the fewer, the more conflicts. 0 means 1000.
	Accounts int
	// Seed chooses one of the many chains of this kind.
	Seed uint64
	// FailPct is how many in a hundred transfers revert, since they are of more than their sender has.
	FailPct int
}

// Limits of a Spec.
const (
	maxTransactions = 1_000_000
	maxAccounts     = 1_000_000
)

// Validate names the field that is wrong.
func (s *Spec) Validate() error {
	switch {
	case s.Transactions < 0 || s.Transactions > maxTransactions:
		return fmt.Errorf("transactions: %d is not between 0 and %d", s.Transactions, maxTransactions)
	case s.Accounts < 0 || s.Accounts == 1 || s.Accounts > maxAccounts:
		return fmt.Errorf("accounts: %d is not between 2 and %d, or 0", s.Accounts, maxAccounts)
	case s.FailPct < 0 || s.FailPct > 100:
		return fmt.Errorf("fail_pct: %d is not between 0 and 100", s.FailPct)
	}
	return nil
}

// Transfers makes blocks of token transfers between random accounts, each signed by its sender and paid for. It is a source of
// a sequencer. It is safe for concurrent use.
type Transfers struct {
	spec     Spec
	accounts []Account
	state    *framework.Diff

	mu sync.Mutex
	// nonces are those before block next, and start those before block first. Guarded by mu.
	nonces, start []uint64
	next, first   framework.BlockNumber
}

// NewTransfers returns the blocks of a Spec, or what [Spec.Validate] says is wrong with it.
func NewTransfers(s Spec) (*Transfers, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	const usual = 1000
	if s.Transactions == 0 {
		s.Transactions = usual
	}
	if s.Accounts == 0 {
		s.Accounts = usual
	}
	accounts, err := Accounts(s.Seed, s.Accounts)
	if err != nil {
		return nil, err
	}
	state, err := State(accounts)
	if err != nil {
		return nil, err
	}
	return &Transfers{
		spec: s, accounts: accounts, state: state,
		nonces: make([]uint64, s.Accounts), start: make([]uint64, s.Accounts), next: 1, first: 1,
	}, nil
}

// Size returns the number of transactions of a block.
func (t *Transfers) Size() int { return t.spec.Transactions }

// Genesis returns the state that block 0 makes.
func (t *Transfers) Genesis() *framework.Diff { return t.state }

// Block returns block n and its transactions. The nonces of the accounts are those after the blocks below n with all their
// transactions, from block 1 or from where Resume has said.
func (t *Transfers) Block(n framework.BlockNumber) (*framework.Block, []framework.Tx) {
	nonces := t.before(n)
	draws := t.draw(n)
	txs := make([]framework.Tx, len(draws))
	for i := range draws {
		d := &draws[i]
		txs[i] = t.transfer(d, nonces[d.from])
		nonces[d.from]++
	}
	return &framework.Block{
		Number: n, Protocol: Protocol, Header: starknet.AppendEnvironment(nil, Environment(n)),
	}, txs
}

// before returns the nonces before block n. The caller owns them.
func (t *Transfers) before(n framework.BlockNumber) []uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n < t.next {
		copy(t.nonces, t.start)
		t.next = t.first
	}
	for ; t.next < n; t.next++ {
		for _, d := range t.draw(t.next) {
			t.nonces[d.from]++
		}
	}
	return append([]uint64(nil), t.nonces...)
}

// Resume makes block n the first, on the nonces that the accounts have in a state.
func (t *Transfers) Resume(ctx context.Context, n framework.BlockNumber, st framework.State) error {
	keys := make([]framework.Key, len(t.accounts))
	for i := range keys {
		keys[i] = starknet.NonceKey(t.accounts[i].Address)
	}
	out := make([]framework.Word, len(keys))
	if err := st.Read(ctx, keys, out); err != nil {
		return fmt.Errorf("genesis: nonces before block %d: %w", n, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range out {
		t.start[i] = out[i][0]
	}
	copy(t.nonces, t.start)
	t.next, t.first = n, n
	return nil
}

// draw is who sends how much to whom.
type draw struct {
	from, to int
	amount   felt.Felt
}

// maxAmount bounds what is sent.
const maxAmount = 1000

// draw draws the transfers of a block.
func (t *Transfers) draw(n framework.BlockNumber) []draw {
	dice := rand.NewPCG(t.spec.Seed, uint64(n)) //nolint:gosec // any bits will do
	below := func(n int) int {
		hi, _ := bits.Mul64(dice.Uint64(), uint64(n)) //nolint:gosec // n is positive
		return int(hi)                                //nolint:gosec // below n
	}
	out := make([]draw, t.spec.Transactions)
	for i := range out {
		d := draw{from: below(t.spec.Accounts), to: below(t.spec.Accounts - 1)}
		if d.to >= d.from {
			d.to++
		}
		d.amount = felt.FromUint64(uint64(below(maxAmount)) + 1) //nolint:gosec // not negative
		if below(100) < t.spec.FailPct {
			d.amount = felt.Felt{0, 1 << 63}
		}
		out[i] = d
	}
	return out
}

// selectorTransfer names the entry point of the token.
var selectorTransfer = starknet.Selector("transfer")

// What a transfer may take, which is several times what it takes.
const (
	maxL2Gas   = 100_000_000
	maxDataGas = 10_000
	maxL1Gas   = 10_000
)

// transfer signs a transfer.
func (t *Transfers) transfer(d *draw, nonce uint64) framework.Tx {
	from := &t.accounts[d.from]
	bound := func(amount, price uint64) starknet.ResourceBound {
		return starknet.ResourceBound{MaxAmount: amount, MaxPrice: starknet.Uint128{Lo: 2 * price}}
	}
	data := bound(maxDataGas, dataPrice)
	tx := &starknet.Invoke{
		Version: 3, Sender: from.Address, Nonce: felt.FromUint64(nonce),
		V3: starknet.V3Fields{Bounds: starknet.ResourceBounds{
			L1Gas: bound(maxL1Gas, l1Price), L2Gas: bound(maxL2Gas, l2Price), L1DataGas: &data,
		}},
		// One call, with three felts of calldata behind the list of calls.
		Calldata: []felt.Felt{
			felt.One, starknet.PublicFeeTokens.STRK, selectorTransfer, {}, felt.FromUint64(3),
			felt.FromUint64(3), t.accounts[d.to].Address, d.amount, {},
		},
	}
	h := tx.Hash(Chain)
	// A hash of 2^251 or more cannot be signed. Not one in 2^58 is, and that one is rejected.
	if s, err := crypto.Sign(from.Key, h); err == nil {
		tx.Signature = []felt.Felt{s.R, s.S}
	}
	in := &starknet.Input{Transaction: tx}
	return in.ToTx(h)
}
