package replay_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/host/replay"
)

// Updates of three small blocks, the second in the form of JSON-RPC.
const (
	update0 = `{"old_root": "0x0", "new_root": "0x1", "state_diff": {"storage_diffs": {"0x5": [{"key": "0x1", "value": "0x2"}]},
		"nonces": {}, "deployed_contracts": [], "old_declared_contracts": [], "declared_classes": [], "replaced_classes": []}}`
	update1 = `{"block_number": 1, "starknet_version": "0.13.1", "old_root": "0x1", "new_root": "0x2", "state_diff": {
		"storage_diffs": [{"address": "0x5", "storage_entries": [{"key": "0x1", "value": "0x3"}]}], "nonces": [],
		"deployed_contracts": [], "deprecated_declared_classes": [], "declared_classes": [], "replaced_classes": []}}`
	update2 = `{"block_number": 2, "timestamp": 7, "old_root": "0x2", "new_root": "0x3", "state_diff": {"storage_diffs": {},
		"nonces": {"0x5": "0x1"}, "deployed_contracts": [], "old_declared_contracts": []},
		"expected": {"contract_storage_roots": {"0x7": "0x8", "0x5": "0x6"}, "contract_state_hashes": {"0x5": "0x9"}}}`
)

// folder writes files into a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolder(t *testing.T) {
	dir := folder(t, map[string]string{"0.json": update0, "one.json": update1, "2.json": update2, "README.md": "no update"})
	f, err := replay.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if f.Len() != 3 || f.First() != 0 || f.Last() != 2 {
		t.Errorf("%d updates from %d to %d, want 3 from 0 to 2", f.Len(), f.First(), f.Last())
	}
	for n := range framework.BlockNumber(3) {
		u, err := f.Read(n)
		if err != nil {
			t.Fatal(err)
		}
		if u.Number != n || u.OldRoot[0] != uint64(n) || u.NewRoot[0] != uint64(n)+1 || u.Diff.Len() != 1 {
			t.Errorf("update %d is %+v", n, u)
		}
	}
	u, err := f.Read(2)
	if err != nil || len(u.StorageRoots) != 2 || u.StorageRoots[0].Contract[0] != 5 || u.StorageRoots[1].Value[0] != 8 || len(u.StateHashes) != 1 {
		t.Errorf("update 2 has recorded %+v and %+v, %v", u.StorageRoots, u.StateHashes, err)
	}
	if u, err := f.Read(1); err != nil || u.Protocol != "0.13.1" {
		t.Errorf("update 1 is of protocol %q, %v, want 0.13.1", u.Protocol, err)
	}
}

// TestFolderRefuses lists what is no folder of updates, with words that the error must have.
func TestFolderRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"empty", nil, "no blocks here"},
		{"gap", map[string]string{"0.json": update0, "2.json": update2}, "block 1 is missing"},
		{"twice", map[string]string{"1.json": update1, "01.json": update1}, "both of block 1"},
		{"twice by field", map[string]string{"1.json": update1, "x.json": update1}, "both of block 1"},
		{"no number", map[string]string{"x.json": update0}, "x.json: neither its name nor its block_number"},
		{"other number", map[string]string{"0.json": update1}, "0.json: its block_number is 1"},
		{"huge number", map[string]string{"99999999999999999999.json": update0}, "no block has this number"},
		{"huge field", map[string]string{"x.json": strings.Replace(update1, ": 1,", ": 1099511627777,", 1)}, "block_number: 1099511627777 is above"},
		{"not JSON", map[string]string{"0.json": "{"}, "0.json: not a state update"},
		{"a list", map[string]string{"0.json": "[]"}, "0.json: not a state update"},
		{"no old root", map[string]string{"0.json": `{"new_root": "0x1", "state_diff": {}}`}, "old_root is missing"},
		{"no new root", map[string]string{"0.json": `{"old_root": "0x1", "state_diff": {}}`}, "new_root is missing"},
		{"no diff", map[string]string{"0.json": `{"old_root": "0x1", "new_root": "0x1"}`}, "state_diff is missing"},
		{"bad root", map[string]string{"0.json": strings.Replace(update0, `"0x0"`, `"zero"`, 1)}, "0.json: not a state update"},
		{"bad diff", map[string]string{"0.json": strings.Replace(update0, `"value": "0x2"`, `"value": 2`, 1)}, "0.json: state_diff: storage_diffs.0x5[0].value"},
		{"unknown part", map[string]string{"0.json": strings.Replace(update0, `"nonces"`, `"noncen"`, 1)}, "state_diff: noncen: unknown field"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := replay.Open(folder(t, tt.files))
			if err == nil {
				_, err = f.Read(f.First())
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := replay.Open(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// TestOtherStore replays into a store that does not commit as Starknet does.
func TestOtherStore(t *testing.T) {
	f, err := replay.Open(folder(t, map[string]string{"0.json": update0, "1.json": update1}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := (&replay.Replay{Store: s, Folder: f}).Run(t.Context())
	if err != nil || d == nil || d.Block != 0 || d.What != "root" || d.Old != "0x0" || d.Expected != "0x1" || d.New == "0x1" {
		t.Errorf("Run() = %v, %v, want a difference of the root of block 0", d, err)
	}
	// The store is at block 0 now, with a root that is not the recorded one.
	d, err = (&replay.Replay{Store: s, Folder: f}).Run(t.Context())
	if err != nil || d == nil || d.Block != 0 || !strings.Contains(d.What, "store is at") {
		t.Errorf("Run() on what that left = %v, %v, want a difference of the head", d, err)
	}
}

func TestStoreIsBehind(t *testing.T) {
	f, err := replay.Open(folder(t, map[string]string{"1.json": update1}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&replay.Replay{Store: s, Folder: f}).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "the store needs block 0 next, the first update is of block 1") {
		t.Errorf("Run() = %v", err)
	}
}
