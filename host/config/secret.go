package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Redacted stands for the value of a secret.
const Redacted = "<redacted>"

// secretName are names that are secrets by the look of them. It is all there is to go by in a section that is not known,
// and a precaution in one that is. A token alone is one; a fee_token is an address.
var secretName = regexp.MustCompile(`(?i)(^|_)(password|passphrase|secret|private_?key|api_?key|credentials?|mnemonic)$|^((auth|access|api|bearer)_?)?token$`)

// secrets are the fields that may be marked as secret.
type secrets []plugin.Field

// has reports whether the value of a key is a secret, by itself or as part of one.
func (s secrets) has(key string) bool {
	for ; key != ""; key = parent(key) {
		name := key[strings.LastIndexByte(key, '.')+1:]
		if f, ok := field(s, key); ok && f.Secret || secretName.MatchString(name) {
			return true
		}
	}
	return false
}

// redact returns the value of a key with every secret in it replaced.
func (s secrets) redact(key string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		if len(value) == 0 {
			return value
		}
		clean := make(map[string]any, len(value))
		for name, inner := range value {
			clean[name] = s.redact(join(key, name), inner)
		}
		return clean
	case []any:
		clean := make([]any, len(value))
		for i, inner := range value {
			clean[i] = s.redact(fmt.Sprintf("%s[%d]", key, i), inner)
		}
		return clean
	}
	if value == "" || value == nil || !s.has(key) {
		return value
	}
	return Redacted
}

// mask takes the secrets of a section out of what is wrong with it.
func (s secrets) mask(problems Problems, section string, values any) Problems {
	for _, secret := range s.in(section, values) {
		for i := range problems {
			problems[i].Text = strings.ReplaceAll(problems[i].Text, secret, Redacted)
		}
	}
	return problems
}

// in returns the texts of the secrets in the value of a key, the longest first.
func (s secrets) in(key string, value any) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			found = append(found, s.in(join(key, name), value[name])...)
		}
	case []any:
		for i, inner := range value {
			found = append(found, s.in(fmt.Sprintf("%s[%d]", key, i), inner)...)
		}
	default:
		if text := fmt.Sprint(value); text != "" && s.has(key) {
			found = append(found, text)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}
