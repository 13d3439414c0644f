package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// TestReplayBlocks executes the first blocks of Starknet Sepolia through every assembly of schedulers, stores and places, and
// finds everything as it was recorded.
func TestReplayBlocks(t *testing.T) {
	dir, ok := realdata.Dir()
	if !ok {
		t.Skip("SKIP: no real data")
	}
	for _, scheduler := range []string{"serial", "blockstm"} {
		for _, store := range []string{"memory", "trie"} {
			for _, place := range []string{"builtin", "process", "shared:all"} {
				t.Run(scheduler+"/"+store+"/"+place, func(t *testing.T) {
					cmd := exec.CommandContext(t.Context(), "switchyard", "replay",
						"--blocks", filepath.Join(dir, "chain/sepolia-blocks"), "--classes", filepath.Join(dir, "classes/chain"),
						"--updates", filepath.Join(dir, "chain/sepolia-0-7"),
						"--set", "scheduler.use="+scheduler, "--set", "store.use="+store,
						"--set", "scheduler.place="+place, "--set", "vm.place="+place, "--set", "store.place="+place)
					cmd.Dir = t.TempDir()
					out, err := cmd.CombinedOutput()
					if err != nil || !bytes.Contains(out, []byte("as recorded: 7 blocks with 18 transactions: receipts, commitments, diffs")) {
						t.Fatalf("%v\n%s", err, out)
					}
					if roots := strings.Contains(string(out), "roots and hashes"); roots != (store == "trie") {
						t.Errorf("roots compared: %v\n%s", roots, out)
					}
				})
			}
		}
	}
}

// TestReplayDifference names what differs first.
func TestReplayDifference(t *testing.T) {
	dir, ok := realdata.Dir()
	if !ok {
		t.Skip("SKIP: no real data")
	}
	block := realdata.Read(t, "chain/sepolia-blocks/0.json")
	changed := bytes.Replace(block, []byte(`"n_steps": 3863`), []byte(`"n_steps": 3864`), 1)
	if bytes.Equal(block, changed) {
		t.Fatal("the block has no receipt of 3863 steps")
	}
	blocks := t.TempDir()
	write(t, filepath.Join(blocks, "0.json"), string(changed))
	cmd := exec.CommandContext(t.Context(), "switchyard", "replay", "--blocks", blocks, "--classes", filepath.Join(dir, "classes/chain"))
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"block 0: steps of transaction 2 (0x144f41e654d0916810a83df0fe8984043671200f28df1206f58566144e302dd) differs", "new       3863", "expected  3864"} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: want %q in\n%s", err, want, out)
		}
	}
}
