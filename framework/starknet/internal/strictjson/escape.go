package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescapeUnit reads "\uXXXX" at the front of b.
func unescapeUnit(b []byte) (unit uint16, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		d := hexDigit(c)
		if d > 15 {
			return 0, false
		}
		unit = unit<<4 | uint16(d)
	}
	return unit, true
}

// NextRune decodes the character at the front of s, the inside of a valid JSON string, and returns its
// length there. Half of a surrogate pair that stands alone is returned as it is.
func NextRune(s []byte) (c rune, size int) {
	if s[0] != '\\' {
		return utf8.DecodeRune(s)
	}
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		unit, _ := unescapeUnit(s)
		if next, ok := unescapeUnit(s[6:]); ok {
			if pair := utf16.DecodeRune(rune(unit), rune(next)); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return rune(unit), 6
	}
	return rune(s[1]), 2
}

// appendUnescaped appends the text of s, the inside of a valid JSON string. A lone surrogate becomes
// U+FFFD, as in encoding/json.
func appendUnescaped(dst, s []byte) []byte {
	for len(s) > 0 {
		c, n := NextRune(s)
		dst = utf8.AppendRune(dst, c)
		s = s[n:]
	}
	return dst
}

// appendRune appends c in UTF-8, and surrogates as if they were characters.
func appendRune(dst []byte, c rune) []byte {
	if utf16.IsSurrogate(c) {
		return append(dst, 0xe0|byte(c>>12), 0x80|byte(c>>6)&0x3f, 0x80|byte(c)&0x3f)
	}
	return utf8.AppendRune(dst, c)
}
