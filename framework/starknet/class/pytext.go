package class

import (
	"bytes"
	"slices"
	"unicode/utf16"

	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// style says how a JSON text is written again.
type style struct {
	sorted  bool // sort the keys of objects by code points; they must not repeat
	compact bool // no spaces
	// spaced puts a space before the colons of strings under the keys "cairo_type" and "value", as compilers
	// before 0.10 wrote types; see spaceColons.
	spaced bool
}

var (
	pythonSorted = style{sorted: true} // json.dumps(sort_keys=True)
	python       = style{}             // json.dumps
	compact      = style{compact: true}
)

func (s style) comma() string {
	if s.compact {
		return ","
	}
	return ", "
}

func (s style) colon() string {
	if s.compact {
		return ":"
	}
	return ": "
}

// rewrite reads a value from r and appends it to dst as s says. Numbers must be integers; they keep their
// digits.
func (s style) rewrite(dst []byte, r *strictjson.Reader) []byte { return s.value(dst, r, false) }

// value is rewrite; typed says that a string is a type or a reference, see spaced.
func (s style) value(dst []byte, r *strictjson.Reader, typed bool) []byte {
	switch {
	case r.IsObject():
		return s.object(dst, r)
	case r.IsArray():
		dst = append(dst, '[')
		r.Array(func(i int) {
			if i > 0 {
				dst = append(dst, s.comma()...)
			}
			dst = s.value(dst, r, false)
		})
		return append(dst, ']')
	case r.IsString():
		start := len(dst)
		dst = appendPython(dst, r.RawString())
		if typed && s.spaced {
			dst = append(dst[:start], spaceColons(dst[start:])...)
		}
		return dst
	case r.IsNumber():
		digits := r.Integer()
		if string(digits) == "-0" {
			digits = digits[1:]
		}
		return append(dst, digits...)
	}
	return append(dst, r.Raw()...) // true, false, null
}

// entry is an entry of an object that was written at text[start:end].
type entry struct {
	key        []byte
	start, end int
}

func (s style) object(dst []byte, r *strictjson.Reader) []byte {
	dst = append(dst, '{')
	start := len(dst)
	var entries []entry
	r.Map(func(key []byte) {
		if len(entries) > 0 {
			dst = append(dst, s.comma()...)
		}
		at := len(dst)
		dst = append(appendPython(dst, r.RawKey()), s.colon()...)
		dst = s.value(dst, r, string(key) == "cairo_type" || string(key) == "value")
		entries = append(entries, entry{key: key, start: at, end: len(dst)})
	})
	if s.sorted {
		dst = sortEntries(dst, start, entries, s.comma(), r)
	}
	return append(dst, '}')
}

// sortEntries sorts the entries of an object, which fill dst from start on with commas between them, by key.
func sortEntries(dst []byte, start int, entries []entry, comma string, r *strictjson.Reader) []byte {
	byKey := func(a, b entry) int { return bytes.Compare(a.key, b.key) }
	moved := !slices.IsSortedFunc(entries, byKey)
	if moved {
		slices.SortFunc(entries, byKey)
	}
	for i := 1; i < len(entries); i++ {
		if bytes.Equal(entries[i-1].key, entries[i].key) {
			r.FailAt(string(entries[i].key), "field appears twice")
		}
	}
	if !moved {
		return dst
	}
	text := slices.Clone(dst[start:])
	dst = dst[:start]
	for i, e := range entries {
		if i > 0 {
			dst = append(dst, comma...)
		}
		dst = append(dst, text[e.start-start:e.end-start]...)
	}
	return dst
}

// appendPython appends a JSON string as Python writes it: whatever is not printable ASCII is escaped, by letter
// where there is one and otherwise as \uXXXX, with surrogate pairs above U+FFFF. raw is a valid JSON string.
func appendPython(dst, raw []byte) []byte {
	if isPython(raw) {
		return append(dst, raw...)
	}
	dst = append(dst, '"')
	for s := raw[1 : len(raw)-1]; len(s) > 0; {
		c, n := strictjson.NextRune(s)
		dst = appendPythonRune(dst, c)
		s = s[n:]
	}
	return append(dst, '"')
}

// isPython reports whether raw needs no change: printable ASCII without escapes.
func isPython(raw []byte) bool {
	for _, c := range raw {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

func appendPythonRune(dst []byte, c rune) []byte {
	const letters = "\b\f\n\r\t"
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', byte(c))
	case ' ' <= c && c <= '~':
		return append(dst, byte(c))
	case c < ' ' && bytes.IndexByte([]byte(letters), byte(c)) >= 0:
		return append(dst, '\\', "bfnrt"[bytes.IndexByte([]byte(letters), byte(c))])
	case c > 0xffff:
		high, low := utf16.EncodeRune(c)
		return strictjson.AppendUnit(strictjson.AppendUnit(dst, uint16(high)), uint16(low))
	}
	return strictjson.AppendUnit(dst, uint16(c))
}

// spaceColons undoes what 0.10 changed in the text of types, "(a: felt)" for "(a : felt)": each ": " becomes
// " : ", and where there was a space already it stays the only one.
func spaceColons(text []byte) []byte {
	if !bytes.Contains(text, []byte(": ")) {
		return text
	}
	text = bytes.ReplaceAll(text, []byte(": "), []byte(" : "))
	return bytes.ReplaceAll(text, []byte("  :"), []byte(" :"))
}

// again rewrites text, a valid JSON value.
func (s style) again(text []byte) []byte {
	return s.rewrite(make([]byte, 0, len(text)+len(text)/16), strictjson.NewReader(text))
}

// appendText appends s, which is not JSON, as a JSON string.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		dst = appendPythonRune(dst, c)
	}
	return append(dst, '"')
}
