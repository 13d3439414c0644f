package machine

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Rule is what a builtin demands of the cells of its segment, or knows about them.
type Rule uint8

// The rules. The range checks and Ecdsa look at what is written; the others know the value of
// output cells. The remaining builtins have no rule for the machine.
const (
	NoRule Rule = iota
	RangeCheckRule
	RangeCheck96Rule
	EcdsaRule
	BitwiseRule
	PedersenRule
	EcOpRule
	KeccakRule
	PoseidonRule
)

// shape is how the cells of a builtin with output cells are grouped in instances.
type shape struct{ cells, inputs uint64 }

var shapes = [...]shape{
	BitwiseRule:  {5, 2},
	PedersenRule: {3, 2},
	EcOpRule:     {7, 5},
	KeccakRule:   {16, 8},
	PoseidonRule: {6, 3},
}

// maxOutputs is the largest number of output cells of an instance.
const maxOutputs = 8

// ruleState is what a segment with a rule remembers.
type ruleState struct {
	// deduced has a bit for each cell that was filled by the rule, and so needs no check.
	deduced []uint64
	// out are the outputs of the instance that starts at start, if some is true.
	some  bool
	start uint64
	out   [maxOutputs]Cell
	// signatures of the builtin ecdsa, by the offset of the public key.
	signatures map[uint64]crypto.Signature
}

// reset empties s and keeps its memory.
func (s *ruleState) reset() {
	clear(s.signatures)
	clear(s.deduced)
	s.deduced, s.some = s.deduced[:0], false
}

// setDeduced notes that the rule filled the cell at offset off.
func (s *ruleState) setDeduced(off uint64) {
	for uint64(len(s.deduced)) <= off/64 {
		s.deduced = append(s.deduced, 0)
	}
	s.deduced[off/64] |= 1 << (off % 64)
}

func (s *ruleState) isDeduced(off uint64) bool {
	return off/64 < uint64(len(s.deduced)) && s.deduced[off/64]>>(off%64)&1 != 0
}

// AddSignature registers the signature of the public key that is or will be in the cell at key, which must be in
// the segment of the builtin ecdsa. The first one registered stays.
func (m *Memory) AddSignature(key Address, s crypto.Signature) {
	seg := m.segment(key.Segment)
	if seg == nil || seg.rule != EcdsaRule {
		return
	}
	if seg.state.signatures == nil {
		seg.state.signatures = make(map[uint64]crypto.Signature)
	}
	if _, ok := seg.state.signatures[key.Offset]; !ok {
		seg.state.signatures[key.Offset] = s
	}
}

// Signatures returns the registered signatures of an ecdsa segment by the offset of the public
// key. The caller must not change the map.
func (m *Memory) Signatures(seg int) map[uint64]crypto.Signature {
	if s := m.segment(seg); s != nil && s.state != nil {
		return s.state.signatures
	}
	return nil
}

// validate checks the cell at a, just written, by the rule of its segment s.
func (m *Memory) validate(s *segment, a Address) error {
	switch s.rule {
	case RangeCheckRule:
		return m.validateRange(a, 128, "340282366920938463463374607431768211456")
	case RangeCheck96Rule:
		return m.validateRange(a, 96, "79228162514264337593543950336")
	case EcdsaRule:
		return m.validateSignature(s, a)
	}
	return nil
}

func (m *Memory) validateRange(a Address, bits int, bound string) error {
	x, ok := m.Read(a).Felt()
	if !ok {
		return fail(RangeCheck, "Range-check validation failed, encountered non-int value at address %v", a)
	}
	if x.BitLen() > bits {
		return fail(RangeCheck, "Range-check validation failed, number %s is out of valid range [0, %s]", x.Decimal(), bound)
	}
	return nil
}

func (m *Memory) validateSignature(s *segment, a Address) error {
	at := Address{a.Segment, a.Offset &^ 1}
	key, isKey := m.Read(at).Felt()
	message, isMessage := m.Read(at.Plus(1)).Felt()
	if a.Offset&1 == 0 {
		if !isKey {
			return fail(BadSignature, "ECDSA builtin: Expected public key at address %v to be an integer", at)
		}
		if !isMessage {
			return nil
		}
	} else {
		if !isKey {
			return nil
		}
		if !isMessage {
			return fail(BadSignature, "ECDSA builtin: Expected message hash at address %v to be an integer", at.Plus(1))
		}
	}
	sig, ok := s.state.signatures[at.Offset]
	if !ok {
		return fail(BadSignature, "Signature hint is missing for ECDSA builtin at address %v.\n"+
			"    Add it using 'ecdsa_builtin.add_signature'.", at)
	}
	valid, err := crypto.VerifyUntil(m.stop, key, message, sig)
	if err != nil {
		return framework.ErrAborted
	}
	if !valid {
		return fail(BadSignature, "Signature (%s, %s), is invalid, with respect to the public key %s, \n"+
			"    and the message hash %s.", sig.R.Decimal(), sig.S.Decimal(), key.Decimal(), message.Decimal())
	}
	return nil
}

// deduce returns the value that the rule of the segment knows for the cell at a: empty if there
// is no such rule or an input is missing.
func (m *Memory) deduce(a Address) (Cell, error) {
	s := m.segment(a.Segment)
	if s == nil || s.rule < BitwiseRule {
		return Cell{}, nil
	}
	sh := shapes[s.rule]
	i := a.Offset % sh.cells
	if i < sh.inputs {
		return Cell{}, nil
	}
	start := a.Offset - i
	st := s.state
	if !st.some || st.start != start {
		ok, err := m.evaluate(s.rule, Address{a.Segment, start}, &st.out)
		if err != nil || !ok {
			return Cell{}, err
		}
		st.some, st.start = true, start
	}
	return st.out[i-sh.inputs], nil
}

// evaluate computes the outputs of the instance at a; ok is false if an input is missing.
func (m *Memory) evaluate(r Rule, a Address, out *[maxOutputs]Cell) (ok bool, err error) {
	var in [maxOutputs]felt.Felt
	for i := range shapes[r].inputs {
		at := a.Plus(i)
		c := m.Read(at)
		x, isFelt := c.Felt()
		switch {
		case !isFelt && (!c.Known() || r == BitwiseRule || r == PedersenRule):
			return false, nil
		case !isFelt && r == EcOpRule:
			return false, failInteger(at)
		case !isFelt:
			return false, fail(BadRule, "%s: Expected integer at address %v", ruleNames[r], at)
		case r == KeccakRule && x.BitLen() > 200:
			return false, failWide(at, 200, x)
		}
		in[i] = x
	}
	switch r {
	case BitwiseRule:
		return true, bitwise(a, &in, out)
	case PedersenRule:
		out[0] = FeltCell(m.hash(in[0], in[1]))
	case EcOpRule:
		return true, ecOp(m.stop, &in, out)
	case KeccakRule:
		keccak(&in, out)
	case PoseidonRule:
		s := [3]felt.Felt(in[:3])
		crypto.PoseidonPermute(&s)
		for i := range s {
			out[i] = FeltCell(s[i])
		}
	}
	return true, nil
}

// hashes remembers recent Pedersen hashes, from run to run: contracts compute the places of the same balances and
// allowances again and again.
type hashes [hashSlots]struct{ x, y, h felt.Felt }

// hashSlots is how many hashes are remembered, a power of two.
const hashSlots = 64

// hash returns the Pedersen hash of x and y.
func (m *Memory) hash(x, y felt.Felt) felt.Felt {
	slot := &m.recent[((x[0]^x[3])*0x9e3779b97f4a7c15^(y[0]^y[3])*0xc2b2ae3d27d4eb4f)>>58]
	if slot.h.IsZero() || slot.x != x || slot.y != y {
		h := crypto.Pedersen
		if m.pedersen != nil {
			h = m.pedersen
		}
		slot.x, slot.y, slot.h = x, y, h(x, y)
	}
	return slot.h
}

var ruleNames = [...]string{
	BitwiseRule: "bitwise_builtin", PedersenRule: "pedersen_builtin", EcOpRule: "ec_op_builtin",
	KeccakRule: "keccak_builtin", PoseidonRule: "poseidon_builtin",
}

func failWide(at Address, bits int, x felt.Felt) error {
	return fail(BadRule, "Expected integer at address %v to be smaller than 2^%d, Got %s", at.debug(), bits, x.Decimal())
}

// bitwise computes x&y, x^y and x|y.
func bitwise(a Address, in *[maxOutputs]felt.Felt, out *[maxOutputs]Cell) error {
	for i := range uint64(2) {
		if in[i].BitLen() > 251 {
			return failWide(a.Plus(i), 251, in[i])
		}
	}
	x, y := &in[0], &in[1]
	out[0] = Cell{x[0] & y[0], x[1] & y[1], x[2] & y[2], x[3]&y[3] | known}
	out[1] = Cell{x[0] ^ y[0], x[1] ^ y[1], x[2] ^ y[2], x[3] ^ y[3] | known}
	out[2] = Cell{x[0] | y[0], x[1] | y[1], x[2] | y[2], x[3] | y[3] | known}
	return nil
}

// collision returns the sum so far, and the power of q, where p + m*q came to two points of the same x.
func collision(p, q crypto.Point, m *felt.Felt) (sum, power crypto.Point) {
	for i := uint(0); p.X != q.X && i < uint(m.BitLen()); i++ {
		if m.Bit(i) == 1 {
			p, _ = crypto.AddPoints(p, q) // they differ in x
		}
		q = crypto.DoublePoint(q)
	}
	return p, q
}

func ecOp(stop func() bool, in *[maxOutputs]felt.Felt, out *[maxOutputs]Cell) error {
	p, q := crypto.Point{X: in[0], Y: in[1]}, crypto.Point{X: in[2], Y: in[3]}
	for _, v := range [...]crypto.Point{p, q} {
		if !v.OnCurve() {
			return fail(BadRule, "EcOpBuiltin: point (%s, %s) is not on the curve", v.X.Hex(), v.Y.Hex())
		}
	}
	sum, err := crypto.EcOpUntil(stop, p, q, in[4])
	switch {
	case errors.Is(err, crypto.ErrStopped):
		return framework.ErrAborted
	case errors.Is(err, crypto.ErrCollision):
		p, q = collision(p, q, &in[4])
		return fail(BadRule, "Cannot apply EC operation: computation reached two points with the same x coordinate. \n\n"+
			"    Attempting to compute P + m * Q where:\n\n    P = (%s, %s) \n\n    m = %s\n\n    Q = (%s, %s).",
			p.X.Hex(), p.Y.Hex(), in[4].Decimal(), q.X.Hex(), q.Y.Hex())
	case err != nil:
		return fail(BadRule, "EcOp builtin: Invalid Point")
	}
	out[0], out[1] = FeltCell(sum.X), FeltCell(sum.Y)
	return nil
}

// keccak joins eight words of 200 bits to the 1600 bits of the state, and splits it again.
func keccak(in *[maxOutputs]felt.Felt, out *[maxOutputs]Cell) {
	var b [200]byte
	for i := range in {
		w := in[i].Bytes()
		for j := range 25 {
			b[25*i+j] = w[31-j]
		}
	}
	var s [25]uint64
	for i := range b {
		s[i/8] |= uint64(b[i]) << (i % 8 * 8)
	}
	crypto.KeccakF1600(&s)
	for i := range out {
		var z felt.Felt
		for j := range 25 {
			k := 25*i + j
			z[j/8] |= s[k/8] >> (k % 8 * 8) & 0xff << (j % 8 * 8)
		}
		out[i] = FeltCell(z)
	}
}

// CheckRules compares the output cells of a segment with what its rule says, and returns an
// error for the first that differs, or for inputs that the rule refuses. Cells that the rule
// itself filled are right and not computed again. With fill, empty output cells of the instances
// begun are written, and count as accessed; the name of the builtin is for the text of the error.
func (m *Memory) CheckRules(seg int, fill bool) error {
	s := m.segment(seg)
	if s == nil || s.rule < BitwiseRule {
		return nil
	}
	sh := shapes[s.rule]
	n := s.len()
	if fill {
		n = (n + sh.cells - 1) / sh.cells * sh.cells
	}
	for off := range n {
		if off%pollEvery == 0 && m.Aborted() {
			return framework.ErrAborted
		}
		i := off % sh.cells
		if i < sh.inputs || s.state.isDeduced(off) || !fill && m.skip(s, off, off-i) {
			continue
		}
		if m.Aborted() {
			return framework.ErrAborted
		}
		at := Address{seg, off}
		want, err := m.deduce(at)
		if err != nil {
			return err
		}
		got := m.Read(at)
		switch {
		case !want.Known() || want.Equal(got):
		case got.Known():
			return fail(Inconsistent, "Inconsistent auto-deduction for %s, expected %v, got Some(%s)",
				ruleNames[s.rule], want, got.debug())
		case fill:
			if err := m.write(at, want); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckLast returns an error if the rule of a segment refuses the inputs of the last instance, whose outputs may all be
// empty and behind the last known cell, where CheckRules does not look.
func (m *Memory) CheckLast(seg int) error {
	s := m.segment(seg)
	if s == nil || s.rule < BitwiseRule || s.len() == 0 {
		return nil
	}
	sh := shapes[s.rule]
	start := (s.len() - 1) / sh.cells * sh.cells
	if end := start + sh.cells - 1; s.len() <= end && !m.skip(s, end, start) {
		_, err := m.deduce(Address{seg, end})
		return err
	}
	return nil
}

// skip reports whether the cell at off needs no look: it is empty, and since another output of
// its instance was deduced, the inputs are fine.
func (m *Memory) skip(s *segment, off, start uint64) bool {
	if c := s.at(off); c != nil && c.Known() {
		return false
	}
	for i := start; i < start+shapes[s.rule].cells; i++ {
		if s.state.isDeduced(i) {
			return true
		}
	}
	return false
}
