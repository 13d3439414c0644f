package plugin

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
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
		DecodeHook: mapstructure.ComposeDecodeHookFunc(replaceList, decodeDuration, decodeText, refuseShape, refuseRounding),
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
		return invalid(v.Validate(), Keys(into))
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

// didYouMean suggests a key of the same section with a similar name, or one of another section with the same.
func didYouMean(key string, known []string) string {
	split := strings.LastIndexByte(key, '.') + 1
	section, name := key[:split], key[split:]
	var beside []string
	for _, k := range known {
		if other, ok := strings.CutPrefix(k, section); ok && !strings.Contains(other, ".") {
			beside = append(beside, other)
		}
	}
	if s := Suggest(name, beside); s != "" {
		return fmt.Sprintf("unknown key, did you mean %q?", section+s)
	}
	for _, k := range known {
		if strings.HasSuffix(k, "."+name) {
			return fmt.Sprintf("unknown key, did you mean %q?", k)
		}
	}
	return "unknown key"
}

// invalid turns what Validate returned into diagnostics. Of a plain error, what stands before a colon is the key if
// it is one of the known.
func invalid(err error, known []string) error {
	var diags Diagnostics
	if err == nil || errors.As(err, &diags) {
		return err
	}
	key, problem, ok := strings.Cut(err.Error(), ": ")
	if !ok || !slices.Contains(known, key) {
		return Diagnostics{{"", err.Error()}}
	}
	return Diagnostics{{key, problem}}
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
	var parse *mapstructure.ParseError
	if errors.As(err, &parse) {
		return fmt.Sprintf("want %v, got %v", parse.Expected.Type(), parse.Value)
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

// refuseShape refuses a value where a section or a list belongs.
func refuseShape(from, to reflect.Type, v any) (any, error) {
	switch {
	case readsText(to):
	case (to.Kind() == reflect.Struct || to.Kind() == reflect.Map) && from.Kind() != reflect.Map && from.Kind() != reflect.Struct:
		return nil, fmt.Errorf("want a section, got %v", v)
	case to.Kind() == reflect.Slice && from.Kind() != reflect.Slice:
		return nil, fmt.Errorf("want a list, got %v", v)
	}
	return v, nil
}

// refuseRounding refuses a number that its key cannot hold exactly.
func refuseRounding(from, to reflect.Type, v any) (any, error) {
	n := reflect.ValueOf(v)
	if from == to || to.Kind() < reflect.Int || to.Kind() > reflect.Uintptr || !n.CanInt() && !n.CanUint() && !n.CanFloat() {
		return v, nil
	}
	if n.CanFloat() && n.Float() != math.Trunc(n.Float()) {
		return nil, fmt.Errorf("%v is no whole number", v)
	}
	zero := reflect.Zero(to)
	exact, _ := new(big.Float).SetString(fmt.Sprint(v))
	if exact == nil {
		return nil, fmt.Errorf("want %v, got %v", to, v)
	}
	if i, acc := exact.Int64(); zero.CanInt() && acc == big.Exact && !zero.OverflowInt(i) {
		return v, nil
	}
	if u, acc := exact.Uint64(); zero.CanUint() && acc == big.Exact && !zero.OverflowUint(u) {
		return v, nil
	}
	return nil, fmt.Errorf("want %v, got %v", to, v)
}
