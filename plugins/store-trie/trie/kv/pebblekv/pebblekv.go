// Package pebblekv is Pebble, a log-structured merge tree, as a backend of the store. It is the one for states that are
// larger than memory.
package pebblekv

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Options say how a database is kept.
type Options struct {
	// Cache is how many bytes of what was read are kept; what is not in files yet comes on top.
	Cache int64
	// FS is the file system; nil is that of the machine.
	FS vfs.FS

	memTable uint64 // for tests: another size than memTable
}

// memTable is how much is written to memory, and the log, before it becomes a file: several large blocks. Pebble takes
// one that is filled and one that is written to a file out of its cache.
const memTable = 64 << 20

// firstTables is how many such files there may be, times two, before they are merged with all others. Keys of cells and
// pages are as good as random, so that rewrites everything: the more there are, the less each block pays for it, and the
// more tables a look-up asks.
const firstTables = 16

// tableSize is the size of a file of the first level.
const tableSize = 16 << 20

// levelBase is the size of the first level of tables below. Every level rewrites all of the one below: states of a few
// million keys should have one.
const levelBase = 512 << 20

// indexBlock is the size from which the index of a table is split: small enough to be read often, and large enough for
// the upper level to be small.
const indexBlock = 32 << 10

// bloomBits make one in a hundred look-ups of a key that is not there read a block in vain.
const bloomBits = 10

type db struct {
	*pebble.DB
	// failure is why no more may be written; nil as long as all is well.
	failure atomic.Pointer[error]
	closing chan struct{} // closed by Close
	close   sync.Once

	memTable uint64 // the most that a table in memory has
}

// Open opens the database in a folder, which it makes if it is not there.
func Open(path string, o Options) (kv.DB, error) {
	if o.FS == nil {
		o.FS = vfs.Default // else Pebble watches the disk, on a goroutine that outlives an Open that fails
	}
	if o.memTable == 0 {
		o.memTable = memTable
	}
	if err := reserve(o.FS, path); err != nil {
		return nil, opened(path, err)
	}
	d := &db{closing: make(chan struct{}), memTable: o.memTable}
	cache := pebble.NewCache(o.Cache + 2*memTable)
	defer cache.Unref() // the database has its own reference
	options := &pebble.Options{
		Cache:              cache,
		FS:                 d.watch(o.FS, path),
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       o.memTable,
		LBaseMaxBytes:      levelBase,
		Logger:             logger{},
		Merger:             patcher,
		EventListener:      &pebble.EventListener{DataCorruption: d.damaged},
	}
	options.L0CompactionThreshold = firstTables
	// Pebble never holds a writer up: makeRoom does.
	options.L0StopWritesThreshold = math.MaxInt32
	options.MemTableStopWritesThreshold = math.MaxInt32
	options.TargetFileSizes[0] = tableSize
	for i := range options.Levels {
		options.Levels[i].IndexBlockSize = indexBlock
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBits)
		// Most of what is kept are hashes, which do not get smaller. Classes come compressed.
		options.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	}
	var err error
	if d.DB, err = pebble.Open(path, options); err != nil {
		close(d.closing)
		return nil, opened(path, err)
	}
	return d, nil
}

// damaged takes note of damage that was found in the background, where nobody is to be told. Nothing is written on top.
func (d *db) damaged(info pebble.DataCorruptionInfo) {
	err := fmt.Errorf("%w: %s: %w", kv.ErrDamaged, info.Path, info.Details)
	d.failure.CompareAndSwap(nil, &err)
}

// opened returns what an error of opening means.
func opened(path string, err error) error {
	switch {
	case strings.Contains(err.Error(), "lock held by current process"), strings.Contains(err.Error(), "resource temporarily unavailable"):
		return fmt.Errorf("%s: %w", path, kv.ErrLocked)
	case strings.Contains(err.Error(), "merger name"):
		return fmt.Errorf("%s: written by another version of the store, or by another program: %w", path, err)
	case pebble.IsCorruptionError(err):
		return fmt.Errorf("%s: %w: %w", path, kv.ErrDamaged, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// logger is silent. What cannot be gone on from is thrown, and caught where a batch is committed. Elsewhere, in the
// background, it ends the program, which loses nothing that was committed; a full disk is kept from going so far, see full.go.
type logger struct{}

// fatal is what Pebble logged, with the error that it logged.
type fatal struct {
	text  string
	cause error
}

func (f fatal) Error() string { return f.text }
func (f fatal) Unwrap() error { return f.cause }

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}
func (logger) Fatalf(format string, args ...any) {
	f := fatal{text: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if cause, ok := a.(error); ok {
			f.cause = cause
		}
	}
	panic(f)
}

func (d *db) View() kv.View { return view{d.NewSnapshot()} }

func (d *db) Batch() kv.Batch { return &batch{Batch: d.NewBatch(), db: d} }

// Cached returns how many bytes the cache of blocks holds.
func (d *db) Cached() uint64 { return uint64(d.Metrics().BlockCache.Size) } //nolint:gosec // a size is not negative

func (d *db) Close() error {
	d.close.Do(func() { close(d.closing) })
	return d.DB.Close()
}

type view struct{ *pebble.Snapshot }

// read returns what an error of reading means.
func read(err error) error {
	if pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", kv.ErrDamaged, err)
	}
	return err
}

func (v view) Get(dst, key []byte) ([]byte, bool, error) {
	value, closer, err := v.Snapshot.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return dst, false, nil
	}
	if err != nil {
		return dst, false, read(err)
	}
	dst = append(dst, value...)
	return dst, true, closer.Close()
}

func (v view) Scan(from, to []byte, each func(key, value []byte) error) (err error) {
	it, err := v.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return read(err)
	}
	defer func() {
		if e := it.Close(); err == nil {
			err = read(e)
		}
	}()
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return read(err)
		}
		if err := each(it.Key(), value); err != nil {
			if errors.Is(err, kv.ErrStop) {
				return nil
			}
			return err
		}
	}
	return read(it.Error())
}

type batch struct {
	*pebble.Batch
	db    *db
	patch []byte // scratch
}

func (b *batch) Set(key, value []byte) error { return b.Batch.Set(key, value, nil) }

func (b *batch) Replace(key, old, value []byte) error {
	var ok bool
	if b.patch, ok = appendPatch(b.patch[:0], old, value); ok {
		return b.Merge(key, b.patch, nil)
	}
	return b.Set(key, value)
}

func (b *batch) Delete(key []byte) error { return b.Batch.Delete(key, nil) }

func (b *batch) DeleteRange(from, to []byte) error { return b.Batch.DeleteRange(from, to, nil) }

func (b *batch) Commit() (err error) {
	if err := b.db.makeRoom(); err != nil {
		return err
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fatal:
			err = p
		default:
			panic(p)
		}
		if err != nil {
			err = fmt.Errorf("%w: %w", kv.ErrFailed, err)
			b.db.failure.Store(&err)
		}
	}()
	return b.Batch.Commit(pebble.Sync)
}

func (b *batch) Close() error { return b.Batch.Close() }
