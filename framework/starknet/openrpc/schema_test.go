package openrpc_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// schemas are those of the specification, by name.
type schemas map[string]map[string]any

func specification(t *testing.T) schemas {
	t.Helper()
	var file struct {
		Components struct {
			Schemas schemas `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(realdata.Read(t, "openrpc/starknet_api_openrpc.json"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Components.Schemas
}

// check returns an error unless value is of the schema. It knows the words that the specification uses.
func (s schemas) check(schema map[string]any, value any) error {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		if err := s.check(s[name], value); err != nil {
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
	}
	return nil
}

func (s schemas) checkObject(schema, value map[string]any) error {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			return fmt.Errorf("no %s", name)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		if v, ok := value[name]; ok {
			if err := s.check(p.(map[string]any), v); err != nil {
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
		out = append(out, p.(map[string]any))
	}
	return out
}

func TestSpecification(t *testing.T) {
	s := specification(t)
	conforms := func(what, schema string, text []byte) {
		t.Helper()
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if s[schema] == nil {
			t.Fatalf("no schema %s", schema)
		}
		if err := s.check(s[schema], value); err != nil {
			t.Errorf("%s: %v\n%.300s", what, err, text)
		}
	}
	if s.check(s["FELT"], "0x01") == nil || s.check(s["EVENT"], map[string]any{"from_address": "0x1"}) == nil {
		t.Fatal("the check finds nothing")
	}
	for name, real := range realBlocks(t) {
		b := &openrpc.Block{Block: real.Block, Status: openrpc.AcceptedOnL1}
		conforms(name, "BLOCK_WITH_TX_HASHES", openrpc.AppendBlockWithTxHashes(nil, b))
		conforms(name, "BLOCK_WITH_TXS", openrpc.AppendBlockWithTxs(nil, b))
		conforms(name, "BLOCK_WITH_RECEIPTS", openrpc.AppendBlockWithReceipts(nil, b))
		conforms(name, "BLOCK_HEADER", openrpc.AppendHeader(nil, &b.Header))
		for i, tx := range b.Transactions {
			ref := &openrpc.BlockRef{Number: uint64(b.Header.Number), Hash: b.Header.Hash}
			c := openrpc.NewReceipt(tx, &b.Receipts[i], openrpc.AcceptedOnL2, ref)
			conforms(name, "TXN_RECEIPT_WITH_BLOCK_INFO", openrpc.AppendReceipt(nil, c))
			conforms(name, "TXN", openrpc.AppendTransactionBody(nil, tx))
		}
		b.Status = openrpc.PreConfirmed
		conforms(name, "PRE_CONFIRMED_BLOCK_WITH_RECEIPTS", openrpc.AppendBlockWithReceipts(nil, b))
		conforms(name, "PRE_CONFIRMED_BLOCK_WITH_TXS", openrpc.AppendBlockWithTxs(nil, b))
	}
	for _, name := range realdata.Glob(t, "chain/sepolia-0-7/*.json") {
		u, err := gateway.ParseStateUpdate(realdata.Read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		conforms(name, "STATE_UPDATE", openrpc.AppendStateUpdate(nil, &openrpc.StateUpdate{Diff: u.Diff}))
	}
	sierra, err := class.ParseSierra(realdata.Read(t, "classes/cairo1/echo.sierra.json"))
	if err != nil {
		t.Fatal(err)
	}
	cairo0, err := class.ParseCairo0(realdata.Read(t, "classes/cairo0/l1l2.json"))
	if err != nil {
		t.Fatal(err)
	}
	for schema, c := range map[string]class.Class{"CONTRACT_CLASS": sierra, "DEPRECATED_CONTRACT_CLASS": cairo0} {
		text, err := openrpc.AppendClass(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		conforms(schema, schema, text)
	}
}
