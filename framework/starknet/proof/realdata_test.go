package proof_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// TestRealProof verifies an answer of a node of Starknet's test network. Its storage roots are wrong, an error of that
// node; the true ones follow from the leaves.
func TestRealProof(t *testing.T) {
	p, err := proof.Parse(realdata.Read(t, "proofs/sepoliaLatestFullResp.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.Facts()
	if err != nil {
		t.Fatal(err)
	}
	var (
		strk   = felt.MustParse("0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d")
		eth    = felt.MustParse("0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7")
		name   = felt.MustParse("0x341c1bdfd89f69748aa00b5742b03adbffd79b8e80cab5c50d91cd8c2a79be1")
		symbol = felt.MustParse("0xb6ce5410fca59d078ee9b2a4371a9d684c530d697c64fbef0ae6d5e8f0ac72")
	)
	for k, want := range map[framework.Key]felt.Felt{
		starknet.StorageKey(eth, name):    felt.MustShortString("Ether"),
		starknet.StorageKey(eth, symbol):  felt.MustShortString("ETH"),
		starknet.StorageKey(strk, name):   felt.MustShortString("Starknet Token"),
		starknet.StorageKey(strk, symbol): felt.MustShortString("STRK"),
		starknet.ClassHashKey(eth):        felt.MustParse("0x76791ef97c042f81fbf352ad95f39a22554ee8d7927b2ce3c681f3418b5206a"),
		starknet.ClassHashKey(strk):       felt.MustParse("0x9524a94b41c4440a16fd96d7c1ef6ad6f44c1c013e96662734502cd4ee9b1f"),
	} {
		if err := disprove(f, k, want, false); err != nil {
			t.Error(err)
		}
	}
	for address, want := range map[felt.Felt]string{
		eth:  "0x4bd9d35156c5082d5fde6fcb47bf576dd9ed8be3fb8d2cf760039847ecee901",
		strk: "0x6fd907c035d20768739416e97cb2aca1a4c5da433b947322b278a22c9848a92",
	} {
		if l, err := f.Contract(address); err != nil || l.StorageRoot.Hex() != want {
			t.Errorf("storage root of %v is %v, %v, want %v", address, l.StorageRoot, err, want)
		}
	}
	for _, class := range []string{
		"0x76791ef97c042f81fbf352ad95f39a22554ee8d7927b2ce3c681f3418b5206a",
		"0x9524a94b41c4440a16fd96d7c1ef6ad6f44c1c013e96662734502cd4ee9b1f",
	} {
		if leaf, err := f.Value(starknet.CompiledClassKey(felt.MustParse(class))); err != nil || leaf.IsZero() {
			t.Errorf("class %s has leaf %v, %v", class, leaf, err)
		}
	}
	if s, err := f.Shown(); err != nil || len(s.Contracts) < 2 || len(s.Slots) < 4 || len(s.Classes) < 2 {
		t.Errorf("Shown() = %+v, %v", s, err)
	}
}
