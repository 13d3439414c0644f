package starknet

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// The spaces of [framework.Key]: what kind of cell of Starknet's state a key names. VM, store and host agree on
// these numbers; they are part of what a store keeps on disk.
const (
	// SpaceStorage holds the slots of contracts: owner is the contract.
	SpaceStorage uint8 = iota
	// SpaceNonce holds the nonces of contracts: owner is the contract, slot is 0.
	SpaceNonce
	// SpaceClassHash holds the class of a contract: owner is the contract, slot is 0. It is not zero once
	// the contract is deployed.
	SpaceClassHash
	// SpaceCompiledClass holds the hash of the code of a Sierra class: owner is the class, slot is 0.
	SpaceCompiledClass
	// SpaceDeclared holds 1 for each declared class: owner is the class, slot is 0.
	SpaceDeclared
	spaces
)

// StorageKey names a slot of a contract.
func StorageKey(contract, slot felt.Felt) framework.Key {
	return framework.Key{Space: SpaceStorage, Owner: framework.Word(contract), Slot: framework.Word(slot)}
}

// NonceKey names the nonce of a contract.
func NonceKey(contract felt.Felt) framework.Key { return cell(SpaceNonce, contract) }

// ClassHashKey names the class of a contract.
func ClassHashKey(contract felt.Felt) framework.Key { return cell(SpaceClassHash, contract) }

// CompiledClassKey names the hash of the code of a Sierra class.
func CompiledClassKey(class felt.Felt) framework.Key { return cell(SpaceCompiledClass, class) }

// DeclaredKey names the mark of a declared class.
func DeclaredKey(class felt.Felt) framework.Key { return cell(SpaceDeclared, class) }

// blockHashes is the contract without code whose slots have the hashes of blocks.
var blockHashes = felt.One

// BlockHashBuffer is how far back the block is whose hash a block writes into the state before its first transaction.
const BlockHashBuffer = 10

// BlockHashWrite is what the tenth block after block n writes before its first transaction: the hash of block n.
func BlockHashWrite(n framework.BlockNumber, hash felt.Felt) framework.Write {
	return framework.Write{Key: StorageKey(blockHashes, felt.FromUint64(uint64(n))), Value: framework.Word(hash)} //nolint:gosec // numbers of blocks are not negative
}

func cell(space uint8, owner felt.Felt) framework.Key {
	return framework.Key{Space: space, Owner: framework.Word(owner)}
}

// CheckWrite returns ErrCell unless w sets a cell that Starknet has to a value that it can have: owner, slot and
// value are felts, only storage has slots, and a declared class is marked with 1.
func CheckWrite(w framework.Write) error {
	owner, slot, value := felt.Felt(w.Key.Owner), felt.Felt(w.Key.Slot), felt.Felt(w.Value)
	switch {
	case w.Key.Space >= spaces:
		return fmt.Errorf("%w: space %d", ErrCell, w.Key.Space)
	case !owner.Valid() || !slot.Valid() || !value.Valid():
		return fmt.Errorf("%w: %s holds a number not below the prime", ErrCell, CellName(w.Key))
	case w.Key.Space != SpaceStorage && !slot.IsZero():
		return fmt.Errorf("%w: %s has a slot", ErrCell, CellName(w.Key))
	case w.Key.Space == SpaceDeclared && !value.IsOne():
		return fmt.Errorf("%w: %s set to %v", ErrCell, CellName(w.Key), value)
	}
	return nil
}

// CellName returns k in words, for people.
func CellName(k framework.Key) string {
	owner, slot := felt.Felt(k.Owner), felt.Felt(k.Slot)
	switch k.Space {
	case SpaceStorage:
		return fmt.Sprintf("storage of %v at %v", owner, slot)
	case SpaceNonce:
		return fmt.Sprintf("nonce of %v", owner)
	case SpaceClassHash:
		return fmt.Sprintf("class of %v", owner)
	case SpaceCompiledClass:
		return fmt.Sprintf("compiled class of %v", owner)
	case SpaceDeclared:
		return fmt.Sprintf("declaration of %v", owner)
	}
	return fmt.Sprintf("cell %d/%v/%v", k.Space, owner, slot)
}
