package runner

import (
	"errors"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// ErrProof says that an input of the prover was asked for without all that it is made of.
var ErrProof = errors.New("runner: not the end of a run for a proof")

// PublicInput is what the verifier of a proof knows, in the form of its JSON file.
type PublicInput struct {
	Layout   string                  `json:"layout"`
	RangeMin uint64                  `json:"rc_min"`
	RangeMax uint64                  `json:"rc_max"`
	Steps    uint64                  `json:"n_steps"`
	Segments map[string]SegmentRange `json:"memory_segments"`
	Memory   []PublicCell            `json:"public_memory"`
	// Dynamic is null: the parameters of the dynamic layout are not repeated.
	Dynamic *struct{} `json:"dynamic_params"`
}

// SegmentRange is where a segment begins, and where its used part ends. For program and execution it is the first and
// the last value of pc and of ap.
type SegmentRange struct {
	Begin uint64 `json:"begin_addr"`
	Stop  uint64 `json:"stop_ptr"`
}

// PublicCell is a cell of the public memory.
type PublicCell struct {
	Address uint64    `json:"address"`
	Page    int       `json:"page"`
	Value   felt.Felt `json:"value"`
}

// PublicInput returns the public input of a finalized run in proof mode.
func (s *Session) PublicInput() (*PublicInput, error) {
	if !s.config.Proof || len(s.finalized) == 0 || s.m.Steps() == 0 {
		return nil, ErrProof
	}
	bases := s.Bases()
	low, high := s.rangeLimits()
	p := &PublicInput{
		Layout: s.config.Layout.Name, RangeMin: low, RangeMax: high, Steps: s.m.Steps(),
		Segments: make(map[string]SegmentRange),
	}
	last := s.m.Registers()
	if !s.m.Idles() {
		s.m.Trace(func(r machine.Registers) bool { last = r; return true })
	}
	stack := bases[machine.StackSegment]
	p.Segments["program"] = SegmentRange{bases[0] + s.start.PC.Offset, bases[0] + last.PC.Offset}
	p.Segments["execution"] = SegmentRange{stack + s.start.AP, stack + last.AP}
	s.addPublic(p, bases, machine.ProgramSegment, 0, uint64(len(s.loaded.Program.Data)))
	for _, span := range s.public {
		s.addPublic(p, bases, machine.StackSegment, span[0], span[1])
	}
	for _, b := range s.builtins {
		p.Segments[string(b.name)] = SegmentRange{bases[b.base], bases[b.base] + b.stop}
		if b.name == builtin.Output {
			s.addPublic(p, bases, b.base, 0, s.used[b.base])
		}
	}
	return p, nil
}

// addPublic adds the cells of a segment from one offset up to another.
func (s *Session) addPublic(p *PublicInput, bases []uint64, seg int, from, to uint64) {
	for off := from; off < to; off++ {
		v := s.m.Read(machine.Address{Segment: seg, Offset: off})
		p.Memory = append(p.Memory, PublicCell{Address: bases[seg] + off, Value: relocate(v, bases)})
	}
}

// inputNames are the names of the inputs of builtins in the private input.
var inputNames = map[builtin.Name][]string{
	builtin.Pedersen:     {"x", "y"},
	builtin.RangeCheck:   {"value"},
	builtin.Bitwise:      {"x", "y"},
	builtin.EcOp:         {"p_x", "p_y", "q_x", "q_y", "m"},
	builtin.Keccak:       numbered("input_s", 8),
	builtin.Poseidon:     numbered("input_s", 3),
	builtin.RangeCheck96: {"value"},
}

func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strconv.Itoa(i)
	}
	return names
}

// Instance is a use of a builtin in the private input: its index, and its inputs by name.
type Instance map[string]any

// PrivateInput returns the inputs of the builtins, by name of the builtin and in order: the private input of the prover
// but for the paths of trace and memory. Instances without all of their inputs are left out.
func (s *Session) PrivateInput() (map[string]any, error) {
	if !s.config.Proof || len(s.finalized) == 0 {
		return nil, ErrProof
	}
	all := make(map[string]any)
	for i := range s.builtins {
		switch b := &s.builtins[i]; b.name {
		case builtin.Output:
		case builtin.Ecdsa:
			all[string(b.name)] = s.signatures(b)
		case builtin.AddMod, builtin.MulMod:
			all[string(b.name)] = s.modInput(b)
		default:
			all[string(b.name)] = s.inputs(b)
		}
	}
	return all, nil
}

// inputs returns the instances of a builtin with plain inputs.
func (s *Session) inputs(b *segment) []Instance {
	list := []Instance{}
	names := inputNames[b.name]
	for i := range divUp(s.used[b.base], b.name.Cells()) {
		in := Instance{"index": i}
		for k, name := range names {
			x, ok := s.m.Read(machine.Address{Segment: b.base, Offset: i*b.name.Cells() + uint64(k)}).Felt()
			if ok {
				in[name] = x
			}
		}
		if len(in) == 1+len(names) {
			list = append(list, in)
		}
	}
	return list
}

// signatures returns the instances of ecdsa; w is 1/s modulo the order of the curve.
func (s *Session) signatures(b *segment) []Instance {
	list := []Instance{}
	all := s.m.Signatures(b.base)
	for _, off := range slices.Sorted(maps.Keys(all)) {
		key, ok := s.m.Read(machine.Address{Segment: b.base, Offset: off}).Felt()
		message, ok2 := s.m.Read(machine.Address{Segment: b.base, Offset: off + 1}).Felt()
		if !ok || !ok2 {
			continue
		}
		sig, w := all[off], felt.Felt{}
		if n := new(big.Int).ModInverse(sig.S.Big(), crypto.Order.Big()); n != nil {
			w.SetBig(n)
		}
		list = append(list, Instance{
			"index": off / b.name.Cells(), "pubkey": key, "msg": message, "signature_input": map[string]felt.Felt{"r": sig.R, "w": w},
		})
	}
	return list
}
