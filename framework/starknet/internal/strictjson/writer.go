package strictjson

import (
	"strconv"
	"unicode/utf8"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Writer appends one JSON text without white space. Its methods append a value, or the key of the next one;
// commas come by themselves.
type Writer struct {
	buf   []byte
	comma bool // the next value or key of this object or array is not the first
}

// NewWriter returns a writer that appends to dst.
func NewWriter(dst []byte) *Writer { return &Writer{buf: dst} }

// Bytes returns what was appended to.
func (w *Writer) Bytes() []byte { return w.buf }

func (w *Writer) next() {
	if w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
}

// Object appends an object whose entries body appends: [Writer.Key] and a value each.
func (w *Writer) Object(body func()) { w.nest('{', '}', body) }

// Array appends an array whose items body appends.
func (w *Writer) Array(body func()) { w.nest('[', ']', body) }

func (w *Writer) nest(open, end byte, body func()) {
	w.next()
	w.buf = append(w.buf, open)
	w.comma = false
	body()
	w.buf = append(w.buf, end)
	w.comma = true
}

// Key appends a key.
func (w *Writer) Key(key string) {
	w.next()
	w.buf = append(appendQuoted(w.buf, key), ':')
	w.comma = false
}

// Null appends null.
func (w *Writer) Null() { w.Raw([]byte("null")) }

// Text appends a string.
func (w *Writer) Text(s string) {
	w.next()
	w.buf = appendQuoted(w.buf, s)
}

// Raw appends a value that is JSON already.
func (w *Writer) Raw(text []byte) {
	w.next()
	w.buf = append(w.buf, text...)
}

// Uint64 appends an integer.
func (w *Writer) Uint64(v uint64) {
	w.next()
	w.buf = strconv.AppendUint(w.buf, v, 10)
}

// Felt appends a string of hexadecimal digits.
func (w *Writer) Felt(v felt.Felt) {
	w.next()
	w.buf = append(v.AppendHex(append(w.buf, '"')), '"')
}

// Felts appends an array of felts.
func (w *Writer) Felts(vs []felt.Felt) {
	w.Array(func() {
		for _, v := range vs {
			w.Felt(v)
		}
	})
}

// FeltField, FeltsField, Uint64Field and TextField append a key and its value.

// FeltField appends a key and a felt.
func (w *Writer) FeltField(key string, v felt.Felt) { w.Key(key); w.Felt(v) }

// FeltsField appends a key and an array of felts.
func (w *Writer) FeltsField(key string, vs []felt.Felt) { w.Key(key); w.Felts(vs) }

// Uint64Field appends a key and an integer.
func (w *Writer) Uint64Field(key string, v uint64) { w.Key(key); w.Uint64(v) }

// HexField appends a key and an integer as a string of hexadecimal digits.
func (w *Writer) HexField(key string, v uint64) { w.FeltField(key, felt.FromUint64(v)) }

// TextField appends a key and a string.
func (w *Writer) TextField(key, v string) { w.Key(key); w.Text(v) }

// ArrayField appends a key and an array.
func (w *Writer) ArrayField(key string, body func()) { w.Key(key); w.Array(body) }

// ObjectField appends a key and an object.
func (w *Writer) ObjectField(key string, body func()) { w.Key(key); w.Object(body) }

// appendQuoted appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', byte(c))
		case c < ' ':
			dst = AppendUnit(dst, uint16(c))
		default:
			dst = utf8.AppendRune(dst, c)
		}
	}
	return append(dst, '"')
}

// AppendUnit appends the escape \uXXXX.
func AppendUnit(dst []byte, unit uint16) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
