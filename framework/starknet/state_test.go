package starknet_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

func TestStateRoot(t *testing.T) {
	one, two, none := felt.FromUint64(1), felt.FromUint64(2), felt.Felt{}
	older, newer := starknet.Version{0, 13, 6}, starknet.V0_14_0
	poseidon := "0x40b0bacb7a973f697842369d06e241016446cb68bbb52b2a5a350820a55796f"
	for _, tt := range []struct {
		version            starknet.Version
		contracts, classes felt.Felt
		want               string
	}{
		{older, one, two, "0x794df522f4bc0d998d32559d28ce3a436bfa592902b1bda398023bad7c1f71e"},
		{newer, one, two, "0x794df522f4bc0d998d32559d28ce3a436bfa592902b1bda398023bad7c1f71e"},
		{older, one, none, "0x1"},
		{newer, one, none, poseidon},
		{older, none, none, "0x0"},
		{newer, none, none, "0x0"},
	} {
		if got := starknet.StateRoot(tt.version, tt.contracts, tt.classes); got.Hex() != tt.want {
			t.Errorf("StateRoot(%v, %v, %v) = %v, want %v", tt.version, tt.contracts, tt.classes, got, tt.want)
		}
	}
}

func TestLeaves(t *testing.T) {
	class := felt.MustParse("0x2ff4903e17f87b298ded00c44bfeb22874c5f73be2ced8f1d9d9556fb509779")
	storage := felt.MustParse("0x4fb440e8ca9b74fc12a22ebffe0bc0658206337897226117b985434c239c028")
	want := "0x7161b591c893836263a64f2a7e0d829c92f6956148a60ce5e99a3f55c7973f3"
	contract := starknet.ContractState{ClassHash: class, StorageRoot: storage}
	if got := contract.Hash(); got.Hex() != want {
		t.Errorf("Hash() of %+v = %v, want %v", contract, got, want)
	}
	want = "0x2f57789e16766426fe7f33b3ec589957350be6f186a75fe2b3ee0503a421323"
	if got := starknet.ClassLeaf(felt.One); got.Hex() != want {
		t.Errorf("ClassLeaf(1) = %v, want %v", got, want)
	}
	var nothing starknet.ContractState
	if c, k := nothing.Hash(), starknet.ClassLeaf(felt.Felt{}); !c.IsZero() || !k.IsZero() {
		t.Errorf("leaves of nothing are %v and %v, want 0", c, k)
	}
}
