package crypto_test

import (
	"crypto/sha256"
	"math/big"
	"strconv"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// hadesConstants are all 273 constants of Poseidon as big integers.
var hadesConstants = sync.OnceValue(func() (out []*big.Int) {
	for i := range 3 * 91 {
		h := sha256.Sum256([]byte("Hades" + strconv.Itoa(i)))
		out = append(out, new(big.Int).SetBytes(h[:]))
	}
	return out
})

// refPermute is the permutation of Poseidon by its definition.
func refPermute(in [3]felt.Felt) (out [3]felt.Felt) {
	p := felt.Modulus()
	s := [3]*big.Int{in[0].Big(), in[1].Big(), in[2].Big()}
	matrix := [3][3]int64{{3, 1, 1}, {1, -1, 1}, {1, 1, -2}}
	for r := range 91 {
		full := r < 4 || r >= 87
		for j := range s {
			s[j].Add(s[j], hadesConstants()[3*r+j])
			if full || j == 2 {
				s[j].Exp(s[j], big.NewInt(3), p)
			}
		}
		var next [3]*big.Int
		for i, row := range matrix {
			next[i] = new(big.Int)
			for j, m := range row {
				next[i].Add(next[i], new(big.Int).Mul(big.NewInt(m), s[j]))
			}
			next[i].Mod(next[i], p)
		}
		s = next
	}
	for i := range s {
		out[i].SetBig(s[i])
	}
	return out
}
