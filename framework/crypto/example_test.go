package crypto_test

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Many hashes at once cost a fraction of what they cost one by one.
func ExamplePedersenBatch() {
	pairs := [][2]felt.Felt{
		{felt.FromUint64(1), felt.FromUint64(2)},
		{felt.FromUint64(0), felt.FromUint64(0)},
	}
	hashes := make([]felt.Felt, len(pairs))
	crypto.PedersenBatch(hashes, pairs)
	for _, h := range hashes {
		fmt.Println(h)
	}
	// Output:
	// 0x5bb9440e27889a364bcb678b1f679ecd1347acdedcbf36e83494f857cc58026
	// 0x49ee3eba8c1600700ee1b87eb599f16716b0b1022947733551fde4050ca6804
}

// A benchmark or a test forces each path that the processor supports.
func ExampleHasher_WithPath() {
	for _, path := range crypto.Paths() {
		h, err := crypto.Default().WithPath(path)
		if err != nil {
			fmt.Println(err)
			return
		}
		out := make([]felt.Felt, 1)
		h.PoseidonBatch(out, [][2]felt.Felt{{felt.FromUint64(1), felt.FromUint64(2)}})
		if out[0] != crypto.Poseidon(felt.FromUint64(1), felt.FromUint64(2)) {
			fmt.Println("paths differ:", path)
		}
	}
	fmt.Println("all paths agree")
	// Output: all paths agree
}

// The selector of an entry point is the Keccak of its name.
func ExampleKeccak() {
	fmt.Println(crypto.Keccak([]byte("transfer")))
	// Output: 0x83afd3f4caedc6eebf44246fe54e38c95e3179a5ec9ea81740eca5b482d12e
}

func ExampleVerify() {
	private, message := felt.FromUint64(12345), felt.FromUint64(67890)
	public, _ := crypto.PublicKey(private)
	signature, _ := crypto.Sign(private, message)
	fmt.Println(crypto.Verify(public, message, signature))
	fmt.Println(crypto.Verify(public, felt.One, signature))
	// Output:
	// true
	// false
}
