package plugin

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// Field is what a config struct says of one of its keys. Struct tags say it: `koanf:"wait"` names the key,
// `doc:"..."` says in one line what it does and what zero means, `unit:"ms"` what a number counts,
// `enum:"fast,safe"` which texts it takes, and `secret:"true"` that its value is shown to nobody.
type Field struct {
	// Key is the path of the key within its section, such as "limits.gas".
	Key  string
	Type reflect.Type
	// Default is the value in the struct that was asked.
	Default any
	Doc     string
	Unit    string
	// Enum lists the values that a text may have; any, if it is empty.
	Enum   []string
	Secret bool
	// Section is true of a struct, whose fields follow it.
	Section bool
}

// Fields returns what the config struct, or the one that config points to, says of its keys, in the order in which
// they are declared.
func Fields(config any) []Field {
	v := reflect.Indirect(reflect.ValueOf(config))
	if v.Kind() != reflect.Struct {
		return nil
	}
	return fields(v, "", false)
}

func fields(v reflect.Value, prefix string, secret bool) []Field {
	var all []Field
	for i := range v.NumField() {
		t := v.Type().Field(i)
		name, option, _ := strings.Cut(t.Tag.Get("koanf"), ",")
		if t.Anonymous && option == "squash" {
			all = append(all, fields(v.Field(i), prefix, secret)...)
			continue
		}
		if name == "" || name == "-" || !t.IsExported() {
			continue
		}
		f := Field{
			Key: prefix + name, Type: t.Type, Default: v.Field(i).Interface(),
			Doc: t.Tag.Get("doc"), Unit: t.Tag.Get("unit"), Enum: split(t.Tag.Get("enum")),
			Secret:  secret || t.Tag.Get("secret") == "true",
			Section: t.Type.Kind() == reflect.Struct && !readsText(t.Type),
		}
		if at := slices.IndexFunc(all, func(o Field) bool { return o.Key == f.Key }); at >= 0 {
			all[at] = f // instead of the one that was squashed in
			continue
		}
		all = append(all, f)
		if f.Section {
			all = append(all, fields(v.Field(i), f.Key+".", f.Secret)...)
		}
	}
	return all
}

// readsText reports whether values of a type read themselves from text.
func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// split returns the parts of a list with commas, none if it is empty.
func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
