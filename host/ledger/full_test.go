package ledger_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/ledger"
)

// TestFullDisk lets the disk become full: the next write is an error that says so, so is every one after it, and what was there before is
// there afterwards.
func TestFullDisk(t *testing.T) {
	disk := vfs.NewCrashableMem()
	var full atomic.Bool
	refuse := errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsWrite && strings.HasSuffix(op.Path, ".log") {
			return syscall.ENOSPC
		}
		return nil
	})
	l, err := ledger.Open(ledger.Options{Path: "ledger", Chain: genesis.Chain, FS: errorfs.Wrap(disk, refuse)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Shelve(felt.One, []byte{1}), l.Sync()); err != nil {
		t.Fatal(err)
	}
	full.Store(true)
	for range 2 {
		if err := errors.Join(l.Shelve(felt.FromUint64(2), []byte{2}), l.Sync()); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Fatalf("Sync() on a full disk = %v", err)
		}
	}
	if err := l.Close(); err != nil {
		t.Logf("Close() = %v", err)
	}
	again, err := ledger.Open(ledger.Options{Path: "ledger", Chain: genesis.Chain, FS: disk.CrashClone(vfs.CrashCloneCfg{})})
	if err != nil {
		t.Fatal(err)
	}
	var found []felt.Felt
	err = again.Shelved(func(hash felt.Felt, _ []byte) error {
		found = append(found, hash)
		return nil
	})
	if err := errors.Join(err, again.Close()); err != nil || len(found) != 1 || found[0] != felt.One {
		t.Errorf("afterwards there is %v, %v", found, err)
	}
}
