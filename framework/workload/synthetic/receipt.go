package synthetic

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// The counters of [framework.Usage].
const (
	CounterCost     = iota // nanoseconds of cost, up to where the transaction ended
	CounterSteps           // steps taken
	CounterWrites          // cells written or added to
	CounterDeclared        // bytes of classes declared
	CounterChanged         // charged once: 1 for each cell written or added to
	CounterExecuted        // charged once: the length of each class called, under its Declared key
	Counters               // how many there are
)

// Reason says why a transaction did not succeed.
type Reason uint8

// The reasons.
const (
	None             Reason = iota
	Malformed               // the body is not a program
	WrongNonce              // a Nonce step found another nonce
	FailedStep              // a Fail step reverted
	RejectedStep            // a Fail step rejected
	LowBalance              // a Transfer found too little
	Overflow                // a Transfer or an Add did not fit
	AlreadyDeclared         // a Declare found the class declared
	NotDeclared             // a Deploy or a Call found the class not declared
	AlreadyDeployed         // a Deploy found the contract to have a class
	NotDeployed             // a Call found the contract to have none
	CapacityExceeded        // it does not fit into an empty block
	reasonCount
)

var reasonNames = [reasonCount]string{
	"none", "malformed", "wrong nonce", "failed", "failed", "low balance", "overflow",
	"already declared", "not declared", "already deployed", "not deployed", "capacity exceeded",
}

// String returns the reason in lower case.
func (r Reason) String() string {
	if r < reasonCount {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// rejects reports whether the transaction is rejected wherever in it the step was that failed for this reason.
func (r Reason) rejects() bool {
	return r == Malformed || r == WrongNonce || r == RejectedStep || r == CapacityExceeded
}

// Receipt is what the VM says of a transaction.
type Receipt struct {
	Status framework.Status
	// Reason and Step say why it did not succeed: Step counts from 0 over all three lists.
	Reason Reason
	Step   uint16
	// Digest depends on every value that the transaction read, in order, other than values of cells that it
	// just added to, and on the body of every class it called.
	Digest uint64
	// Calls lists the contracts called, in order, if the block asked for a trace.
	Calls []framework.Word
}

// receiptLen is the length of a receipt without calls.
const receiptLen = 1 + 1 + 2 + 8

// append appends the encoded receipt: status, reason, step, digest, and 32 bytes for each call, all numbers
// with their lowest byte first.
func (r *Receipt) append(dst []byte) []byte {
	dst = append(dst, byte(r.Status), byte(r.Reason))
	dst = binary.LittleEndian.AppendUint16(dst, r.Step)
	dst = binary.LittleEndian.AppendUint64(dst, r.Digest)
	for _, c := range r.Calls {
		for _, limb := range c {
			dst = binary.LittleEndian.AppendUint64(dst, limb)
		}
	}
	return dst
}

// DecodeReceipt decodes the receipt of an outcome of this VM.
func DecodeReceipt(b []byte) (*Receipt, error) {
	if len(b) < receiptLen || (len(b)-receiptLen)%32 != 0 {
		return nil, fmt.Errorf("synthetic: receipt of %d bytes", len(b))
	}
	r := &Receipt{
		Status: framework.Status(b[0]),
		Reason: Reason(b[1]),
		Step:   binary.LittleEndian.Uint16(b[2:]),
		Digest: binary.LittleEndian.Uint64(b[4:]),
	}
	for b = b[receiptLen:]; len(b) > 0; b = b[32:] {
		var w framework.Word
		for i := range w {
			w[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		r.Calls = append(r.Calls, w)
	}
	return r, nil
}
