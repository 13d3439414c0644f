package synthetic

import (
	"fmt"
	"math"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// The spaces of the keys that this package makes. The numbers, and what such cells hold, are those of Starknet,
// so that its stores can commit to them.
const (
	SpaceStorage  uint8 = 0 // cells of a contract
	SpaceNonce    uint8 = 1 // nonce of the contract Owner
	SpaceClass    uint8 = 2 // hash of the class of the contract Owner
	SpaceDeclared uint8 = 4 // 1 if the class Owner is declared
)

// Storage returns the key of a storage cell.
func Storage(owner, slot framework.Word) framework.Key {
	return framework.Key{Space: SpaceStorage, Owner: owner, Slot: slot}
}

// NonceOf returns the key of an account's nonce.
func NonceOf(account framework.Word) framework.Key {
	return framework.Key{Space: SpaceNonce, Owner: account}
}

// ClassOf returns the key that holds the hash of a contract's class.
func ClassOf(contract framework.Word) framework.Key {
	return framework.Key{Space: SpaceClass, Owner: contract}
}

// Declared returns the key that says whether a class is declared; it then holds 1.
func Declared(class framework.Word) framework.Key {
	return framework.Key{Space: SpaceDeclared, Owner: class}
}

// Program is a transaction of this VM. The zero program does nothing and succeeds.
//
// Mode Validate runs only Before, mode Call only Steps, and the flag SkipFee leaves After out. The other flags
// change nothing, but for Exact: see [Add].
type Program struct {
	// Cost is the CPU time that the whole program burns.
	Cost time.Duration
	// Before, Steps and After run in this order; positions never fall from one step to the next.
	Before, Steps, After []Step
}

// Tx returns the program as a transaction.
func (p *Program) Tx(id framework.Word) framework.Tx {
	return framework.Tx{ID: id, Body: p.Encode()}
}

// Validate says what is wrong with the program, or returns nil. Only a valid program can be decoded again.
func (p *Program) Validate() error {
	if p.Cost < 0 {
		return fmt.Errorf("synthetic: cost %v is negative", p.Cost)
	}
	at := uint8(0)
	for i, section := range [][]Step{p.Before, p.Steps, p.After} {
		for j := range section {
			if err := section[j].check(at); err != nil {
				return fmt.Errorf("synthetic: %s[%d]: %w", sectionNames[i], j, err)
			}
			at = section[j].Position
		}
	}
	return nil
}

var sectionNames = [...]string{"before", "steps", "after"}

// Op is what a step does.
type Op uint8

// The operations. Each is explained at the function that makes its steps.
const (
	OpRead Op = iota
	OpWrite
	OpSet
	OpMix
	OpTransfer
	OpNonce
	OpAdd
	OpFail
	OpDeclare
	OpDeploy
	OpCall
	OpEqual
	opCount
)

var opNames = [opCount]string{
	"read", "write", "set", "mix", "transfer", "nonce", "add", "fail", "declare", "deploy", "call", "equal",
}

// String returns the name of the operation in lower case.
func (o Op) String() string {
	if o < opCount {
		return opNames[o]
	}
	return fmt.Sprintf("op %d", uint8(o))
}

// Failure says how a [Fail] step ends the transaction.
type Failure uint8

// The ways to fail.
const (
	Revert Failure = iota // outcome Reverted; outside of Steps, Rejected
	Reject                // outcome Rejected
	Fault                 // an error of Execute
	failureCount
)

// Step is one step of a program. The functions of this package make steps; the methods change them.
type Step struct {
	Op Op
	// Position is where in the cost the step is taken, in percent.
	Position uint8
	// Then is for OpFail.
	Then Failure
	// Span, if not 0, makes the key depend on acc: see [Step.Among].
	Span uint32
	// Mod, if not 0, makes the step conditional: see [Step.When].
	Mod, Rem uint32
	// Key and To are the cells concerned.
	Key, To framework.Key
	// Value is an amount, a nonce or the hash of a class.
	Value framework.Word
	// Body is the body of a class to declare.
	Body []byte
}

// Read loads a cell into acc.
func Read(k framework.Key) Step { return Step{Op: OpRead, Key: k} }

// Write stores acc + plus (modulo 2^256) into a cell.
func Write(k framework.Key, plus framework.Word) Step { return Step{Op: OpWrite, Key: k, Value: plus} }

// Set makes acc that value.
func Set(value framework.Word) Step { return Step{Op: OpSet, Value: value} }

// Mix makes acc a value below 2^250 that depends on every value read so far.
func Mix() Step { return Step{Op: OpMix} }

// Transfer reads two cells and moves amount from the first to the second. It fails if the first holds less
// than that, or the second would overflow. If they are the same cell, it only checks. acc is left alone.
func Transfer(from, to framework.Key, amount framework.Word) Step {
	return Step{Op: OpTransfer, Key: from, To: to, Value: amount}
}

// Nonce reads the cell k, rejects the transaction if it does not hold want, and writes want + 1.
// acc is left alone.
func Nonce(k framework.Key, want uint64) Step {
	return Step{Op: OpNonce, Key: k, Value: framework.Word{want}}
}

// Add adds amount to a pair of cells by a [framework.Add]. It reads and writes the cells instead in mode Exact,
// and if the transaction itself reads or writes one of them elsewhere; the step then fails if the sum does not
// fit. The values read by this step alone are not in the digest. acc is left alone.
func Add(low, high framework.Key, amount framework.Word) Step {
	return Step{Op: OpAdd, Key: low, To: high, Value: amount}
}

// Fail ends the transaction in that way. Without a condition, it always does.
func Fail(then Failure) Step { return Step{Op: OpFail, Then: then} }

// Declare declares a class. It fails if the class is declared already.
func Declare(class framework.Word, body []byte) Step {
	return Step{Op: OpDeclare, Key: Declared(class), Value: class, Body: body}
}

// Deploy gives a contract its class. It fails if the class is not declared or the contract has one already.
func Deploy(contract, class framework.Word) Step {
	return Step{Op: OpDeploy, Key: ClassOf(contract), To: Declared(class), Value: class}
}

// Call reads the class of a contract and mixes its body into the digest. It fails if there is none.
func Call(contract framework.Word) Step { return Step{Op: OpCall, Key: ClassOf(contract)} }

// Equal reads two cells, one after the other, that every transaction changes together. If they differ, the
// attempt sees a state that no order of the transactions produces, and does what Config.Impossible says.
// acc is left alone.
func Equal(a, b framework.Key) Step { return Step{Op: OpEqual, Key: a, To: b} }

// At returns the step at a position in percent of the cost, from 0 to 100.
func (s Step) At(percent int) Step {
	s.Position = uint8(min(max(percent, 0), math.MaxUint8)) //nolint:gosec // bounded here, checked by Validate
	return s
}

// When returns the step on the condition that Fold(acc) % mod == rem; otherwise it is passed over.
func (s Step) When(mod, rem uint32) Step {
	s.Mod, s.Rem = mod, rem
	return s
}

// Among returns the step with a key that depends on acc: see [Derive]. It is for Read and Write; the other
// operations ignore it.
func (s Step) Among(span uint32) Step {
	s.Span = span
	return s
}

// Fold returns the exclusive or of the limbs of w: what conditions and derived keys are computed from.
func Fold(w framework.Word) uint64 { return w[0] ^ w[1] ^ w[2] ^ w[3] }

// Derive returns k with Fold(acc) % span added to the lowest limb of its slot.
func Derive(k framework.Key, span uint32, acc framework.Word) framework.Key {
	k.Slot[0] += Fold(acc) % uint64(span)
	return k
}

// check says what is wrong with a step that follows one at position at.
func (s *Step) check(at uint8) error {
	switch {
	case s.Op >= opCount:
		return fmt.Errorf("unknown operation %d", s.Op)
	case s.Position > 100:
		return fmt.Errorf("%v: position %d above 100 percent", s.Op, s.Position)
	case s.Position < at:
		return fmt.Errorf("%v: position %d below that of the step before, %d", s.Op, s.Position, at)
	case s.Then >= failureCount:
		return fmt.Errorf("%v: unknown failure %d", s.Op, s.Then)
	case s.Mod == 0 && s.Rem != 0, s.Mod != 0 && s.Rem >= s.Mod:
		return fmt.Errorf("%v: remainder %d of modulus %d", s.Op, s.Rem, s.Mod)
	case s.Op == OpDeclare && (s.Key != Declared(s.Value) || s.Value == framework.Word{}),
		s.Op == OpDeploy && (s.To != Declared(s.Value) || s.Value == framework.Word{}):
		return fmt.Errorf("%v: no class, or not its key", s.Op)
	}
	return nil
}
