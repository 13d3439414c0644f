package starknet

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// The tags that open a transaction hash, by kind.
var txTags = [kinds]felt.Felt{
	KindInvoke:        felt.MustShortString("invoke"),
	KindDeclare:       felt.MustShortString("declare"),
	KindDeploy:        felt.MustShortString("deploy"),
	KindDeployAccount: felt.MustShortString("deploy_account"),
	KindL1Handler:     felt.MustShortString("l1_handler"),
}

// constructorSelector is Selector("constructor").
var constructorSelector = felt.MustParse("0x28ffe4ff0f226a9107253e17a904099aa4f63a02a5621de0576e5aa71bc5194")

// Hash implements [Transaction].
//
//	v0: HC(S("invoke"), version, contract, selector, HC(calldata), max_fee, chain)
//	v1: HC(S("invoke"), version, sender, 0, HC(calldata), max_fee, chain, nonce)
//	v3: PN(common.., PN(account_deployment_data), PN(calldata) [, PN(proof_facts)])
//
// where common is described at [V3Fields.Digest], and proof facts are left out if there are none.
//
// Source: cairo-lang, starkware/starknet/core/os/transaction_hash/transaction_hash.py; SNIP-8 for version 3.
func (t *Invoke) Hash(chain ChainID) felt.Felt {
	if t.Version.Number() >= 3 {
		tail := []felt.Felt{
			crypto.PoseidonMany(t.AccountDeploymentData...),
			crypto.PoseidonMany(t.Calldata...),
		}
		if len(t.ProofFacts) > 0 {
			tail = append(tail, crypto.PoseidonMany(t.ProofFacts...))
		}
		return hashV3(KindInvoke, t.Version, t.Sender, t.Nonce, chain, &t.V3, tail...)
	}
	c := common{KindInvoke, t.Version, t.Sender, t.Selector, t.Calldata, t.MaxFee, chain}
	if t.Version.Number() == 0 {
		return c.hash()
	}
	c.selector = felt.Felt{}
	return c.hash(t.Nonce)
}

// Hash implements [Transaction].
//
//	v0: HC(S("declare"), version, sender, 0, HC(), max_fee, chain, class_hash)
//	v1: HC(S("declare"), version, sender, 0, HC(class_hash), max_fee, chain, nonce)
//	v2: as v1, with compiled_class_hash after the nonce
//	v3: PN(common.., PN(account_deployment_data), class_hash, compiled_class_hash)
//
// Source: as for Invoke.
func (t *Declare) Hash(chain ChainID) felt.Felt {
	if t.Version.Number() >= 3 {
		return hashV3(KindDeclare, t.Version, t.Sender, t.Nonce, chain, &t.V3,
			crypto.PoseidonMany(t.AccountDeploymentData...), t.ClassHash, t.CompiledClassHash)
	}
	c := common{KindDeclare, t.Version, t.Sender, felt.Felt{}, []felt.Felt{t.ClassHash}, t.MaxFee, chain}
	switch t.Version.Number() {
	case 0:
		c.calldata = nil
		return c.hash(t.ClassHash)
	case 1:
		return c.hash(t.Nonce)
	}
	return c.hash(t.Nonce, t.CompiledClassHash)
}

// Hash implements [Transaction].
//
//	HC(S("deploy"), version, address, TK("constructor"), HC(calldata), 0, chain)
//
// Source: cairo-lang, starkware/starknet/core/os/transaction_hash/transaction_hash.py.
func (t *Deploy) Hash(chain ChainID) felt.Felt {
	c := common{KindDeploy, t.Version, t.Address(), constructorSelector, t.ConstructorCalldata, Uint128{}, chain}
	return c.hash()
}

// Hash implements [Transaction].
//
//	v1: HC(S("deploy_account"), version, address, 0, HC(class_hash, salt, calldata..), max_fee, chain, nonce)
//	v3: PN(common.., PN(calldata), class_hash, salt)
//
// Source: as for Invoke.
func (t *DeployAccount) Hash(chain ChainID) felt.Felt {
	if t.Version.Number() >= 3 {
		return hashV3(KindDeployAccount, t.Version, t.Address(), t.Nonce, chain, &t.V3,
			crypto.PoseidonMany(t.ConstructorCalldata...), t.ClassHash, t.Salt)
	}
	data := append([]felt.Felt{t.ClassHash, t.Salt}, t.ConstructorCalldata...)
	c := common{KindDeployAccount, t.Version, t.Address(), felt.Felt{}, data, t.MaxFee, chain}
	return c.hash(t.Nonce)
}

// Hash implements [Transaction].
//
//	HC(S("l1_handler"), version, contract, selector, HC(calldata), 0, chain, nonce)
//
// Source: cairo-lang, starkware/starknet/core/os/transaction_hash/transaction_hash.py.
func (t *L1Handler) Hash(chain ChainID) felt.Felt {
	c := common{KindL1Handler, t.Version, t.Contract, t.Selector, t.Calldata, Uint128{}, chain}
	return c.hash(t.Nonce)
}

// common is what the hashes before version 3 begin with.
type common struct {
	kind     Kind
	version  TxVersion
	contract felt.Felt
	selector felt.Felt
	calldata []felt.Felt
	maxFee   Uint128
	chain    ChainID
}

func (c *common) hash(tail ...felt.Felt) felt.Felt {
	return crypto.PedersenChain(append([]felt.Felt{
		txTags[c.kind], c.version.Felt(), c.contract, c.selector, crypto.PedersenChain(c.calldata...),
		c.maxFee.Felt(), felt.Felt(c.chain),
	}, tail...)...)
}

// hashV3 is PN(tag, version, sender, fees, PN(paymaster_data), chain, nonce, modes, tail..).
func hashV3(
	k Kind, v TxVersion, sender, nonce felt.Felt, chain ChainID, f *V3Fields, tail ...felt.Felt,
) felt.Felt {
	modes := felt.FromUint64(uint64(f.NonceDA)<<32 | uint64(f.FeeDA))
	return crypto.PoseidonMany(append([]felt.Felt{
		txTags[k], v.Felt(), sender, f.Digest(), crypto.PoseidonMany(f.PaymasterData...),
		felt.Felt(chain), nonce, modes,
	}, tail...)...)
}

// Digest returns the hash of tip and resource bounds that goes into the hash of a transaction of version 3:
//
//	PN(tip, G("\0L1_GAS"), G("\0L2_GAS") [, G("L1_DATA")])
//
// where G is one number: a zero byte, 7 bytes of name, 8 bytes of amount, 16 bytes of price. The last one is
// there if the transaction has that bound, even a bound of zero.
//
// The hash of such a transaction begins with PN(S(kind), version, sender, digest, PN(paymaster_data), chain,
// nonce, nonce_mode * 2^32 + fee_mode, ..).
//
// Source: SNIP-8, and SNIP-16 for the bound of L1 data gas.
func (f *V3Fields) Digest() felt.Felt {
	fees := []felt.Felt{
		felt.FromUint64(f.Tip),
		f.Bounds.L1Gas.pack("\x00L1_GAS"),
		f.Bounds.L2Gas.pack("\x00L2_GAS"),
	}
	if f.Bounds.L1DataGas != nil {
		fees = append(fees, f.Bounds.L1DataGas.pack("L1_DATA"))
	}
	return crypto.PoseidonMany(fees...)
}

// pack returns the bound of the resource of that name, 7 bytes, as one number.
func (b *ResourceBound) pack(name string) felt.Felt {
	var top uint64
	for _, c := range []byte(name) {
		top = top<<8 | uint64(c)
	}
	return felt.Felt{b.MaxPrice.Lo, b.MaxPrice.Hi, b.MaxAmount, top}
}

// OldHashes returns the hashes that t may have instead of [Transaction.Hash] in the oldest blocks: on Mainnet
// up to block 1470, on Goerli at any height. Both forms stand side by side there, so whoever verifies tries
// all. They lack the version and the fee:
//
//	invoke v0:  HC(S("invoke"), contract, selector, HC(calldata), chain)
//	deploy:     HC(S("deploy"), address, TK("constructor"), HC(calldata), chain)
//	l1_handler: HC(S("l1_handler"), contract, selector, HC(calldata), chain, nonce)
//	            and the form of invoke, which has no nonce
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/transaction_hash.rs.
func OldHashes(t Transaction, chain ChainID) []felt.Felt {
	old := func(k Kind, contract, selector felt.Felt, calldata []felt.Felt, tail ...felt.Felt) felt.Felt {
		head := []felt.Felt{txTags[k], contract, selector, crypto.PedersenChain(calldata...), felt.Felt(chain)}
		return crypto.PedersenChain(append(head, tail...)...)
	}
	switch t := t.(type) {
	case *Invoke:
		if t.Version.Number() == 0 {
			return []felt.Felt{old(KindInvoke, t.Sender, t.Selector, t.Calldata)}
		}
	case *Deploy:
		return []felt.Felt{old(KindDeploy, t.Address(), constructorSelector, t.ConstructorCalldata)}
	case *L1Handler:
		return []felt.Felt{
			old(KindL1Handler, t.Contract, t.Selector, t.Calldata, t.Nonce),
			old(KindInvoke, t.Contract, t.Selector, t.Calldata),
		}
	}
	return nil
}

// lastOldMainnet is the last block of Mainnet that has hashes of the old forms.
const lastOldMainnet = 1470

// HasHash reports whether hash is that of t in a block of that number, in the present form or in an old one
// where those were in use.
func HasHash(t Transaction, hash felt.Felt, chain ChainID, number framework.BlockNumber) bool {
	if t.Hash(chain) == hash {
		return true
	}
	if chain == Mainnet && number > lastOldMainnet || chain == Sepolia || chain == SepoliaIntegration {
		return false
	}
	for _, h := range OldHashes(t, chain) {
		if h == hash {
			return true
		}
	}
	return false
}
