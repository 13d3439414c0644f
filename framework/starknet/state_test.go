package starknet_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// TestStateHashes checks leaves and roots that other implementations agree on.
func TestStateHashes(t *testing.T) {
	parse := felt.MustParse
	c := starknet.ContractState{
		ClassHash:   parse("0x2ff4903e17f87b298ded00c44bfeb22874c5f73be2ced8f1d9d9556fb509779"),
		StorageRoot: parse("0x4fb440e8ca9b74fc12a22ebffe0bc0658206337897226117b985434c239c028"),
	}
	for _, x := range []struct {
		name      string
		got, want felt.Felt
	}{
		{"contract", c.Hash(), parse("0x7161b591c893836263a64f2a7e0d829c92f6956148a60ce5e99a3f55c7973f3")},
		{"no contract", new(starknet.ContractState).Hash(), felt.Felt{}},
		{"class", starknet.ClassLeaf(felt.One), parse("0x2f57789e16766426fe7f33b3ec589957350be6f186a75fe2b3ee0503a421323")},
		{"no class", starknet.ClassLeaf(felt.Felt{}), felt.Felt{}},
		{"root", starknet.StateRoot(starknet.Version{}, felt.One, felt.FromUint64(2)), parse("0x794df522f4bc0d998d32559d28ce3a436bfa592902b1bda398023bad7c1f71e")},
		{"root without classes", starknet.StateRoot(starknet.V0_13_4, felt.One, felt.Felt{}), felt.One},
		{"root without classes from 0.14.0", starknet.StateRoot(starknet.V0_14_0, felt.One, felt.Felt{}), parse("0x40b0bacb7a973f697842369d06e241016446cb68bbb52b2a5a350820a55796f")},
		{"root of nothing", starknet.StateRoot(starknet.V0_14_0, felt.Felt{}, felt.Felt{}), felt.Felt{}},
	} {
		if x.got != x.want {
			t.Errorf("%s: %v, want %v", x.name, x.got, x.want)
		}
	}
}
