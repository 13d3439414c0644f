// Package genesis makes a chain of Starknet to experiment with: a state with funded accounts, the fee tokens, a deployer,
// exchanges and collections, and blocks of really signed transactions that use them. Everything is a function of a
// [Spec]: the same one gives the same chain on every machine.
package genesis

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Protocol is the version of the rules of the chain's blocks.
const Protocol = "0.14.4"

// Chain is the name of the network, which the hashes of transactions contain.
var Chain = starknet.ChainID(felt.MustShortString("SWITCHYARD"))

// Sequencer is the account that the fees go to.
var Sequencer = felt.MustShortString("sequencer")

// The addresses at which clients expect a deployer: the one of today's networks and the first one.
var (
	Deployer      = felt.MustParse("0x2ceed65a4bd731034c01113685c831b01c15d7d432f71afb1cf1634b53a2125")
	FirstDeployer = felt.MustParse("0x41a78e741e5af2fec34b695679bc6891742439f7afb8484ecd7766661ad02bf")
)

// Funds is what every account holds of both tokens at first, in units of 10^-18: a thousand million, more than it ever spends.
var Funds = felt.MustParse("1000000000000000000000000000")

// poolFunds is what every pool holds of both tokens at first, and the bridge of its own: thousands of times what a transaction trades.
var poolFunds = felt.Felt{0, 1 << 32}

// Account is an account of the chain.
type Account struct {
	// Key is the private key.
	Key felt.Felt
	// Public is its public key, and Address where the account is.
	Public, Address felt.Felt
}

// Accounts returns the first n accounts of the chain with that seed.
func Accounts(seed uint64, n int) ([]Account, error) {
	all := make([]Account, n)
	for i := range all {
		a, err := newAccount(felt.FromUint64(seed), felt.FromUint64(uint64(i)+1)) //nolint:gosec // not negative
		if err != nil {
			return nil, fmt.Errorf("genesis: account %d: %w", i, err)
		}
		all[i] = a
	}
	return all, nil
}

// spares is how many accounts are there for people: enough to play with.
const spares = 10

// spareAccounts returns the accounts of the chain with that seed that no workload uses.
func spareAccounts(seed uint64) ([]Account, error) {
	all := make([]Account, spares)
	for i := range all {
		a, err := newAccount(felt.Felt{seed, 0, spares}, felt.FromUint64(uint64(i)+1)) //nolint:gosec // not negative
		if err != nil {
			return nil, fmt.Errorf("genesis: spare account %d: %w", i, err)
		}
		all[i] = a
	}
	return all, nil
}

// newAccount returns the account that two felts give.
func newAccount(seed, index felt.Felt) (Account, error) {
	c, err := loadContracts()
	if err != nil {
		return Account{}, err
	}
	key := crypto.Pedersen(seed, index)
	key[3] &= 1<<56 - 1 // below the order of the curve
	public, err := crypto.PublicKey(key)
	if err != nil {
		return Account{}, err
	}
	return Account{
		Key: key, Public: public,
		Address: starknet.ContractAddress(felt.Felt{}, public, hash(&c.account), []felt.Felt{public}),
	}, nil
}

// The bridge of STRK, and its other half on L1.
var (
	Bridge   = named("bridge", 0)
	L1Bridge = felt.MustParse("0x1b1d6e0000000000000000000000000000000001")
)

// Pool returns the address of exchange i, which trades STRK, its token 0, for ETH, its token 1.
func Pool(i int) felt.Felt { return named("pool", i) }

// Collection returns the address of collection i.
func Collection(i int) felt.Felt { return named("collection", i) }

func named(name string, i int) felt.Felt {
	return starknet.ContractAddress(felt.MustShortString(name), felt.FromUint64(uint64(i)), felt.Felt{}, nil) //nolint:gosec // not negative
}

// state collects what block 0 writes.
type state struct {
	*contracts
	diff framework.Diff
}

// newState returns the state that block 0 makes: the classes declared, both tokens with the deployers, accounts, pools,
// collections and the bridge, and accounts, pools and the bridge with funds.
func newState(accounts []Account, pools, collections int) (*framework.Diff, error) {
	c, err := loadContracts()
	if err != nil {
		return nil, err
	}
	s := &state{contracts: c}
	s.diff.Classes = c.all()
	for i := range s.diff.Classes {
		s.set(starknet.DeclaredKey(hash(&s.diff.Classes[i])), felt.One)
	}
	for _, at := range []felt.Felt{Deployer, FirstDeployer} {
		s.deploy(at, &c.deployer)
	}
	for i := range accounts {
		s.deploy(accounts[i].Address, &c.account)
		s.store(accounts[i].Address, accounts[i].Public, "public_key")
	}
	for i := range pools {
		s.pool(Pool(i))
	}
	for i := range collections {
		s.deploy(Collection(i), &c.nft)
	}
	s.bridge()
	s.token(starknet.PublicFeeTokens.STRK, "Starknet Token", "STRK", accounts, pools)
	s.token(starknet.PublicFeeTokens.ETH, "Ether", "ETH", accounts, pools)
	framework.SortWrites(s.diff.Writes)
	return &s.diff, nil
}

func (s *state) set(k framework.Key, v felt.Felt) {
	if !v.IsZero() {
		s.diff.Writes = append(s.diff.Writes, framework.Write{Key: k, Value: framework.Word(v)})
	}
}

func (s *state) deploy(at felt.Felt, c *framework.Class) { s.set(starknet.ClassHashKey(at), hash(c)) }

func (s *state) store(at, v felt.Felt, name string, keys ...felt.Felt) {
	s.set(starknet.StorageKey(at, starknet.StorageVar(name, keys...)), v)
}

// pool deploys an exchange whose first shares belong to the sequencer.
func (s *state) pool(at felt.Felt) {
	s.deploy(at, &s.exchange)
	s.store(at, starknet.PublicFeeTokens.STRK, "token", felt.Felt{})
	s.store(at, starknet.PublicFeeTokens.ETH, "token", felt.One)
	s.store(at, poolFunds, "reserve", felt.Felt{})
	s.store(at, poolFunds, "reserve", felt.One)
	s.store(at, poolFunds, "all_shares")
	s.store(at, poolFunds, "shares", Sequencer)
}

// bridge deploys the bridge.
func (s *state) bridge() {
	s.deploy(Bridge, &s.contracts.bridge)
	s.store(Bridge, starknet.PublicFeeTokens.STRK, "token")
	s.store(Bridge, L1Bridge, "l1_bridge")
}

// token deploys a token and gives everyone of it.
func (s *state) token(at felt.Felt, name, symbol string, accounts []Account, pools int) {
	s.deploy(at, &s.contracts.token)
	s.store(at, felt.MustShortString(name), "ERC20_name")
	s.store(at, felt.MustShortString(symbol), "ERC20_symbol")
	s.store(at, felt.FromUint64(18), "ERC20_decimals")
	var supply felt.Felt
	give := func(to, amount felt.Felt) {
		s.store(at, amount, "ERC20_balances", to)
		supply.Add(&supply, &amount)
	}
	for i := range accounts {
		give(accounts[i].Address, Funds)
	}
	for i := range pools {
		give(Pool(i), poolFunds)
	}
	if at == starknet.PublicFeeTokens.STRK {
		give(Bridge, poolFunds)
	}
	// A supply has two cells, of 128 bits each.
	slot := starknet.StorageVar("ERC20_total_supply")
	s.set(starknet.StorageKey(at, slot), felt.Felt{supply[0], supply[1]})
	slot.Add(&slot, &felt.One)
	s.set(starknet.StorageKey(at, slot), felt.Felt{supply[2], supply[3]})
}

// Environment returns what the transactions of a block see of it.
func Environment(n framework.BlockNumber) *starknet.Environment {
	price := func(x uint64) starknet.GasPrice {
		return starknet.GasPrice{Wei: starknet.Uint128{Lo: x}, Fri: starknet.Uint128{Lo: x}}
	}
	return &starknet.Environment{Chain: Chain, FeeTokens: starknet.PublicFeeTokens, Header: starknet.Header{
		Number: n, Timestamp: firstTime + uint64(n), Protocol: Protocol, Sequencer: Sequencer, //nolint:gosec // not negative
		L1Gas: price(l1Price), L1DataGas: price(dataPrice), L2Gas: price(l2Price), L1DA: starknet.Blob,
	}}
}

// Prices of gas, and the time of block 0 in seconds since 1970: 2026-01-01.
const (
	l1Price   = 1_000_000_000
	dataPrice = 1_000
	l2Price   = 100_000
	firstTime = 1_767_225_600
)
