package genesis

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// What a transaction may take at most, which is several times what it takes.
const (
	maxL2Gas   = 100_000_000
	maxDataGas = 10_000
	maxL1Gas   = 100_000
	paidOnL1   = 1_000_000
)

// bounds returns what a transaction may take, at twice the prices.
func bounds() starknet.V3Fields {
	bound := func(amount, price uint64) starknet.ResourceBound {
		return starknet.ResourceBound{MaxAmount: amount, MaxPrice: starknet.Uint128{Lo: 2 * price}}
	}
	data := bound(maxDataGas, dataPrice)
	return starknet.V3Fields{Bounds: starknet.ResourceBounds{
		L1Gas: bound(maxL1Gas, l1Price), L2Gas: bound(maxL2Gas, l2Price), L1DataGas: &data,
	}}
}

// invoke signs calls of an account.
func invoke(from *Account, nonce uint64, calls []call) framework.Tx {
	tx := &starknet.Invoke{
		Version: 3, Sender: from.Address, Nonce: felt.FromUint64(nonce), V3: bounds(), Calldata: calldata(calls),
	}
	h := tx.Hash(Chain)
	tx.Signature = from.sign(h)
	in := &starknet.Input{Transaction: tx}
	return in.ToTx(h)
}

// calldata lists calls as the accounts of the chain take them: where each goes and where its calldata begins, and the calldata
// of all of them behind it.
func calldata(calls []call) []felt.Felt {
	number := func(n int) felt.Felt { return felt.FromUint64(uint64(n)) } //nolint:gosec // not negative
	out := []felt.Felt{number(len(calls))}
	var data []felt.Felt
	for _, c := range calls {
		out = append(out, c.to, c.selector, number(len(data)), number(len(c.calldata)))
		data = append(data, c.calldata...)
	}
	return append(append(out, number(len(data))), data...)
}

// join signs the deployment of an account by itself.
func join(a *Account, class felt.Felt) framework.Tx {
	tx := &starknet.DeployAccount{
		Version: 3, ClassHash: class, Salt: a.Public, ConstructorCalldata: []felt.Felt{a.Public}, V3: bounds(),
	}
	h := tx.Hash(Chain)
	tx.Signature = a.sign(h)
	in := &starknet.Input{Transaction: tx}
	return in.ToTx(h)
}

// declare signs the declaration of a class whose code has that hash.
func declare(from *Account, nonce uint64, c *class.Compiled, code felt.Felt) framework.Tx {
	tx := &starknet.Declare{
		Version: 3, ClassHash: c.Sierra.Hash(), CompiledClassHash: code, Sender: from.Address, Nonce: felt.FromUint64(nonce), V3: bounds(),
	}
	h := tx.Hash(Chain)
	tx.Signature = from.sign(h)
	in := &starknet.Input{Transaction: tx, Class: class.Append(nil, c)}
	return in.ToTx(h)
}

// deliver returns a message from L1 as it is executed. Nobody signs it.
func deliver(tx *starknet.L1Handler) framework.Tx {
	in := &starknet.Input{Transaction: tx, PaidFee: starknet.Uint128{Lo: paidOnL1}}
	return in.ToTx(tx.Hash(Chain))
}

// sign signs a hash. A hash of 2^251 or more cannot be signed. Not one in 2^58 is, and its transaction is rejected.
func (a *Account) sign(h felt.Felt) []felt.Felt {
	s, err := crypto.Sign(a.Key, h)
	if err != nil {
		return nil
	}
	return []felt.Felt{s.R, s.S}
}
