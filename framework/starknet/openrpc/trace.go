package openrpc

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// AppendTrace appends the trace of a receipt of that kind of transaction (TRANSACTION_TRACE), without the state diff. The receipt
// has a trace.
func AppendTrace(dst []byte, kind starknet.Kind, c *starknet.Receipt) []byte {
	w := strictjson.NewWriter(dst)
	writeTrace(w, kind, c)
	return w.Bytes()
}

func writeTrace(w *strictjson.Writer, kind starknet.Kind, c *starknet.Receipt) {
	field := func(name string, call *starknet.Invocation) {
		if call != nil {
			w.Key(name)
			writeInvocation(w, call)
		}
	}
	// What was reverted has no calls, but a reason.
	revertible := func(name string, call *starknet.Invocation) {
		if c.Reverted || call == nil {
			w.ObjectField(name, func() { w.TextField("revert_reason", c.RevertReason) })
			return
		}
		field(name, call)
	}
	w.Object(func() {
		w.TextField("type", kind.String())
		switch t := c.Trace; kind {
		case starknet.KindL1Handler:
			revertible("function_invocation", t.Execute)
		case starknet.KindInvoke:
			field("validate_invocation", t.Validate)
			revertible("execute_invocation", t.Execute)
		default:
			field("validate_invocation", t.Validate)
			field("constructor_invocation", t.Constructor)
		}
		field("fee_transfer_invocation", c.Trace.FeeTransfer)
		writeGas(w, c.Resources.Gas)
	})
}

// writeInvocation writes a call and those in it (FUNCTION_INVOCATION).
func writeInvocation(w *strictjson.Writer, c *starknet.Invocation) {
	kind := "CALL"
	if c.Delegate {
		kind = "LIBRARY_CALL"
	}
	w.Object(func() {
		w.FeltField("contract_address", c.Contract)
		w.FeltField("entry_point_selector", c.Selector)
		w.FeltsField("calldata", c.Calldata)
		w.FeltField("caller_address", c.Caller)
		w.FeltField("class_hash", c.Class)
		w.TextField("entry_point_type", c.Entry.String())
		w.TextField("call_type", kind)
		w.FeltsField("result", c.Result)
		w.ArrayField("calls", func() {
			for _, inner := range c.Calls {
				writeInvocation(w, inner)
			}
		})
		w.ArrayField("events", func() {
			for _, e := range c.Events {
				w.Object(func() {
					w.Uint64Field("order", e.Order)
					w.FeltsField("keys", e.Keys)
					w.FeltsField("data", e.Data)
				})
			}
		})
		w.ArrayField("messages", func() {
			for _, m := range c.Messages {
				w.Object(func() {
					w.Uint64Field("order", m.Order)
					w.FeltField("from_address", c.Contract)
					w.FeltField("to_address", m.To)
					w.FeltsField("payload", m.Payload)
				})
			}
		})
		gas := c.Resources.Gas
		if gas == nil {
			gas = &starknet.Gas{L2: c.Gas}
		}
		w.ObjectField("execution_resources", func() {
			w.Uint64Field("l1_gas", gas.L1)
			w.Uint64Field("l2_gas", gas.L2)
		})
		w.Key("is_reverted")
		w.Raw(appendBool(c.Failed))
	})
}

func appendBool(b bool) []byte {
	if b {
		return []byte("true")
	}
	return []byte("false")
}

// AppendFeeEstimate appends what gas costs in STRK at the prices of a block (FEE_ESTIMATE).
func AppendFeeEstimate(dst []byte, g *starknet.Gas, h *starknet.Header) []byte {
	w := strictjson.NewWriter(dst)
	sum := new(big.Int)
	w.Object(func() {
		for _, r := range []struct {
			name  string
			gas   uint64
			price starknet.Uint128
		}{
			{"l1_gas", g.L1, h.L1Gas.Fri}, {"l2_gas", g.L2, h.L2Gas.Fri}, {"l1_data_gas", g.L1Data, h.L1DataGas.Fri},
		} {
			price := r.price.Felt()
			w.HexField(r.name+"_consumed", r.gas)
			w.FeltField(r.name+"_price", price)
			sum.Add(sum, new(big.Int).Mul(price.Big(), new(big.Int).SetUint64(r.gas)))
		}
		var fee felt.Felt
		w.FeltField("overall_fee", *fee.SetBig(sum))
		w.TextField("unit", "FRI")
	})
	return w.Bytes()
}
