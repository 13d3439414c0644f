package crypto

import (
	"crypto/sha256"
	"strconv"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Starknet's Poseidon is Hades over three felts with cubes: four full rounds, 83 partial ones and
// four full ones, each of them adding constants, cubing, and mixing by the matrix
//
//	3  1  1
//	1 -1  1
//	1  1 -2
//
// See https://docs.starknet.io/architecture-and-concepts/cryptography/#poseidon-hash and
// https://github.com/starkware-industries/poseidon.
const (
	fullRounds    = 8
	partialRounds = 83
)

// poseidonConstants are the constants in Montgomery form, compressed: a partial round cubes the
// third felt only, so what it adds to the other two can as well be added after its mixing.
type poseidonConstants struct {
	full    [fullRounds][3]fp.Element
	partial [partialRounds]fp.Element
}

// constants makes the constants as the authors of Poseidon did: number i of round i/3 is the SHA-256
// of "Hades" followed by i in decimal, mod P.
var constants = sync.OnceValue(func() *poseidonConstants {
	c := new(poseidonConstants)
	var carry [3]fp.Element
	for r := range fullRounds + partialRounds {
		k := carry
		for j := range k {
			sum := sha256.Sum256([]byte("Hades" + strconv.Itoa(3*r+j)))
			var x fp.Element
			x.SetBytes(sum[:])
			add(&k[j], &k[j], &x)
		}
		carry = [3]fp.Element{}
		switch {
		case r < fullRounds/2:
			c.full[r] = k
		case r >= fullRounds/2+partialRounds:
			c.full[r-partialRounds] = k
		default:
			c.partial[r-fullRounds/2] = k[2]
			carry = [3]fp.Element{k[0], k[1], {}}
			mix(&carry)
		}
	}
	return c
})

// mix multiplies s by the matrix.
func mix(s *[3]fp.Element) {
	var t, u fp.Element
	add(&t, &s[0], &s[1])
	add(&t, &t, &s[2])
	double(&u, &s[2])
	double(&s[0], &s[0])
	add(&s[0], &s[0], &t)
	double(&s[1], &s[1])
	sub(&s[1], &t, &s[1])
	add(&s[2], &s[2], &u)
	sub(&s[2], &t, &s[2])
}

// permute applies the permutation to a state in Montgomery form.
func permute(s *[3]fp.Element) {
	c := constants()
	for r := range fullRounds / 2 {
		fullRound(s, &c.full[r])
	}
	partialPermute(s, c)
	for r := fullRounds / 2; r < fullRounds; r++ {
		fullRound(s, &c.full[r])
	}
}

func fullRound(s, k *[3]fp.Element) {
	for j := range s {
		add(&s[j], &s[j], &k[j])
		cube(&s[j])
	}
	mix(s)
}

// partialPermute does the partial rounds. Of the first two felts a and b they need only a and
// w = a+b: with x the cube, a' = 2a+w+x, w' = 4a+2x and the third felt is w-2x.
func partialPermute(s *[3]fp.Element, c *poseidonConstants) {
	a, y := s[0], s[2]
	var w, e fp.Element
	add(&w, &s[0], &s[1])
	for r := range c.partial {
		add(&y, &y, &c.partial[r])
		cube(&y)
		double(&e, &a)
		add(&e, &e, &y)
		add(&a, &e, &w)
		double(&y, &y)
		sub(&y, &w, &y)
		double(&w, &e)
	}
	s[0] = a
	sub(&s[1], &w, &a)
	s[2] = y
}

func cube(x *fp.Element) {
	var q fp.Element
	q.Square(x)
	x.Mul(&q, x)
}

// PoseidonPermute applies the permutation of Poseidon, the rule of the poseidon builtin, to s.
func PoseidonPermute(s *[3]felt.Felt) {
	m := [3]fp.Element{enter(&s[0]), enter(&s[1]), enter(&s[2])}
	permute(&m)
	*s = [3]felt.Felt{leave(&m[0]), leave(&m[1]), leave(&m[2])}
}

// Poseidon returns the Poseidon hash of two felts: the first felt of the permutation of (a, b, 2).
// It is not what PoseidonMany returns for both.
func Poseidon(a, b felt.Felt) felt.Felt {
	m := [3]fp.Element{enter(&a), enter(&b), fp.NewElement(2)}
	permute(&m)
	return leave(&m[0])
}

// PoseidonMany returns the Poseidon hash of a sequence of any length, the empty one included.
func PoseidonMany(xs ...felt.Felt) felt.Felt {
	var p Sponge
	p.Write(xs...)
	return p.Sum()
}

// Sponge makes the hash of PoseidonMany of felts that arrive one after the other. The zero value is
// ready. One goroutine at a time may use it.
type Sponge struct {
	state [3]fp.Element // Montgomery form
	odd   bool          // the next felt is the second of a pair
}

// Write adds xs to the sequence.
func (p *Sponge) Write(xs ...felt.Felt) {
	for i := range xs {
		x := enter(&xs[i])
		if !p.odd {
			add(&p.state[0], &p.state[0], &x)
			p.odd = true
			continue
		}
		add(&p.state[1], &p.state[1], &x)
		permute(&p.state)
		p.odd = false
	}
}

// Sum returns the hash of what was written so far; writing may go on after it.
func (p *Sponge) Sum() felt.Felt {
	s := p.state
	one := fp.One()
	if p.odd {
		add(&s[1], &s[1], &one)
	} else {
		add(&s[0], &s[0], &one)
	}
	permute(&s)
	return leave(&s[0])
}
