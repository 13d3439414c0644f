package class

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// ParseCairo0 parses what a Cairo 0 compiler writes. The offset of an entry point may be an integer, or text in
// hexadecimal or decimal.
func ParseCairo0(data []byte) (*Cairo0, error) {
	r := strictjson.NewReader(data)
	c := &Cairo0{ABI: json.RawMessage("null")}
	c.read(r, r.Field("program", func() { c.readProgram(r) }))
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

// ParseCairo0Parts parses a class whose program stands apart: program is the text of the field program, and
// whatever class has there is ignored.
func ParseCairo0Parts(class, program []byte) (*Cairo0, error) {
	r := strictjson.NewReader(class)
	c := &Cairo0{ABI: json.RawMessage("null")}
	c.read(r, r.Ignored("program"))
	if err := r.Finish(); err != nil {
		return nil, err
	}
	r = strictjson.NewReader(program)
	r.Under("program", func() { c.readProgram(r) })
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Cairo0) read(r *strictjson.Reader, program strictjson.Field) {
	r.Object(
		strictjson.Optional(r.Field("abi", func() { c.ABI = readABI(r) })),
		r.Field("entry_points_by_type", func() { readEntryPoints(r, &c.EntryPoints, readEntryPoint) }),
		program,
	)
}

func readABI(r *strictjson.Reader) json.RawMessage {
	if r.Null() {
		return json.RawMessage("null")
	}
	if !r.IsArray() {
		r.Failf("want an array or null")
	}
	return readText(r)
}

// readText reads a value into the form that a class keeps.
func readText(r *strictjson.Reader) json.RawMessage { return pythonSorted.rewrite(nil, r) }

func readEntryPoints[E any](r *strictjson.Reader, p *EntryPoints[E], read func(*strictjson.Reader, *E)) {
	var fields []strictjson.Field
	for i, list := range p.lists() {
		fields = append(fields, strictjson.Optional(r.Field(entryPointKeys[i], func() {
			*list = strictjson.Slice(r, func(e *E) { read(r, e) })
		})))
	}
	r.Object(fields...)
}

func readEntryPoint(r *strictjson.Reader, e *EntryPoint) {
	r.Object(
		r.FeltField("selector", &e.Selector),
		r.Field("offset", func() { e.Offset = readOffset(r) }),
	)
}

func readOffset(r *strictjson.Reader) uint64 {
	if !r.IsString() {
		return r.Uint64()
	}
	var text string
	r.Ahead(func() { text = r.Text() })
	if len(text) > 2 && text[:2] == "0x" {
		return r.HexUint64()
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		r.Failf("%q is no offset", text)
	}
	r.Text()
	return v
}

func (c *Cairo0) readProgram(r *strictjson.Reader) {
	c.Attributes = json.RawMessage("[]")
	r.Object(
		strictjson.Optional(r.Field("attributes", func() { c.Attributes = readAttributes(r) })),
		r.Field("builtins", func() { c.Builtins = readBuiltins(r) }),
		r.OrNull(r.Field("compiler_version", func() {
			if c.CompilerVersion = r.Text(); c.CompilerVersion == "" {
				r.Failf("empty")
			}
		})),
		r.FeltsField("data", &c.Data),
		r.Ignored("debug_info"),
		r.Field("hints", func() { c.Hints = readHints(r) }),
		r.Field("identifiers", func() { c.Identifiers = readObject(r) }),
		r.TextField("main_scope", &c.MainScope),
		r.Field("prime", func() { readPrime(r) }),
		r.Field("reference_manager", func() { c.ReferenceManager = readObject(r) }),
	)
}

func readObject(r *strictjson.Reader) json.RawMessage {
	if !r.IsObject() {
		r.Failf("want an object")
	}
	return readText(r)
}

// readBuiltins reads names of builtins, which are plain and fit into a felt.
func readBuiltins(r *strictjson.Reader) []string {
	return strictjson.Slice(r, func(name *string) {
		*name = r.Text()
		if !isBuiltinName(*name) {
			r.Failf("%q is no name of a builtin", *name)
		}
	})
}

func isBuiltinName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 31
}

func readPrime(r *strictjson.Reader) {
	var text []byte
	r.Ahead(func() { text = r.RawString() })
	digits := bytes.TrimLeft(bytes.TrimPrefix(bytes.Trim(text, `"`), []byte("0x")), "0")
	if r.Text(); !bytes.EqualFold(digits, []byte(felt.Modulus().Text(16))) {
		r.Failf("not the prime of Starknet")
	}
}

// readHints reads an object whose keys are program counters, and sorts them as numbers.
func readHints(r *strictjson.Reader) json.RawMessage {
	dst := []byte{'{'}
	var entries []entry
	var counters []uint64
	r.Map(func(key []byte) {
		pc, err := strconv.ParseUint(string(key), 10, 63)
		if err != nil || strconv.FormatUint(pc, 10) != string(key) {
			r.Failf("not a program counter")
		}
		at := len(dst)
		dst = pythonSorted.rewrite(append(append(append(dst, '"'), key...), `": `...), r)
		entries = append(entries, entry{start: at, end: len(dst)})
		counters = append(counters, pc)
	})
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(counters[a]) - int(counters[b]) })
	out := make([]byte, 0, len(dst)+2*len(order))
	out = append(out, '{')
	for i, o := range order {
		if i > 0 {
			if out = append(out, ", "...); counters[o] == counters[order[i-1]] {
				r.Failf("%d appears twice", counters[o])
			}
		}
		out = append(out, dst[entries[o].start:entries[o].end]...)
	}
	return append(out, '}')
}

// readAttributes reads a list of objects.
func readAttributes(r *strictjson.Reader) json.RawMessage {
	dst := []byte{'['}
	r.Array(func(i int) {
		if !r.IsObject() {
			r.Failf("want an object")
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = pythonSorted.rewrite(dst, r)
	})
	return append(dst, ']')
}

// trimAttributes leaves out of each attribute what attributes did not have before 0.8, if it is empty.
func trimAttributes(text json.RawMessage) []byte {
	r := strictjson.NewReader(text)
	dst := []byte{'['}
	r.Array(func(i int) {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, '{')
		first := true
		r.Map(func(key []byte) {
			head, value := r.RawKey(), r.Raw()
			if string(key) == "accessible_scopes" && string(value) == "[]" ||
				string(key) == "flow_tracking_data" && string(value) == "null" {
				return
			}
			if !first {
				dst = append(dst, ", "...)
			}
			first = false
			dst = append(append(append(dst, head...), ": "...), value...)
		})
		dst = append(dst, '}')
	})
	return append(dst, ']')
}
