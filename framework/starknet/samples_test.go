package starknet_test

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

func num(v uint64) felt.Felt { return felt.FromUint64(v) }

func nums(vs ...uint64) []felt.Felt {
	out := make([]felt.Felt, len(vs))
	for i, v := range vs {
		out[i] = num(v)
	}
	return out
}

// large is P - 1.
var large = *new(felt.Felt).SetInt64(-1)

// sampleTransactions returns a transaction of each kind and version, with all the fields that it can have.
func sampleTransactions() []starknet.Transaction {
	fee := starknet.Uint128{Hi: 1, Lo: 2}
	old := starknet.V3Fields{
		Bounds: starknet.ResourceBounds{L1Gas: starknet.ResourceBound{MaxAmount: 5, MaxPrice: fee}},
		Tip:    7, NonceDA: starknet.DAL2, PaymasterData: nums(8),
	}
	all := old
	all.Bounds.L2Gas = starknet.ResourceBound{MaxAmount: 1<<64 - 1, MaxPrice: starknet.Uint128{Lo: 9}}
	all.Bounds.L1DataGas = new(starknet.ResourceBound)
	return []starknet.Transaction{
		&starknet.Invoke{Sender: large, Selector: num(1), Calldata: nums(0, 2), Signature: nums(3), MaxFee: fee},
		&starknet.Invoke{Version: 1, Sender: num(1), Nonce: num(4), Calldata: []felt.Felt{large}, MaxFee: fee},
		&starknet.Invoke{Version: 3, Sender: num(1), Nonce: num(4), Calldata: nums(1), V3: old},
		&starknet.Invoke{
			Version: 3 | starknet.Query, Sender: num(1), Nonce: num(4), Signature: nums(1, 2), V3: all,
			AccountDeploymentData: nums(5), ProofFacts: nums(6, 7),
		},
		&starknet.Declare{ClassHash: num(1), Sender: num(1)},
		&starknet.Declare{Version: 1, ClassHash: num(1), Sender: num(2), Nonce: num(3), MaxFee: fee},
		&starknet.Declare{Version: 2, ClassHash: num(1), CompiledClassHash: num(4), Sender: num(2), MaxFee: fee},
		&starknet.Declare{
			Version: 3, ClassHash: num(1), CompiledClassHash: num(4), Sender: num(2), Signature: nums(1), V3: all,
			AccountDeploymentData: nums(2),
		},
		&starknet.Deploy{ClassHash: num(1), Salt: num(2), ConstructorCalldata: nums(3, 4)},
		&starknet.Deploy{Version: 1, ClassHash: num(1), Salt: num(2)},
		&starknet.DeployAccount{Version: 1, ClassHash: num(1), Salt: num(2), Signature: nums(3), MaxFee: fee},
		&starknet.DeployAccount{Version: 3, ClassHash: num(1), Salt: num(2), ConstructorCalldata: nums(3), V3: all},
		&starknet.L1Handler{Contract: num(1), Selector: num(2), Nonce: num(3), Calldata: nums(4, 5)},
	}
}

// sampleReceipt returns a receipt with all the fields that one can have.
func sampleReceipt() starknet.Receipt {
	c := starknet.Receipt{
		TransactionHash: num(1),
		ActualFee:       starknet.Uint128{Hi: 3},
		Reverted:        true,
		RevertReason:    "aborted: \"é\"\n",
		Events:          []starknet.Event{{From: num(1), Keys: nums(2), Data: nums(3, 4)}, {From: large}},
		Messages:        []starknet.MessageToL1{{From: num(5), To: num(6), Payload: nums(7)}},
		Consumed: &starknet.MessageToL2{
			From: starknet.EthAddress{1, 19: 2}, To: num(8), Selector: num(9), Payload: nums(10), Nonce: num(11),
		},
		Resources: starknet.Resources{
			Steps: 12, MemoryHoles: 13,
			DataAvailability: &starknet.Gas{L1Data: 14},
			Gas:              &starknet.Gas{L1: 15, L2: 16},
		},
	}
	c.Resources.Builtins[starknet.Pedersen] = 17
	c.Resources.Builtins[starknet.MulMod] = 18
	return c
}

// sampleDiff is a change of the state with its published commitment, see TestStateDiffHash.
func sampleDiff() *starknet.StateDiff {
	return &starknet.StateDiff{
		Storage: []starknet.ContractStorage{
			{Contract: num(4), Entries: []starknet.StorageEntry{{Key: num(5), Value: num(6)}, {Key: num(7), Value: num(8)}}},
			{Contract: num(9), Entries: []starknet.StorageEntry{{Key: num(10), Value: num(11)}}},
		},
		Nonces: []starknet.ContractNonce{{Contract: num(17), Nonce: num(18)}},
		Deployed: []starknet.ContractClass{
			{Contract: num(0), ClassHash: num(1)}, {Contract: num(2), ClassHash: num(3)},
			{Contract: num(19), ClassHash: num(20)},
		},
		Declared: []starknet.DeclaredClass{
			{ClassHash: num(12), CompiledClassHash: num(13)}, {ClassHash: num(14), CompiledClassHash: num(15)},
		},
		DeprecatedDeclared: nums(16),
	}
}

func sampleHeader() *starknet.Header {
	return &starknet.Header{
		Number: 1, Hash: num(2), Parent: num(3), StateRoot: large, Sequencer: num(4), Timestamp: 5, Protocol: "0.13.4",
		L1Gas: starknet.GasPrice{Wei: starknet.Uint128{Lo: 7}, Fri: starknet.Uint128{Hi: 6}}, L1DA: starknet.Blob,
		Commitments: starknet.Commitments{TransactionCount: 1, EventCount: 2, Transactions: num(8), StateDiff: num(9)},
	}
}
