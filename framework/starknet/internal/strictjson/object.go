package strictjson

import "github.com/switchyard-dev/switchyard/framework/felt"

// Field says how one field of an object is read.
type Field struct {
	Name string
	// Alias is another name of the field; "" is none.
	Alias    string
	Read     func()
	Optional bool
}

// Object reads an object that has exactly these fields, in any order; the optional ones may be missing.
func (r *Reader) Object(fields ...Field) {
	var seen uint64 // bit i: fields[i] was there; no object has more than 64 fields
	r.Map(func(key []byte) {
		for i := range fields {
			if string(key) != fields[i].Name && (fields[i].Alias == "" || string(key) != fields[i].Alias) {
				continue
			}
			if seen&(1<<i) != 0 {
				r.Failf("field appears twice")
				return
			}
			seen |= 1 << i
			fields[i].Read()
			return
		}
		r.Failf("unknown field")
	})
	for i := range fields {
		if seen&(1<<i) == 0 && !fields[i].Optional {
			r.FailAt(fields[i].Name, "missing")
		}
	}
}

// Optional returns f as a field that may be missing.
func Optional(f Field) Field {
	f.Optional = true
	return f
}

// Alias returns f as a field that has another name too.
func Alias(f Field, name string) Field {
	f.Alias = name
	return f
}

// OrNull returns f as a field that may be missing or null.
func (r *Reader) OrNull(f Field) Field {
	read := f.Read
	f.Optional = true
	f.Read = func() {
		if !r.Null() {
			read()
		}
	}
	return f
}

// Field returns a field that read reads.
func (r *Reader) Field(name string, read func()) Field { return Field{Name: name, Read: read} }

// FeltField returns a field that is read into p.
func (r *Reader) FeltField(name string, p *felt.Felt) Field {
	return Field{Name: name, Read: func() { *p = r.Felt() }}
}

// FeltsField returns a field that is read into p.
func (r *Reader) FeltsField(name string, p *[]felt.Felt) Field {
	return Field{Name: name, Read: func() { *p = r.Felts() }}
}

// Uint64Field returns a field that is read into p.
func (r *Reader) Uint64Field(name string, p *uint64) Field {
	return Field{Name: name, Read: func() { *p = r.Uint64() }}
}

// TextField returns a field that is read into p.
func (r *Reader) TextField(name string, p *string) Field {
	return Field{Name: name, Read: func() { *p = r.Text() }}
}

// Ignored returns a field whose value may be anything and is dropped.
func (r *Reader) Ignored(name string) Field {
	return Field{Name: name, Read: func() { r.skip() }, Optional: true}
}

// Slice reads an array whose items are read by item; nil if it is empty.
func Slice[T any](r *Reader, item func(*T)) []T {
	var out []T
	r.Array(func(int) {
		var v T
		item(&v)
		out = append(out, v)
	})
	if r.err != nil {
		return nil
	}
	return out
}
