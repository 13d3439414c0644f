// Package rules has what changes from one version of the protocol to the next: limits, switches, and what the
// execution of a transaction costs. Execution itself asks no version; it asks a value of [Rules].
//
// The numbers are those of the public networks, which starkware-libs/sequencer publishes as versioned constants
// (crates/blockifier/resources); those of 0.12.3 are from its predecessor, the branch main-v0.12.3 of
// starkware-libs/blockifier. They are kept in versions.json, oldest first, each version as a JSON merge patch (RFC 7386)
// on the one before.
package rules

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Rules are the rules of one version. Nobody changes them.
type Rules struct {
	Version string

	// Events limits what a transaction emits.
	Events EventLimits
	// ExecuteSteps and ValidateSteps limit the steps of a call from outside.
	ExecuteSteps, ValidateSteps uint64
	// ExecuteGas and ValidateGas limit its gas.
	ExecuteGas, ValidateGas uint64
	// InitialGas is what a frame that counts steps is told it has.
	InitialGas uint64
	// MaxDepth is how many calls may be nested.
	MaxDepth int
	// RoundNumber and RoundTime are what the number and the time of the block are rounded down to in validation.
	RoundNumber, RoundTime uint64
	// GasFrom is the first version of Sierra whose classes count gas and not steps.
	GasFrom SierraVersion
	// L1HandlerBounds is what an L1 handler may use.
	L1HandlerBounds starknet.Gas

	Switches Switches
	Accounts Accounts
	Proofs   Proofs

	// Weights turn counts of steps and builtins into L1 gas.
	Weights Weights
	// ArchivalL1 and ArchivalL2 price what is kept of a transaction, in L1 gas and in L2 gas.
	ArchivalL1, ArchivalL2 Archival
	// AllocationBlob and AllocationCalldata are the price of a new storage key.
	AllocationBlob, AllocationCalldata starknet.Gas
	// LegacyFee selects the formula of 0.12: one rounding at the end, and no discount on published words.
	LegacyFee bool

	// StepGas, HoleGas and BuiltinGas are what contracts pay.
	StepGas, HoleGas uint64
	BuiltinGas       BuiltinGas
	// SyscallBaseGas is the least that a system call costs, and what the compiler has charged for it already.
	SyscallBaseGas uint64

	// Syscalls are the costs of the operating system for each system call.
	Syscalls Table
	// SyscallGas are the prices of system calls before they were derived from Syscalls; nil since then.
	SyscallGas map[Syscall]uint64
	// Declare, DeployAccount, Invoke and L1Handler are its costs for each transaction, by felts of calldata.
	Declare, DeployAccount, Invoke, L1Handler Linear
	// Commit is its cost for each felt that is published in a blob.
	Commit Cost
}

// EventLimits limits events.
type EventLimits struct{ Count, Keys, Data uint64 }

// Switches are rules that are there or not.
type Switches struct {
	// SoftFailures: a call that fails returns to a caller of Cairo 1, which may go on.
	SoftFailures bool
	// Aliases: cells are published under short names, which contract 0x2 keeps.
	Aliases bool
	// WholeDiff: the change of the state is that against the state before the transaction, not against the one after
	// validation.
	WholeDiff bool
	// DeclareOnce: a class of Cairo 0 may not be declared again.
	DeclareOnce bool
	// RootEvents: only the events of the outermost call are paid for.
	RootEvents bool
	// ArenaCells: an instance of the segment arena counts as three.
	ArenaCells bool
	// NoDirectExecute: nobody may call __execute__ of a contract.
	NoDirectExecute bool
	// NoDeployInValidate: validation may not deploy.
	NoDeployInValidate bool
	// Tip: the tip is charged.
	Tip bool
	// BlakeDeclares: declarations must carry the Blake hash of their code.
	BlakeDeclares bool
	// Migration: classes that are executed get the Blake hash of their code.
	Migration bool
	// HideGasFrames: the reason of a revert leaves out where in the code of a class that counts gas it was.
	HideGasFrames bool
	// RevertL1Handlers: an L1 handler that fails is reverted, not rejected.
	RevertL1Handlers bool
	// HolesInSteps: receipts count memory holes among the steps.
	HolesInSteps bool
}

// Accounts lists classes of accounts that are shown another transaction than the one that was sent.
type Accounts struct {
	// DataGas classes do not see the bound of L1 data gas.
	DataGas []felt.Felt
	// Version1Cairo0 and Version1Cairo1 classes see version 1 instead of 3, up to a tip of MaxTip.
	Version1Cairo0, Version1Cairo1 []felt.Felt
	MaxTip                         uint64
}

// Proofs are the claims about the chain that a transaction may be based on.
type Proofs struct{ Versions, Programs []felt.Felt }

// Fraction is a number Num / Den.
type Fraction struct{ Num, Den uint64 }

// Weights are L1 gas for a step and for an instance of each builtin.
type Weights struct {
	Step     Fraction
	Builtins map[string]Fraction
}

// Archival are prices of data that is kept.
type Archival struct {
	// Felt is for a felt of calldata, signature or event data; a key of an event counts KeyFactor felts.
	Felt, KeyFactor Fraction
	// CodeByte is for a byte of a declared class.
	CodeByte Fraction
	// Proof is for a transaction with proof facts.
	Proof Fraction
}

// BuiltinGas is what contracts pay for an instance of each builtin, and for a Blake instruction.
type BuiltinGas struct {
	RangeCheck, RangeCheck96, Keccak, Pedersen, Bitwise, EcOp, Poseidon, AddMod, MulMod, Ecdsa, Blake uint64
}

// Of returns the price of an instance of b, 0 for builtins that cost nothing.
func (g *BuiltinGas) Of(b starknet.Builtin) uint64 {
	switch b {
	case starknet.RangeCheck:
		return g.RangeCheck
	case starknet.RangeCheck96:
		return g.RangeCheck96
	case starknet.Keccak:
		return g.Keccak
	case starknet.Pedersen:
		return g.Pedersen
	case starknet.Bitwise:
		return g.Bitwise
	case starknet.EcOp:
		return g.EcOp
	case starknet.Poseidon:
		return g.Poseidon
	case starknet.AddMod:
		return g.AddMod
	case starknet.MulMod:
		return g.MulMod
	case starknet.ECDSA:
		return g.Ecdsa
	default:
		return 0
	}
}

// Gas returns what a contract pays for c.
func (r *Rules) Gas(c *Cost) uint64 {
	gas := c.Steps*r.StepGas + c.Holes*r.HoleGas
	for b, n := range c.Builtins {
		gas += n * r.BuiltinGas.Of(starknet.Builtin(b))
	}
	return gas
}

// SyscallPrice returns what a contract pays for a system call with n felts of calldata or payload, the part that the compiler
// has charged already included. It is 0 for a call that the version does not know.
func (r *Rules) SyscallPrice(s Syscall, n uint64) uint64 {
	if r.SyscallGas != nil {
		return r.SyscallGas[s]
	}
	l := &r.Syscalls[s]
	if l.Const.Steps == 0 && s != MetaTxV0 {
		return 0
	}
	gas := max(r.SyscallBaseGas, r.Gas(&l.Const))
	per := l.For(n)
	return gas + r.Gas(&per)
}

// SierraVersion is a version of Sierra.
type SierraVersion [3]uint64

// Less reports whether v is older than w.
func (v SierraVersion) Less(w SierraVersion) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}
