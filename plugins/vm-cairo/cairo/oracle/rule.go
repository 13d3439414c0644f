package oracle

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// rule returns what the builtin of a's segment knows about the cell at a, nil if nothing.
func (m *memory) rule(a machine.Address) (*value, error) {
	if a.Segment < 0 || a.Segment >= len(m.rules) {
		return nil, nil
	}
	switch m.rules[a.Segment] {
	case machine.PedersenRule:
		return m.output(a, 2, 3, "", func(in []*value) ([]*big.Int, error) {
			h := crypto.Pedersen(in[0].felt(), in[1].felt())
			return []*big.Int{h.Big()}, nil
		})
	case machine.BitwiseRule:
		return m.output(a, 2, 5, "", func(in []*value) ([]*big.Int, error) {
			for i := range in {
				if in[i].n.BitLen() > 251 {
					return nil, wide(a.Plus(uint64(i)-a.Offset%5), 251, in[i])
				}
			}
			x, y := in[0].n, in[1].n
			return []*big.Int{new(big.Int).And(x, y), new(big.Int).Xor(x, y), new(big.Int).Or(x, y)}, nil
		})
	case machine.PoseidonRule:
		return m.output(a, 3, 6, "poseidon_builtin: ", func(in []*value) ([]*big.Int, error) {
			s := [3]felt.Felt{in[0].felt(), in[1].felt(), in[2].felt()}
			crypto.PoseidonPermute(&s)
			return []*big.Int{s[0].Big(), s[1].Big(), s[2].Big()}, nil
		})
	case machine.KeccakRule:
		return m.output(a, 8, 16, "keccak_builtin: ", keccak)
	case machine.EcOpRule:
		return m.output(a, 5, 7, "-", func(in []*value) ([]*big.Int, error) {
			return ecOp([2]*big.Int{in[0].n, in[1].n}, [2]*big.Int{in[2].n, in[3].n}, in[4].n)
		})
	}
	return nil, nil
}

// output reads the inputs of the instance of a and returns the one of its outputs that belongs at a. An input
// that is an address is an error if the builtin has a prefix for its text ("-" for none), else no input.
func (m *memory) output(a machine.Address, inputs, cells uint64, prefix string,
	f func(in []*value) ([]*big.Int, error),
) (*value, error) {
	i := a.Offset % cells
	if i < inputs {
		return nil, nil
	}
	var in []*value
	for k := range inputs {
		at := a.Plus(k - i)
		v := m.get(at)
		switch {
		case v == nil || v.n == nil && prefix == "":
			return nil, nil
		case v.n == nil && prefix == "-":
			return nil, failf(machine.ExpectedInteger, "Expected integer at address %v", at)
		case v.n == nil:
			return nil, failf(machine.BadRule, "%sExpected integer at address %v", prefix, at)
		case m.rules[a.Segment] == machine.KeccakRule && v.n.BitLen() > 200:
			return nil, wide(at, 200, v)
		}
		in = append(in, v)
	}
	out, err := f(in)
	if err != nil {
		return nil, err
	}
	return number(out[i-inputs]), nil
}

func wide(at machine.Address, bits int, v *value) error {
	return failf(machine.BadRule, "Expected integer at address %s to be smaller than 2^%d, Got %v", debugAddress(at), bits, v)
}

func keccak(in []*value) ([]*big.Int, error) {
	state := new(big.Int)
	for i := range in {
		state.Or(state, new(big.Int).Lsh(in[i].n, uint(200*i)))
	}
	var s [25]uint64
	for i := range s {
		s[i] = bitsOf(state, uint(64*i), 64)
	}
	crypto.KeccakF1600(&s)
	state.SetInt64(0)
	for i := range s {
		state.Or(state, new(big.Int).Lsh(new(big.Int).SetUint64(s[i]), uint(64*i)))
	}
	mask := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 200), big.NewInt(1))
	out := make([]*big.Int, 8)
	for i := range out {
		out[i] = new(big.Int).And(new(big.Int).Rsh(state, uint(200*i)), mask)
	}
	return out, nil
}

var beta, _ = new(big.Int).SetString("6f21413efbe40de150e596d72f7a8c5609ad26c15c915c1f4cdfcb99cee9e89", 16)

func onCurve(p [2]*big.Int) bool {
	right := new(big.Int).Exp(p[0], big.NewInt(3), prime)
	right.Add(right, p[0]).Add(right, beta).Mod(right, prime)
	return right.Cmp(new(big.Int).Exp(p[1], big.NewInt(2), prime)) == 0
}

// chord returns p + q through the line of slope dy/dx.
func chord(p, q [2]*big.Int, dy, dx *big.Int) [2]*big.Int {
	slope := new(big.Int).Mul(dy, new(big.Int).ModInverse(new(big.Int).Mod(dx, prime), prime))
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, p[0]).Sub(x, q[0]).Mod(x, prime)
	y := new(big.Int).Sub(p[0], x)
	y.Mul(y, slope).Sub(y, p[1]).Mod(y, prime)
	return [2]*big.Int{x, y}
}

func ecOp(p, q [2]*big.Int, m *big.Int) ([]*big.Int, error) {
	for _, v := range [][2]*big.Int{p, q} {
		if !onCurve(v) {
			return nil, failf(machine.BadRule, "EcOpBuiltin: point (0x%x, 0x%x) is not on the curve", v[0], v[1])
		}
	}
	sum, doubled := p, q
	for i := range m.BitLen() {
		if sum[0].Cmp(doubled[0]) == 0 {
			return nil, failf(machine.BadRule, "Cannot apply EC operation: computation reached two points with the same "+
				"x coordinate. \n\n    Attempting to compute P + m * Q where:\n\n    P = (0x%x, 0x%x) \n\n    m = %v\n\n    Q = (0x%x, 0x%x).",
				p[0], p[1], m, q[0], q[1])
		}
		if m.Bit(i) == 1 {
			sum = chord(sum, doubled, new(big.Int).Sub(sum[1], doubled[1]), new(big.Int).Sub(sum[0], doubled[0]))
		}
		three := new(big.Int).Mul(big.NewInt(3), new(big.Int).Mul(doubled[0], doubled[0]))
		doubled = chord(doubled, doubled, three.Add(three, big.NewInt(1)), new(big.Int).Lsh(doubled[1], 1))
	}
	return sum[:], nil
}

// CheckRules compares all output cells of a segment with the rule of its builtin, as the reference does at the
// end of a run.
func (m *memory) CheckRules(seg int, name string) error {
	for off := range m.Len(seg) {
		at := machine.Address{Segment: seg, Offset: off}
		if m.deduced[at] && m.rules[seg] == machine.PedersenRule {
			continue
		}
		want, err := m.rule(at)
		if err != nil {
			return err
		}
		if got := m.get(at); want != nil && got != nil && !want.equal(got) {
			return failf(machine.Inconsistent, "Inconsistent auto-deduction for %s, expected %v, got Some(%s)",
				name, want, debug(got))
		}
	}
	return nil
}
