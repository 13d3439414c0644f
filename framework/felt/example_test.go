package felt_test

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// The receiver takes the result and is returned, so that steps chain.
func Example() {
	a, b, c := felt.FromUint64(3), felt.FromUint64(4), *new(felt.Felt).SetInt64(-2)
	var z felt.Felt
	z.Mul(&a, &b).Add(&z, &c)
	fmt.Println(z, z.Decimal())
	z.Inverse(&z)
	fmt.Println(z)
	// Output:
	// 0xa 10
	// 0x733333333333342800000000000000000000000000000000000000000000001
}

// A word of the contract converts for free, and has to be checked by the one who does it.
func ExampleFelt_Valid() {
	word := [4]uint64{1, 0, 0, 1<<59 + 17}
	z := felt.Felt(word)
	fmt.Println(z.Valid())
	// Output: false
}

func ExampleFelt_ShortString() {
	z := felt.MustShortString("SN_MAIN")
	fmt.Println(z)
	s, ok := z.ShortString()
	fmt.Println(s, ok)
	// Output:
	// 0x534e5f4d41494e
	// SN_MAIN true
}
