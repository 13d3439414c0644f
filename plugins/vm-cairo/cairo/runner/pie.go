package runner

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/pie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// PIE returns the run as a position independent execution. It has to be a run of main that is not for a proof, and its
// stop pointers must have been read.
func (s *Session) PIE() (*pie.PIE, error) {
	if s.config.Proof {
		return nil, fail(ErrEntry, "A Cairo PIE can not be ran in proof_mode")
	}
	p := &pie.PIE{
		Data: s.loaded.Program.Data, Builtins: s.loaded.Program.Builtins, Main: s.start.PC.Offset,
		Program:         pie.Segment{Index: machine.ProgramSegment, Size: uint64(len(s.loaded.Program.Data))},
		Execution:       pie.Segment{Index: machine.StackSegment, Size: s.m.Registers().AP},
		ReturnFP:        pie.Segment{Index: s.end.Segment - 1},
		ReturnPC:        pie.Segment{Index: s.end.Segment},
		BuiltinSegments: make(map[builtin.Name]pie.Segment),
		Pages:           s.pages, Attributes: s.attributes,
		Signatures: make(map[machine.Address]crypto.Signature),
	}
	if s.size(p.ReturnFP.Index) != 0 {
		return nil, fail(ErrSecurity, "Unexpected ret_fp_segment size")
	}
	if s.size(p.ReturnPC.Index) != 0 {
		return nil, fail(ErrSecurity, "Unexpected ret_pc_segment size")
	}
	for i := range s.builtins {
		b := &s.builtins[i]
		if !b.stopped {
			return nil, fail(ErrStopPointer, "No stop pointer found for builtin %v", b.name)
		}
		p.BuiltinSegments[b.name] = pie.Segment{Index: b.base, Size: b.stop}
		s.addPrivate(p, b)
	}
	for i := s.end.Segment + 1; i < len(s.used); i++ {
		p.Extra = append(p.Extra, pie.Segment{Index: i, Size: s.size(i)})
	}
	for seg := range s.used {
		for off := range s.used[seg] {
			at := machine.Address{Segment: seg, Offset: off}
			v := s.m.Read(at)
			if a, ok := v.Address(); ok {
				p.Memory = append(p.Memory, pie.Cell{At: at, Value: a.Cell()})
			} else if x, ok := v.Felt(); ok {
				p.Memory = append(p.Memory, pie.Cell{At: at, Value: machine.FeltCell(x)})
			}
		}
	}
	r := s.Resources()
	p.Steps, p.Holes, p.Instances = r.Steps, r.Holes, r.Instances
	return p, nil
}

// addPrivate adds what a builtin knows besides its cells: signatures, and the hashes that were computed, which are those
// of all instances with both inputs.
func (s *Session) addPrivate(p *pie.PIE, b *segment) {
	switch b.name {
	case builtin.Ecdsa:
		for off, sig := range s.m.Signatures(b.base) {
			p.Signatures[machine.Address{Segment: b.base, Offset: off}] = crypto.Signature{R: sig.R, S: sig.S}
		}
	case builtin.Pedersen:
		end := s.used[b.base]
		if s.secured {
			end = s.instances(b) * b.name.Cells()
		}
		for off := b.name.Inputs(); off < end; off += b.name.Cells() {
			at := machine.Address{Segment: b.base, Offset: off}
			_, x := s.m.Read(machine.Address{Segment: b.base, Offset: off - 2}).Felt()
			_, y := s.m.Read(machine.Address{Segment: b.base, Offset: off - 1}).Felt()
			if x && y {
				p.Pedersen = append(p.Pedersen, at)
			}
		}
	}
}

// LoadPIE makes the program of p ready. It has no hints: what they did is in the memory.
func LoadPIE(p *pie.PIE) *Loaded {
	return Load(&program.Program{
		Data: p.Data, Builtins: p.Builtins,
		Identifiers: map[string]program.Identifier{"__main__.main": {Type: "function", PC: p.Main}},
	}, hint.Library{})
}

// FromPIE prepares a run of p, whose program l is, on m. It may take as many steps as the run that p is of. A secure run
// should be followed by [PIE.Compare] of the execution that it makes with p.
func FromPIE(m *machine.Machine, l *Loaded, p *pie.PIE, c Config, mc machine.Config) (*Session, error) {
	if c.Proof {
		return nil, fail(ErrEntry, "A Cairo PIE can not be ran in proof_mode")
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	c.MaxSteps = p.Steps
	s, err := Main(m, l, c, mc)
	if err != nil {
		return nil, err
	}
	s.finalized = make(map[int]uint64)
	for _, info := range p.Segments() {
		s.finalized[info.Index] = info.Size
	}
	s.pages, s.attributes = p.Pages, p.Attributes
	for at, sig := range p.Signatures {
		if b := s.builtin(builtin.Ecdsa); b == nil || at.Segment != b.base {
			return nil, fail(ErrBuiltins, "%v: Invalid additional data", builtin.Ecdsa)
		}
		m.AddSignature(at, sig)
	}
	extra := len(p.Extra)
	if s.zero >= 0 {
		extra--
	}
	for range extra {
		m.AddSegment(machine.NoRule)
	}
	for i := range p.Memory {
		if err := m.Write(p.Memory[i].At, p.Memory[i].Value); err != nil {
			return nil, err
		}
	}
	return s, nil
}
