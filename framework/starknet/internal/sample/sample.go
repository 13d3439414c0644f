// Package sample has nouns of all kinds, with all the fields that they can have, for the tests of the packages
// around it.
package sample

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Num returns v as a felt.
func Num(v uint64) felt.Felt { return felt.FromUint64(v) }

// Nums returns vs as felts.
func Nums(vs ...uint64) []felt.Felt {
	out := make([]felt.Felt, len(vs))
	for i, v := range vs {
		out[i] = Num(v)
	}
	return out
}

// Large is P - 1.
var Large = *new(felt.Felt).SetInt64(-1)

// Transactions returns a transaction of each kind and version, with all the fields that it can have.
func Transactions() []starknet.Transaction {
	fee := starknet.Uint128{Hi: 1, Lo: 2}
	old := starknet.V3Fields{
		Bounds: starknet.ResourceBounds{L1Gas: starknet.ResourceBound{MaxAmount: 5, MaxPrice: fee}},
		Tip:    7, NonceDA: starknet.DAL2, PaymasterData: Nums(8),
	}
	all := old
	all.Bounds.L2Gas = starknet.ResourceBound{MaxAmount: 1<<64 - 1, MaxPrice: starknet.Uint128{Lo: 9}}
	all.Bounds.L1DataGas = new(starknet.ResourceBound)
	return []starknet.Transaction{
		&starknet.Invoke{Sender: Large, Selector: Num(1), Calldata: Nums(0, 2), Signature: Nums(3), MaxFee: fee},
		&starknet.Invoke{Version: 1, Sender: Num(1), Nonce: Num(4), Calldata: []felt.Felt{Large}, MaxFee: fee},
		&starknet.Invoke{Version: 3, Sender: Num(1), Nonce: Num(4), Calldata: Nums(1), V3: old},
		&starknet.Invoke{
			Version: 3 | starknet.Query, Sender: Num(1), Nonce: Num(4), Signature: Nums(1, 2), V3: all,
			AccountDeploymentData: Nums(5), ProofFacts: Nums(6, 7),
		},
		&starknet.Declare{ClassHash: Num(1), Sender: Num(1)},
		&starknet.Declare{Version: 1, ClassHash: Num(1), Sender: Num(2), Nonce: Num(3), MaxFee: fee},
		&starknet.Declare{Version: 2, ClassHash: Num(1), CompiledClassHash: Num(4), Sender: Num(2), MaxFee: fee},
		&starknet.Declare{
			Version: 3, ClassHash: Num(1), CompiledClassHash: Num(4), Sender: Num(2), Signature: Nums(1), V3: all,
			AccountDeploymentData: Nums(2),
		},
		&starknet.Deploy{ClassHash: Num(1), Salt: Num(2), ConstructorCalldata: Nums(3, 4)},
		&starknet.Deploy{Version: 1, ClassHash: Num(1), Salt: Num(2)},
		&starknet.DeployAccount{Version: 1, ClassHash: Num(1), Salt: Num(2), Signature: Nums(3), MaxFee: fee},
		&starknet.DeployAccount{Version: 3, ClassHash: Num(1), Salt: Num(2), ConstructorCalldata: Nums(3), V3: all},
		&starknet.L1Handler{Contract: Num(1), Selector: Num(2), Nonce: Num(3), Calldata: Nums(4, 5)},
	}
}

// Receipt returns a receipt with all the fields that one can have.
func Receipt() starknet.Receipt {
	c := starknet.Receipt{
		TransactionHash: Num(1),
		ActualFee:       starknet.Uint128{Hi: 3},
		Reverted:        true,
		RevertReason:    "aborted: \"é\"\n",
		Events:          []starknet.Event{{From: Num(1), Keys: Nums(2), Data: Nums(3, 4)}, {From: Large}},
		Messages:        []starknet.MessageToL1{{From: Num(5), To: Num(6), Payload: Nums(7)}},
		Consumed: &starknet.MessageToL2{
			From: starknet.EthAddress{1, 19: 2}, To: Num(8), Selector: Num(9), Payload: Nums(10), Nonce: Num(11),
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

// Trace returns a trace with a call in a call.
func Trace() *starknet.Trace {
	inner := starknet.Invocation{
		Contract: Num(1), Class: Num(2), Entry: starknet.ConstructorEntry, Delegate: true, Failed: true, Result: Nums(3), Gas: 4,
	}
	return &starknet.Trace{Validate: &inner, Execute: &starknet.Invocation{
		Caller: Num(5), Selector: Large, Calldata: Nums(6, 7),
		Events:    []starknet.OrderedEvent{{Order: 8, Keys: Nums(9), Data: Nums(10)}},
		Messages:  []starknet.OrderedMessage{{Order: 11, To: Num(12), Payload: Nums(13)}},
		Resources: starknet.Resources{Steps: 14}, Calls: []*starknet.Invocation{&inner, {Gas: 15}},
	}}
}

// Diff returns a change of the state whose commitment is published: see TestStateDiffHash of package starknet.
func Diff() *starknet.StateDiff {
	return &starknet.StateDiff{
		Storage: []starknet.ContractStorage{
			{Contract: Num(4), Entries: []starknet.StorageEntry{{Key: Num(5), Value: Num(6)}, {Key: Num(7), Value: Num(8)}}},
			{Contract: Num(9), Entries: []starknet.StorageEntry{{Key: Num(10), Value: Num(11)}}},
		},
		Nonces: []starknet.ContractNonce{{Contract: Num(17), Nonce: Num(18)}},
		Deployed: []starknet.ContractClass{
			{Contract: Num(0), ClassHash: Num(1)}, {Contract: Num(2), ClassHash: Num(3)},
			{Contract: Num(19), ClassHash: Num(20)},
		},
		Declared: []starknet.DeclaredClass{
			{ClassHash: Num(12), CompiledClassHash: Num(13)}, {ClassHash: Num(14), CompiledClassHash: Num(15)},
		},
		DeprecatedDeclared: Nums(16),
	}
}

// Header returns a header.
func Header() *starknet.Header {
	return &starknet.Header{
		Number: 1, Hash: Num(2), Parent: Num(3), StateRoot: Large, Sequencer: Num(4), Timestamp: 5, Protocol: "0.13.4",
		L1Gas: starknet.GasPrice{Wei: starknet.Uint128{Lo: 7}, Fri: starknet.Uint128{Hi: 6}}, L1DA: starknet.Blob,
		Commitments: starknet.Commitments{TransactionCount: 1, EventCount: 2, Transactions: Num(8), StateDiff: Num(9)},
	}
}

// Block returns a block with the transactions of Transactions and a receipt for each.
func Block() *starknet.Block {
	b := &starknet.Block{Header: *Header()}
	b.Header.EventCount = 0
	for i, t := range Transactions() {
		var c starknet.Receipt
		if i%2 == 0 {
			c = Receipt()
		}
		c.TransactionHash = t.Hash(starknet.Sepolia)
		b.Transactions, b.Receipts = append(b.Transactions, t), append(b.Receipts, c)
		b.Header.EventCount += uint64(len(c.Events))
	}
	b.Header.TransactionCount = uint64(len(b.Transactions))
	return b
}
