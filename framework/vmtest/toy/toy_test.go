package toy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
)

// cells is a view of a few cells, without classes.
type cells map[framework.Key]framework.Word

func (c cells) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = c[k]
	}
	return nil
}

func (cells) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}

func (cells) Aborted() bool { return false }

var ones = framework.Word{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func TestScripts(t *testing.T) {
	state := cells{toy.Cell("a"): {7}, toy.Cell("max"): ones, toy.Cell("ptr"): toy.Name("a")}
	low, high := toy.Balance("b")
	set := func(name string, w framework.Word) []framework.Write {
		return []framework.Write{{Key: toy.Cell(name), Value: w}}
	}
	for script, want := range map[string]framework.Outcome{
		"load a; plus 3; store x":           {Writes: set("x", framework.Word{10})},
		"load max; plus 2; store x":         {Writes: set("x", framework.Word{1})},
		"minus 1; store x":                  {Writes: set("x", ones)},
		"load ptr; follow; store x":         {Writes: set("x", framework.Word{7})},
		"set 0x10000000000000000\n store x": {Writes: set("x", framework.Word{0, 1})},
		"header; store x; load x; store x":  {Writes: set("x", framework.Word{5})},
		"pay b 3; pay b 4":                  {Adds: []framework.Add{{Low: low, High: high, Amount: framework.Word{7}}}},
		"pay b 3; balance b":                {Writes: []framework.Write{{Key: low, Value: framework.Word{3}}, {Key: high}}},
		"load a; store x; keep; store y; need 8": {
			Status: framework.Reverted, Writes: set("x", framework.Word{7}),
		},
		"store x; reject":     {Status: framework.Rejected},
		"store x; jump":       {Status: framework.Rejected},
		"store x; plus two":   {Status: framework.Rejected},
		"store x; call class": {Status: framework.Reverted},
		"declare c plus 1|store x; call c": {
			Writes: append(set("x", framework.Word{2}),
				framework.Write{Key: toy.Declared(toy.Name("c")), Value: framework.Word{1}}),
			Classes: []framework.Class{{Hash: toy.Name("c"), Body: []byte("plus 1;store x")}},
		},
	} {
		t.Run(script, func(t *testing.T) {
			ex, err := toy.VM{}.Open(t.Context(), &framework.Block{Protocol: toy.Protocol, Header: []byte("5")})
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			defer ex.Close()
			tx := toy.Tx(strings.Replace(script, "declare", "set 1; declare", 1))
			var got framework.Outcome
			if err := ex.Execute(t.Context(), &tx, framework.Version{}, state, &got); err != nil {
				t.Fatalf("Execute: %v", err)
			}
			got.Usage, got.Receipt = framework.Usage{}, nil
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("outcome differs (-want +got):\n%s", d)
			}
		})
	}
}
