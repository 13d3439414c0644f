package starknet

// Counter is something that a block has a limited capacity for: an index into the counters of a framework.Usage.
type Counter uint8

// The counters of Starknet's blocks.
//
// Source: starkware-libs/sequencer, crates/blockifier/src/bouncer.rs.
const (
	CountL1Gas          Counter = iota // gas on L1 for messages
	CountMessageSegment                // felts of messages that are published
	CountEvents
	CountStateDiff // felts of the published change of the state
	CountSierraGas // gas of all that is executed
	CountTransactions
	CountProvingGas   // gas of all that is proved
	CountReceiptL2Gas // L2 gas of the receipts
	CountSteps        // steps of the machine, which the public networks do not limit
	CountClasses      // different classes that are executed, likewise
	NumCounters
)

var counterNames = [NumCounters]string{
	"l1_gas", "message_segment_length", "n_events", "state_diff_size", "sierra_gas", "n_txs", "proving_gas", "receipt_l2_gas",
	"steps", "classes",
}

// String returns the name of c in configurations.
func (c Counter) String() string {
	if c < NumCounters {
		return counterNames[c]
	}
	return "unknown"
}
