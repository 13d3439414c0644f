// Package felt implements the field element of Cairo: an integer modulo the prime
// P = 2^251 + 17*2^192 + 1, kept as four canonical little-endian words.
//
// Canonical means: not in Montgomery form, and below P. So a felt that came from a
// transaction, lies in memory of the virtual machine or goes to the database has one
// representation, needs no conversion to be compared, split, indexed with or printed, and the
// zero value is the number 0. The price is paid by multiplication alone; the shape of P makes
// it small (see reduce.go). Code that multiplies much and looks little, such as the hashes of
// package crypto, works in Montgomery form inside and converts at its edge.
//
// # Usage
//
// Arithmetic has the form of gnark-crypto: the receiver takes the result and is returned, the
// arguments are pointers, and any of them may be the same variable:
//
//	var z felt.Felt
//	z.Mul(&x, &y).Add(&z, &c) // z = x*y + c
//
// Outside arithmetic a Felt is passed by value. Values are compared with ==.
//
// # Range
//
// Every function here takes canonical felts and returns canonical felts, and checks nothing: a
// Felt made by conversion from other words, felt.Felt(word), has to be checked by whoever
// converts, with [Felt.Valid]. The decoders ([Felt.SetBytes], [Felt.SetHex], ...) check.
//
// Nothing in this package runs in constant time: don't use it on secrets.
package felt

import (
	"math/big"
	"math/bits"
)

// Felt is an integer in [0, P), least significant word first. It has the memory of the plain
// four words of the contract, so that both convert into each other for free: felt.Felt(w).
// Words at or above P have to be turned away by the one who converts; see [Felt.Valid].
type Felt [4]uint64

// Size is the length in bytes of the binary encoding of a felt.
const Size = 32

// Bits is the length of P: every felt is below 2^Bits.
const Bits = 252

// top is the most significant word of P; the other three are 1, 0, 0.
const top = 0x0800000000000011

// One is the number 1. The zero value of [Felt] is 0.
var One = Felt{1}

// modulus is P itself, which is not a valid felt.
var modulus = Felt{1, 0, 0, top}

// Modulus returns P in a number that belongs to the caller.
func Modulus() *big.Int { return modulus.Big() }

// FromUint64 returns v as a felt.
func FromUint64(v uint64) Felt { return Felt{v} }

// Valid reports whether the words of z are below P, which everything else in this package
// takes for granted.
func (z *Felt) Valid() bool {
	return z[3] < top || z[3] == top && z[0]|z[1]|z[2] == 0
}

// Set copies x to z and returns z.
func (z *Felt) Set(x *Felt) *Felt {
	*z = *x
	return z
}

// SetZero sets z to 0 and returns z.
func (z *Felt) SetZero() *Felt {
	*z = Felt{}
	return z
}

// SetOne sets z to 1 and returns z.
func (z *Felt) SetOne() *Felt {
	*z = One
	return z
}

// SetUint64 sets z to v and returns z.
func (z *Felt) SetUint64(v uint64) *Felt {
	*z = Felt{v}
	return z
}

// SetInt64 sets z to v mod P, so that -1 becomes P-1, and returns z.
func (z *Felt) SetInt64(v int64) *Felt {
	if v >= 0 {
		return z.SetUint64(uint64(v))
	}
	x := Felt{-uint64(v)}
	return z.Neg(&x)
}

// Equal reports whether z and x are the same number; so does *z == *x.
func (z *Felt) Equal(x *Felt) bool { return *z == *x }

// IsZero reports whether z is 0.
func (z *Felt) IsZero() bool { return z[0]|z[1]|z[2]|z[3] == 0 }

// IsOne reports whether z is 1.
func (z *Felt) IsOne() bool { return z[0] == 1 && z[1]|z[2]|z[3] == 0 }

// IsUint64 reports whether z is below 2^64.
func (z *Felt) IsUint64() bool { return z[1]|z[2]|z[3] == 0 }

// IsUint128 reports whether z is below 2^128: the rule of the range check builtin.
func (z *Felt) IsUint128() bool { return z[2]|z[3] == 0 }

// Uint64 returns z mod 2^64; it is z itself if [Felt.IsUint64].
func (z *Felt) Uint64() uint64 { return z[0] }

// Cmp compares z and x as integers in [0, P): -1 if z < x, 0 if z == x, +1 if z > x.
func (z *Felt) Cmp(x *Felt) int {
	for i := 3; i >= 0; i-- {
		if z[i] != x[i] {
			if z[i] < x[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Less reports whether z < x as integers in [0, P).
func (z *Felt) Less(x *Felt) bool {
	_, b := bits.Sub64(z[0], x[0], 0)
	_, b = bits.Sub64(z[1], x[1], b)
	_, b = bits.Sub64(z[2], x[2], b)
	_, b = bits.Sub64(z[3], x[3], b)
	return b != 0
}

// BitLen returns the number of bits of z; 0 has none.
func (z *Felt) BitLen() int {
	for i := 3; i >= 0; i-- {
		if z[i] != 0 {
			return 64*i + bits.Len64(z[i])
		}
	}
	return 0
}

// Bit returns bit i of z, 0 being the least significant; bits from 256 on are 0.
func (z *Felt) Bit(i uint) uint64 {
	if i >= 256 {
		return 0
	}
	return z[i/64] >> (i % 64) & 1
}
