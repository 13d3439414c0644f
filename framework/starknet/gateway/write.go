package gateway

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/txjson"
)

// AppendTransaction appends t with its hash.
func AppendTransaction(dst []byte, t starknet.Transaction, hash felt.Felt) []byte {
	w := strictjson.NewWriter(dst)
	txjson.Gateway.Write(w, t, hash)
	return w.Bytes()
}

// AppendReceipt appends the receipt of the transaction of that index in its block.
func AppendReceipt(dst []byte, c *starknet.Receipt, index uint64) []byte {
	w := strictjson.NewWriter(dst)
	writeReceipt(w, c, index)
	return w.Bytes()
}

// AppendBlock appends b, with the names of fields that the gateway uses today.
func AppendBlock(dst []byte, b *Block) []byte {
	w := strictjson.NewWriter(dst)
	h := &b.Header
	w.Object(func() {
		w.FeltField("block_hash", h.Hash)
		w.FeltField("parent_block_hash", h.Parent)
		w.Uint64Field("block_number", uint64(h.Number))
		w.FeltField("state_root", h.StateRoot)
		w.FeltField("transaction_commitment", h.Transactions)
		w.FeltField("event_commitment", h.Events)
		w.FeltField("receipt_commitment", h.Receipts)
		w.FeltField("state_diff_commitment", h.StateDiff)
		w.Uint64Field("state_diff_length", h.StateDiffLength)
		w.TextField("status", b.Status)
		w.TextField("l1_da_mode", h.L1DA.String())
		writePrice(w, "l1_gas_price", &h.L1Gas)
		writePrice(w, "l1_data_gas_price", &h.L1DataGas)
		writePrice(w, "l2_gas_price", &h.L2Gas)
		w.ArrayField("transactions", func() {
			for i, t := range b.Transactions {
				txjson.Gateway.Write(w, t, b.Receipts[i].TransactionHash)
			}
		})
		w.Uint64Field("timestamp", h.Timestamp)
		w.FeltField("sequencer_address", h.Sequencer)
		w.ArrayField("transaction_receipts", func() {
			for i := range b.Receipts {
				writeReceipt(w, &b.Receipts[i], uint64(i))
			}
		})
		w.TextField("starknet_version", h.Protocol)
	})
	return w.Bytes()
}

// AppendStateUpdate appends u.
func AppendStateUpdate(dst []byte, u *StateUpdate) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() {
		w.FeltField("block_hash", u.BlockHash)
		w.FeltField("new_root", u.NewRoot)
		w.FeltField("old_root", u.OldRoot)
		w.Key("state_diff")
		writeStateDiff(w, &u.Diff)
	})
	return w.Bytes()
}

func writePrice(w *strictjson.Writer, key string, p *starknet.GasPrice) {
	w.ObjectField(key, func() {
		w.FeltField("price_in_wei", p.Wei.Felt())
		w.FeltField("price_in_fri", p.Fri.Felt())
	})
}

func writeReceipt(w *strictjson.Writer, c *starknet.Receipt, index uint64) {
	w.Object(func() {
		status := "SUCCEEDED"
		if c.Reverted {
			status = "REVERTED"
			w.TextField("revert_error", c.RevertReason)
		}
		w.TextField("execution_status", status)
		w.Uint64Field("transaction_index", index)
		w.FeltField("transaction_hash", c.TransactionHash)
		if c.Consumed != nil {
			writeConsumed(w, c.Consumed)
		}
		w.ArrayField("l2_to_l1_messages", func() {
			for _, m := range c.Messages {
				w.Object(func() {
					w.FeltField("from_address", m.From)
					w.TextField("to_address", hexAddress(m.To))
					w.FeltsField("payload", m.Payload)
				})
			}
		})
		w.ArrayField("events", func() {
			for _, e := range c.Events {
				w.Object(func() {
					w.FeltField("from_address", e.From)
					w.FeltsField("keys", e.Keys)
					w.FeltsField("data", e.Data)
				})
			}
		})
		writeResources(w, &c.Resources)
		w.FeltField("actual_fee", c.ActualFee.Felt())
	})
}

func writeConsumed(w *strictjson.Writer, m *starknet.MessageToL2) {
	w.ObjectField("l1_to_l2_consumed_message", func() {
		w.TextField("from_address", hexAddress(m.From.Felt()))
		w.FeltField("to_address", m.To)
		w.FeltField("selector", m.Selector)
		w.FeltsField("payload", m.Payload)
		w.FeltField("nonce", m.Nonce)
	})
}

func writeResources(w *strictjson.Writer, s *starknet.Resources) {
	w.ObjectField("execution_resources", func() {
		w.Uint64Field("n_steps", s.Steps)
		w.ObjectField("builtin_instance_counter", func() {
			for b, n := range s.Builtins {
				if n != 0 {
					w.Uint64Field(starknet.Builtin(b).String()+builtinSuffix, n)
				}
			}
		})
		w.Uint64Field("n_memory_holes", s.MemoryHoles)
		writeGas(w, "data_availability", s.DataAvailability)
		writeGas(w, "total_gas_consumed", s.Gas)
	})
}

func writeGas(w *strictjson.Writer, key string, g *starknet.Gas) {
	if g == nil {
		return
	}
	w.ObjectField(key, func() {
		w.Uint64Field("l1_gas", g.L1)
		w.Uint64Field("l1_data_gas", g.L1Data)
		w.Uint64Field("l2_gas", g.L2)
	})
}

func writeStateDiff(w *strictjson.Writer, d *starknet.StateDiff) {
	w.Object(func() {
		w.ObjectField("storage_diffs", func() {
			for i := range d.Storage {
				w.ArrayField(d.Storage[i].Contract.Hex(), func() {
					for _, e := range d.Storage[i].Entries {
						w.Object(func() { w.FeltField("key", e.Key); w.FeltField("value", e.Value) })
					}
				})
			}
		})
		w.ObjectField("nonces", func() {
			for _, n := range d.Nonces {
				w.FeltField(n.Contract.Hex(), n.Nonce)
			}
		})
		writeContracts(w, "deployed_contracts", d.Deployed)
		w.FeltsField("old_declared_contracts", d.DeprecatedDeclared)
		writeClasses(w, "declared_classes", d.Declared)
		writeContracts(w, "replaced_classes", d.Replaced)
		if len(d.Migrated) > 0 {
			writeClasses(w, "migrated_compiled_classes", d.Migrated)
		}
	})
}

func writeContracts(w *strictjson.Writer, key string, list []starknet.ContractClass) {
	w.ArrayField(key, func() {
		for _, c := range list {
			w.Object(func() { w.FeltField("address", c.Contract); w.FeltField("class_hash", c.ClassHash) })
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

// hexAddress returns v as the text of addresses on L1: 40 digits, or as many as it needs.
func hexAddress(v felt.Felt) string {
	a, ok := starknet.EthAddressFromFelt(v)
	if !ok {
		return v.Hex()
	}
	const digits = "0123456789abcdef"
	b := []byte("0x")
	for _, c := range a {
		b = append(b, digits[c>>4], digits[c&15])
	}
	return string(b)
}
