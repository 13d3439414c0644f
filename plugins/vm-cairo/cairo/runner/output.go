package runner

import (
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

// outputSize is how much is gathered before it is written.
const outputSize = 1 << 16

// records gathers records of a fixed size, and hands them on in larger pieces.
type records struct {
	w   io.Writer
	buf []byte
	err error
}

// next returns room for a record of n bytes.
func (r *records) next(n int) []byte {
	if len(r.buf)+n > cap(r.buf) {
		r.flush()
	}
	at := len(r.buf)
	r.buf = r.buf[:at+n]
	return r.buf[at:]
}

func (r *records) flush() {
	if r.err == nil {
		_, r.err = r.w.Write(r.buf)
	}
	r.buf = r.buf[:0]
}

func newRecords(w io.Writer) *records { return &records{w: w, buf: make([]byte, 0, outputSize)} }

// WriteTrace writes ap, fp and pc of each step, relocated, each in 8 bytes, least significant first.
func (s *Session) WriteTrace(w io.Writer) error {
	bases := s.Bases()
	out := newRecords(w)
	stack := bases[machine.StackSegment]
	s.m.Trace(func(r machine.Registers) bool {
		pc := r.PC.Offset
		if r.PC.Segment >= 0 && r.PC.Segment < len(bases) {
			pc += bases[r.PC.Segment]
		}
		b := out.next(24)
		binary.LittleEndian.PutUint64(b[0:], stack+r.AP)
		binary.LittleEndian.PutUint64(b[8:], stack+r.FP)
		binary.LittleEndian.PutUint64(b[16:], pc)
		return out.err == nil
	})
	out.flush()
	return out.err
}

// WriteMemory writes address and value of each known cell, relocated, in 8 and 32 bytes, least significant first,
// by ascending address.
func (s *Session) WriteMemory(w io.Writer) error {
	bases := s.Bases()
	out := newRecords(w)
	for seg, base := range bases {
		cells := s.m.View(machine.Address{Segment: seg}, s.used[seg])
		for off := range s.used[seg] {
			var c machine.Cell
			if off < uint64(len(cells)) {
				c = cells[off]
			} else {
				c = s.m.Read(machine.Address{Segment: seg, Offset: off})
			}
			if !c.Known() {
				continue
			}
			x := relocate(c, bases)
			b := out.next(40)
			binary.LittleEndian.PutUint64(b[0:], base+off)
			binary.LittleEndian.PutUint64(b[8:], x[0])
			binary.LittleEndian.PutUint64(b[16:], x[1])
			binary.LittleEndian.PutUint64(b[24:], x[2])
			binary.LittleEndian.PutUint64(b[32:], x[3])
		}
		if out.err != nil {
			break
		}
	}
	out.flush()
	return out.err
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
