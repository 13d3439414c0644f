package starknet

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Header is what is known of a block besides its transactions. Fields that the protocol did not have yet are
// zero.
type Header struct {
	Number    framework.BlockNumber
	Hash      felt.Felt // 0 in a block that is not closed
	Parent    felt.Felt
	StateRoot felt.Felt // root of the state after the block
	// Sequencer gets the fees. Blocks before 0.8.2 do not say it; see [BlockHash].
	Sequencer felt.Felt
	Timestamp uint64 // seconds since 1970
	// Protocol is the version of the rules as it was published, "" before 0.9.1. It is text because block
	// hashes contain the text; [ParseVersion] makes it comparable.
	Protocol  string
	L1Gas     GasPrice
	L1DataGas GasPrice // from 0.13.1
	L2Gas     GasPrice // from 0.13.4
	L1DA      L1DAMode
	Commitments
}

// Commitments are the counts and roots of what a block contains, as block hashes contain them.
type Commitments struct {
	TransactionCount uint64
	EventCount       uint64
	StateDiffLength  uint64 // from 0.13.2
	Transactions     felt.Felt
	Events           felt.Felt
	Receipts         felt.Felt // from 0.13.2
	StateDiff        felt.Felt // from 0.13.2
}

// GasPrice is what a unit of a resource costs in the two fee tokens.
type GasPrice struct {
	Wei Uint128 // 10^-18 ETH
	Fri Uint128 // 10^-18 STRK
}

// L1DAMode says how the state change of a block is published on L1.
type L1DAMode uint8

// The modes.
const (
	Calldata L1DAMode = iota
	Blob
	l1DAModes
)

// String returns the name of m in capitals.
func (m L1DAMode) String() string {
	switch m {
	case Calldata:
		return "CALLDATA"
	case Blob:
		return "BLOB"
	}
	return "UNKNOWN"
}

// Block is a block as it is stored and served: Receipts[i] is that of Transactions[i].
type Block struct {
	Header       Header
	Transactions []Transaction
	Receipts     []Receipt
}
