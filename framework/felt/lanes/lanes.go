// Package lanes does arithmetic modulo P on eight numbers at a time, with the AVX-512 IFMA
// instructions of newer processors. Package crypto hashes with it; others have no use for it.
//
// A number has five limbs of 52 bits, and a [Block] has the limbs of eight numbers side by side. Its
// product is x*y / 2^260, so numbers are kept times 2^260, in a Montgomery form of their own.
//
// Numbers are not reduced to [0, P). The functions below say what they take and what they give; in
// that, a number is tight if its limbs are below 2^52, and short if it is tight and below 64*P. All
// results are short unless the function says otherwise, and the same on every processor.
//
// Each function has two bodies, one in assembly and one in Go, which the tests hold against each
// other. The assembly runs where [Fast] says so.
package lanes

import (
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Width is how many numbers a block holds.
const Width = 8

// Limbs is a number in five limbs, least significant first.
type Limbs [5]uint64

// Block is eight numbers: limb i of number j is [i][j].
type Block [5][Width]uint64

const (
	limbBits = 52
	mask     = 1<<limbBits - 1
	topBits  = 43 // bits of the highest limb below 2^251
	p3       = 17 << 36
	p4       = 1 << topBits
)

// force sends everything to the twins in Go. Only tests set it.
var force bool

// multipleOfP returns n*P in limbs that are not tight but all nonnegative, for small n.
func multipleOfP(n uint64) Limbs { return Limbs{n, 0, 0, n * p3, n * p4} }

// Split returns x * 2^s in limbs, for s up to 8. x is any number below 2^256, so the result is tight
// and, for s up to 4 and x below P, short.
func Split(x *[4]uint64, s uint) Limbs {
	return Limbs{
		x[0] << s & mask,
		(x[0]>>(limbBits-s) | x[1]<<(12+s)) & mask,
		(x[1]>>(40-s) | x[2]<<(24+s)) & mask,
		(x[2]>>(28-s) | x[3]<<(36+s)) & mask,
		x[3] >> (16 - s),
	}
}

// Put sets number j of b to x.
func (b *Block) Put(j int, x *Limbs) {
	for i := range b {
		b[i][j&(Width-1)] = x[i]
	}
}

// Fill sets all numbers of b to x.
func (b *Block) Fill(x *Limbs) {
	for j := range Width {
		b.Put(j, x)
	}
}

// Number returns number j of b, which is tight and below 2^256, mod P.
func (b *Block) Number(j int) (z felt.Felt) {
	j &= Width - 1
	l0, l1, l2, l3, l4 := b[0][j], b[1][j], b[2][j], b[3][j], b[4][j]
	return *z.SetWords([4]uint64{l0 | l1<<52, l1>>12 | l2<<40, l2>>24 | l3<<28, l3>>36 | l4<<16})
}

// Gather sets number j of b to 16 * src[j], as Put and Split would. Numbers below P become numbers below
// 16*P; so a Montgomery number of 2^256, as others have them, becomes one of this package.
func (b *Block) Gather(src *[Width]*[4]uint64) {
	if !Fast() || force {
		gatherGeneric(b, src)
		return
	}
	gatherBlock(b, src)
}

// Mul sets each number of dst to the product of those of a and b, divided by 2^260. dst may be a or
// b. The product of short numbers is below 9*P; of x below m*P and y below n*P it is below
// (m*n/512 + 1)*P.
func Mul(dst, a, b []Block) {
	a, b = a[:len(dst)], b[:len(dst)]
	if !Fast() || force || len(dst) == 0 {
		mulGeneric(dst, a, b)
		return
	}
	mulBlocks(&dst[0], &a[0], &b[0], len(dst))
}

// Sub sets each number of dst to a - b, below 3*P. dst may be a or b. Their limbs may reach 2^55 if
// the numbers are below 64*P.
func Sub(dst, a, b []Block) {
	a, b = a[:len(dst)], b[:len(dst)]
	if !Fast() || force || len(dst) == 0 {
		subGeneric(dst, a, b)
		return
	}
	subBlocks(&dst[0], &a[0], &b[0], len(dst))
}

// AddConstant adds k to each number of dst, whose limbs may reach 2^55.
func AddConstant(dst []Block, k *Limbs) {
	if !Fast() || force || len(dst) == 0 {
		addGeneric(dst, k)
		return
	}
	addBlocks(&dst[0], k, len(dst))
}

// Biased returns k + 4*P, the form in which Mix and Partial take constants: what they subtract from
// it is less than 4*P.
func Biased(k *Limbs) Limbs {
	b := multipleOfP(4)
	for i := range b {
		b[i] += k[i]
	}
	return b
}

// Mix is the linear part of a full round of Poseidon: with t = a + b + c it sets a to t + 2a + k[0],
// b to t - 2b + k[1] and c to t - 3c + k[2]. a, b and c have to be below 1.3*P and tight, the
// constants Biased.
func Mix(a, b, c []Block, k *[3]Limbs) {
	b, c = b[:len(a)], c[:len(a)]
	if !Fast() || force || len(a) == 0 {
		mixGeneric(a, b, c, k)
		return
	}
	mixBlocks(&a[0], &b[0], &c[0], k, len(a))
}

// Partial is the linear part of a partial round of Poseidon for the first felt a, the sum w of the
// first and the second, and the cube y of the third, which has to be below 2*P and tight: it sets a
// to 2a + w + y, w to 4a + 2y and y to w - 2y + k. k has to be Biased. a and w are left with limbs
// that may reach 2^54, and may be passed so; a comes below 7*P and w below 5*P, and they have to come
// in below 30*P.
func Partial(a, w, y []Block, k *Limbs) {
	w, y = w[:len(a)], y[:len(a)]
	if !Fast() || force || len(a) == 0 {
		partialGeneric(a, w, y, k)
		return
	}
	partialBlocks(&a[0], &w[0], &y[0], k, len(a))
}

func gatherGeneric(b *Block, src *[Width]*[4]uint64) {
	for j, x := range src {
		l := Split(x, 4)
		b.Put(j, &l)
	}
}

func mulGeneric(dst, a, b []Block) {
	for n := range dst {
		for j := range Width {
			var t Limbs
			for i := range t {
				mulRound(&t, &a[n], j, b[n][i][j])
			}
			t.carry()
			dst[n].Put(j, &t)
		}
	}
}

// mulRound sets t to (t + a*b + m*P) / 2^52 with the m that makes it whole.
func mulRound(t *Limbs, a *Block, j int, b uint64) {
	var u [6]uint64
	copy(u[:], t[:])
	for i := range a {
		lo, hi := mul52(a[i][j], b)
		u[i] += lo
		u[i+1] += hi
	}
	m := -u[0] & mask
	u[1] += (u[0] + m) >> limbBits
	lo, hi := mul52(m, p3)
	u[3] += lo
	u[4] += hi
	lo, hi = mul52(m, p4)
	u[4] += lo
	u[5] += hi
	copy(t[:], u[1:])
}

// mul52 returns the product of the low 52 bits of x and y in two limbs.
func mul52(x, y uint64) (lo, hi uint64) {
	h, l := bits.Mul64(x&mask, y&mask)
	return l & mask, h<<(64-limbBits) | l>>limbBits
}

// carry makes t tight. Its limbs count as signed.
func (t *Limbs) carry() {
	for i := range 4 {
		t[i+1] += uint64(int64(t[i]) >> limbBits)
		t[i] &= mask
	}
}

// fold brings t, a nonnegative number, between P and 3*P, or nearly so far down, and makes it tight.
func (t *Limbs) fold() {
	q := uint64(int64(t[4])>>topBits) - 1
	t[0] -= q
	t[3] -= q * p3
	t[4] -= q * p4
	t.carry()
}

func subGeneric(dst, a, b []Block) {
	bias := multipleOfP(65)
	for n := range dst {
		for j := range Width {
			var t Limbs
			for i := range t {
				t[i] = a[n][i][j] - b[n][i][j] + bias[i]
			}
			t.fold()
			dst[n].Put(j, &t)
		}
	}
}

func addGeneric(dst []Block, k *Limbs) {
	for n := range dst {
		for j := range Width {
			var t Limbs
			for i := range t {
				t[i] = dst[n][i][j] + k[i]
			}
			t.carry()
			dst[n].Put(j, &t)
		}
	}
}

func mixGeneric(a, b, c []Block, k *[3]Limbs) {
	for n := range a {
		for j := range Width {
			var s [3]Limbs
			for i := range 5 {
				x, y, z := a[n][i][j], b[n][i][j], c[n][i][j]
				t := x + y + z
				s[0][i] = t + 2*x + k[0][i]
				s[1][i] = t - 2*y + k[1][i]
				s[2][i] = t - 3*z + k[2][i]
			}
			for i := range s {
				s[i].carry()
			}
			a[n].Put(j, &s[0])
			b[n].Put(j, &s[1])
			c[n].Put(j, &s[2])
		}
	}
}

func partialGeneric(a, w, y []Block, k *Limbs) {
	for n := range a {
		for j := range Width {
			var e, third Limbs
			for i := range e {
				e[i] = 2*a[n][i][j] + y[n][i][j]
				third[i] = w[n][i][j] - 2*y[n][i][j] + k[i]
			}
			e.fold()
			third.carry()
			y[n].Put(j, &third)
			for i := range e {
				a[n][i][j] = e[i] + w[n][i][j]
				w[n][i][j] = 2 * e[i]
			}
		}
	}
}
