package gateway

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// StateUpdate is what a block changes, with the roots before and after it.
type StateUpdate struct {
	BlockHash felt.Felt
	NewRoot   felt.Felt
	OldRoot   felt.Felt
	Diff      starknet.StateDiff // in the order of the text, but for objects, whose keys come in order
}

// ParseStateUpdate parses the state update of a closed block.
func ParseStateUpdate(data []byte) (*StateUpdate, error) {
	r := strictjson.NewReader(data)
	var u StateUpdate
	readStateUpdate(r, &u)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &u, nil
}

// ParseStateDiff parses the state_diff of a state update.
func ParseStateDiff(data []byte) (*starknet.StateDiff, error) {
	r := strictjson.NewReader(data)
	var d starknet.StateDiff
	readStateDiff(r, &d)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &d, nil
}

func readStateUpdate(r *strictjson.Reader, u *StateUpdate) {
	r.Object(
		r.FeltField("block_hash", &u.BlockHash),
		r.FeltField("new_root", &u.NewRoot),
		r.FeltField("old_root", &u.OldRoot),
		r.Field("state_diff", func() { readStateDiff(r, &u.Diff) }),
	)
}

func readStateDiff(r *strictjson.Reader, d *starknet.StateDiff) {
	r.Object(
		r.Field("storage_diffs", func() { d.Storage = readStorage(r) }),
		r.Field("deployed_contracts", func() { d.Deployed = readContracts(r) }),
		strictjson.Optional(r.Field("nonces", func() { d.Nonces = readNonces(r) })), // from 0.10
		strictjson.Alias(r.FeltsField("old_declared_contracts", &d.DeprecatedDeclared), "declared_contracts"),
		strictjson.Optional(r.Field("declared_classes", func() { d.Declared = readClasses(r) })), // from 0.11
		strictjson.Optional(r.Field("replaced_classes", func() { d.Replaced = readContracts(r) })),
		strictjson.Optional(r.Field("migrated_compiled_classes", func() { d.Migrated = readClasses(r) })), // from 0.14.1
	)
	if r.Err() == nil {
		if err := d.Sorted().Check(); err != nil {
			r.Failf("%v", err)
		}
	}
}

func readStorage(r *strictjson.Reader) (out []starknet.ContractStorage) {
	r.Map(func(key []byte) {
		c := starknet.ContractStorage{Contract: readKey(r, key)}
		c.Entries = strictjson.Slice(r, func(e *starknet.StorageEntry) {
			r.Object(r.FeltField("key", &e.Key), r.FeltField("value", &e.Value))
		})
		out = append(out, c)
	})
	return out
}

func readNonces(r *strictjson.Reader) (out []starknet.ContractNonce) {
	r.Map(func(key []byte) {
		out = append(out, starknet.ContractNonce{Contract: readKey(r, key), Nonce: r.Felt()})
	})
	return out
}

// readKey returns the felt that a key of an object is.
func readKey(r *strictjson.Reader, key []byte) (z felt.Felt) {
	if err := z.SetHex(string(key)); err != nil {
		r.Failf("bad key: %v", err)
	}
	return z
}

func readContracts(r *strictjson.Reader) []starknet.ContractClass {
	return strictjson.Slice(r, func(c *starknet.ContractClass) {
		r.Object(r.FeltField("address", &c.Contract), r.FeltField("class_hash", &c.ClassHash))
	})
}

func readClasses(r *strictjson.Reader) []starknet.DeclaredClass {
	return strictjson.Slice(r, func(c *starknet.DeclaredClass) {
		r.Object(
			r.FeltField("class_hash", &c.ClassHash),
			r.FeltField("compiled_class_hash", &c.CompiledClassHash),
		)
	})
}
