package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// AppendReceipt appends the encoding of c.
func AppendReceipt(dst []byte, c *Receipt) []byte { return c.append(append(dst, encodingV1)) }

// DecodeReceipt decodes what AppendReceipt made. All errors wrap ErrEncoding.
func DecodeReceipt(data []byte) (*Receipt, error) {
	r := wire.NewReader(data, "receipt")
	r.Version(encodingV1)
	var c Receipt
	c.read(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &c, nil
}

func (c *Receipt) append(dst []byte) []byte {
	dst = wire.AppendFelt(dst, c.TransactionHash)
	dst = appendUint128(dst, c.ActualFee)
	dst = wire.AppendBool(dst, c.Reverted)
	if c.Reverted {
		dst = wire.AppendText(dst, c.RevertReason)
	}
	dst = wire.AppendList(dst, c.Events, func(dst []byte, e *Event) []byte {
		return wire.AppendFelts(wire.AppendFelts(wire.AppendFelt(dst, e.From), e.Keys), e.Data)
	})
	dst = wire.AppendList(dst, c.Messages, func(dst []byte, m *MessageToL1) []byte {
		return wire.AppendFelts(wire.AppendFelt(wire.AppendFelt(dst, m.From), m.To), m.Payload)
	})
	dst = wire.AppendBool(dst, c.Consumed != nil)
	if c.Consumed != nil {
		dst = c.Consumed.append(dst)
	}
	dst = wire.AppendBool(c.Resources.append(dst), c.Trace != nil)
	if c.Trace != nil {
		dst = c.Trace.append(dst)
	}
	return dst
}

func (c *Receipt) read(r *wire.Reader) {
	c.TransactionHash, c.ActualFee = r.Felt(), readUint128(r)
	if c.Reverted = r.Bool(); c.Reverted {
		c.RevertReason = r.Text()
	}
	c.Events = wire.List(r, 3, func(r *wire.Reader, e *Event) {
		e.From, e.Keys, e.Data = r.Felt(), r.Felts(), r.Felts()
	})
	c.Messages = wire.List(r, 3, func(r *wire.Reader, m *MessageToL1) {
		m.From, m.To, m.Payload = r.Felt(), r.Felt(), r.Felts()
	})
	if r.Bool() {
		c.Consumed = new(MessageToL2)
		c.Consumed.read(r)
	}
	c.Resources.read(r)
	if r.Bool() {
		c.Trace = new(Trace)
		c.Trace.read(r)
	}
}

func (m *MessageToL2) append(dst []byte) []byte {
	dst = append(dst, m.From[:]...)
	dst = wire.AppendFelt(dst, m.To)
	dst = wire.AppendFelt(dst, m.Selector)
	dst = wire.AppendFelt(dst, m.Nonce)
	return wire.AppendFelts(dst, m.Payload)
}

func (m *MessageToL2) read(r *wire.Reader) {
	for i := range m.From {
		m.From[i] = r.Byte()
	}
	m.To, m.Selector, m.Nonce, m.Payload = r.Felt(), r.Felt(), r.Felt(), r.Felts()
}

func (s *Resources) append(dst []byte) []byte {
	dst = wire.AppendUint(dst, s.Steps)
	dst = wire.AppendUint(dst, s.MemoryHoles)
	var used uint64 // bit b: s.Builtins[b] is not zero
	for b, n := range s.Builtins {
		if n != 0 {
			used |= 1 << b
		}
	}
	dst = wire.AppendUint(dst, used)
	for _, n := range s.Builtins {
		if n != 0 {
			dst = wire.AppendUint(dst, n)
		}
	}
	return appendGas(appendGas(dst, s.DataAvailability), s.Gas)
}

func (s *Resources) read(r *wire.Reader) {
	s.Steps, s.MemoryHoles = r.Uint(), r.Uint()
	used := r.Uint()
	if used >= 1<<NumBuiltins {
		r.Failf("unknown builtin")
		return
	}
	for b := range s.Builtins {
		if used&(1<<b) == 0 {
			continue
		}
		if s.Builtins[b] = r.Uint(); s.Builtins[b] == 0 {
			r.Failf("builtin used 0 times")
		}
	}
	s.DataAvailability, s.Gas = readGas(r), readGas(r)
}

func appendGas(dst []byte, g *Gas) []byte {
	dst = wire.AppendBool(dst, g != nil)
	if g == nil {
		return dst
	}
	return wire.AppendUint(wire.AppendUint(wire.AppendUint(dst, g.L1), g.L1Data), g.L2)
}

func readGas(r *wire.Reader) *Gas {
	if !r.Bool() {
		return nil
	}
	return &Gas{L1: r.Uint(), L1Data: r.Uint(), L2: r.Uint()}
}
