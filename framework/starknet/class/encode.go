package class

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// encodingV1 is the first byte of every encoding.
const encodingV1 = 1

// kind is the second byte of an encoding.
type kind byte

const (
	cairo0 kind = iota
	sierra
	casm
	compiled
	kinds
)

func (*Cairo0) kind() kind   { return cairo0 }
func (*Sierra) kind() kind   { return sierra }
func (*Casm) kind() kind     { return casm }
func (*Compiled) kind() kind { return compiled }

// Append appends the encoding of c: version, kind, and its parts.
func Append(dst []byte, c Class) []byte { return c.appendBody(append(dst, encodingV1, byte(c.kind()))) }

// Decode decodes what Append made. All errors wrap starknet.ErrEncoding.
func Decode(data []byte) (Class, error) {
	r := wire.NewReader(data, "class")
	r.Version(encodingV1)
	var c Class
	switch kind(r.Below(byte(kinds))) {
	case cairo0:
		c = decodeCairo0(r)
	case sierra:
		c = decodeSierra(r)
	case casm:
		c = decodeCasm(r)
	default:
		c = &Compiled{Sierra: decodeSierra(r), Casm: decodeCasm(r)}
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Compiled) appendBody(dst []byte) []byte { return c.Casm.appendBody(c.Sierra.appendBody(dst)) }

func (c *Cairo0) appendBody(dst []byte) []byte {
	for _, list := range c.EntryPoints.lists() {
		dst = wire.AppendList(dst, *list, func(dst []byte, e *EntryPoint) []byte {
			return wire.AppendUint(wire.AppendFelt(dst, e.Selector), e.Offset)
		})
	}
	dst = wire.AppendList(dst, c.Builtins, appendName)
	dst = wire.AppendFelts(dst, c.Data)
	dst = wire.AppendText(dst, c.MainScope)
	dst = wire.AppendText(dst, c.CompilerVersion)
	for _, text := range c.texts() {
		dst = wire.AppendBytes(dst, *text.value)
	}
	return dst
}

// texts returns the parts of c that are JSON, and how each is read.
func (c *Cairo0) texts() []textPart {
	return []textPart{
		{&c.ABI, readABI},
		{&c.Hints, readHints},
		{&c.Identifiers, readObject},
		{&c.ReferenceManager, readObject},
		{&c.Attributes, readAttributes},
	}
}

type textPart struct {
	value *json.RawMessage
	read  func(*strictjson.Reader) json.RawMessage
}

func decodeCairo0(r *wire.Reader) *Cairo0 {
	c := new(Cairo0)
	for _, list := range c.EntryPoints.lists() {
		*list = wire.List(r, 2, func(r *wire.Reader, e *EntryPoint) { e.Selector, e.Offset = r.Felt(), r.Uint() })
	}
	c.Builtins = wire.List(r, 2, readName)
	c.Data, c.MainScope, c.CompilerVersion = r.Felts(), r.Text(), r.Text()
	for _, text := range c.texts() {
		*text.value = decodeJSON(r, text.read)
	}
	return c
}

// decodeJSON decodes a JSON text, which must be in the form in which read leaves it.
func decodeJSON(r *wire.Reader, read func(*strictjson.Reader) json.RawMessage) json.RawMessage {
	data := r.Bytes()
	if r.Err() != nil {
		return nil
	}
	j := strictjson.NewReader(data)
	text := read(j)
	if err := j.Finish(); err != nil {
		r.Failf("%v", err)
		return nil
	}
	if !slices.Equal(text, data) {
		r.Failf("JSON is not as Python writes it")
	}
	return text
}

func appendName(dst []byte, name *string) []byte { return wire.AppendText(dst, *name) }

// readName decodes the name of a builtin.
func readName(r *wire.Reader, name *string) {
	if *name = r.Text(); r.Err() == nil && !isBuiltinName(*name) {
		r.Failf("%q is no name of a builtin", *name)
	}
}

func (c *Sierra) appendBody(dst []byte) []byte {
	for _, list := range c.EntryPoints.lists() {
		dst = wire.AppendList(dst, *list, func(dst []byte, e *SierraEntryPoint) []byte {
			return wire.AppendUint(wire.AppendFelt(dst, e.Selector), e.Function)
		})
	}
	return wire.AppendText(wire.AppendFelts(dst, c.Program), c.ABI)
}

func decodeSierra(r *wire.Reader) *Sierra {
	c := new(Sierra)
	for _, list := range c.EntryPoints.lists() {
		*list = wire.List(r, 2, func(r *wire.Reader, e *SierraEntryPoint) {
			e.Selector, e.Function = r.Felt(), r.Uint()
		})
	}
	c.Program, c.ABI = r.Felts(), r.Text()
	return c
}

func (c *Casm) appendBody(dst []byte) []byte {
	for _, list := range c.EntryPoints.lists() {
		dst = wire.AppendList(dst, *list, func(dst []byte, e *CasmEntryPoint) []byte {
			dst = wire.AppendUint(wire.AppendFelt(dst, e.Selector), e.Offset)
			return wire.AppendList(dst, e.Builtins, appendName)
		})
	}
	dst = wire.AppendFelts(dst, c.Bytecode)
	dst = wire.AppendBool(dst, c.Segments != nil)
	if c.Segments != nil {
		dst = c.Segments.append(dst)
	}
	dst = wire.AppendList(dst, c.Hints, func(dst []byte, h *Hints) []byte {
		return wire.AppendBytes(wire.AppendUint(dst, h.PC), h.Code)
	})
	return wire.AppendText(dst, c.CompilerVersion)
}

func decodeCasm(r *wire.Reader) *Casm {
	c := new(Casm)
	for _, list := range c.EntryPoints.lists() {
		*list = wire.List(r, 3, func(r *wire.Reader, e *CasmEntryPoint) {
			e.Selector, e.Offset = r.Felt(), r.Uint()
			e.Builtins = wire.List(r, 2, readName)
		})
	}
	c.Bytecode = r.Felts()
	if r.Bool() {
		c.Segments = new(Segment)
		c.Segments.decode(r, 0)
		if c.Segments.Length != uint64(len(c.Bytecode)) {
			r.Failf("segments of %d felts for %d", c.Segments.Length, len(c.Bytecode))
		}
	}
	c.Hints = wire.List(r, 3, func(r *wire.Reader, h *Hints) { h.PC, h.Code = r.Uint(), decodeJSON(r, readHintList) })
	c.CompilerVersion = r.Text()
	return c
}

// readHintList reads the hints of one instruction.
func readHintList(r *strictjson.Reader) json.RawMessage {
	if !r.IsArray() {
		r.Failf("want an array")
	}
	return compact.rewrite(nil, r)
}

// append appends the number of children, and those, or 0 and the length.
func (s *Segment) append(dst []byte) []byte {
	if len(s.Children) == 0 {
		return wire.AppendUint(append(dst, 0), s.Length)
	}
	return wire.AppendList(dst, s.Children, func(dst []byte, child *Segment) []byte { return child.append(dst) })
}

// maxNesting limits the depth of segments, so that no input exhausts the stack.
const maxNesting = 64

func (s *Segment) decode(r *wire.Reader, depth int) {
	s.Children = wire.List(r, 2, func(r *wire.Reader, child *Segment) {
		if depth == maxNesting {
			r.Failf("segments nested deeper than %d", maxNesting)
			return
		}
		child.decode(r, depth+1)
		s.Length += child.Length
	})
	if len(s.Children) > 0 {
		return
	}
	if s.Length = r.Uint(); s.Length > math.MaxInt32 {
		r.Failf("segment of %d felts", s.Length)
	}
}
