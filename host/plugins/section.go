package plugins

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Section makes a plugin's section of a configuration out of texts KEY=VALUE. A value is read as YAML unless its key
// takes text; what the plugin makes of it is for the plugin to say.
func Section(keys []Key, pairs []string) (map[string]any, error) {
	section := map[string]any{}
	for _, pair := range pairs {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q: write KEY=VALUE", pair)
		}
		var value any = text
		if !takesText(keys, key) {
			if err := yaml.Unmarshal([]byte(text), &value); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		if err := put(section, key, value); err != nil {
			return nil, err
		}
	}
	return section, nil
}

func takesText(keys []Key, key string) bool {
	for _, k := range keys {
		if k.Key == key {
			return k.Type == "string" || k.Type == "duration"
		}
	}
	return false
}

// put sets a key by its path.
func put(section map[string]any, path string, value any) error {
	parts := strings.Split(path, ".")
	for i, part := range parts[:len(parts)-1] {
		inner, ok := section[part].(map[string]any)
		if _, taken := section[part]; taken && !ok {
			return fmt.Errorf("%s: %s has a value already", path, strings.Join(parts[:i+1], "."))
		}
		if !ok {
			inner = map[string]any{}
			section[part] = inner
		}
		section = inner
	}
	section[parts[len(parts)-1]] = value
	return nil
}
