package config

import (
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Schema returns the JSON Schema of a configuration file for the program, with the section of each of its plugins: which
// one holds depends on `use`. Parts with `exec` can have any section.
func (p Program) Schema() plugin.Schema {
	defaults := Default()
	root := plugin.SchemaOf(&defaults)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Configuration of a Switchyard host"
	properties := properties(root)
	defs := map[string]any{}
	for _, f := range p.Plugins {
		defs[f.Info.String()] = f.Schema()
	}
	for _, kind := range plugin.Kinds() {
		if part, ok := properties[string(kind)].(plugin.Schema); ok {
			p.part(part, kind, defaults.part(kind).Use)
		}
	}
	if p.Workload != nil {
		workload := plugin.SchemaOf(p.Workload)
		if old, ok := properties["workload"].(plugin.Schema); ok {
			workload["description"] = old["description"]
		}
		properties["workload"] = workload
	}
	if len(defs) > 0 {
		root["$defs"] = defs
	}
	return root
}

func properties(s plugin.Schema) map[string]any {
	p, _ := s["properties"].(map[string]any)
	return p
}

// part adds to the schema of a part which plugins there are, and which section each has.
func (p Program) part(s plugin.Schema, kind plugin.Kind, standard string) {
	all := properties(s)
	sub := func(key string) plugin.Schema {
		inner, _ := all[key].(plugin.Schema)
		return inner
	}
	delete(sub("place"), "default") // it depends on exec
	sub("place")["pattern"] = places.String()
	sub("sha256")["pattern"] = "^([0-9a-fA-F]{64})?$"
	if p.Plugins == nil {
		return
	}
	ids := p.Plugins.IDs(kind)
	own := map[string]any{"properties": map[string]any{"exec": map[string]any{"const": ""}}}
	rules := []any{map[string]any{
		"if":   own,
		"then": map[string]any{"properties": map[string]any{"use": map[string]any{"enum": append([]string{}, ids...)}}},
	}}
	for _, id := range ids {
		when := map[string]any{"properties": map[string]any{
			"exec": map[string]any{"const": ""}, "use": map[string]any{"const": id},
		}}
		if id != standard {
			when["required"] = []string{"use"}
		}
		ref := map[string]any{"$ref": "#/$defs/" + string(kind) + "." + id}
		rules = append(rules, map[string]any{
			"if":   when,
			"then": map[string]any{"properties": map[string]any{"config": ref}},
		})
	}
	s["allOf"] = rules
}
