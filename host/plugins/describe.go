package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// Description is all that a plugin says of itself.
type Description struct {
	plugin.Info
	// Carriers are how it can talk over links, best first. A plugin of this program needs none.
	Carriers []string `json:"carriers,omitempty"`
	Keys     []Key    `json:"keys"`
	// Schema is the JSON Schema of its section, out of which Keys are made.
	Schema json.RawMessage `json:"-"`
}

// Key is a key of a plugin's section, as its JSON Schema tells it.
type Key struct {
	Key     string `json:"key"`
	Type    string `json:"type"`
	Default any    `json:"default,omitempty"`
	Unit    string `json:"unit,omitempty"`
	Values  []any  `json:"values,omitempty"` // those that it can have; any, if there are none
	Secret  bool   `json:"secret,omitempty"`
	Doc     string `json:"doc,omitempty"`
}

// Describe asks a target what it serves. Somebody's program is started for that, and stopped again.
func (t *Target) Describe(ctx context.Context, timeout time.Duration, log *slog.Logger) (all []Description, err error) {
	if t.Factory != nil {
		s := t.Factory.Schema()
		s["$schema"] = rpc.SchemaDialect
		text, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		d, err := describe(t.Factory.Info, nil, text)
		return []Description{d}, err
	}
	r, err := t.Start(ctx, timeout, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Stop(ctx)) }()
	return r.Describe(ctx)
}

// Describe asks a process what it serves.
func (r *Running) Describe(ctx context.Context) ([]Description, error) {
	var all []Description
	for _, info := range r.Info().Plugins {
		schema, _, err := r.Schema(ctx, info.Kind, info.ID)
		if err != nil {
			return nil, err
		}
		d, err := describe(info, r.Info().Carriers, schema)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func describe(info plugin.Info, carriers []string, schema []byte) (Description, error) {
	var s node
	if err := json.Unmarshal(schema, &s); err != nil {
		return Description{}, fmt.Errorf("the schema of %v is no JSON Schema: %w", info, err)
	}
	return Description{info, carriers, s.keys(""), schema}, nil
}

// node is what is looked at of a JSON Schema.
type node struct {
	Type        any             `json:"type"`
	Description string          `json:"description"`
	Default     any             `json:"default"`
	Unit        string          `json:"x-unit"`
	Enum        []any           `json:"enum"`
	WriteOnly   bool            `json:"writeOnly"`
	Pattern     string          `json:"pattern"`
	Items       *node           `json:"items"`
	Properties  map[string]node `json:"properties"`
}

// keys returns the keys that a schema names, those of sections with their paths, in alphabetical order.
func (n *node) keys(prefix string) []Key {
	all := []Key{}
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		p := n.Properties[name]
		if len(p.Properties) > 0 {
			all = append(all, p.keys(prefix+name+".")...)
			continue
		}
		all = append(all, Key{
			Key: prefix + name, Type: p.name(), Default: p.Default, Unit: p.Unit,
			Values: p.Enum, Secret: p.WriteOnly, Doc: p.Description,
		})
	}
	return all
}

// name returns the type of a value in a word or two.
func (n *node) name() string {
	if n.Items != nil {
		return "list of " + n.Items.name()
	}
	switch t := n.Type.(type) {
	case string:
		return t
	case []any:
		if strings.HasSuffix(n.Pattern, "(ns|us|µs|μs|ms|s|m|h))+)$") {
			return "duration"
		}
		return strings.Trim(fmt.Sprint(t...), " ")
	}
	return "any"
}
