package trie_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// realBlock is a block of a real chain, as far as the state goes.
type realBlock struct {
	NewRoot  felt.Felt       `json:"new_root"`
	OldRoot  felt.Felt       `json:"old_root"`
	Diff     json.RawMessage `json:"state_diff"`
	Expected struct {
		StorageRoots map[string]felt.Felt `json:"contract_storage_roots"`
		StateHashes  map[string]felt.Felt `json:"contract_state_hashes"`
	} `json:"expected"`
}

// chain reads the blocks of a folder, as diffs.
func chain(t *testing.T, folder string, n int) ([]realBlock, []*framework.Diff) {
	t.Helper()
	blocks, diffs := make([]realBlock, n), make([]*framework.Diff, n)
	for i := range blocks {
		name := fmt.Sprintf("chain/%s/%d.json", folder, i)
		if err := json.Unmarshal(realdata.Read(t, name), &blocks[i]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d, err := gateway.ParseStateDiff(blocks[i].Diff)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diffs[i], err = d.Diff(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return blocks, diffs
}

// TestRealChains seals recorded blocks, in another process; cutting the last ones off and sealing them again included.
func TestRealChains(t *testing.T) {
	for _, c := range []struct {
		folder, protocol string
		blocks, roots    int
	}{
		{"mainnet-0-9", "", 10, 69},
		{"sepolia-0-7", "0.12.3", 8, 0},
	} {
		t.Run(c.folder, func(t *testing.T) {
			blocks, diffs := chain(t, c.folder, c.blocks)
			s := process(t)(conform.Testing(t), map[string]any{"path": t.TempDir()})
			for i, d := range diffs {
				seal(t, s, framework.BlockNumber(i), c.protocol, d, blocks[i].NewRoot)
			}
			compared := 0
			for i := range blocks { // all of them from the head
				compared += checkContracts(t, s, framework.BlockNumber(i), &blocks[i])
			}
			if compared != c.roots {
				t.Errorf("%d contracts compared, want %d", compared, c.roots)
			}
			if err := s.Revert(t.Context(), 3); err != nil {
				t.Fatal(err)
			}
			for i := 4; i < len(diffs); i++ {
				seal(t, s, framework.BlockNumber(i), c.protocol, diffs[i], blocks[i].NewRoot)
			}
		})
	}
}

func seal(t *testing.T, s framework.Store, n framework.BlockNumber, protocol string, d *framework.Diff, want felt.Felt) {
	t.Helper()
	if err := s.Stage(t.Context(), n, protocol, d); err != nil {
		t.Fatal(err)
	}
	root, err := s.Seal(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if got := felt.Felt(root); got != want {
		t.Errorf("block %d: root %v, want %v", n, got, want)
	}
}

// checkContracts compares the contracts that a file knows of with proofs, and returns how many there were.
func checkContracts(t *testing.T, s framework.Store, n framework.BlockNumber, b *realBlock) int {
	t.Helper()
	var q framework.ProofQuery
	for address := range b.Expected.StorageRoots {
		q.Keys = append(q.Keys, starknet.NonceKey(felt.MustParse(address)))
	}
	p, err := s.Prove(t.Context(), n, q)
	if err != nil {
		t.Fatal(err)
	}
	r, err := proof.Verify(framework.Root(b.NewRoot), q, p.Body)
	if err != nil {
		t.Fatalf("block %d: %v", n, err)
	}
	for i := range r.Contracts {
		c := &r.Contracts[i]
		if want := b.Expected.StorageRoots[c.Address.Hex()]; c.StorageRoot != want {
			t.Errorf("block %d: storage root of %v is %v, want %v", n, c.Address, c.StorageRoot, want)
		}
		if want := b.Expected.StateHashes[c.Address.Hex()]; c.StateHash != want {
			t.Errorf("block %d: state hash of %v is %v, want %v", n, c.Address, c.StateHash, want)
		}
	}
	return len(r.Contracts)
}
