package execution

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"testing"
)

// TestCompress compresses the only block of a padded text, and compares with the hash of the text.
func TestCompress(t *testing.T) {
	t.Parallel()
	text := []byte("switchyard")
	padded := append(append([]byte{}, text...), 0x80)
	block256 := append(append([]byte{}, padded...), make([]byte, 64-len(padded)-8)...)
	block256 = binary.BigEndian.AppendUint64(block256, uint64(8*len(text)))
	block512 := append(append([]byte{}, padded...), make([]byte, 128-len(padded)-8)...)
	block512 = binary.BigEndian.AppendUint64(block512, uint64(8*len(text)))
	sum256, sum512 := sha256.Sum256(text), sha512.Sum512(text)
	for _, c := range []struct {
		d     *digest
		state []uint64
		block []byte
		want  []byte
	}{
		{&digest256, []uint64{
			0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
		}, block256, sum256[:]},
		{&digest512, []uint64{
			0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
			0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
		}, block512, sum512[:]},
	} {
		var words []uint64
		for i := 0; i < len(c.block); i += c.d.word {
			var w uint64
			for _, b := range c.block[i : i+c.d.word] {
				w = w<<8 | uint64(b)
			}
			words = append(words, w)
		}
		got, err := c.d.compress(c.state, words)
		if err != nil {
			t.Fatal(err)
		}
		var text []byte
		for _, w := range got {
			text = c.d.append(text, w)
		}
		if string(text) != string(c.want) {
			t.Errorf("%s: %x, want %x", c.d.name, text, c.want)
		}
	}
}
