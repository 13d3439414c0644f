package proof

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Request is what a proof is about, as the parameters of starknet_getStorageProof say it.
type Request struct {
	Classes   []felt.Felt
	Contracts []felt.Felt
	Storage   []StorageRequest
}

// StorageRequest is a contract and slots of its storage.
type StorageRequest struct {
	Contract felt.Felt
	Keys     []felt.Felt
}

// NewRequest returns the request whose answer proves the cells of q: classes, contracts, and contracts with slots, each
// once, in the order in which q names them first. Contracts with slots are among the contracts. It returns ErrQuery if
// q has a cell that the commitment does not cover: one that Starknet does not have, or the mark of a declared class,
// which is implied by a compiled class and not committed to for Cairo 0.
func NewRequest(q framework.ProofQuery) (Request, error) {
	var r Request
	classes, contracts := map[felt.Felt]bool{}, map[felt.Felt]bool{}
	slots := map[framework.Key]bool{}
	storage := map[felt.Felt]int{}
	for _, k := range q.Keys {
		if err := checkKey(k); err != nil {
			return Request{}, err
		}
		owner := felt.Felt(k.Owner)
		if k.Space == starknet.SpaceCompiledClass {
			if !classes[owner] {
				classes[owner] = true
				r.Classes = append(r.Classes, owner)
			}
			continue
		}
		if !contracts[owner] {
			contracts[owner] = true
			r.Contracts = append(r.Contracts, owner)
		}
		if k.Space != starknet.SpaceStorage || slots[k] {
			continue
		}
		slots[k] = true
		at, ok := storage[owner]
		if !ok {
			at = len(r.Storage)
			storage[owner] = at
			r.Storage = append(r.Storage, StorageRequest{Contract: owner})
		}
		r.Storage[at].Keys = append(r.Storage[at].Keys, felt.Felt(k.Slot))
	}
	return r, nil
}

func checkKey(k framework.Key) error {
	owner, slot := felt.Felt(k.Owner), felt.Felt(k.Slot)
	covered := k.Space <= starknet.SpaceCompiledClass
	if covered && k.Space != starknet.SpaceStorage {
		covered = slot.IsZero()
	}
	if !covered || !isKey(&owner) || !isKey(&slot) {
		return fmt.Errorf("%w: %s", ErrQuery, starknet.CellName(k))
	}
	return nil
}

// isKey reports whether f can be a key of a trie.
func isKey(f *felt.Felt) bool { return f.Valid() && f.BitLen() <= Height }
