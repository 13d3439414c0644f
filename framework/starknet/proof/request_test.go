package proof_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
)

func TestQueries(t *testing.T) {
	big := felt.Felt{3: 1 << 59} // 2^251
	for name, k := range map[string]framework.Key{
		"mark of a class":   starknet.DeclaredKey(felt.One),
		"unknown space":     {Space: 9},
		"owner of 252 bits": starknet.NonceKey(big),
		"slot of 252 bits":  starknet.StorageKey(felt.One, big),
		"nonce with a slot": {Space: starknet.SpaceNonce, Slot: framework.Word{1}},
	} {
		if _, err := proof.NewRequest(framework.ProofQuery{Keys: []framework.Key{k}}); !errors.Is(err, proof.ErrQuery) {
			t.Errorf("%s: %v, want ErrQuery", name, err)
		}
	}
	one, two := felt.One, felt.FromUint64(2)
	got, err := proof.NewRequest(framework.ProofQuery{Keys: []framework.Key{
		starknet.StorageKey(two, one), starknet.NonceKey(one), starknet.StorageKey(one, one), starknet.StorageKey(two, two),
		starknet.StorageKey(two, one), starknet.CompiledClassKey(two), starknet.ClassHashKey(two), starknet.CompiledClassKey(two),
	}})
	want := proof.Request{
		Classes:   []felt.Felt{two},
		Contracts: []felt.Felt{two, one},
		Storage:   []proof.StorageRequest{{Contract: two, Keys: []felt.Felt{one, two}}, {Contract: one, Keys: []felt.Felt{one}}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("NewRequest: %v\n%s", err, diff)
	}
}
