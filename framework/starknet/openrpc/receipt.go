package openrpc

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Finality says how safe a block or a transaction is.
type Finality string

// The values of Finality.
const (
	PreConfirmed Finality = "PRE_CONFIRMED"
	AcceptedOnL2 Finality = "ACCEPTED_ON_L2"
	AcceptedOnL1 Finality = "ACCEPTED_ON_L1"
)

func readFinality(r *strictjson.Reader) Finality {
	f := Finality(r.Text())
	switch f {
	case PreConfirmed, AcceptedOnL2, AcceptedOnL1:
		return f
	}
	r.Failf("unknown status %q", f)
	return ""
}

// Receipt is a receipt with what the specification adds to it from the transaction and the block.
type Receipt struct {
	starknet.Receipt
	Kind starknet.Kind
	// InFri says that the fee is in STRK, as it is from version 3 on; it is in ETH otherwise.
	InFri    bool
	Finality Finality
	// Contract is the address that a [starknet.Deploy] or [starknet.DeployAccount] deployed.
	Contract felt.Felt
	// MessageHash names the message from L1 that a [starknet.L1Handler] carried.
	MessageHash [32]byte
	// Block is the block of the receipt; nil inside of a block.
	Block *BlockRef
}

// BlockRef names a block.
type BlockRef struct {
	Number uint64
	Hash   felt.Felt // 0 while the block is not closed
}

// NewReceipt returns the receipt c of t as the specification shows it.
func NewReceipt(t starknet.Transaction, c *starknet.Receipt, f Finality, block *BlockRef) *Receipt {
	out := &Receipt{
		Receipt: *c, Kind: t.Kind(), InFri: t.TxVersion().Number() >= 3, Finality: f, Block: block,
	}
	switch t := t.(type) {
	case *starknet.Deploy:
		out.Contract = t.Address()
	case *starknet.DeployAccount:
		out.Contract = t.Address()
	case *starknet.L1Handler:
		if m, ok := t.Message(); ok {
			out.MessageHash = m.Hash()
		}
	}
	return out
}

// AppendReceipt appends c (TXN_RECEIPT, or TXN_RECEIPT_WITH_BLOCK_INFO where c says the block).
func AppendReceipt(dst []byte, c *Receipt) []byte {
	w := strictjson.NewWriter(dst)
	writeReceipt(w, c)
	return w.Bytes()
}

func writeReceipt(w *strictjson.Writer, c *Receipt) {
	w.Object(func() {
		w.TextField("type", c.Kind.String())
		w.FeltField("transaction_hash", c.TransactionHash)
		writeFee(w, c)
		w.TextField("finality_status", string(c.Finality))
		status := "SUCCEEDED"
		if c.Reverted {
			status = "REVERTED"
			w.TextField("revert_reason", c.RevertReason)
		}
		w.TextField("execution_status", status)
		w.ArrayField("messages_sent", func() {
			for i := range c.Messages {
				writeMessage(w, &c.Messages[i])
			}
		})
		w.ArrayField("events", func() {
			for i := range c.Events {
				writeEvent(w, &c.Events[i])
			}
		})
		writeGas(w, c.Resources.Gas)
		switch c.Kind {
		case starknet.KindDeploy, starknet.KindDeployAccount:
			w.FeltField("contract_address", c.Contract)
		case starknet.KindL1Handler:
			w.TextField("message_hash", hexHash(c.MessageHash))
		}
		if c.Block != nil {
			if !c.Block.Hash.IsZero() {
				w.FeltField("block_hash", c.Block.Hash)
			}
			w.Uint64Field("block_number", c.Block.Number)
		}
	})
}

func writeFee(w *strictjson.Writer, c *Receipt) {
	unit := "WEI"
	if c.InFri {
		unit = "FRI"
	}
	w.ObjectField("actual_fee", func() {
		w.FeltField("amount", c.ActualFee.Felt())
		w.TextField("unit", unit)
	})
}

// hexHash returns h in all its 64 digits.
func hexHash(h [32]byte) string {
	const digits = "0123456789abcdef"
	text := []byte("0x")
	for _, b := range h {
		text = append(text, digits[b>>4], digits[b&15])
	}
	return string(text)
}

func writeMessage(w *strictjson.Writer, m *starknet.MessageToL1) {
	w.Object(func() {
		w.FeltField("from_address", m.From)
		w.FeltField("to_address", m.To)
		w.FeltsField("payload", m.Payload)
	})
}

func writeEvent(w *strictjson.Writer, e *starknet.Event) {
	w.Object(func() {
		w.FeltField("from_address", e.From)
		w.FeltsField("keys", e.Keys)
		w.FeltsField("data", e.Data)
	})
}

func writeGas(w *strictjson.Writer, g *starknet.Gas) {
	if g == nil {
		g = new(starknet.Gas)
	}
	w.ObjectField("execution_resources", func() {
		w.Uint64Field("l1_gas", g.L1)
		w.Uint64Field("l1_data_gas", g.L1Data)
		w.Uint64Field("l2_gas", g.L2)
	})
}

// ParseReceipt parses a receipt (TXN_RECEIPT or TXN_RECEIPT_WITH_BLOCK_INFO).
func ParseReceipt(data []byte) (*Receipt, error) {
	r := strictjson.NewReader(data)
	c := new(Receipt)
	readReceipt(r, c, true)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

// presence tells which of the fields that depend on others a receipt had.
type presence struct {
	kind, status              string
	contract, message, number bool
	block                     BlockRef
}

// readReceipt reads a receipt; block says that it may name its block.
func readReceipt(r *strictjson.Reader, c *Receipt, block bool) {
	var p presence
	fields := []strictjson.Field{
		r.TextField("type", &p.kind),
		r.FeltField("transaction_hash", &c.TransactionHash),
		r.Field("actual_fee", func() { readFee(r, c) }),
		r.Field("finality_status", func() { c.Finality = readFinality(r) }),
		r.TextField("execution_status", &p.status),
		strictjson.Optional(r.TextField("revert_reason", &c.RevertReason)),
		r.Field("messages_sent", func() {
			c.Messages = strictjson.Slice(r, func(m *starknet.MessageToL1) { readMessage(r, m) })
		}),
		r.Field("events", func() { c.Events = strictjson.Slice(r, func(e *starknet.Event) { readEvent(r, e) }) }),
		r.Field("execution_resources", func() { c.Resources.Gas = readGas(r) }),
		strictjson.Optional(r.Field("contract_address", func() { c.Contract, p.contract = r.Felt(), true })),
		strictjson.Optional(r.Field("message_hash", func() { c.MessageHash, p.message = r.Hex256(), true })),
	}
	if block {
		fields = append(fields,
			strictjson.Optional(r.Field("block_number", func() { p.block.Number, p.number = r.Uint64(), true })),
			strictjson.Optional(r.Field("block_hash", func() {
				if p.block.Hash = r.Felt(); p.block.Hash.IsZero() {
					r.Failf("is 0")
				}
			})))
	}
	r.Object(fields...)
	if c.Kind = kindOf(r, p.kind); r.Err() == nil {
		c.settle(r, &p)
	}
}

// settle sets what follows from several fields, and checks that they fit each other.
func (c *Receipt) settle(r *strictjson.Reader, p *presence) {
	deploys := c.Kind == starknet.KindDeploy || c.Kind == starknet.KindDeployAccount
	switch c.Reverted = p.status == "REVERTED"; {
	case p.status != "REVERTED" && p.status != "SUCCEEDED":
		r.FailAt("execution_status", "unknown status %q", p.status)
	case !c.Reverted && c.RevertReason != "":
		r.FailAt("revert_reason", "of a transaction that was not reverted")
	case p.contract != deploys:
		r.FailAt("contract_address", "missing, or not of a deployment")
	case p.message != (c.Kind == starknet.KindL1Handler):
		r.FailAt("message_hash", "missing, or not of a message")
	case !p.block.Hash.IsZero() && !p.number:
		r.FailAt("block_number", "missing")
	}
	if p.number {
		c.Block = &p.block
	}
}

func kindOf(r *strictjson.Reader, name string) starknet.Kind {
	for k := starknet.KindInvoke; k <= starknet.KindL1Handler; k++ {
		if k.String() == name {
			return k
		}
	}
	r.FailAt("type", "unknown type %q", name)
	return 0
}

func readFee(r *strictjson.Reader, c *Receipt) {
	r.Object(
		r.Field("amount", func() { readUint128(r, &c.ActualFee) }),
		r.Field("unit", func() {
			switch unit := r.Text(); unit {
			case "WEI":
			case "FRI":
				c.InFri = true
			default:
				r.Failf("unknown unit %q", unit)
			}
		}),
	)
}

func readMessage(r *strictjson.Reader, m *starknet.MessageToL1) {
	r.Object(
		r.FeltField("from_address", &m.From),
		r.FeltField("to_address", &m.To),
		r.FeltsField("payload", &m.Payload),
	)
}

func readEvent(r *strictjson.Reader, e *starknet.Event) {
	r.Object(
		r.FeltField("from_address", &e.From),
		r.FeltsField("keys", &e.Keys),
		r.FeltsField("data", &e.Data),
	)
}

func readGas(r *strictjson.Reader) *starknet.Gas {
	g := new(starknet.Gas)
	r.Object(
		r.Uint64Field("l1_gas", &g.L1),
		r.Uint64Field("l1_data_gas", &g.L1Data),
		r.Uint64Field("l2_gas", &g.L2),
	)
	return g
}

func readUint128(r *strictjson.Reader, v *starknet.Uint128) { v.Hi, v.Lo = r.HexUint128() }
