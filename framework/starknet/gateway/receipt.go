package gateway

import (
	"strings"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// ParseReceipt parses the receipt of the transaction of that index in its block.
func ParseReceipt(data []byte, index uint64) (*starknet.Receipt, error) {
	r := strictjson.NewReader(data)
	var c starknet.Receipt
	readReceipt(r, &c, index)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &c, nil
}

func readReceipt(r *strictjson.Reader, c *starknet.Receipt, index uint64) {
	var status string
	r.Object(
		r.Field("transaction_index", func() {
			if i := r.Uint64(); i != index {
				r.Failf("is %d, want %d", i, index)
			}
		}),
		r.FeltField("transaction_hash", &c.TransactionHash),
		r.Field("actual_fee", func() { readUint128(r, &c.ActualFee) }),
		r.Field("events", func() { c.Events = strictjson.Slice(r, func(e *starknet.Event) { readEvent(r, e) }) }),
		r.Field("l2_to_l1_messages", func() {
			c.Messages = strictjson.Slice(r, func(m *starknet.MessageToL1) { readMessageToL1(r, m) })
		}),
		r.OrNull(r.Field("l1_to_l2_consumed_message", func() {
			c.Consumed = new(starknet.MessageToL2)
			readMessageToL2(r, c.Consumed)
		})),
		r.OrNull(r.Field("execution_resources", func() { readResources(r, &c.Resources) })),
		r.OrNull(r.TextField("execution_status", &status)), // from 0.12.1
		r.OrNull(r.TextField("revert_error", &c.RevertReason)),
	)
	switch status {
	case "REVERTED":
		c.Reverted = true
	case "SUCCEEDED", "":
		if c.RevertReason != "" {
			r.FailAt("revert_error", "of a transaction that was not reverted")
		}
	default:
		r.FailAt("execution_status", "unknown status %q", status)
	}
}

func readEvent(r *strictjson.Reader, e *starknet.Event) {
	r.Object(
		r.FeltField("from_address", &e.From),
		r.FeltsField("keys", &e.Keys),
		r.FeltsField("data", &e.Data),
	)
}

func readMessageToL1(r *strictjson.Reader, m *starknet.MessageToL1) {
	r.Object(
		r.FeltField("from_address", &m.From),
		r.FeltField("to_address", &m.To),
		r.FeltsField("payload", &m.Payload),
	)
}

func readMessageToL2(r *strictjson.Reader, m *starknet.MessageToL2) {
	r.Object(
		r.Field("from_address", func() {
			var ok bool
			if m.From, ok = starknet.EthAddressFromFelt(r.Felt()); !ok {
				r.Failf("not an Ethereum address")
			}
		}),
		r.FeltField("to_address", &m.To),
		r.FeltField("selector", &m.Selector),
		r.FeltsField("payload", &m.Payload),
		r.OrNull(r.FeltField("nonce", &m.Nonce)),
	)
}

func readResources(r *strictjson.Reader, s *starknet.Resources) {
	r.Object(
		r.Uint64Field("n_steps", &s.Steps),
		r.Uint64Field("n_memory_holes", &s.MemoryHoles),
		r.Field("builtin_instance_counter", func() { readBuiltins(r, &s.Builtins) }),
		r.OrNull(r.Field("data_availability", func() { s.DataAvailability = readGas(r) })), // from 0.13.1
		r.OrNull(r.Field("total_gas_consumed", func() { s.Gas = readGas(r) })),             // from 0.13.2
	)
}

const builtinSuffix = "_builtin"

func readBuiltins(r *strictjson.Reader, counts *starknet.BuiltinCounts) {
	var seen [starknet.NumBuiltins]bool
	r.Map(func(key []byte) {
		name, suffixed := strings.CutSuffix(string(key), builtinSuffix)
		b, ok := starknet.ParseBuiltin(name)
		if !ok || !suffixed {
			r.Failf("unknown builtin")
			return
		}
		if seen[b] {
			r.Failf("field appears twice")
		}
		seen[b] = true
		counts[b] = r.Uint64()
	})
}

func readGas(r *strictjson.Reader) *starknet.Gas {
	g := new(starknet.Gas)
	r.Object(
		r.Uint64Field("l1_gas", &g.L1),
		r.Uint64Field("l1_data_gas", &g.L1Data),
		r.OrNull(r.Uint64Field("l2_gas", &g.L2)), // from 0.13.2
	)
	return g
}
