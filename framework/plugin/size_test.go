package plugin_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]plugin.Size{
		"0": 0, "0B": 0, "1B": 1, "3 B": 3, "2kB": 2000, "64MiB": 64 << 20, "10GB": 10e9, "1TiB": 1 << 40,
		"18446744073709551615B": 1<<64 - 1, "2048B": 2048, "1001kB": 1001000,
	} {
		var got plugin.Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("size %q = %d, %v, want %d", text, got, err, want)
		}
		var again plugin.Size
		if err := again.UnmarshalText([]byte(got.String())); err != nil || again != want {
			t.Errorf("size %q is printed as %v, which reads as %d, %v", text, got, again, err)
		}
	}
	for s, want := range map[plugin.Size]string{0: "0", 1: "1B", 2048: "2KiB", 64 << 20: "64MiB", 10e9: "10GB", 1500: "1500B"} {
		if got := s.String(); got != want {
			t.Errorf("Size(%d) is printed as %s, want %s", uint64(s), got, want)
		}
	}
}

func TestSizeRefuses(t *testing.T) {
	const noSize = " is no size: write a unit, such as 64MiB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)"
	for text, want := range map[string]string{
		"5":                     `"5"` + noSize,
		"":                      `""` + noSize,
		"-1B":                   `"-1B"` + noSize,
		"1.5GB":                 `"1.5GB"` + noSize,
		"1mib":                  `"1mib"` + noSize,
		"1K":                    `"1K"` + noSize,
		"18446744073709551616B": "18446744073709551616B is more than fits in 64 bits",
		"99999999999TiB":        "99999999999TiB is more than fits in 64 bits",
	} {
		if err := new(plugin.Size).UnmarshalText([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("size %q: %v, want %s", text, err, want)
		}
	}
}
