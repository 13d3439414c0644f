package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	forAssemblies(t, func(t *testing.T, assembly []string) {
		cmd := exec.CommandContext(t.Context(), "switchyard", append([]string{
			"replay", "--blocks", filepath.Join(dir, "chain/sepolia-blocks"), "--classes", filepath.Join(dir, "classes/chain"),
			"--updates", filepath.Join(dir, "chain/sepolia-0-7"),
		}, assembly...)...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("as recorded: 7 blocks with 18 transactions: receipts, commitments, diffs")) {
			t.Fatalf("%v\n%s", err, out)
		}
		if roots := bytes.Contains(out, []byte("roots and hashes")); roots != slices.Contains(assembly, "store.use=trie") {
			t.Errorf("roots compared: %v\n%s", roots, out)
		}
	})
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
	for _, want := range []string{"block 0: steps of transaction 2 (0x144f41e654d0916810a83df0fe8984043671200f28df1206f58566144e302dd) differs", "new       3863", "expected  3864", "calls\n  constructor 0x", ": 148 steps, "} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: want %q in\n%s", err, want, out)
		}
	}
}

// TestReplayPrestate executes a block of protocol 0.14.2 on the state that was recorded with it. It needs what its Sierra classes
// compile to, HASH.json, in the folder that SWITCHYARD_CASM names. By their code, four of the five transactions come out as recorded. The
// fifth asks for a slice of a span that begins at 1 and is 2^32 - 1 long, on which the code of its contract panics. What was
// recorded is what a native compiler made of it that added the two in 32 bits, a fault that was mended the day after the
// block was recorded. Executed as the network did, everything is as recorded, in every assembly.
func TestReplayPrestate(t *testing.T) {
	dir, ok := realdata.Dir()
	casm := os.Getenv("SWITCHYARD_CASM")
	if !ok || casm == "" {
		t.Skip("SKIP: no real data, or SWITCHYARD_CASM is not set")
	}
	cmd := exec.CommandContext(t.Context(), "switchyard", "replay",
		"--prestate", filepath.Join(dir, "chain/sepolia-8894544.json"), "--casm", casm, "--by-code", "--format", "json")
	cmd.Dir = t.TempDir()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err == nil {
		t.Error("everything is as recorded, want the fifth transaction to differ")
	}
	var rep struct {
		Rows []struct {
			Status string `json:"status"`
			Fee    string `json:"fee"`
		} `json:"rows"`
	}
	if err := json.Unmarshal([]byte(stdout.String()), &rep); err != nil {
		t.Fatalf("%v\n%s\n%s", err, stdout.String(), stderr.String())
	}
	want := []string{"1978852476000943696", "17327802743260800", "8394392986521600", "7058501243260800", "8865321743260800"}
	if len(rep.Rows) != len(want) {
		t.Fatalf("%d transactions, want %d", len(rep.Rows), len(want))
	}
	for i, fee := range want {
		if rep.Rows[i].Fee != fee {
			t.Errorf("transaction %d costs %s, want %s", i, rep.Rows[i].Fee, fee)
		}
	}
	if rep.Rows[4].Status != "reverted" {
		t.Errorf("transaction 4 %s, want it reverted", rep.Rows[4].Status)
	}
	for _, hint := range []string{"last written by transaction 4", "Index out of bounds", "calls\n  validate 0x"} {
		if !strings.Contains(stderr.String(), hint) {
			t.Errorf("want %q in\n%s", hint, stderr.String())
		}
	}
	forAssemblies(t, func(t *testing.T, assembly []string) {
		cmd := exec.CommandContext(t.Context(), "switchyard", append([]string{
			"replay", "--prestate", filepath.Join(dir, "chain/sepolia-8894544.json"), "--casm", casm,
		}, assembly...)...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("as recorded: what 5 transactions change")) || !bytes.Contains(out, []byte("runs as it did on the network")) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// forAssemblies runs a test with the flags of every assembly of schedulers, stores and places.
func forAssemblies(t *testing.T, test func(t *testing.T, assembly []string)) {
	t.Helper()
	for _, scheduler := range []string{"serial", "blockstm"} {
		for _, store := range []string{"memory", "trie"} {
			for _, place := range []string{"builtin", "process", "shared:all"} {
				t.Run(scheduler+"/"+store+"/"+place, func(t *testing.T) {
					test(t, []string{
						"--set", "scheduler.use=" + scheduler, "--set", "store.use=" + store,
						"--set", "scheduler.place=" + place, "--set", "vm.place=" + place, "--set", "store.place=" + place,
					})
				})
			}
		}
	}
}
