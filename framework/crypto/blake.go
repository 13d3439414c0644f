package crypto

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/blake2s"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// blakeWide marks an encoding of eight words, in its first.
const blakeWide = 1 << 31

// Blake2s returns the Blake2s hash of a sequence of felts in the encoding of Starknet, which CASM
// class hashes have used since 0.14.1: a felt below 2^63 gives two words of 32 bits, any other
// eight, most significant first and with the top bit of the first one set; words are written
// little-endian, and the digest is read little-endian, mod P. See
// https://github.com/starkware-libs/sequencer, crates/blake2s.
func Blake2s(xs ...felt.Felt) (z felt.Felt) {
	var buf [16 * blake2s.BlockSize]byte
	out := buf[:0]
	var sum [blake2s.Size]byte
	if len(xs) <= len(buf)/felt.Size {
		for i := range xs {
			out = appendBlake(out, &xs[i])
		}
		sum = blake2s.Sum256(out)
	} else {
		sum = blakeLongSum(xs)
	}
	return *z.SetWords([4]uint64{
		binary.LittleEndian.Uint64(sum[0:]),
		binary.LittleEndian.Uint64(sum[8:]),
		binary.LittleEndian.Uint64(sum[16:]),
		binary.LittleEndian.Uint64(sum[24:]),
	})
}

// blakeLongSum hashes a sequence of any length through a buffer of fixed size.
func blakeLongSum(xs []felt.Felt) (sum [blake2s.Size]byte) {
	h, err := blake2s.New256(nil)
	if err != nil {
		panic(err) // without a key there is nothing to refuse
	}
	const room = 16 * blake2s.BlockSize
	out := make([]byte, 0, room)
	for i := range xs {
		if len(out) > room-felt.Size {
			_, _ = h.Write(out)
			out = out[:0]
		}
		out = appendBlake(out, &xs[i])
	}
	_, _ = h.Write(out)
	h.Sum(sum[:0])
	return sum
}

// appendBlake appends the words of x to dst.
func appendBlake(dst []byte, x *felt.Felt) []byte {
	if x.IsUint64() && x[0] < 1<<63 {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(x[0]>>32))
		return binary.LittleEndian.AppendUint32(dst, uint32(x[0]))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(x[3]>>32)|blakeWide)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(x[3]))
	for i := 2; i >= 0; i-- {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(x[i]>>32))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(x[i]))
	}
	return dst
}

// blakeIV and blakeOrder are the constants of RFC 7693: the initial state, which is that of SHA-256,
// and the order of the message words in each round.
var (
	blakeIV = [8]uint32{
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	}
	blakeOrder = [10][16]uint8{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
		{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
		{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
		{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
		{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
		{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
		{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
		{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
		{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
	}
)

// Blake2sCompress applies the compression function of Blake2s to the state h: the rule of the Blake
// opcodes. counter is the number of bytes so far, this block included; final marks the last block.
// See RFC 7693, 3.2.
func Blake2sCompress(h *[8]uint32, block *[16]uint32, counter uint64, final bool) {
	var v [16]uint32
	copy(v[:8], h[:])
	copy(v[8:], blakeIV[:])
	v[12] ^= uint32(counter)
	v[13] ^= uint32(counter >> 32)
	if final {
		v[14] = ^v[14]
	}
	for i := range blakeOrder {
		o := &blakeOrder[i]
		mixBlake(&v[0], &v[4], &v[8], &v[12], block[o[0]&15], block[o[1]&15])
		mixBlake(&v[1], &v[5], &v[9], &v[13], block[o[2]&15], block[o[3]&15])
		mixBlake(&v[2], &v[6], &v[10], &v[14], block[o[4]&15], block[o[5]&15])
		mixBlake(&v[3], &v[7], &v[11], &v[15], block[o[6]&15], block[o[7]&15])
		mixBlake(&v[0], &v[5], &v[10], &v[15], block[o[8]&15], block[o[9]&15])
		mixBlake(&v[1], &v[6], &v[11], &v[12], block[o[10]&15], block[o[11]&15])
		mixBlake(&v[2], &v[7], &v[8], &v[13], block[o[12]&15], block[o[13]&15])
		mixBlake(&v[3], &v[4], &v[9], &v[14], block[o[14]&15], block[o[15]&15])
	}
	for i := range h {
		h[i] ^= v[i] ^ v[i+8]
	}
}

func mixBlake(a, b, c, d *uint32, x, y uint32) {
	*a += *b + x
	*d = bits.RotateLeft32(*d^*a, -16)
	*c += *d
	*b = bits.RotateLeft32(*b^*c, -12)
	*a += *b + y
	*d = bits.RotateLeft32(*d^*a, -8)
	*c += *d
	*b = bits.RotateLeft32(*b^*c, -7)
}
