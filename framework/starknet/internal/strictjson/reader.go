// Package strictjson reads JSON texts whose shape is known, and writes them. Nothing is forgiven: an
// unknown, missing or repeated field, a wrong type, a number that does not fit and text after the value
// are errors, and each error says where: "transactions[3].sender_address: ...".
//
// A [Reader] keeps its first error and then does nothing, so a parser reads straight on and asks for the
// error once, at the end.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// ErrMalformed is wrapped by every error of this package.
var ErrMalformed = errors.New("malformed JSON")

// maxDepth limits nesting, so that a text of brackets cannot exhaust the stack.
const maxDepth = 512

// Reader reads one JSON text from front to back. Its methods read the next value; after an error they
// return zero values.
type Reader struct {
	data  []byte
	pos   int
	depth int
	path  []step
	err   error
	// rawKey is the key that was read last, as it stands in the text.
	rawKey []byte
}

// step is one part of a path: a key, or an index where the key is nil.
type step struct {
	key   []byte
	index int
}

// NewReader returns a reader of data, which nobody may change while it is in use.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Finish returns the first error, or one if something but white space follows what was read.
func (r *Reader) Finish() error {
	if r.peek(); r.err == nil && r.pos != len(r.data) {
		r.Failf("text after the end")
	}
	return r.err
}

// Failf sets the error of the value that is being read, unless there is one already.
func (r *Reader) Failf(format string, args ...any) {
	if r.err != nil {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if p := r.where(); p != "" {
		msg = p + ": " + msg
	}
	r.err = fmt.Errorf("%s (%w at byte %d)", msg, ErrMalformed, r.pos)
}

// FailAt is Failf for a field of the object that is being read.
func (r *Reader) FailAt(field, format string, args ...any) {
	r.Under(field, func() { r.Failf(format, args...) })
}

// Under calls read with the name of a field in front of all paths: for texts that stand for that field.
func (r *Reader) Under(name string, read func()) {
	r.path = append(r.path, step{key: []byte(name)})
	read()
	r.path = r.path[:len(r.path)-1]
}

func (r *Reader) where() string {
	var b []byte
	for i, s := range r.path {
		if s.key == nil {
			b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
			continue
		}
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, s.key[:min(len(s.key), 80)]...)
	}
	return string(b)
}

// peek skips white space and returns the next byte, 0 at the end and after an error.
func (r *Reader) peek() byte {
	if r.err != nil {
		return 0
	}
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\n', '\t', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// expect consumes the byte c, or fails.
func (r *Reader) expect(c byte, what string) bool {
	if r.peek() == c {
		r.pos++
		return true
	}
	r.unexpected(what)
	return false
}

func (r *Reader) unexpected(want string) {
	switch c := r.peek(); {
	case r.err != nil:
	case r.pos >= len(r.data):
		r.Failf("want %s, text ends", want)
	default:
		r.Failf("want %s, have %s", want, describe(c))
	}
}

func describe(c byte) string {
	switch {
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	}
	return strconv.QuoteRune(rune(c))
}

func (r *Reader) enter() bool {
	if r.depth++; r.depth > maxDepth {
		r.Failf("nested deeper than %d", maxDepth)
		return false
	}
	return true
}

// Null reports whether the next value is null, and consumes it then.
func (r *Reader) Null() bool {
	if r.peek() != 'n' {
		return false
	}
	return r.literal("null")
}

func (r *Reader) literal(text string) bool {
	if !bytes.HasPrefix(r.data[r.pos:], []byte(text)) {
		r.Failf("want %s", text)
		return false
	}
	r.pos += len(text)
	return true
}

// Ahead calls look, which may read on, and then goes back to where the reader was.
func (r *Reader) Ahead(look func()) {
	pos := r.pos
	look()
	if r.err == nil {
		r.pos = pos
	}
}

// IsObject reports whether the next value is an object.
func (r *Reader) IsObject() bool { return r.peek() == '{' }

// IsArray reports whether the next value is an array.
func (r *Reader) IsArray() bool { return r.peek() == '[' }

// IsNumber reports whether the next value is a number.
func (r *Reader) IsNumber() bool {
	c := r.peek()
	return c == '-' || '0' <= c && c <= '9'
}

// IsString reports whether the next value is a string.
func (r *Reader) IsString() bool { return r.peek() == '"' }

// Array calls item for each item of an array, with its index. item must read the item.
func (r *Reader) Array(item func(i int)) {
	if !r.expect('[', "an array") || !r.enter() {
		return
	}
	r.path = append(r.path, step{})
	for i := 0; r.err == nil; i++ {
		if i == 0 && r.peek() == ']' {
			r.pos++
			break
		}
		r.path[len(r.path)-1].index = i
		item(i)
		if !r.more(']') {
			break
		}
	}
	r.path = r.path[:len(r.path)-1]
	r.depth--
}

// more consumes a comma, or the end of an array or object, and reports whether it was the comma.
func (r *Reader) more(end byte) bool {
	switch c := r.peek(); {
	case r.err != nil:
		return false
	case c == ',':
		r.pos++
		return true
	case c == end:
		r.pos++
		return false
	}
	r.unexpected("a comma or " + string(rune(end)))
	return false
}

// Map calls item for each entry of an object, with its key. item must read the value. Nobody may change the
// key. Keys may repeat. In a key with half of a surrogate pair that half is encoded like any other character,
// so that the order of bytes is that of code points.
func (r *Reader) Map(item func(key []byte)) {
	if !r.expect('{', "an object") || !r.enter() {
		return
	}
	for first := true; r.err == nil; first = false {
		if first && r.peek() == '}' {
			r.pos++
			break
		}
		key := r.key()
		if r.err != nil || !r.expect(':', "a colon") {
			break
		}
		r.path = append(r.path, step{key: key})
		item(key)
		r.path = r.path[:len(r.path)-1]
		if !r.more('}') {
			break
		}
	}
	r.depth--
}

// key reads the key of an entry; it is never nil.
func (r *Reader) key() []byte {
	raw := r.RawString()
	if r.err != nil {
		return []byte{}
	}
	r.rawKey = raw
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner[:len(inner):len(inner)]
	}
	key := []byte{}
	for len(inner) > 0 {
		c, n := NextRune(inner)
		key = appendRune(key, c)
		inner = inner[n:]
	}
	return key
}

// RawKey returns the text of the key of the entry that is being read, quotes and escapes included, until another
// key is read.
func (r *Reader) RawKey() []byte { return r.rawKey }

// RawString reads a string and returns its text, quotes and escapes included. The text is valid: UTF-8, no
// control characters, known escapes.
func (r *Reader) RawString() []byte {
	if !r.expect('"', "a string") {
		return nil
	}
	start := r.pos - 1
	high := byte(0)
	for r.pos < len(r.data) {
		c := r.data[r.pos]
		high |= c
		switch {
		case c == '"':
			r.pos++
			raw := r.data[start:r.pos]
			if high >= utf8.RuneSelf && !utf8.Valid(raw) {
				r.Failf("string is not UTF-8")
				return nil
			}
			return raw
		case c == '\\':
			if !r.skipEscape() {
				return nil
			}
		case c < ' ':
			r.Failf("control character in a string")
			return nil
		default:
			r.pos++
		}
	}
	r.Failf("string does not end")
	return nil
}

func (r *Reader) skipEscape() bool {
	if r.pos+1 < len(r.data) {
		switch r.data[r.pos+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			r.pos += 2
			return true
		case 'u':
			if _, ok := unescapeUnit(r.data[r.pos:]); ok {
				r.pos += 6
				return true
			}
		}
	}
	r.Failf("bad escape in a string")
	return false
}

// Raw reads any value and returns its text, which is valid JSON.
func (r *Reader) Raw() []byte {
	r.peek()
	start := r.pos
	r.skip()
	if r.err != nil {
		return nil
	}
	return r.data[start:r.pos:r.pos]
}

func (r *Reader) skip() {
	switch c := r.peek(); {
	case c == '{':
		r.Map(func([]byte) { r.skip() })
	case c == '[':
		r.Array(func(int) { r.skip() })
	case c == '"':
		r.RawString()
	case c == 't':
		r.literal("true")
	case c == 'f':
		r.literal("false")
	case c == 'n':
		r.literal("null")
	case c == '-' || '0' <= c && c <= '9':
		r.number()
	default:
		r.unexpected("a value")
	}
}
