// Package logkv is an append-only log as a backend of the store: values lie in files, where they are in memory, in a
// B-tree. It is small, reads and writes fast, and needs memory for every key, so it is for states that are not large,
// and for reading before one writes a backend of one's own.
//
// A folder has segments, one after the other. A store writes to one only, which it makes when it is opened, so that
// what was written before is never touched again; see segment.go.
package logkv

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/tidwall/btree"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Options say how a database is kept.
type Options struct {
	// FS is the file system; nil is that of the machine.
	FS vfs.FS
}

// entry says where the value of a key is.
type entry struct {
	key  string
	in   *segment
	at   int64
	size int
}

func less(a, b entry) bool { return a.key < b.key }

type db struct {
	fs   vfs.FS
	path string
	lock io.Closer
	// segments are all that an entry may be in, the last being written to. They do not change after Open.
	segments []*segment

	mu     sync.Mutex
	index  *btree.BTreeG[entry] // guarded by mu; views have copies
	failed error                // why the last segment takes no more; guarded by mu
}

// Open opens the database in a folder, which it makes if it is not there. It compacts one that is mostly garbage.
func Open(path string, o Options) (kv.DB, error) {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	d := &db{fs: o.FS, path: path, index: btree.NewBTreeG(less)}
	if err := d.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), d.Close())
	}
	return d, nil
}

func (d *db) open() (err error) {
	if err := d.fs.MkdirAll(d.path, 0o755); err != nil {
		return err
	}
	if err := d.syncFolder(d.fs.PathDir(d.path)); err != nil {
		return err
	}
	if d.lock, err = d.fs.Lock(d.fs.PathJoin(d.path, "LOCK")); err != nil {
		return fmt.Errorf("%w: %w", kv.ErrLocked, err)
	}
	live, err := d.load()
	if err != nil {
		return err
	}
	if total := d.size(); total > compactFrom && live < total/2 {
		return d.compact()
	}
	return d.begin()
}

func (d *db) size() (n int64) {
	for _, s := range d.segments {
		n += s.size
	}
	return n
}

func (d *db) View() kv.View {
	d.mu.Lock()
	defer d.mu.Unlock()
	return view{d.index.Copy()}
}

func (d *db) Batch() kv.Batch { return &batch{db: d} }

func (d *db) Close() error {
	var errs []error
	for _, s := range d.segments {
		errs = append(errs, s.close())
	}
	d.segments = nil
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
		d.lock = nil
	}
	return errors.Join(errs...)
}

type view struct{ index *btree.BTreeG[entry] }

func (v view) Get(dst, key []byte) ([]byte, bool, error) {
	e, ok := v.index.Get(entry{key: string(key)})
	if !ok {
		return dst, false, nil
	}
	dst, err := e.value(dst)
	return dst, err == nil, err
}

// value appends the value of an entry.
func (e *entry) value(dst []byte) ([]byte, error) {
	n := len(dst)
	dst = append(dst, make([]byte, e.size)...)
	if _, err := e.in.file.ReadAt(dst[n:], e.at); err != nil && e.size > 0 {
		return dst[:n], fmt.Errorf("%w: %s: %w", kv.ErrDamaged, e.in.path, err)
	}
	return dst, nil
}

func (v view) Scan(from, to []byte, each func(key, value []byte) error) (err error) {
	var key, value []byte
	v.index.Ascend(entry{key: string(from)}, func(e entry) bool {
		if e.key >= string(to) {
			return false
		}
		key = append(key[:0], e.key...)
		if value, err = e.value(value[:0]); err == nil {
			err = each(key, value)
		}
		return err == nil
	})
	if errors.Is(err, kv.ErrStop) {
		return nil
	}
	return err
}

func (v view) Close() error { return nil }

// batch is a record that grows.
type batch struct {
	db   *db
	body []byte
}

func (b *batch) Set(key, value []byte) error {
	b.body = appendBytes(appendBytes(append(b.body, opSet), key), value)
	return nil
}

func (b *batch) Replace(key, _, value []byte) error { return b.Set(key, value) }

func (b *batch) Delete(key []byte) error {
	b.body = appendBytes(append(b.body, opDelete), key)
	return nil
}

func (b *batch) DeleteRange(from, to []byte) error {
	b.body = appendBytes(appendBytes(append(b.body, opDeleteRange), from), to)
	return nil
}

func (b *batch) Commit() error {
	d := b.db
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	s := d.segments[len(d.segments)-1]
	at := s.size + recordHead
	if err := s.append(b.body); err != nil {
		d.failed = fmt.Errorf("%w: %s: %w", kv.ErrFailed, s.path, err)
		return d.failed
	}
	return d.apply(s, at, b.body)
}

func (b *batch) Close() error {
	b.body = nil
	return nil
}

// apply makes the changes of a record, whose body is at an offset of a segment, in the index.
func (d *db) apply(s *segment, at int64, body []byte) error {
	r := reader{buf: body}
	for len(r.buf) > 0 && !r.bad {
		switch r.op() {
		case opSet:
			e := entry{key: string(r.bytes()), in: s}
			value := r.bytes()
			e.at, e.size = at+int64(len(body)-len(r.buf)-len(value)), len(value)
			d.index.Set(e)
		case opDelete:
			d.index.Delete(entry{key: string(r.bytes())})
		case opDeleteRange:
			d.deleteRange(string(r.bytes()), string(r.bytes()))
		default:
			r.bad = true
		}
	}
	if r.bad {
		return s.damaged(at, "a record that means nothing")
	}
	return nil
}

func (d *db) deleteRange(from, to string) {
	var gone []string
	d.index.Ascend(entry{key: from}, func(e entry) bool {
		if e.key < to {
			gone = append(gone, e.key)
		}
		return e.key < to
	})
	for _, key := range gone {
		d.index.Delete(entry{key: key})
	}
}
