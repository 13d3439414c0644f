package class

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// ParseCasm parses what the compiler from Sierra writes. Hints in the form for Python are dropped.
func ParseCasm(data []byte) (*Casm, error) {
	r := strictjson.NewReader(data)
	c := new(Casm)
	r.Object(
		r.Field("prime", func() { readPrime(r) }),
		r.TextField("compiler_version", &c.CompilerVersion),
		r.FeltsField("bytecode", &c.Bytecode),
		r.OrNull(r.Field("bytecode_segment_lengths", func() {
			c.Segments = new(Segment)
			readSegment(r, c.Segments, 0)
		})),
		r.Field("hints", func() { c.Hints = strictjson.Slice(r, func(h *Hints) { readCasmHints(r, h) }) }),
		r.Ignored("pythonic_hints"),
		r.Field("entry_points_by_type", func() { readEntryPoints(r, &c.EntryPoints, readCasmEntryPoint) }),
	)
	if c.Segments != nil && c.Segments.Length != uint64(len(c.Bytecode)) {
		r.FailAt("bytecode_segment_lengths", "sum is %d, want %d", c.Segments.Length, len(c.Bytecode))
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

// readSegment reads a length or a list of segments.
func readSegment(r *strictjson.Reader, s *Segment, depth int) {
	if depth > maxNesting {
		r.Failf("nested deeper than %d", maxNesting)
		return
	}
	if !r.IsArray() {
		s.Length = r.Uint64()
		if s.Length > math.MaxInt32 {
			r.Failf("%d is too long", s.Length)
		}
		return
	}
	s.Children = strictjson.Slice(r, func(child *Segment) { readSegment(r, child, depth+1) })
	if len(s.Children) == 0 {
		r.Failf("no segments")
	}
	for i := range s.Children {
		s.Length += s.Children[i].Length
	}
}

// readCasmHints reads [pc, [hint, ..]].
func readCasmHints(r *strictjson.Reader, h *Hints) {
	n := 0
	r.Array(func(i int) {
		switch n = i + 1; i {
		case 0:
			h.PC = r.Uint64()
		case 1:
			h.Code = readHintList(r)
		default:
			r.Failf("want a program counter and a list, no more")
		}
	})
	if n != 2 {
		r.Failf("want a program counter and a list")
	}
}

func readCasmEntryPoint(r *strictjson.Reader, e *CasmEntryPoint) {
	r.Object(
		r.FeltField("selector", &e.Selector),
		r.Uint64Field("offset", &e.Offset),
		r.Field("builtins", func() { e.Builtins = readBuiltins(r) }),
	)
}

// Text returns the class as JSON. Parsing it gives c.
func (c *Casm) Text() []byte {
	w := strictjson.NewWriter(make([]byte, 0, 40*len(c.Bytecode)))
	w.Object(func() {
		w.TextField("prime", "0x"+felt.Modulus().Text(16))
		w.TextField("compiler_version", c.CompilerVersion)
		w.FeltsField("bytecode", c.Bytecode)
		if c.Segments != nil {
			w.Key("bytecode_segment_lengths")
			writeSegment(w, c.Segments)
		}
		w.ArrayField("hints", func() {
			for _, h := range c.Hints {
				w.Array(func() {
					w.Uint64(h.PC)
					w.Raw(h.Code)
				})
			}
		})
		writeEntryPoints(w, &c.EntryPoints, func(e *CasmEntryPoint) {
			w.FeltField("selector", e.Selector)
			w.Uint64Field("offset", e.Offset)
			w.ArrayField("builtins", func() {
				for _, b := range e.Builtins {
					w.Text(b)
				}
			})
		})
	})
	return w.Bytes()
}

func writeSegment(w *strictjson.Writer, s *Segment) {
	if len(s.Children) == 0 {
		w.Uint64(s.Length)
		return
	}
	w.Array(func() {
		for i := range s.Children {
			writeSegment(w, &s.Children[i])
		}
	})
}
