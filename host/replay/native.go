package replay

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// fault is a block in which a network executed a class in another way than its code says, because it ran it as native code
// that a compiler had made of it with a fault. What the network made of it is on record and stays, so whoever executes the
// block again has to do the same.
type fault struct {
	chain starknet.ChainID
	block framework.BlockNumber
	class felt.Felt
	// says is an instruction that is once in the compiled code, and ran does what the native code did in its place.
	says, ran felt.Felt
	// what says it in words.
	what string
}

// faults are those that are known.
//
// The one of block 8894544 of Sepolia: array_slice added start and length of a slice in 32 bits, which let a slice from 1 with
// 2^32 - 1 elements pass as an empty one where the code of the class panics (starkware-libs/cairo_native, pull request 1594;
// starkware-libs/sequencer, commit 57dba1d0e2).
var faults = []fault{{
	chain: starknet.Sepolia, block: 8894544,
	class: felt.MustParse("0x65fcedfbf8322a616f1a2182006b15b4a2d8430843a04c0fb152defbb58b014"),
	says:  felt.MustParse("0x48307fed7ffe8000"), // [ap] = [ap - 2] + [ap - 19], the end of the slice
	ran:   felt.MustParse("0x48127ffe7fff8000"), // [ap] = [ap - 2], its start
	what:  "start and length of a slice were added in 32 bits",
}}

// asRun changes the code of a class to what the network ran in a block, and says so; "" means that the network ran it as it is.
func asRun(chain starknet.ChainID, block framework.BlockNumber, hash felt.Felt, code *class.Casm) string {
	for i := range faults {
		f := &faults[i]
		if f.chain != chain || f.block != block || f.class != hash {
			continue
		}
		at := slices.Index(code.Bytecode, f.says)
		if at < 0 {
			return fmt.Sprintf("class %v runs by its code, since it is not compiled as it was on the network, where %s", hash, f.what)
		}
		code.Bytecode[at] = f.ran
		return fmt.Sprintf("class %v runs as it did on the network, where %s; --by-code runs it by its code", hash, f.what)
	}
	return ""
}
