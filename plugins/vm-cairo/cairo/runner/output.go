package runner

import (
	"bufio"
	"encoding/binary"
	"io"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Bases returns where each segment begins in the one memory of a proof: one after the other, from address 1.
func (s *Session) Bases() []uint64 {
	bases := make([]uint64, len(s.used))
	next := uint64(1)
	for i := range bases {
		bases[i] = next
		next += s.size(i)
	}
	return bases
}

// relocate returns the value of a cell in the one memory.
func relocate(c machine.Cell, bases []uint64) felt.Felt {
	if a, ok := c.Address(); ok {
		var base uint64
		if a.Segment >= 0 && a.Segment < len(bases) {
			base = bases[a.Segment]
		}
		return felt.FromUint64(base + a.Offset)
	}
	x, _ := c.Felt()
	return x
}

// WriteTrace writes ap, fp and pc of each step, relocated, each in 8 bytes, least significant first.
func (s *Session) WriteTrace(w io.Writer) error {
	bases := s.Bases()
	out := bufio.NewWriterSize(w, 1<<16)
	stack := bases[machine.StackSegment]
	var b [24]byte
	var err error
	s.m.Trace(func(r machine.Registers) bool {
		pc := relocate(r.PC.Cell(), bases)
		binary.LittleEndian.PutUint64(b[0:], stack+r.AP)
		binary.LittleEndian.PutUint64(b[8:], stack+r.FP)
		binary.LittleEndian.PutUint64(b[16:], pc[0])
		_, err = out.Write(b[:])
		return err == nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// WriteMemory writes address and value of each known cell, relocated, in 8 and 32 bytes, least significant first,
// by ascending address.
func (s *Session) WriteMemory(w io.Writer) error {
	bases := s.Bases()
	out := bufio.NewWriterSize(w, 1<<16)
	var b [40]byte
	for seg, base := range bases {
		for off := range s.used[seg] {
			c := s.m.Read(machine.Address{Segment: seg, Offset: off})
			if !c.Known() {
				continue
			}
			x := relocate(c, bases)
			binary.LittleEndian.PutUint64(b[0:], base+off)
			for i := range x {
				binary.LittleEndian.PutUint64(b[8+8*i:], x[i])
			}
			if _, err := out.Write(b[:]); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// Output returns the output of the program as it is shown to people: a line per cell, numbers in their signed view.
func (s *Session) Output() string {
	b := s.builtin(builtin.Output)
	if b == nil {
		return ""
	}
	var out strings.Builder
	for off := range s.used[b.base] {
		c := s.m.Read(machine.Address{Segment: b.base, Offset: off})
		switch x, ok := c.Felt(); {
		case !c.Known():
			out.WriteString("<missing>")
		case ok:
			if v, negative := x.Signed(); negative {
				out.WriteString("-" + v.Decimal())
			} else {
				out.WriteString(x.Decimal())
			}
		default:
			out.WriteString(c.String())
		}
		out.WriteByte('\n')
	}
	return out.String()
}
