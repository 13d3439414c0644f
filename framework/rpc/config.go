package rpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// encodeConfig writes a section of a configuration as a JSON object that decodeConfig reads as the same.
func encodeConfig(section map[string]any) ([]byte, error) {
	if section == nil {
		return []byte("{}"), nil
	}
	b, err := json.Marshal(plugin.Plain(section)) // durations are text: as numbers they would have no unit
	if err != nil {
		return nil, fmt.Errorf("encode the configuration: %w", err)
	}
	return b, nil
}

// decodeConfig reads a section of a configuration. Whole numbers come out as such, with all of their digits.
func decodeConfig(b []byte) (map[string]any, error) {
	if len(b) == 0 {
		return map[string]any{}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var section map[string]any
	if err := dec.Decode(&section); err != nil {
		return nil, fmt.Errorf("decode the configuration: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode the configuration: more than one JSON value")
	}
	for k, v := range section {
		section[k] = number(v)
	}
	return section, nil
}

// number returns a value of a JSON decoder with its numbers as int64, uint64 or float64, the first that holds them.
func number(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String() // nothing holds it; the key will say so
	case map[string]any:
		for k, e := range v {
			v[k] = number(e)
		}
	case []any:
		for i, e := range v {
			v[i] = number(e)
		}
	}
	return v
}
