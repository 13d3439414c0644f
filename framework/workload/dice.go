package workload

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"
)

// Dice draws numbers that depend on the seed alone. It uses integers only: the floating-point functions of Go may
// differ in the last bit from one processor to another, and the methods of rand.Rand may change.
type Dice struct{ pcg *rand.PCG }

// NewDice returns the dice of a seed. Every stream of it is another sequence.
func NewDice(seed, stream uint64) Dice { return Dice{rand.NewPCG(seed, stream)} }

// Below draws from 0 to n-1.
func (d Dice) Below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n)) //nolint:gosec // n is positive
	return int(hi)                                 //nolint:gosec // below n
}

// Percent is true that often in a hundred.
func (d Dice) Percent(p int) bool { return d.Below(100) < p }

// Other draws from 0 to n-1, but not not if there is another.
func (d Dice) Other(n, not int) int {
	if n < 2 {
		return not
	}
	k := d.Below(n - 1)
	if k >= not {
		k++
	}
	return k
}

// normal draws from about the standard normal distribution, as a multiple of 2^-16: the sum of twelve numbers
// between 0 and 1, less six.
func (d Dice) normal() int64 {
	sum := int64(0)
	for range 12 {
		sum += int64(d.Below(one))
	}
	return sum - 6*one
}

// spread draws a duration whose median is m, log-normal with that sigma.
func (d Dice) spread(m time.Duration, sigma int64) time.Duration {
	if sigma == 0 {
		return m
	}
	const log2e = 94548 // of 2^-16
	x := d.normal() * sigma / one * log2e / one
	return time.Duration(min(scale(uint64(m), x), maxDrawn)) //nolint:gosec // not negative, bounded
}

// maxDrawn bounds what spread draws: two weeks, so that it can still be multiplied.
const maxDrawn = 1 << 50

// one is 1 as a fixed-point number with 16 binary places.
const one = 1 << 16

// fixed returns x with 16 binary places.
func fixed(x float64) int64 { return int64(math.Round(x * one)) }

// log2 returns the logarithm of n, at least 1, as a multiple of 2^-16, rounded down.
func log2(n uint64) int64 {
	k := bits.Len64(n) - 1
	x := n << (63 - k) // 1 <= x/2^63 < 2
	log := int64(k)
	for range 16 {
		x, _ = bits.Mul64(x, x) // the square, with 62 binary places
		log <<= 1
		if x >= 1<<63 {
			log |= 1
		} else {
			x <<= 1
		}
	}
	return log
}

// roots are 2 to the power of 1/2, 1/4, ..., with 63 binary places.
var roots = [16]uint64{
	0xb504f333f9de6484, 0x9837f0518db8a96f, 0x8b95c1e3ea8bd6e6, 0x85aac367cc487b14,
	0x82cd8698ac2ba1d6, 0x8164d1f3bc030772, 0x80b1ed4fd999ab6b, 0x8058d7d2d5e5f6b0,
	0x802c6436d0e04f50, 0x8016302f17467627, 0x800b179c82028fcf, 0x80058baf7fee3b5c,
	0x8002c5d00fdcfcb6, 0x800162e61bed4a48, 0x8000b17292f702a3, 0x800058b92abbae01,
}

// scale returns n times 2 to the power of x, a multiple of 2^-16.
func scale(n uint64, x int64) uint64 {
	whole, part := x>>16, uint64(x&(one-1)) //nolint:gosec // the low bits
	f := uint64(1 << 63)
	for i, r := range roots {
		if part>>(15-i)&1 != 0 {
			f, _ = bits.Mul64(f, r)
			f <<= 1
		}
	}
	hi, lo := bits.Mul64(n, f) // n * 2^part, with 63 binary places
	shift := 63 - whole
	switch {
	case shift <= 0 || shift < 64 && hi>>shift != 0:
		return math.MaxInt64
	case shift < 64:
		return hi<<(64-shift) | lo>>shift
	case shift < 128:
		return hi >> (shift - 64)
	}
	return 0
}

// Chooser draws one of n things, the first ones more often: by Zipf's law, or all alike.
type Chooser struct {
	n int
	// sums[i] is the weight of the things up to i; nil means that all weigh the same.
	sums []uint64
}

// NewChooser returns a chooser of n things, at least one, drawn with that exponent of Zipf's law; 0 means all alike.
func NewChooser(n int, zipf float64) Chooser {
	exponent := fixed(zipf)
	c := Chooser{n: n}
	if exponent == 0 {
		return c
	}
	c.sums = make([]uint64, n)
	sum := uint64(0)
	for i := range c.sums {
		rank := uint64(i + 1)                                 //nolint:gosec // positive
		sum += max(1, scale(1<<40, -log2(rank)*exponent/one)) // at most 2^40 times at most 2^23
		c.sums[i] = sum
	}
	return c
}

// Draw draws one of the things.
func (c Chooser) Draw(d Dice) int {
	if c.sums == nil {
		return d.Below(c.n)
	}
	x, _ := bits.Mul64(d.pcg.Uint64(), c.sums[c.n-1])
	i, _ := slices.BinarySearch(c.sums, x+1)
	return i
}

// DrawOther draws one that is not not, if there are two.
// Draw draws one of the things.
func (c Chooser) DrawOther(d Dice, not int) int {
	for range 8 {
		if k := c.Draw(d); k != not {
			return k
		}
	}
	return d.Other(c.n, not)
}
