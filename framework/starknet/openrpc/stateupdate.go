package openrpc

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// StateUpdate is what a block changes, with the roots before and after it.
type StateUpdate struct {
	BlockHash felt.Felt
	OldRoot   felt.Felt
	NewRoot   felt.Felt
	Diff      starknet.StateDiff
}

// AppendStateUpdate appends the update of a closed block (STATE_UPDATE).
func AppendStateUpdate(dst []byte, u *StateUpdate) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() {
		w.FeltField("block_hash", u.BlockHash)
		w.FeltField("old_root", u.OldRoot)
		w.FeltField("new_root", u.NewRoot)
		w.Key("state_diff")
		writeStateDiff(w, &u.Diff)
	})
	return w.Bytes()
}

// AppendPreConfirmedUpdate appends the update of a block that is being made (PRE_CONFIRMED_STATE_UPDATE): it has no hash and no
// new root. Nor has it an old one while that is 0.
func AppendPreConfirmedUpdate(dst []byte, u *StateUpdate) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() {
		if !u.OldRoot.IsZero() {
			w.FeltField("old_root", u.OldRoot)
		}
		w.Key("state_diff")
		writeStateDiff(w, &u.Diff)
	})
	return w.Bytes()
}

// AppendStateDiff appends d (STATE_DIFF).
func AppendStateDiff(dst []byte, d *starknet.StateDiff) []byte {
	w := strictjson.NewWriter(dst)
	writeStateDiff(w, d)
	return w.Bytes()
}

// ParseStateUpdate parses the update of a closed block (STATE_UPDATE).
func ParseStateUpdate(data []byte) (*StateUpdate, error) {
	r := strictjson.NewReader(data)
	var u StateUpdate
	r.Object(
		r.FeltField("block_hash", &u.BlockHash),
		r.FeltField("old_root", &u.OldRoot),
		r.FeltField("new_root", &u.NewRoot),
		r.Field("state_diff", func() { readStateDiff(r, &u.Diff) }),
	)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &u, nil
}

// ParseStateDiff parses a change of the state (STATE_DIFF).
func ParseStateDiff(data []byte) (*starknet.StateDiff, error) {
	r := strictjson.NewReader(data)
	var d starknet.StateDiff
	readStateDiff(r, &d)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &d, nil
}

func writeStateDiff(w *strictjson.Writer, d *starknet.StateDiff) {
	w.Object(func() {
		w.ArrayField("storage_diffs", func() {
			for i := range d.Storage {
				writeStorage(w, &d.Storage[i])
			}
		})
		w.ArrayField("nonces", func() {
			for _, n := range d.Nonces {
				w.Object(func() { w.FeltField("contract_address", n.Contract); w.FeltField("nonce", n.Nonce) })
			}
		})
		writeContracts(w, "deployed_contracts", "address", d.Deployed)
		w.FeltsField("deprecated_declared_classes", d.DeprecatedDeclared)
		writeClasses(w, "declared_classes", d.Declared)
		writeClasses(w, "migrated_compiled_classes", d.Migrated)
		writeContracts(w, "replaced_classes", "contract_address", d.Replaced)
	})
}

func writeStorage(w *strictjson.Writer, c *starknet.ContractStorage) {
	w.Object(func() {
		w.FeltField("address", c.Contract)
		w.ArrayField("storage_entries", func() {
			for _, e := range c.Entries {
				w.Object(func() { w.FeltField("key", e.Key); w.FeltField("value", e.Value) })
			}
		})
	})
}

func writeContracts(w *strictjson.Writer, key, contract string, list []starknet.ContractClass) {
	w.ArrayField(key, func() {
		for _, c := range list {
			w.Object(func() { w.FeltField(contract, c.Contract); w.FeltField("class_hash", c.ClassHash) })
		}
	})
}

func writeClasses(w *strictjson.Writer, key string, list []starknet.DeclaredClass) {
	w.ArrayField(key, func() {
		for _, c := range list {
			w.Object(func() {
				w.FeltField("class_hash", c.ClassHash)
				w.FeltField("compiled_class_hash", c.CompiledClassHash)
			})
		}
	})
}

func readStateDiff(r *strictjson.Reader, d *starknet.StateDiff) {
	r.Object(
		r.Field("storage_diffs", func() { d.Storage = readStorage(r) }),
		r.Field("nonces", func() {
			d.Nonces = strictjson.Slice(r, func(n *starknet.ContractNonce) {
				r.Object(r.FeltField("contract_address", &n.Contract), r.FeltField("nonce", &n.Nonce))
			})
		}),
		r.Field("deployed_contracts", func() { d.Deployed = readContracts(r, "address") }),
		r.FeltsField("deprecated_declared_classes", &d.DeprecatedDeclared),
		r.Field("declared_classes", func() { d.Declared = readClasses(r) }),
		strictjson.Optional(r.Field("migrated_compiled_classes", func() { d.Migrated = readClasses(r) })),
		r.Field("replaced_classes", func() { d.Replaced = readContracts(r, "contract_address") }),
	)
	if r.Err() == nil {
		if err := d.Sorted().Check(); err != nil {
			r.Failf("%v", err)
		}
	}
}

func readStorage(r *strictjson.Reader) []starknet.ContractStorage {
	return strictjson.Slice(r, func(c *starknet.ContractStorage) {
		r.Object(
			r.FeltField("address", &c.Contract),
			r.Field("storage_entries", func() {
				c.Entries = strictjson.Slice(r, func(e *starknet.StorageEntry) {
					r.Object(r.FeltField("key", &e.Key), r.FeltField("value", &e.Value))
				})
			}),
		)
	})
}

func readContracts(r *strictjson.Reader, contract string) []starknet.ContractClass {
	return strictjson.Slice(r, func(c *starknet.ContractClass) {
		r.Object(r.FeltField(contract, &c.Contract), r.FeltField("class_hash", &c.ClassHash))
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
