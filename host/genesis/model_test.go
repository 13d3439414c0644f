package genesis_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// cell is what a model knows one cell by: a contract, the name of a variable and what it maps.
type cell struct {
	contract felt.Felt
	name     string
	a, b     felt.Felt
}

// model is what the events of a chain say of its state: numbers of 256 bits by cell.
type model struct {
	t       *testing.T
	numbers map[cell]*big.Int
	// owners are those of the tokens of the collections.
	owners  map[cell]felt.Felt
	swapped int
	// deployed are the contracts that the deployer has made, joined the accounts that have made themselves, and declared the classes.
	deployed, joined, declared []felt.Felt
	// How many deposits, withdrawals and countings there were.
	deposits, withdrawals, countings int
}

var strk, eth = starknet.PublicFeeTokens.STRK, starknet.PublicFeeTokens.ETH

// newModel returns what the genesis of a workload says.
func newModel(t *testing.T, w *genesis.Workload) *model {
	m := &model{t: t, numbers: map[cell]*big.Int{}, owners: map[cell]felt.Felt{}}
	cells := map[framework.Key]felt.Felt{}
	for _, x := range w.Genesis().Writes {
		cells[x.Key] = felt.Felt(x.Value)
	}
	read := func(at felt.Felt, name string, keys ...felt.Felt) *big.Int {
		return number(cells[starknet.StorageKey(at, starknet.StorageVar(name, keys...))], felt.Felt{})
	}
	for _, token := range []felt.Felt{strk, eth} {
		for _, a := range slices.Concat(w.Accounts(), w.Spare()) {
			m.balance(token, a.Address).Set(read(token, "ERC20_balances", a.Address))
		}
		for i := range w.Spec().Pools {
			m.balance(token, genesis.Pool(i)).Set(read(token, "ERC20_balances", genesis.Pool(i)))
		}
	}
	m.balance(strk, genesis.Bridge).Set(read(strk, "ERC20_balances", genesis.Bridge))
	for i := range w.Spec().Pools {
		for side := range uint64(2) {
			m.number(cell{genesis.Pool(i), "reserve", felt.FromUint64(side), felt.Felt{}}).
				Set(read(genesis.Pool(i), "reserve", felt.FromUint64(side)))
		}
	}
	return m
}

// number returns the number of a cell, to be changed.
func (m *model) number(c cell) *big.Int {
	if m.numbers[c] == nil {
		m.numbers[c] = new(big.Int)
	}
	return m.numbers[c]
}

func (m *model) balance(token, of felt.Felt) *big.Int {
	return m.number(cell{token, "ERC20_balances", of, felt.Felt{}})
}

// number returns low + 2^128 high.
func number(low, high felt.Felt) *big.Int {
	z := new(big.Int).Lsh(high.Big(), 128)
	return z.Add(z, low.Big())
}

var (
	transferred = starknet.Selector("Transfer")
	approved    = starknet.Selector("Approval")
	swapped     = starknet.Selector("Swap")
	deployed    = starknet.Selector("ContractDeployed")
	deposited   = starknet.Selector("Deposit")
	withdrawn   = starknet.Selector("Withdrawal")
	counted     = starknet.Selector("Counted")
)

// apply follows the events of a receipt.
func (m *model) apply(r *starknet.Receipt) {
	m.t.Helper()
	for _, e := range r.Events {
		d := e.Data
		switch k := e.Keys[0]; {
		case k == transferred && (e.From == strk || e.From == eth):
			m.move(e.From, d[0], d[1], number(d[2], d[3]))
		case k == transferred && d[0].IsZero() && d[2] == felt.FromUint64(1_000_000): // all of a token that is new
			m.balance(e.From, d[1]).Set(number(d[2], d[3]))
		case k == transferred:
			m.mint(e.From, d)
		case k == approved:
			m.number(cell{e.From, "ERC20_allowances", d[0], d[1]}).Set(number(d[2], d[3]))
		case k == swapped:
			m.swap(e.From, d)
		case k == deployed:
			m.deployed = append(m.deployed, d[0])
		case k == deposited && e.From == genesis.Bridge:
			m.deposits++
		case k == withdrawn && e.From == genesis.Bridge:
			m.withdraw(r, d)
		case k == counted:
			count := m.number(cell{e.From, "count", felt.Felt{}, felt.Felt{}})
			count.Set(number(d[1], felt.Felt{}))
			m.countings++
		default:
			m.t.Errorf("unknown event %v", e)
		}
	}
}

// withdraw checks that a message says on L1 what was withdrawn here.
func (m *model) withdraw(r *starknet.Receipt, d []felt.Felt) {
	m.t.Helper()
	want := []starknet.MessageToL1{{From: genesis.Bridge, To: genesis.L1Bridge, Payload: d[1:]}}
	if diff := cmp.Diff(want, r.Messages); diff != "" {
		m.t.Errorf("messages of a withdrawal (-want +got):\n%s", diff)
	}
	m.withdrawals++
}

// move moves an amount of a token from one balance to another. Pools use up what was approved.
func (m *model) move(token, from, to felt.Felt, amount *big.Int) {
	m.t.Helper()
	if left := m.number(cell{token, "ERC20_allowances", from, to}); left.Cmp(amount) == 0 {
		left.SetInt64(0)
	}
	b := m.balance(token, from)
	if b.Sub(b, amount).Sign() < 0 {
		m.t.Errorf("%v has spent more than it had", from)
	}
	b = m.balance(token, to)
	b.Add(b, amount)
}

// mint gives somebody the next token of a collection.
func (m *model) mint(collection felt.Felt, d []felt.Felt) {
	m.t.Helper()
	count := m.number(cell{collection, "ERC721_minted", felt.Felt{}, felt.Felt{}})
	if number(d[2], d[3]).Cmp(count) != 0 || !d[0].IsZero() {
		m.t.Errorf("token %v of %v was minted from %v, want token %v from 0", number(d[2], d[3]), collection, d[0], count)
	}
	count.Add(count, big.NewInt(1))
	m.owners[cell{collection, "ERC721_owners", d[2], d[3]}] = d[1]
	has := m.number(cell{collection, "ERC721_balances", d[1], felt.Felt{}})
	has.Add(has, big.NewInt(1))
}

// swap checks that what came out is what the formula says, and that the product of the reserves has not fallen.
func (m *model) swap(pool felt.Felt, d []felt.Felt) {
	m.t.Helper()
	in, out := number(d[2], d[3]), number(d[4], d[5])
	side := felt.Felt{}
	if d[1] == eth {
		side = felt.One
	}
	other := felt.Felt{1 - side[0]}
	rin, rout := m.number(cell{pool, "reserve", side, felt.Felt{}}), m.number(cell{pool, "reserve", other, felt.Felt{}})
	before := new(big.Int).Mul(rin, rout)
	net := new(big.Int).Mul(in, big.NewInt(997))
	want := new(big.Int).Mul(net, rout)
	want.Div(want, net.Add(net, new(big.Int).Mul(rin, big.NewInt(1000))))
	if out.Cmp(want) != 0 || out.Sign() == 0 {
		m.t.Errorf("a trade of %v against %v and %v gave %v, want %v", in, rin, rout, out, want)
	}
	rin.Add(rin, in)
	rout.Sub(rout, out)
	if before.Cmp(new(big.Int).Mul(rin, rout)) > 0 {
		m.t.Errorf("the product of the reserves of %v has fallen", pool)
	}
	m.swapped++
}

// check holds the model against a state.
func (m *model) check(st framework.State) {
	m.t.Helper()
	read := func(key framework.Key) felt.Felt {
		out := make([]framework.Word, 1)
		if err := st.Read(m.t.Context(), []framework.Key{key}, out); err != nil {
			m.t.Fatal(err)
		}
		return felt.Felt(out[0])
	}
	for c, want := range m.numbers {
		if got := wide(read, c); got.Cmp(want) != 0 {
			m.t.Errorf("%s of %v at %v is %v, want %v by the events", c.name, c.contract, c.a, got, want)
		}
	}
	for c, want := range m.owners {
		if got := read(starknet.StorageKey(c.contract, starknet.StorageVar(c.name, c.a, c.b))); got != want {
			m.t.Errorf("token %v of %v belongs to %v, want %v", c.a, c.contract, got, want)
		}
	}
	for _, token := range []felt.Felt{strk, eth} {
		sum := new(big.Int)
		for c, n := range m.numbers {
			if c.contract == token && c.name == "ERC20_balances" {
				sum.Add(sum, n)
			}
		}
		if want := wide(read, cell{contract: token, name: "ERC20_total_supply"}); sum.Cmp(want) != 0 {
			m.t.Errorf("the balances of %v make %v, want the supply %v", token, sum, want)
		}
	}
	for _, a := range append(m.deployed, m.joined...) {
		if read(starknet.ClassHashKey(a)) == (felt.Felt{}) {
			m.t.Errorf("there is no contract at %v", a)
		}
	}
	for _, hash := range m.declared {
		if read(starknet.DeclaredKey(hash)) == (felt.Felt{}) {
			m.t.Errorf("class %v is not declared", hash)
		}
	}
	for _, a := range m.joined {
		if got := read(starknet.NonceKey(a)); got != felt.One {
			m.t.Errorf("the new account %v has the nonce %v, want 1", a, got)
		}
	}
}

// wide reads a number of two cells.
func wide(read func(framework.Key) felt.Felt, c cell) *big.Int {
	keys := []felt.Felt{c.a, c.b}
	switch c.name {
	case "ERC20_balances", "reserve", "ERC721_balances":
		keys = keys[:1]
	case "ERC721_minted", "ERC20_total_supply", "count":
		keys = nil
	}
	slot := starknet.StorageVar(c.name, keys...)
	low := read(starknet.StorageKey(c.contract, slot))
	slot.Add(&slot, &felt.One)
	return number(low, read(starknet.StorageKey(c.contract, slot)))
}
