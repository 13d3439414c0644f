package plugin

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// Diagnostic is one thing wrong with a configuration.
type Diagnostic struct {
	// Key is the path of the key within its section, such as "limits.gas"; empty for the section itself.
	Key     string
	Problem string
}

// Diagnostics is the error of a configuration that cannot be used.
type Diagnostics []Diagnostic

// Error lists the diagnostics.
func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i, g := range d {
		lines[i] = strings.TrimPrefix(g.Key+": "+g.Problem, ": ")
	}
	return strings.Join(lines, "; ")
}

// Decode puts the keys of section over the struct that into points to, and validates the result. It is strict: unknown
// keys, values of the wrong type, and durations without a unit are errors; keys match exactly. The error is
// a [Diagnostics] that names every bad key.
func Decode(section map[string]any, into any) error {
	dec, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		TagName:    "koanf",
		Result:     into,
		MatchName:  func(key, field string) bool { return key == field },
		DecodeHook: mapstructure.ComposeDecodeHookFunc(replaceList, decodeDuration, decodeText, refuseRounding),
	})
	if err != nil {
		return err // into is not a pointer
	}
	var diags Diagnostics
	if err := dec.Decode(section); err != nil {
		diags = append(diags, explain(err)...)
	}
	diags = append(diags, unknown(section, Keys(into), "")...)
	diags = append(diags, notInEnum(into)...)
	if len(diags) > 0 {
		return diags
	}
	if v, ok := into.(interface{ Validate() error }); ok {
		return invalid(v.Validate())
	}
	return nil
}

// unknown returns a diagnostic for every key of section that is not known. prefix is the path of the section.
func unknown(section map[string]any, known []string, prefix string) Diagnostics {
	var diags Diagnostics
	for _, name := range slices.Sorted(maps.Keys(section)) {
		key := prefix + name
		inner, isMap := section[name].(map[string]any)
		hasKeys := slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, key+".") })
		switch {
		case isMap && hasKeys:
			diags = append(diags, unknown(inner, known, key+".")...)
		case !slices.Contains(known, key):
			diags = append(diags, Diagnostic{key, didYouMean(key, known)})
		}
	}
	return diags
}

// notInEnum returns a diagnostic for every text that its key does not take.
func notInEnum(config any) Diagnostics {
	var diags Diagnostics
	for _, f := range Fields(config) {
		if got := fmt.Sprint(f.Default); len(f.Enum) > 0 && !slices.Contains(f.Enum, got) {
			diags = append(diags, Diagnostic{f.Key, fmt.Sprintf("%q is none of %s", got, strings.Join(f.Enum, ", "))})
		}
	}
	return diags
}

func didYouMean(key string, known []string) string {
	if s := Suggest(key, known); s != "" {
		return fmt.Sprintf("unknown key, did you mean %q?", s)
	}
	return "unknown key"
}

// invalid turns what Validate returned into diagnostics.
func invalid(err error) error {
	var diags Diagnostics
	if err == nil || errors.As(err, &diags) {
		return err
	}
	return Diagnostics{{"", err.Error()}}
}

// explain turns the errors of the decoder into diagnostics, one a key.
func explain(err error) Diagnostics {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var diags Diagnostics
		for _, e := range joined.Unwrap() {
			diags = append(diags, explain(e)...)
		}
		return diags
	}
	var at *mapstructure.DecodeError
	if errors.As(err, &at) {
		return Diagnostics{{at.Name(), problem(at.Unwrap())}}
	}
	return Diagnostics{{"", err.Error()}}
}

func problem(err error) string {
	var typ *mapstructure.UnconvertibleTypeError
	if errors.As(err, &typ) {
		return fmt.Sprintf("want %v, got %v", typ.Expected.Type(), typ.Value)
	}
	return err.Error()
}

// Keys returns the paths of all keys of the config struct, or of the one that config points to.
func Keys(config any) []string {
	var keys []string
	for _, f := range Fields(config) {
		keys = append(keys, f.Key)
	}
	return keys
}

// replaceList forgets the default of a list that is given: lists are replaced, not merged.
func replaceList(from, to reflect.Value) (any, error) {
	if to.Kind() == reflect.Slice && to.CanSet() {
		to.SetZero()
	}
	return from.Interface(), nil
}

// decodeDuration makes durations from text with a unit, and from nothing else.
func decodeDuration(from, to reflect.Type, v any) (any, error) {
	if to != reflect.TypeFor[time.Duration]() || from == to {
		return v, nil
	}
	if v == 0 {
		return time.Duration(0), nil // needs no unit
	}
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%v is no duration: write a unit, such as 250ms", v)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return nil, fmt.Errorf("%q is no duration: write 250ms or 1m30s", s)
	}
	return d, nil
}

// decodeText makes values of types that read themselves from text. Whole numbers are text too: YAML takes the
// quotes off 0x10 in any case. Other numbers have lost digits already.
func decodeText(from, to reflect.Type, v any) (any, error) {
	made := reflect.New(to)
	into, reads := made.Interface().(encoding.TextUnmarshaler)
	if !reads || from == to {
		return v, nil
	}
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case int, int64, uint64:
		text = fmt.Sprint(v)
	case float64:
		return nil, fmt.Errorf("%v may have lost digits: put it in quotes", v)
	default:
		return v, nil
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		return nil, err
	}
	return made.Elem().Interface(), nil
}

// refuseRounding refuses a number that its key cannot hold exactly.
func refuseRounding(_, to reflect.Type, v any) (any, error) {
	f, ok := v.(float64)
	if ok && to.Kind() >= reflect.Int && to.Kind() <= reflect.Uintptr && f != math.Trunc(f) {
		return nil, fmt.Errorf("%v is no whole number", f)
	}
	return v, nil
}
