package cases

import (
	"encoding/json"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// Header is the first line of a file of cases.
type Header struct {
	Protocol string    `json:"protocol"`
	Chain    felt.Felt `json:"chain"`
	ETH      felt.Felt `json:"eth"`
	STRK     felt.Felt `json:"strk"`
	Block    Block     `json:"block"`
	Classes  []Class   `json:"classes"`
	State    []Cell    `json:"state"`
}

// Block is what contracts and fees depend on of a block.
type Block struct {
	Number    uint64    `json:"number"`
	Timestamp uint64    `json:"timestamp"`
	Sequencer felt.Felt `json:"sequencer"`
	// Blobs says that the change of the state is published in blobs.
	Blobs  bool  `json:"blobs"`
	L1     Price `json:"l1_gas"`
	L1Data Price `json:"l1_data_gas"`
	L2     Price `json:"l2_gas"`
}

// Price is the price of a unit of gas in both tokens.
type Price struct {
	Wei felt.Felt `json:"wei"`
	Fri felt.Felt `json:"fri"`
}

// Class is a class, in the form in which compilers and nodes write it: one of Cairo0 and Casm is there.
type Class struct {
	Hash felt.Felt `json:"hash"`
	// Declared says that it is in the state; the others can be declared.
	Declared bool `json:"declared"`
	// Cairo0 is in the form of JSON-RPC, with the program compressed.
	Cairo0 json.RawMessage `json:"cairo0,omitempty"`
	Casm   json.RawMessage `json:"casm,omitempty"`
	// Sierra is the version of the language that Casm was compiled from, SierraFelts the length of the program.
	Sierra      [3]uint64 `json:"sierra"`
	SierraFelts int       `json:"sierra_felts"`
	ABIBytes    int       `json:"abi_bytes"`
}

// Cell is a cell of the state: a slot of a contract, its nonce, its class, the hash of the code of a class, or that it is
// declared.
type Cell struct {
	Space string    `json:"space"`
	Owner felt.Felt `json:"owner"`
	Slot  felt.Felt `json:"slot"`
	Value felt.Felt `json:"value"`
}

var spaceNames = [...]string{
	starknet.SpaceStorage: "storage", starknet.SpaceNonce: "nonce", starknet.SpaceClassHash: "class",
	starknet.SpaceCompiledClass: "compiled", starknet.SpaceDeclared: "declared",
}

func cellOf(k framework.Key, v framework.Word) Cell {
	return Cell{spaceNames[k.Space], felt.Felt(k.Owner), felt.Felt(k.Slot), felt.Felt(v)}
}

// Group is a list of transactions that follow each other.
type Group struct {
	Transactions []Transaction `json:"transactions"`
}

// Transaction is a transaction and how it is to be executed.
type Transaction struct {
	// Hash is what contracts see as the hash, which need not be that of the transaction.
	Hash         felt.Felt `json:"hash"`
	SkipValidate bool      `json:"skip_validate,omitempty"`
	SkipFee      bool      `json:"skip_fee,omitempty"`
	Query        bool      `json:"query,omitempty"`
	// L1Only says that a transaction of version 3 has a bound of L1 gas alone, as there were before 0.13.4.
	L1Only  bool            `json:"l1_only,omitempty"`
	PaidFee felt.Felt       `json:"paid_fee"`
	Body    json.RawMessage `json:"body"` // in the form of JSON-RPC

	tx   starknet.Transaction
	mode framework.Mode
}

// newTransaction returns a transaction in the form of the file.
func newTransaction(tx starknet.Transaction, hash felt.Felt, mode framework.Mode) Transaction {
	v3 := new(starknet.V3Fields)
	switch t := tx.(type) {
	case *starknet.Invoke:
		v3 = &t.V3
	case *starknet.Declare:
		v3 = &t.V3
	case *starknet.DeployAccount:
		v3 = &t.V3
	}
	return Transaction{
		L1Only: v3.Bounds.L1DataGas == nil && tx.TxVersion() == 3,
		Hash:   hash, SkipValidate: mode&framework.SkipValidate != 0, SkipFee: mode&framework.SkipFee != 0,
		Query: mode&framework.Query != 0, PaidFee: felt.One, Body: openrpc.AppendTransaction(nil, tx, hash), tx: tx, mode: mode,
	}
}

// Result is what became of a transaction. Of a rejected one only Status and Reason are there.
type Result struct {
	Status string            `json:"status"` // succeeded, reverted or rejected
	Reason string            `json:"reason,omitempty"`
	Fee    felt.Felt         `json:"fee"`
	Steps  uint64            `json:"steps"`
	Used   map[string]uint64 `json:"builtins"`
	// Gas is of L1, of L1 for data, and of L2; DA is the part of it for publishing the change of the state. Receipts of early
	// versions have neither, and what one side lacks is not compared.
	Gas      *[3]uint64 `json:"gas,omitempty"`
	DA       *[2]uint64 `json:"da,omitempty"`
	Events   []Event    `json:"events"`
	Messages []Message  `json:"messages"`
	// Diff is what the transaction changed, sorted.
	Diff []Cell `json:"diff"`
	// Weights are what the transaction takes of the capacity of a block that is empty before it, in the order of
	// starknet.Counter.
	Weights []uint64 `json:"weights"`
}

// Event is an event of a contract.
type Event struct {
	From felt.Felt   `json:"from"`
	Keys []felt.Felt `json:"keys"`
	Data []felt.Felt `json:"data"`
}

// Message is a message to L1.
type Message struct {
	From    felt.Felt   `json:"from"`
	To      felt.Felt   `json:"to"`
	Payload []felt.Felt `json:"payload"`
}
