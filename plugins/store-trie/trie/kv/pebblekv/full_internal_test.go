package pebblekv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// disk is a file system in memory with so much room.
type disk struct {
	vfs.FS
	mu    sync.Mutex
	left  int
	sizes map[string]int // guarded by mu, as left
}

func (d *disk) take(name string, n int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > d.left {
		return &vfsError{name}
	}
	d.left -= n
	d.sizes[name] += n
	return nil
}

// vfsError is what a full disk says.
type vfsError struct{ name string }

func (e *vfsError) Error() string { return e.name + ": no space left on device" }
func (e *vfsError) Unwrap() error { return syscall.ENOSPC }

func (d *disk) file(f vfs.File, name string, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return &diskFile{f, d, name}, nil
}

func (d *disk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	d.free(name)
	f, err := d.FS.Create(name, c)
	return d.file(f, name, err)
}

func (d *disk) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	d.move(from, to)
	f, err := d.FS.ReuseForWrite(from, to, c)
	return d.file(f, to, err)
}

func (d *disk) Remove(name string) error {
	err := d.FS.Remove(name)
	if err == nil {
		d.free(name)
	}
	return err
}

func (d *disk) Rename(from, to string) error {
	d.move(from, to)
	return d.FS.Rename(from, to)
}

func (d *disk) free(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left += d.sizes[name]
	delete(d.sizes, name)
}

func (d *disk) move(from, to string) {
	d.free(to)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sizes[to] = d.sizes[from]
	delete(d.sizes, from)
}

type diskFile struct {
	vfs.File
	disk *disk
	name string
}

func (f *diskFile) Write(p []byte) (int, error) {
	if err := f.disk.take(f.name, len(p)); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

// TestFullDisk fills disks of several sizes, with tables that are written all the time: a commit fails, nothing hangs or
// ends the program, and all that was committed is there when there is room again.
func TestFullDisk(t *testing.T) {
	for size := reserveSize + 200<<10; size < reserveSize+3<<20; size += 677_777 {
		d := &disk{FS: vfs.NewMem(), left: size, sizes: map[string]int{}}
		small := Options{FS: d, memTable: 64 << 10, Cache: 1 << 20}
		db, err := Open("db", small)
		if err != nil {
			t.Fatalf("disk of %d bytes: %v", size, err)
		}
		committed, err := fill(db, size)
		if !errors.Is(err, kv.ErrFailed) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("disk of %d bytes: commit = %v, want ErrFailed for a full disk", size, err)
		}
		checkFilled(t, db, committed)
		b := db.Batch()
		if err := errors.Join(b.Set([]byte("x"), nil), b.Commit()); !errors.Is(err, kv.ErrFailed) {
			t.Errorf("disk of %d bytes: another commit = %v, want ErrFailed", size, err)
		}
		b.Close()
		db.Close() // it may complain
		d.mu.Lock()
		d.left = 1 << 30
		d.mu.Unlock()
		if db, err = Open("db", small); err != nil {
			t.Fatalf("disk of %d bytes, with room again: %v", size, err)
		}
		checkFilled(t, db, committed)
		if _, err := fill(db, 100<<10); err != nil {
			t.Errorf("disk of %d bytes, with room again: commit = %v", size, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// fill commits batches of so many bytes, or until one fails. It returns how many did not.
func fill(db kv.DB, size int) (int, error) {
	const value = 4 << 10
	for i := range 2*size/value + 10 {
		b := db.Batch()
		err := errors.Join(b.Set(fillKey(i), fillValue(i, value)), b.Commit())
		if err := errors.Join(err, b.Close()); err != nil {
			return i, err
		}
	}
	return 0, nil
}

func fillKey(i int) []byte { return fmt.Appendf(nil, "k%02d-%d", i*37%100, i) }

func fillValue(i, size int) []byte {
	rng := rand.New(rand.NewPCG(uint64(i), 1))
	out := make([]byte, size)
	for j := range out {
		out[j] = byte(rng.Uint32())
	}
	return out
}

func checkFilled(t *testing.T, db kv.DB, n int) {
	t.Helper()
	v := db.View()
	defer v.Close()
	for i := range n {
		got, ok, err := v.Get(nil, fillKey(i))
		if err != nil || !ok || string(got) != string(fillValue(i, len(got))) {
			t.Fatalf("value %d of %d: %d bytes, %v, %v", i, n, len(got), ok, err)
		}
	}
}
