package starknet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Version is a version of the protocol, such as 0.13.1.1. It is comparable with == and ordered by Less; the
// zero value stands for the blocks before 0.9.1, which name no version.
type Version [4]uint16

// The versions at which a formula of this package changed.
var (
	V0_11_1 = Version{0, 11, 1} // signatures of declare and deploy_account enter the transaction commitment
	V0_13_2 = Version{0, 13, 2} // Poseidon block hash, commitments to receipts and to the state diff
	V0_13_4 = Version{0, 13, 4} // price of L2 gas; empty signatures are no longer hashed as [0]
	V0_14_0 = Version{0, 14, 0} // the state root is always that of two tries
	V0_14_1 = Version{0, 14, 1} // compiled class hashes by Blake2s
)

// ParseVersion returns the version that s names: nothing, or two to four numbers with points between them.
func ParseVersion(s string) (Version, error) {
	var v Version
	if s == "" {
		return v, nil
	}
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > len(v) {
		return Version{}, fmt.Errorf("%w: %q", ErrVersion, s)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || part[0] == '+' || len(part) > 1 && part[0] == '0' {
			return Version{}, fmt.Errorf("%w: %q", ErrVersion, s)
		}
		v[i] = uint16(n)
	}
	return v, nil
}

// Less reports whether v is older than w.
func (v Version) Less(w Version) bool { return slices.Compare(v[:], w[:]) < 0 }

// String returns v with three numbers, or four if the last is not zero; nothing for the zero version.
func (v Version) String() string {
	switch {
	case v == Version{}:
		return ""
	case v[3] == 0:
		return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
	}
	return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3])
}
