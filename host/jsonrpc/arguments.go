package jsonrpc

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/chain"
)

// arguments are what a method was called with. Reading one of the wrong form keeps the first error.
type arguments struct {
	method *method
	values []json.RawMessage // nil where an optional one is missing
	err    error
}

// arguments sorts parameters, which are an object, a list or nothing.
func (m *method) arguments(params json.RawMessage) (*arguments, error) {
	a := &arguments{method: m, values: make([]json.RawMessage, len(m.params))}
	switch {
	case len(params) == 0, string(params) == "null":
	case params[0] == '{':
		var named map[string]json.RawMessage
		if err := json.Unmarshal(params, &named); err != nil {
			return nil, invalidParams("%v", err)
		}
		for name, value := range named {
			i := slices.IndexFunc(m.params, func(p param) bool { return p.name == name })
			if i < 0 {
				return nil, invalidParams("there is no parameter %q", name)
			}
			a.values[i] = value
		}
	case params[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(params, &list); err != nil {
			return nil, invalidParams("%v", err)
		}
		if len(list) > len(m.params) {
			return nil, invalidParams("%d parameters, want at most %d", len(list), len(m.params))
		}
		copy(a.values, list)
	default:
		return nil, invalidParams("params must be an object or a list")
	}
	for i, p := range m.params {
		if string(a.values[i]) == "null" {
			a.values[i] = nil
		}
		if a.values[i] == nil && !p.optional {
			return nil, invalidParams("%s is missing", p.name)
		}
	}
	return a, nil
}

// fail keeps the first error.
func (a *arguments) fail(name, format string, args ...any) {
	if a.err == nil {
		a.err = invalidParams(name+": "+format, args...)
	}
}

// raw returns an argument, nil if it is missing.
func (a *arguments) raw(name string) json.RawMessage {
	i := slices.IndexFunc(a.method.params, func(p param) bool { return p.name == name })
	if i < 0 {
		panic("jsonrpc: a method asks for a parameter that it does not have: " + name)
	}
	return a.values[i]
}

// read reads an argument into v, in which unknown fields are errors.
func (a *arguments) read(name string, v any) {
	if raw := a.raw(name); raw != nil {
		a.decode(name, raw, v)
	}
}

// decode reads the text of an argument, or of a part of one, into v, in which unknown fields are errors.
func (a *arguments) decode(name string, raw json.RawMessage, v any) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		a.fail(name, "%v", err)
	}
}

// felt reads a felt.
func (a *arguments) felt(name string) felt.Felt {
	var f felt.Felt
	a.read(name, &f)
	return f
}

// flags reads a list of flags, of which known ones are all that there are.
func (a *arguments) flags(name string, known ...string) []string {
	var list []string
	a.read(name, &list)
	for _, f := range list {
		if !slices.Contains(known, f) {
			a.fail(name, "there is no flag %q", f)
		}
	}
	return list
}

// index reads a number that is not negative.
func (a *arguments) index(name string) int {
	var n int
	if a.read(name, &n); n < 0 {
		a.fail(name, "%d is negative", n)
	}
	return n
}

// block reads the argument block_id and finds the block, which is there unless the error says otherwise.
func (a *arguments) block(c *chain.Chain) (r chain.Ref, err error) {
	const name = "block_id"
	return a.blockID(c, name, a.raw(name))
}

// blockID reads a block_id and finds the block.
func (a *arguments) blockID(c *chain.Chain, name string, raw json.RawMessage) (r chain.Ref, err error) {
	var id struct {
		Hash   *felt.Felt `json:"block_hash"`
		Number *uint64    `json:"block_number"`
	}
	if raw[0] != '"' {
		a.decode(name, raw, &id)
		if a.err == nil && (id.Hash == nil) == (id.Number == nil) {
			a.fail(name, "want block_hash or block_number")
		}
	}
	var tag string
	if raw[0] == '"' {
		a.decode(name, raw, &tag)
	}
	switch {
	case a.err != nil:
		return r, a.err
	case id.Hash != nil:
		return c.Hash(*id.Hash)
	case id.Number != nil:
		return c.Number(framework.BlockNumber(min(*id.Number, 1<<62))) //nolint:gosec // bounded
	case tag == "latest":
		return c.Latest()
	case tag == "pre_confirmed":
		return c.PreConfirmed()
	case tag == "l1_accepted": // this chain has no L1
		return r, &errBlockNotFound
	}
	return r, invalidParams("%s: there is no tag %q", name, tag)
}
