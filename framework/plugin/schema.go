package plugin

import (
	"encoding"
	"reflect"
	"strings"
	"time"
)

// Schema is a JSON Schema of draft 2020-12, ready to be encoded as JSON.
type Schema map[string]any

// Schema returns the schema of the plugin's section.
func (f Factory) Schema() Schema {
	s := SchemaOf(f.Defaults())
	s["title"] = f.Info.String()
	if f.Info.Summary != "" {
		s["description"] = f.Info.Summary
	}
	return s
}

// SchemaOf returns the schema of the sections that [Decode] accepts for the config struct that config points to, with
// its values as defaults. No key is required. What a Validate method refuses is not in it. A unit is the
// annotation "x-unit", and a secret is "writeOnly".
func SchemaOf(config any) Schema {
	return object(Fields(config), "")
}

// object returns the schema of the section that has the fields with a prefix.
func object(fields []Field, prefix string) Schema {
	properties := map[string]any{}
	for _, f := range fields {
		name, ok := strings.CutPrefix(f.Key, prefix)
		if !ok || strings.Contains(name, ".") {
			continue
		}
		var s Schema
		if f.Section {
			s = object(fields, f.Key+".")
		} else {
			s = typeSchema(f.Type)
			if d := Plain(f.Default); d != nil {
				s["default"] = d
			}
		}
		annotate(s, f)
		properties[name] = s
	}
	return Schema{"type": "object", "properties": properties, "additionalProperties": false}
}

// annotate adds what the tags of a field say.
func annotate(s Schema, f Field) {
	if f.Doc != "" {
		s["description"] = f.Doc
	}
	if f.Unit != "" {
		s["x-unit"] = f.Unit
	}
	if len(f.Enum) > 0 {
		s["enum"] = f.Enum
	}
	if f.Secret {
		s["writeOnly"] = true
		delete(s, "default")
	}
}

// typeSchema returns the schema of the values of a type.
func typeSchema(t reflect.Type) Schema {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return Schema{
			"type": []string{"string", "integer"}, "maximum": 0, "minimum": 0, // a number is 0: it needs no unit
			"pattern": `^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`,
		}
	case readsText(t):
		return Schema{"type": []string{"string", "integer"}}
	}
	switch kind := t.Kind(); {
	case kind == reflect.Bool:
		return Schema{"type": "boolean"}
	case kind >= reflect.Int && kind <= reflect.Int64:
		return Schema{"type": "integer"}
	case kind >= reflect.Uint && kind <= reflect.Uintptr:
		return Schema{"type": "integer", "minimum": 0}
	case kind == reflect.Float32 || kind == reflect.Float64:
		return Schema{"type": "number"}
	case kind == reflect.String:
		return Schema{"type": "string"}
	case kind == reflect.Slice:
		return Schema{"type": "array", "items": typeSchema(t.Elem())}
	case kind == reflect.Map:
		return Schema{"type": "object", "additionalProperties": typeSchema(t.Elem())}
	case kind == reflect.Struct:
		return SchemaOf(reflect.New(t).Interface())
	case kind == reflect.Pointer:
		return typeSchema(t.Elem())
	}
	return Schema{}
}

// Plain returns a value of a config as a section writes it: durations and what writes itself as text as strings,
// lists as []any, and maps and structs as map[string]any.
func Plain(value any) any {
	if value == nil {
		return nil
	}
	switch x := value.(type) {
	case time.Duration:
		return x.String()
	case encoding.TextMarshaler:
		if text, err := x.MarshalText(); err == nil {
			return string(text)
		}
	}
	return plain(reflect.ValueOf(value))
}

func plain(v reflect.Value) any {
	switch kind := v.Kind(); {
	case kind == reflect.Slice || kind == reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = Plain(v.Index(i).Interface())
		}
		return list
	case kind == reflect.Map && v.Type().Key().Kind() == reflect.String:
		section := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			section[key.String()] = Plain(v.MapIndex(key).Interface())
		}
		return section
	case kind == reflect.Struct:
		section := map[string]any{}
		for _, f := range Fields(v.Interface()) {
			if !strings.Contains(f.Key, ".") {
				section[f.Key] = Plain(f.Default)
			}
		}
		return section
	case kind == reflect.Pointer && !v.IsNil():
		return Plain(v.Elem().Interface())
	case kind == reflect.Pointer:
		return nil
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case kind == reflect.Bool:
		return v.Bool()
	case kind == reflect.String:
		return v.String()
	}
	return v.Interface()
}
