package execution

import (
	"math"
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// maxUint128 is where sums and products of prices end.
var maxUint128 = starknet.Uint128{Hi: math.MaxUint64, Lo: math.MaxUint64}

// times returns p * n, at most 2^128 - 1.
func times(p starknet.Uint128, n uint64) starknet.Uint128 {
	hi, lo := bits.Mul64(p.Lo, n)
	over, mid := bits.Mul64(p.Hi, n)
	mid, carry := bits.Add64(mid, hi, 0)
	if over+carry != 0 {
		return maxUint128
	}
	return starknet.Uint128{Hi: mid, Lo: lo}
}

// plus returns x + y, at most 2^128 - 1.
func plus(x, y starknet.Uint128) starknet.Uint128 {
	lo, carry := bits.Add64(x.Lo, y.Lo, 0)
	hi, carry := bits.Add64(x.Hi, y.Hi, carry)
	if carry != 0 {
		return maxUint128
	}
	return starknet.Uint128{Hi: hi, Lo: lo}
}

// over returns x / y rounded down, at most 2^64 - 1, and 2^64 - 1 if y is 0.
func over(x, y starknet.Uint128) uint64 {
	if y.IsZero() {
		return math.MaxUint64
	}
	q := x.Big()
	q.Div(q, y.Big())
	if !q.IsUint64() {
		return math.MaxUint64
	}
	return q.Uint64()
}

// overUp returns x / y rounded up, at most 2^64 - 1.
func overUp(x, y starknet.Uint128) uint64 {
	q := over(x, y)
	if q == math.MaxUint64 || times(y, q) == x {
		return q
	}
	return q + 1
}
