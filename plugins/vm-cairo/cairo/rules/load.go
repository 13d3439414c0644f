package rules

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// ErrVersion says that there are no rules for a version of the protocol.
var ErrVersion = errors.New("rules: unknown protocol version")

//go:embed versions.json
var versionsFile []byte

// For returns the rules of a version as block headers name it. The result is shared. It returns ErrVersion for a version
// without rules of its own: rules are never guessed.
func For(version string) (*Rules, error) {
	all, err := load()
	if err != nil {
		return nil, err
	}
	v, err := starknet.ParseVersion(version)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVersion, err)
	}
	r, ok := all[v]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrVersion, version)
	}
	return r, nil
}

// load decodes versions.json, once.
var load = sync.OnceValues(func() (map[starknet.Version]*Rules, error) {
	var patches []json.RawMessage
	if err := json.Unmarshal(versionsFile, &patches); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	all := make(map[starknet.Version]*Rules, len(patches))
	var whole any
	for _, p := range patches {
		var patch any
		if err := json.Unmarshal(p, &patch); err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		whole = merge(whole, patch)
		text, err := json.Marshal(whole)
		if err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		r := new(Rules)
		if err := json.Unmarshal(text, r); err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		v, err := starknet.ParseVersion(r.Version)
		if err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		all[v] = r
	}
	return all, nil
})

// merge applies a JSON merge patch and returns the result, which shares memory with both.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, _ := target.(map[string]any)
	out := make(map[string]any, len(t)+len(p))
	for k, v := range t {
		out[k] = v
	}
	for k, v := range p {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = merge(out[k], v)
	}
	return out
}
