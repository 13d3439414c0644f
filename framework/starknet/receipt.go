package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Receipt says what became of a transaction in its block.
type Receipt struct {
	TransactionHash felt.Felt
	ActualFee       Uint128
	Reverted        bool
	// RevertReason is the text of a reverted transaction. It enters the receipt commitment.
	RevertReason string
	Events       []Event
	Messages     []MessageToL1 // sent, in their order
	// Consumed is the message that an [L1Handler] carries; nil for other kinds, and where it was not said.
	Consumed  *MessageToL2
	Resources Resources
	// Trace has the calls. It is there in a block that asks for it, and for a read-only call with what that
	// returned; blocks and their commitments do not have it.
	Trace *Trace
}

// Event is what a contract emitted.
type Event struct {
	From felt.Felt
	Keys []felt.Felt
	Data []felt.Felt
}

// Resources are what an execution took.
type Resources struct {
	Steps       uint64
	MemoryHoles uint64
	Builtins    BuiltinCounts
	// DataAvailability is the part of Gas that pays for publishing the state change. Both are nil in
	// receipts that do not say, which are those before 0.13.2; the data availability is known from 0.13.1.
	DataAvailability *Gas
	Gas              *Gas
}

// Gas is an amount of each of the three resources that are paid for.
type Gas struct{ L1, L1Data, L2 uint64 }

// Builtin is a builtin of the machine that receipts count.
type Builtin uint8

// The builtins.
const (
	Output Builtin = iota
	Pedersen
	RangeCheck
	ECDSA
	Bitwise
	EcOp
	Keccak
	Poseidon
	SegmentArena
	RangeCheck96
	AddMod
	MulMod
	NumBuiltins
)

var builtinNames = [NumBuiltins]string{
	"output", "pedersen", "range_check", "ecdsa", "bitwise", "ec_op", "keccak", "poseidon", "segment_arena",
	"range_check96", "add_mod", "mul_mod",
}

// String returns the name of b as classes write it.
func (b Builtin) String() string {
	if b < NumBuiltins {
		return builtinNames[b]
	}
	return "unknown"
}

// ParseBuiltin returns the builtin of that name, and whether there is one.
func ParseBuiltin(name string) (Builtin, bool) {
	for i, n := range builtinNames {
		if n == name {
			return Builtin(i), true
		}
	}
	return 0, false
}

// BuiltinCounts says how many instances of each builtin were used.
type BuiltinCounts [NumBuiltins]uint64

// MessageToL1 is a message from a contract to L1.
type MessageToL1 struct {
	From felt.Felt
	// To is an Ethereum address; Cairo 0 contracts could give any number.
	To      felt.Felt
	Payload []felt.Felt
}

// MessageToL2 is a message from L1 to a contract.
type MessageToL2 struct {
	From     EthAddress
	To       felt.Felt
	Selector felt.Felt
	Payload  []felt.Felt
	Nonce    felt.Felt // 0 in the oldest ones, which have none
}

// EthAddress is an address on Ethereum.
type EthAddress [20]byte

// Felt returns a as contracts see it.
func (a EthAddress) Felt() felt.Felt {
	var z felt.Felt
	return *z.SetBytesReduce(a[:])
}

// EthAddressFromFelt returns the address that v is, and whether it is below 2^160.
func EthAddressFromFelt(v felt.Felt) (a EthAddress, ok bool) {
	b := v.Bytes()
	copy(a[:], b[12:])
	return a, a.Felt() == v
}

// Hash returns the hash by which the contract on L1 knows the message, Keccak-256 over 32-byte words:
//
//	from, to, length of payload, payload..
//
// Source: starkware-libs/cairo-lang, starkware/starknet/solidity/StarknetMessaging.sol and Output.sol.
func (m *MessageToL1) Hash() [32]byte {
	words := append([]felt.Felt{m.From, m.To, felt.FromUint64(uint64(len(m.Payload)))}, m.Payload...)
	return hashWords(words)
}

// Hash returns the hash by which the contract on L1 knows the message, Keccak-256 over 32-byte words:
//
//	from, to, nonce, selector, length of payload, payload..
//
// Source: as for [MessageToL1.Hash].
func (m *MessageToL2) Hash() [32]byte {
	words := append([]felt.Felt{
		m.From.Felt(), m.To, m.Nonce, m.Selector, felt.FromUint64(uint64(len(m.Payload))),
	}, m.Payload...)
	return hashWords(words)
}

func hashWords(words []felt.Felt) [32]byte {
	data := make([]byte, 0, felt.Size*len(words))
	for _, w := range words {
		data = w.AppendBytes(data)
	}
	return crypto.Keccak256(data)
}

// Message returns the message from L1 that t carries: the first felt of the calldata is its sender. It
// reports false if that is no address.
func (t *L1Handler) Message() (m MessageToL2, ok bool) {
	if len(t.Calldata) == 0 {
		return m, false
	}
	m = MessageToL2{To: t.Contract, Selector: t.Selector, Payload: t.Calldata[1:], Nonce: t.Nonce}
	m.From, ok = EthAddressFromFelt(t.Calldata[0])
	return m, ok
}
