package plugin

import (
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
)

// Size is a number of bytes, for keys of a config. It is written with a unit, such as 64MiB or 10GB; only 0 needs none.
type Size uint64

// sizeUnits are the units, the largest first.
var sizeUnits = []struct {
	name  string
	bytes uint64
}{
	{"TiB", 1 << 40}, {"TB", 1e12},
	{"GiB", 1 << 30}, {"GB", 1e9},
	{"MiB", 1 << 20}, {"MB", 1e6},
	{"KiB", 1 << 10}, {"kB", 1e3},
	{"B", 1},
}

var sizeText = regexp.MustCompile(`^([0-9]+) ?([A-Za-z]+)$`)

// UnmarshalText reads a size with a unit.
func (s *Size) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*s = 0
		return nil
	}
	if m := sizeText.FindSubmatch(text); m != nil {
		for _, u := range sizeUnits {
			n, err := strconv.ParseUint(string(m[1]), 10, 64)
			high, bytes := bits.Mul64(n, u.bytes)
			if u.name != string(m[2]) {
				continue
			}
			if err != nil || high > 0 {
				return fmt.Errorf("%s is more than fits in 64 bits", text)
			}
			*s = Size(bytes)
			return nil
		}
	}
	return fmt.Errorf("%q is no size: write a unit, such as 64MiB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)", text)
}

// MarshalText writes the size as String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String returns the size in the largest unit of which it is a multiple, such as "64MiB".
func (s Size) String() string {
	for _, u := range sizeUnits {
		if u.bytes <= uint64(s) && uint64(s)%u.bytes == 0 {
			return strconv.FormatUint(uint64(s)/u.bytes, 10) + u.name
		}
	}
	return "0"
}
