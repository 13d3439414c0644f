package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// addressBound is 2^251 - 256: addresses and the keys of storage variables are below it.
var addressBound = felt.MustParse("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00")

var contractAddressPrefix = felt.MustShortString("STARKNET_CONTRACT_ADDRESS")

// ContractAddress returns the address of a contract that deployer deploys. Deployer is 0 for [Deploy],
// [DeployAccount] and the system call with deploy_from_zero.
//
//	HC(S("STARKNET_CONTRACT_ADDRESS"), deployer, salt, class_hash, HC(calldata)) mod 2^251 - 256
//
// Source: cairo-lang, starkware/starknet/core/os/contract_address/contract_address.py.
func ContractAddress(deployer, salt, classHash felt.Felt, calldata []felt.Felt) felt.Felt {
	h := crypto.PedersenChain(contractAddressPrefix, deployer, salt, classHash, crypto.PedersenChain(calldata...))
	return ReduceAddress(h)
}

// ReduceAddress returns h mod 2^251 - 256, what hashes that are addresses or slots of storage variables are reduced to. A felt is
// less than twice that.
func ReduceAddress(h felt.Felt) felt.Felt {
	if !h.Less(&addressBound) {
		h.Sub(&h, &addressBound)
	}
	return h
}

// Address returns the address of the contract that t deploys.
func (t *Deploy) Address() felt.Felt {
	return ContractAddress(felt.Felt{}, t.Salt, t.ClassHash, t.ConstructorCalldata)
}

// Address returns the address of the account that t deploys, which is also its sender.
func (t *DeployAccount) Address() felt.Felt {
	return ContractAddress(felt.Felt{}, t.Salt, t.ClassHash, t.ConstructorCalldata)
}

// Names of entry points that have no hash: they catch the calls to all others.
const (
	DefaultEntryPoint   = "__default__"
	DefaultL1EntryPoint = "__l1_default__"
)

// Selector returns the number by which calls name an entry point: TK(name), and 0 for the two default entry
// points.
//
// Source: cairo-lang, starkware/starknet/public/abi.py, get_selector_from_name.
func Selector(name string) felt.Felt {
	if name == DefaultEntryPoint || name == DefaultL1EntryPoint {
		return felt.Felt{}
	}
	return crypto.Keccak([]byte(name))
}

// StorageVar returns the slot of a storage variable: TK(name), or for a mapping the Pedersen hash of that
// with each key in turn, mod 2^251 - 256. What does not fit into one slot goes on in the ones that follow.
//
// Source: cairo-lang, starkware/starknet/public/abi.py, get_storage_var_address.
func StorageVar(name string, keys ...felt.Felt) felt.Felt {
	h := crypto.Keccak([]byte(name))
	for _, k := range keys {
		h = crypto.Pedersen(h, k)
	}
	return ReduceAddress(h)
}
