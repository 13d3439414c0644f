package pebblekv

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Pebble cannot go on when it finds in the background that the disk is full and what it has to write is its manifest; and
// when a table cannot be written it tries again, without end, while writers wait for it. So a file keeps some room
// for the manifest. When the disk is full that file is removed, no batch is taken any more, and nothing begins a
// table. Who has waited gets an error, views go on, and what was committed is there when the database is opened again.

const (
	reserveName = "RESERVE"
	reserveSize = 1 << 20 // a manifest of thousands of tables is smaller
)

// reserve makes the file that keeps room, unless it is there.
func reserve(fs vfs.FS, path string) error {
	name := fs.PathJoin(path, reserveName)
	if info, err := fs.Stat(name); err == nil && info.Size() >= reserveSize {
		return nil
	}
	if err := fs.MkdirAll(path, 0o755); err != nil {
		return err
	}
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, reserveSize))
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = fs.Remove(name) // what there is of it is of no use
		return fmt.Errorf("keep %d KiB free: %w", reserveSize>>10, err)
	}
	return nil
}

// watch returns a file system of which d is told that it is full.
func (d *db) watch(fs vfs.FS, path string) vfs.FS {
	return tables{vfs.OnDiskFull(fs, func() {
		err := fmt.Errorf("%w: %s: %w", kv.ErrFailed, path, syscall.ENOSPC)
		d.failure.CompareAndSwap(nil, &err)
		_ = fs.Remove(fs.PathJoin(path, reserveName)) // if it stays, the manifest has no room, and Pebble ends the program
	}), d}
}

// tables is a file system on which no table is begun once the database has failed.
type tables struct {
	vfs.FS
	db *db
}

// Create implements [vfs.FS].
func (t tables) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if why := t.db.failure.Load(); why != nil && strings.HasSuffix(name, ".sst") {
		<-t.db.closing // or Pebble would try again at once
		return nil, *why
	}
	return t.FS.Create(name, category)
}

// Unwrap implements [vfs.FS].
func (t tables) Unwrap() vfs.FS { return t.FS }

// What Pebble may be behind with, before a batch has to wait: full tables in memory, and levels of new tables on disk.
const (
	mostInMemory = 3
	mostLevels   = 2 * firstTables
	// lookAgain is how often a batch that waits looks whether it may go on.
	lookAgain = 2 * time.Millisecond
)

// makeRoom waits until Pebble is not too far behind. It returns why the database takes no batch, if it does not.
func (d *db) makeRoom() error {
	for {
		if why := d.failure.Load(); why != nil {
			return *why
		}
		m := d.Metrics()
		if m.MemTable.Size <= mostInMemory*d.memTable && int(m.Levels[0].Sublevels) <= mostLevels {
			return nil
		}
		time.Sleep(lookAgain)
	}
}
