// Package genesis makes a chain of Starknet to experiment with: a state with funded accounts and the fee tokens, and blocks
// of really signed transactions between the accounts. Everything is a function of a seed: the same one gives the same chain
// on every machine.
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

// funds is what every account holds of both tokens at first: more than it ever spends.
var funds = felt.Felt{0, 1 << 60}

// Account is an account of the chain.
type Account struct {
	// Key is the private key.
	Key felt.Felt
	// Public is its public key, and Address where the account is.
	Public, Address felt.Felt
}

// Accounts returns the first n accounts of the chain with that seed.
func Accounts(seed uint64, n int) ([]Account, error) {
	c, err := loadContracts()
	if err != nil {
		return nil, err
	}
	all := make([]Account, n)
	for i := range all {
		key := crypto.Pedersen(felt.FromUint64(seed), felt.FromUint64(uint64(i)+1)) //nolint:gosec // not negative
		key[3] &= 1<<56 - 1                                                         // below the order of the curve
		public, err := crypto.PublicKey(key)
		if err != nil {
			return nil, fmt.Errorf("genesis: key of account %d: %w", i, err)
		}
		all[i] = Account{
			Key: key, Public: public,
			Address: starknet.ContractAddress(felt.Felt{}, public, hash(&c.account), []felt.Felt{public}),
		}
	}
	return all, nil
}

// State returns the state that block 0 makes: the classes declared, the two tokens and the accounts deployed, and every account
// with funds of both.
func State(accounts []Account) (*framework.Diff, error) {
	c, err := loadContracts()
	if err != nil {
		return nil, err
	}
	d := &framework.Diff{Classes: []framework.Class{c.account, c.token}}
	set := func(k framework.Key, v felt.Felt) {
		d.Writes = append(d.Writes, framework.Write{Key: k, Value: framework.Word(v)})
	}
	for i := range d.Classes {
		set(starknet.DeclaredKey(hash(&d.Classes[i])), felt.One)
	}
	tokens := []felt.Felt{starknet.PublicFeeTokens.STRK, starknet.PublicFeeTokens.ETH}
	for _, token := range tokens {
		set(starknet.ClassHashKey(token), hash(&c.token))
	}
	key := starknet.StorageVar("public_key")
	for i := range accounts {
		a := &accounts[i]
		set(starknet.ClassHashKey(a.Address), hash(&c.account))
		set(starknet.StorageKey(a.Address, key), a.Public)
		slot := starknet.StorageVar("ERC20_balances", a.Address)
		for _, token := range tokens {
			set(starknet.StorageKey(token, slot), funds)
		}
	}
	framework.SortWrites(d.Writes)
	return d, nil
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
