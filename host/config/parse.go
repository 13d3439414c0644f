package config

import (
	"encoding"
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// typeOf returns the type of a key, or nil if nobody knows.
func typeOf(known []plugin.Field, key string) reflect.Type {
	if f, ok := field(known, key); ok {
		return f.Type
	}
	for above := parent(key); above != ""; above = parent(above) {
		f, ok := field(known, above)
		if ok && f.Type.Kind() == reflect.Map && parent(key) == above {
			return f.Type.Elem()
		}
	}
	return nil
}

// parse returns the value that a text has for a key of type t. A text that is no such value stays one, and is
// refused when it is decoded.
func parse(text string, t reflect.Type) (any, error) {
	if t == nil || t.Kind() == reflect.Interface {
		return guess(text)
	}
	if t == reflect.TypeFor[time.Duration]() || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return text, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return parse(text, t.Elem())
	case reflect.Slice, reflect.Array:
		if !strings.HasPrefix(text, "[") {
			text = "[" + text + "]"
		}
		return flow(text)
	case reflect.Map, reflect.Struct:
		return flow(text)
	}
	if v, ok := scalar(text, t.Kind()); ok {
		return v, nil
	}
	return text, nil
}

// scalar returns the value of a text for a key of a simple kind.
func scalar(text string, kind reflect.Kind) (any, bool) {
	switch {
	case kind == reflect.Bool:
		return text == "true", text == "true" || text == "false"
	case kind >= reflect.Int && kind <= reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	case kind >= reflect.Uint && kind <= reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		return n, err == nil
	case kind == reflect.Float32 || kind == reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		return x, err == nil
	}
	return nil, false
}

var (
	plainInt   = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)
	plainFloat = regexp.MustCompile(`^-?(0|[1-9][0-9]*)\.[0-9]+$`)
)

// guess returns the value that a text looks like. Only plain numbers are numbers: others may be hex, or too long.
func guess(text string) (any, error) {
	switch {
	case plainInt.MatchString(text):
		return strconv.Atoi(text)
	case plainFloat.MatchString(text):
		return strconv.ParseFloat(text, 64)
	case text == "true" || text == "false":
		return text == "true", nil
	case strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{"):
		return flow(text)
	}
	return text, nil
}

// flow reads a list or a section as YAML writes them in one line.
func flow(text string) (any, error) {
	y := yamlReader{at: map[string]Origin{}}
	doc := []byte("value: " + text)
	y.document(doc)
	if len(y.problems) > 0 {
		return nil, errors.New(y.problems[0].Text)
	}
	values, err := yaml.Parser().Unmarshal(doc)
	if err != nil || len(values) != 1 {
		return nil, errors.New("is no list and no section")
	}
	return values["value"], nil
}
