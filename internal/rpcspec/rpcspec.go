// Package rpcspec checks values against the OpenRPC documents of Starknet's JSON-RPC, in tests.
package rpcspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// Spec is what the documents say. It is for one goroutine at a time.
type Spec struct {
	schemas map[string]map[string]any
	methods map[string]map[string]any
}

// Load reads the documents. The test is skipped if there are none.
func Load(tb testing.TB) *Spec {
	tb.Helper()
	s := &Spec{schemas: map[string]map[string]any{}, methods: map[string]map[string]any{}}
	for _, name := range []string{"starknet_api_openrpc", "starknet_write_api", "starknet_trace_api_openrpc"} {
		var file struct {
			Methods []struct {
				Name   string `json:"name"`
				Result struct {
					Schema map[string]any `json:"schema"`
				} `json:"result"`
			} `json:"methods"`
			Components struct {
				Schemas map[string]map[string]any `json:"schemas"`
			} `json:"components"`
		}
		if err := json.Unmarshal(unaliased(realdata.Read(tb, "openrpc/"+name+".json")), &file); err != nil {
			tb.Fatal(err)
		}
		for _, m := range file.Methods {
			s.methods[m.Name] = m.Result.Schema
		}
		maps.Copy(file.Components.Schemas, s.schemas) // the first document has them in full
		s.schemas = file.Components.Schemas
	}
	return s
}

// alias is a schema that only stands for one of another document with another name.
var alias = regexp.MustCompile(`"(\w+)":\s*\{\s*"\$ref":\s*"[^"#]+#/components/schemas/(\w+)"\s*\}`)

// unaliased returns a document in which schemas of other documents have the names that they have there: one name may stand for
// different schemas in different documents.
func unaliased(text []byte) []byte {
	for _, m := range alias.FindAllSubmatch(text, -1) {
		if name, of := string(m[1]), string(m[2]); name != of {
			text = bytes.ReplaceAll(text, []byte(`"#/components/schemas/`+name+`"`), []byte(`"#/components/schemas/`+of+`"`))
		}
	}
	return text
}

// Check returns an error unless a JSON text is of the schema of that name.
func (s *Spec) Check(schema string, text []byte) error {
	if s.schemas[schema] == nil {
		return fmt.Errorf("no schema %s", schema)
	}
	return s.parse(s.schemas[schema], text)
}

// CheckResult returns an error unless a JSON text can be the result of that method. Of several forms it may have more than one:
// what is said of a block that is being made holds for a complete one too.
func (s *Spec) CheckResult(method string, text []byte) error {
	schema := s.methods[method]
	if schema == nil {
		return fmt.Errorf("no method %s", method)
	}
	forms := list(schema["oneOf"])
	if len(forms) == 0 {
		return s.parse(schema, text)
	}
	var errs []error
	for _, form := range forms {
		err := s.parse(form, text)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Spec) parse(schema map[string]any, text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	return s.check(schema, value)
}

// check returns an error unless value is of the schema. It knows the words that the specification uses.
func (s *Spec) check(schema map[string]any, value any) error {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		if s.schemas[name] == nil {
			return fmt.Errorf("no schema %s", name)
		}
		if err := s.check(s.schemas[name], value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	for _, part := range list(schema["allOf"]) {
		if err := s.check(part, value); err != nil {
			return err
		}
	}
	if choices := list(schema["oneOf"]); len(choices) > 0 {
		var errs []error
		for _, c := range choices {
			if err := s.check(c, value); err != nil {
				errs = append(errs, err)
			}
		}
		if len(choices)-len(errs) != 1 {
			return fmt.Errorf("%d of %d forms fit: %v", len(choices)-len(errs), len(choices), errs)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		return s.checkObject(schema, value)
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, v := range value {
			if err := s.check(items, v); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return ofType(schema, "array")
	case string:
		return checkString(schema, value)
	case float64:
		return ofType(schema, "integer")
	case bool:
		return ofType(schema, "boolean")
	}
	return ofType(schema, "null")
}

func (s *Spec) checkObject(schema, value map[string]any) error {
	required, _ := schema["required"].([]any)
	for _, r := range required {
		name, _ := r.(string)
		if _, ok := value[name]; !ok {
			return fmt.Errorf("no %s", name)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	if more, ok := schema["additionalProperties"].(bool); ok && !more {
		for name := range value {
			if properties[name] == nil {
				return fmt.Errorf("%s is not in the schema", name)
			}
		}
	}
	for name, p := range properties {
		if v, ok := value[name]; ok {
			schema, _ := p.(map[string]any)
			if err := s.check(schema, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return ofType(schema, "object")
}

func checkString(schema map[string]any, value string) error {
	if p, ok := schema["pattern"].(string); ok { // compiled once, then kept in its place
		schema["pattern"] = regexp.MustCompile(p)
	}
	if p, ok := schema["pattern"].(*regexp.Regexp); ok && !p.MatchString(value) {
		return fmt.Errorf("%q does not fit %s", value, p)
	}
	if enum, ok := schema["enum"].([]any); ok {
		for _, e := range enum {
			if e == value {
				return nil
			}
		}
		return fmt.Errorf("%q is none of %v", value, enum)
	}
	return ofType(schema, "string")
}

func ofType(schema map[string]any, want string) error {
	if got, ok := schema["type"].(string); ok && got != want {
		return fmt.Errorf("want %s, have %s", got, want)
	}
	return nil
}

func list(v any) (out []map[string]any) {
	parts, _ := v.([]any)
	for _, p := range parts {
		part, _ := p.(map[string]any)
		out = append(out, part)
	}
	return out
}
