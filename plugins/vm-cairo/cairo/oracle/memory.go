package oracle

import (
	"fmt"
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

func failf(k machine.Kind, format string, args ...any) error {
	return &machine.Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// memory is a map from addresses to values.
type memory struct {
	cells      map[machine.Address]*value
	accessed   map[machine.Address]bool
	deduced    map[machine.Address]bool
	rules      []machine.Rule // of the segments
	temps      int
	moves      map[int]machine.Address
	signatures map[machine.Address]crypto.Signature
}

// AddSegment makes a segment and returns its start.
func (m *memory) AddSegment(r machine.Rule) machine.Address {
	m.rules = append(m.rules, r)
	return machine.Address{Segment: len(m.rules) - 1}
}

// Aborted returns false: nobody stops an oracle.
func (m *memory) Aborted() bool { return false }

// AddTemporary makes a temporary segment and returns its start.
func (m *memory) AddTemporary() machine.Address {
	m.temps++
	return machine.Address{Segment: -m.temps}
}

// Relocate adds a relocation rule without checks.
func (m *memory) Relocate(from, to machine.Address) error {
	m.moves[from.Segment] = to
	return nil
}

// Read returns the value at a, moved by the relocation rules.
func (m *memory) Read(a machine.Address) machine.Cell { return m.get(a).cell() }

// Len returns the highest known offset of a segment + 1.
func (m *memory) Len(seg int) (n uint64) {
	for a := range m.cells {
		if a.Segment == seg {
			n = max(n, a.Offset+1)
		}
	}
	return n
}

// Accessed returns the number of accessed cells of a segment.
func (m *memory) Accessed(seg int) (n uint64) {
	for a := range m.accessed {
		if a.Segment == seg && m.cells[a] != nil {
			n++
		}
	}
	return n
}

// MarkAccessed makes n cells from a on count as accessed.
func (m *memory) MarkAccessed(a machine.Address, n uint64) {
	for i := range n {
		m.accessed[a.Plus(i)] = true
	}
}

// AddSignature registers a signature for a public key.
func (m *memory) AddSignature(key machine.Address, s crypto.Signature) {
	if _, ok := m.signatures[key]; !ok {
		m.signatures[key] = s
	}
}

func (m *memory) get(a machine.Address) *value {
	v := m.cells[a]
	if v == nil || v.n != nil {
		return v
	}
	to, ok := m.moves[v.addr.Segment]
	if !ok {
		return v
	}
	off, ok := shift(to.Offset, new(big.Int).SetUint64(v.addr.Offset))
	if !ok {
		return nil
	}
	return address(to.Segment, off)
}

// Write writes c to a.
func (m *memory) Write(a machine.Address, c machine.Cell) error { return m.put(a, fromCell(c)) }

func (m *memory) put(a machine.Address, v *value) error {
	if a.Segment >= len(m.rules) {
		return failf(machine.Unallocated, "Can't insert into segment #%d; memory only has %d segment", a.Segment, len(m.rules))
	}
	if a.Segment < -m.temps {
		return failf(machine.Unallocated, "Can't insert into segment #%d; memory only has %d segment", -a.Segment-1, m.temps)
	}
	if old := m.cells[a]; old == nil {
		m.cells[a] = v
	} else if !old.equal(v) {
		return failf(machine.Inconsistent, "Inconsistent memory assignment at address %s. %s != %s",
			debugAddress(a), debug(old), debug(v))
	}
	if a.Segment < 0 {
		return nil
	}
	return m.validate(a)
}

func debug(v *value) string {
	if v.n == nil {
		return "RelocatableValue(" + debugAddress(v.addr) + ")"
	}
	return "Int(" + v.n.String() + ")"
}

func debugAddress(a machine.Address) string {
	return fmt.Sprintf("Relocatable { segment_index: %d, offset: %d }", a.Segment, a.Offset)
}

func (m *memory) validate(a machine.Address) error {
	bits := uint(128)
	switch m.rules[a.Segment] {
	case machine.RangeCheck96Rule:
		bits = 96
	case machine.RangeCheckRule:
	case machine.EcdsaRule:
		return m.validateSignature(a)
	default:
		return nil
	}
	v := m.get(a)
	if v == nil || v.n == nil {
		return failf(machine.RangeCheck, "Range-check validation failed, encountered non-int value at address %v", a)
	}
	if bound := new(big.Int).Lsh(big.NewInt(1), bits); v.n.Cmp(bound) >= 0 {
		return failf(machine.RangeCheck, "Range-check validation failed, number %v is out of valid range [0, %v]", v, bound)
	}
	return nil
}

func (m *memory) validateSignature(a machine.Address) error {
	first := a.Offset%2 == 0
	at := machine.Address{Segment: a.Segment, Offset: a.Offset - a.Offset%2}
	key, msg := m.get(at), m.get(at.Plus(1))
	keyOK, msgOK := key != nil && key.n != nil, msg != nil && msg.n != nil
	switch {
	case first && !keyOK:
		return failf(machine.BadSignature, "ECDSA builtin: Expected public key at address %v to be an integer", at)
	case first && !msgOK, !first && !keyOK:
		return nil
	case !msgOK:
		return failf(machine.BadSignature, "ECDSA builtin: Expected message hash at address %v to be an integer", at.Plus(1))
	}
	s, ok := m.signatures[at]
	if !ok {
		return failf(machine.BadSignature,
			"Signature hint is missing for ECDSA builtin at address %v.\n    Add it using 'ecdsa_builtin.add_signature'.", at)
	}
	if !crypto.Verify(key.felt(), msg.felt(), s) {
		return failf(machine.BadSignature,
			"Signature (%s, %s), is invalid, with respect to the public key %v, \n    and the message hash %v.",
			s.R.Decimal(), s.S.Decimal(), key, msg)
	}
	return nil
}
