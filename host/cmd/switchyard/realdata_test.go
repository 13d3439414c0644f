package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// TestRealUpdates replays recorded blocks of Starknet's networks, with the store in either place, and verifies a proof of
// one of their nodes.
func TestRealUpdates(t *testing.T) {
	dir, ok := realdata.Dir()
	if !ok {
		t.Skipf("SKIPPED: no real data: neither ../shared/data beside the repository nor %s is a folder", realdata.Variable)
	}
	for folder, want := range map[string]string{
		"mainnet-0-9": "as recorded: 10 roots of blocks, 69 storage roots and 69 state hashes of contracts",
		"sepolia-0-7": "as recorded: 8 roots of blocks, 0 storage roots and 0 state hashes of contracts",
	} {
		for _, place := range []string{"builtin", "process"} {
			t.Run(folder+"/"+place, func(t *testing.T) {
				out, err := exec.CommandContext(t.Context(), "switchyard", "replay", "--updates", filepath.Join(dir, "chain", folder),
					"--set", "store.use=trie", "--set", "store.place="+place).CombinedOutput()
				if err != nil || !strings.Contains(string(out), want) {
					t.Errorf("%v, want %q:\n%s", err, want, out)
				}
			})
		}
	}
	out, err := exec.CommandContext(t.Context(), "switchyard", "state", "verify",
		filepath.Join(dir, "proofs", "sepoliaLatestFullResp.json")).CombinedOutput()
	for _, want := range []string{
		"0x4bd9d35156c5082d5fde6fcb47bf576dd9ed8be3fb8d2cf760039847ecee901", // storage root of ETH
		"0x6fd907c035d20768739416e97cb2aca1a4c5da433b947322b278a22c9848a92", // and of STRK, both wrong in the file
		"0x537461726b6e657420546f6b656e",                                    // Starknet Token
	} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, want %q:\n%s", err, want, out)
		}
	}
}
