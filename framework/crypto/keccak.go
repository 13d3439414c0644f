package crypto

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// keccakRate is the number of bytes that Keccak-256 takes in before each permutation.
const keccakRate = 136

// Keccak returns Starknet's Keccak of data: Keccak-256 with the padding from before FIPS 202, less
// its six highest bits. Selectors of entry points are the Keccak of their names. See
// https://docs.starknet.io/architecture-and-concepts/cryptography/#starknet-keccak.
func Keccak(data []byte) (z felt.Felt) {
	h := Keccak256(data)
	h[0] &= 0x03
	z.SetBytesReduce(h[:])
	return z
}

// Keccak256 returns the Keccak-256 of data, which is Ethereum's.
func Keccak256(data []byte) (h [32]byte) {
	var s [25]uint64
	for ; len(data) >= keccakRate; data = data[keccakRate:] {
		absorb(&s, data)
		KeccakF1600(&s)
	}
	var last [keccakRate]byte
	copy(last[:], data)
	last[len(data)] = 0x01
	last[keccakRate-1] |= 0x80
	absorb(&s, last[:])
	KeccakF1600(&s)
	for i := range 4 {
		binary.LittleEndian.PutUint64(h[8*i:], s[i])
	}
	return h
}

func absorb(s *[25]uint64, block []byte) {
	for i := range keccakRate / 8 {
		s[i] ^= binary.LittleEndian.Uint64(block[8*i:])
	}
}

// keccakConstants makes the constants of the rounds by the shift register of FIPS 202, 3.2.5.
var keccakConstants = sync.OnceValue(func() *[24]uint64 {
	var rc [24]uint64
	lfsr := uint8(1)
	for i := range rc {
		for j := range 7 {
			rc[i] |= uint64(lfsr&1) << (1<<j - 1)
			lfsr = lfsr<<1 ^ lfsr>>7*0x71
		}
	}
	return &rc
})

// KeccakF1600 applies the permutation Keccak-f[1600] to a, whose lane (x, y) is a[x+5*y]: the rule
// of the keccak builtin and of the keccak system call. See FIPS 202, 3.2 and 3.3.
func KeccakF1600(a *[25]uint64) {
	var e [25]uint64
	rc := keccakConstants()
	for i := 0; i < len(rc); i += 2 {
		keccakRound(&e, a, rc[i])
		keccakRound(a, &e, rc[i+1])
	}
}

// keccakRound sets e to one round of a: theta into the d, rho and pi into the b, chi and iota.
func keccakRound(e, a *[25]uint64, rc uint64) {
	c0 := a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20]
	c1 := a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21]
	c2 := a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22]
	c3 := a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23]
	c4 := a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24]
	d0 := c4 ^ bits.RotateLeft64(c1, 1)
	d1 := c0 ^ bits.RotateLeft64(c2, 1)
	d2 := c1 ^ bits.RotateLeft64(c3, 1)
	d3 := c2 ^ bits.RotateLeft64(c4, 1)
	d4 := c3 ^ bits.RotateLeft64(c0, 1)
	var b0, b1, b2, b3, b4 uint64
	b0 = a[0] ^ d0
	b1 = bits.RotateLeft64(a[6]^d1, 44)
	b2 = bits.RotateLeft64(a[12]^d2, 43)
	b3 = bits.RotateLeft64(a[18]^d3, 21)
	b4 = bits.RotateLeft64(a[24]^d4, 14)
	e[0] = b0 ^ (^b1 & b2) ^ rc
	e[1] = b1 ^ (^b2 & b3)
	e[2] = b2 ^ (^b3 & b4)
	e[3] = b3 ^ (^b4 & b0)
	e[4] = b4 ^ (^b0 & b1)
	b0 = bits.RotateLeft64(a[3]^d3, 28)
	b1 = bits.RotateLeft64(a[9]^d4, 20)
	b2 = bits.RotateLeft64(a[10]^d0, 3)
	b3 = bits.RotateLeft64(a[16]^d1, 45)
	b4 = bits.RotateLeft64(a[22]^d2, 61)
	e[5] = b0 ^ (^b1 & b2)
	e[6] = b1 ^ (^b2 & b3)
	e[7] = b2 ^ (^b3 & b4)
	e[8] = b3 ^ (^b4 & b0)
	e[9] = b4 ^ (^b0 & b1)
	b0 = bits.RotateLeft64(a[1]^d1, 1)
	b1 = bits.RotateLeft64(a[7]^d2, 6)
	b2 = bits.RotateLeft64(a[13]^d3, 25)
	b3 = bits.RotateLeft64(a[19]^d4, 8)
	b4 = bits.RotateLeft64(a[20]^d0, 18)
	e[10] = b0 ^ (^b1 & b2)
	e[11] = b1 ^ (^b2 & b3)
	e[12] = b2 ^ (^b3 & b4)
	e[13] = b3 ^ (^b4 & b0)
	e[14] = b4 ^ (^b0 & b1)
	b0 = bits.RotateLeft64(a[4]^d4, 27)
	b1 = bits.RotateLeft64(a[5]^d0, 36)
	b2 = bits.RotateLeft64(a[11]^d1, 10)
	b3 = bits.RotateLeft64(a[17]^d2, 15)
	b4 = bits.RotateLeft64(a[23]^d3, 56)
	e[15] = b0 ^ (^b1 & b2)
	e[16] = b1 ^ (^b2 & b3)
	e[17] = b2 ^ (^b3 & b4)
	e[18] = b3 ^ (^b4 & b0)
	e[19] = b4 ^ (^b0 & b1)
	b0 = bits.RotateLeft64(a[2]^d2, 62)
	b1 = bits.RotateLeft64(a[8]^d3, 55)
	b2 = bits.RotateLeft64(a[14]^d4, 39)
	b3 = bits.RotateLeft64(a[15]^d0, 41)
	b4 = bits.RotateLeft64(a[21]^d1, 2)
	e[20] = b0 ^ (^b1 & b2)
	e[21] = b1 ^ (^b2 & b3)
	e[22] = b2 ^ (^b3 & b4)
	e[23] = b3 ^ (^b4 & b0)
	e[24] = b4 ^ (^b0 & b1)
}
