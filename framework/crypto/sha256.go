package crypto

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// sha256Magic begins the state of a SHA-256 digest in the form of crypto/sha256.
const sha256Magic = "sha\x03"

// Sha256IV is the state that SHA-256 begins with, FIPS 180-4, 5.3.3.
var Sha256IV = [8]uint32{
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}

// resumable is a digest whose state can be set and read.
type resumable interface {
	hash.Hash
	encoding.BinaryUnmarshaler
	encoding.BinaryAppender
}

// Sha256Compress applies the compression function of SHA-256 to the state h and a block of sixteen words, without
// any padding. It allocates.
func Sha256Compress(h *[8]uint32, block *[16]uint32) {
	state := make([]byte, 0, len(sha256Magic)+sha256.Size+sha256.BlockSize+8)
	state = append(state, sha256Magic...)
	for _, w := range h {
		state = binary.BigEndian.AppendUint32(state, w)
	}
	state = state[:cap(state)] // an empty buffer, and a length of 0
	var input [sha256.BlockSize]byte
	for i, w := range block {
		binary.BigEndian.PutUint32(input[4*i:], w)
	}
	d, ok := sha256.New().(resumable)
	if !ok {
		panic("crypto: SHA-256 has no state") // it has one by the documentation of crypto/sha256
	}
	if err := d.UnmarshalBinary(state); err != nil {
		panic("crypto: state of SHA-256: " + err.Error()) // the form is fixed by the compatibility promise of Go
	}
	d.Write(input[:])
	state, err := d.AppendBinary(state[:0])
	if err != nil {
		panic("crypto: state of SHA-256: " + err.Error())
	}
	for i := range h {
		h[i] = binary.BigEndian.Uint32(state[len(sha256Magic)+4*i:])
	}
}
