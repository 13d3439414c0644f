package plugin

import (
	"encoding"
	"math"
	"reflect"
	"strings"
	"time"
)

// durations is the pattern of text that [time.ParseDuration] reads.
const durations = `^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$`

// Schema returns the JSON Schema, draft 2020-12, of the section of a configuration that becomes the config struct, or the
// one that config points to; [Fields] says which tags it follows. What it accepts, [Decode] accepts, but for what a
// method Validate refuses. The values of the struct are the defaults. The result is made of what package json makes
// objects, lists and texts of, and belongs to the caller.
func Schema(config any) map[string]any {
	s := object(config, false)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	return s
}

// Schema returns the JSON Schema of the plugin's section of a configuration; see the function [Schema].
func (f Factory) Schema() map[string]any {
	s := Schema(f.Defaults())
	s["title"] = f.Info.String()
	if f.Info.Summary != "" {
		s["description"] = f.Info.Summary
	}
	return s
}

// object returns the schema of a config struct. hidden leaves out the defaults.
func object(config any, hidden bool) map[string]any {
	root := section()
	sections := map[string]map[string]any{"": root}
	for _, f := range Fields(config) {
		parent, name := "", f.Key
		if i := strings.LastIndexByte(f.Key, '.'); i >= 0 {
			parent, name = f.Key[:i], f.Key[i+1:]
		}
		s := property(f, hidden)
		sections[f.Key] = s
		properties, _ := sections[parent]["properties"].(map[string]any)
		properties[name] = s
	}
	return root
}

// section returns the schema of a struct without fields.
func section() map[string]any {
	return map[string]any{"type": "object", "properties": map[string]any{}, "additionalProperties": false}
}

// property returns the schema of one key, without the keys in it if it is a section.
func property(f Field, hidden bool) map[string]any {
	s := section()
	if !f.Section {
		s = typed(f.Type)
		if v, ok := plain(reflect.ValueOf(f.Default)); ok && !f.Secret && !hidden {
			s["default"] = v
		}
	}
	if f.Doc != "" {
		s["description"] = f.Doc
	}
	if f.Unit != "" {
		s["x-unit"] = f.Unit
	}
	if f.Enum != nil {
		s["enum"] = f.Enum
	}
	if f.Secret {
		s["writeOnly"] = true
	}
	return s
}

// typed returns the schema of the values that Decode takes for a type.
func typed(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return map[string]any{"type": "string", "pattern": durations}
	case readsText(t):
		return map[string]any{"type": []string{"string", "integer"}}
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s := map[string]any{"type": "integer"}
		if bits := t.Bits(); bits < 64 {
			s["minimum"], s["maximum"] = -(1 << (bits - 1)), 1<<(bits-1)-1
		}
		return s
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s := map[string]any{"type": "integer", "minimum": 0}
		if bits := t.Bits(); bits < 64 {
			s["maximum"] = 1<<bits - 1
		}
		return s
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": typed(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": typed(t.Elem())}
	case reflect.Struct:
		return object(reflect.Zero(t).Interface(), true)
	case reflect.Pointer:
		return typed(t.Elem())
	}
	return map[string]any{} // anything
}

// plain returns a default as Decode reads it, and false if it is nothing, or nothing that can be written down.
func plain(v reflect.Value) (any, bool) {
	if !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.IsNil() {
		return nil, false
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String(), true
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		return string(text), err == nil
	case float64:
		return x, !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	if readsText(v.Type()) {
		return nil, false // it does not say how it is written
	}
	switch v.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32:
		return v.Interface(), true
	case reflect.Slice, reflect.Array:
		list := []any{}
		for i := range v.Len() {
			e, ok := plain(v.Index(i))
			if !ok {
				return nil, false
			}
			list = append(list, e)
		}
		return list, true
	case reflect.Map:
		return plainMap(v)
	case reflect.Pointer, reflect.Interface:
		return plain(v.Elem())
	}
	return v.Interface(), v.CanInt() || v.CanUint()
}

func plainMap(v reflect.Value) (any, bool) {
	m := map[string]any{}
	for it := v.MapRange(); it.Next(); {
		e, ok := plain(it.Value())
		if !ok || it.Key().Kind() != reflect.String {
			return nil, false
		}
		m[it.Key().String()] = e
	}
	return m, true
}
