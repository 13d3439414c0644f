package crypto_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/crypto"
)

// TestSha256Compress hashes a message of two blocks by hand.
func TestSha256Compress(t *testing.T) {
	t.Parallel()
	message := []byte("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
	want := sha256.Sum256(message)
	padded := append(message, 0x80)
	padded = append(padded, make([]byte, 128-8-len(padded))...)
	padded = binary.BigEndian.AppendUint64(padded, uint64(8*len(message)))
	h := crypto.Sha256IV
	for ; len(padded) > 0; padded = padded[64:] {
		var block [16]uint32
		for i := range block {
			block[i] = binary.BigEndian.Uint32(padded[4*i:])
		}
		crypto.Sha256Compress(&h, &block)
	}
	for i, w := range h {
		if w != binary.BigEndian.Uint32(want[4*i:]) {
			t.Fatalf("hash %x, want %x", h, want)
		}
	}
}
