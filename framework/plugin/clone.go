package plugin

import "reflect"

// Clone returns a pointer to a copy of the config struct that config points to, which shares no map or slice with it.
func Clone(config any) any {
	from := reflect.ValueOf(config).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from) // fields that are not exported
	clone(to.Elem(), from)
	return to.Interface()
}

// clone copies the values that v shares with from, which equals it.
func clone(v, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			if v.Type().Field(i).IsExported() {
				clone(v.Field(i), from.Field(i))
			}
		}
	case reflect.Map:
		if from.IsNil() {
			return
		}
		v.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
		for _, key := range from.MapKeys() {
			v.SetMapIndex(key, cloned(from.MapIndex(key)))
		}
	case reflect.Slice:
		if from.IsNil() {
			return
		}
		v.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			v.Index(i).Set(cloned(from.Index(i)))
		}
	case reflect.Interface:
		if !from.IsNil() {
			v.Set(cloned(from.Elem()))
		}
	}
}

// cloned returns a copy of v that shares nothing with it.
func cloned(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	clone(c, v)
	return c
}
