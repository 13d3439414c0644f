package blockstm_test

import (
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// TestConfig checks that a wrong value is refused by the name of its key, and right ones are taken.
func TestConfig(t *testing.T) {
	for _, c := range []struct {
		name    string
		section map[string]any
		want    string // part of the error; empty: none
	}{
		{"nothing", nil, ""},
		{"everything", map[string]any{
			"workers": 2, "force_workers": true, "policy": "push", "push": "off", "estimates": "on", "suspend": "off",
			"stop": "on", "rewind": "off", "hints": "on", "rewrites": "off", "window": 100, "parked": 3, "attempts": 5,
		}, ""},
		{"policy", map[string]any{"policy": "best"}, "policy:"},
		{"switch", map[string]any{"rewind": "yes"}, "rewind:"},
		{"workers", map[string]any{"workers": -1}, "workers:"},
		{"window", map[string]any{"window": 1 << 20}, "window:"},
		{"unknown", map[string]any{"worker": 1}, "workers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := blockstm.Factory().OpenScheduler(t.Context(), c.section)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("OpenScheduler: %v, want %q in it", err, c.want)
			}
		})
	}
}
