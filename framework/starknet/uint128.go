package starknet

import (
	"cmp"
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Uint128 is an integer below 2^128: a fee or a price.
type Uint128 struct{ Hi, Lo uint64 }

// Uint128FromFelt returns v, and false if it is 2^128 or more.
func Uint128FromFelt(v felt.Felt) (Uint128, bool) {
	return Uint128{Hi: v[1], Lo: v[0]}, v.IsUint128()
}

// Felt returns u as a felt.
func (u Uint128) Felt() felt.Felt { return felt.Felt{u.Lo, u.Hi} }

// IsZero reports whether u is 0.
func (u Uint128) IsZero() bool { return u == Uint128{} }

// Cmp compares u and v: -1 if u < v, 0 if u == v, +1 if u > v.
func (u Uint128) Cmp(v Uint128) int {
	if c := cmp.Compare(u.Hi, v.Hi); c != 0 {
		return c
	}
	return cmp.Compare(u.Lo, v.Lo)
}

// Big returns u in a number that belongs to the caller.
func (u Uint128) Big() *big.Int {
	v := u.Felt()
	return v.Big()
}

// String returns u in decimal.
func (u Uint128) String() string { return u.Felt().Decimal() }
