package trie

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// view is the database as it was after a block was sealed, or reverted to. Who uses it holds a reference; see
// [Store.retain].
type view struct {
	kv.View
	head   *record               // nil: the store was empty
	oldest framework.BlockNumber // below it blocks are not kept
	stored framework.BlockNumber // below it they are pruned
	refs   int                   // guarded by Store.mu
}

// newView returns what v shows, for a store that keeps the last so many blocks. It takes v over.
func newView(v kv.View, last framework.BlockNumber) (*view, error) {
	out := &view{View: v}
	head, ok, err := readNumber(v, prefixHead)
	if err == nil && ok {
		out.stored, ok, err = readNumber(v, prefixOldest)
		if err == nil && (!ok || out.stored > head) {
			err = fmt.Errorf("%w: oldest block %d, head %d", ErrDamaged, out.stored, head)
		}
		if err == nil {
			out.head, err = readRecord(v, head)
		}
		out.oldest = out.stored
		if last > 0 {
			out.oldest = max(out.oldest, head-last+1)
		}
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return out, nil
}

// readNumber reads the number of a block that stands alone.
func readNumber(v kv.View, key byte) (framework.BlockNumber, bool, error) {
	b, ok, err := v.Get(nil, []byte{key})
	if err != nil || !ok {
		return 0, false, err
	}
	d := decoder{buf: b}
	n := d.number()
	return n, true, d.end()
}

// number returns the number of the head.
func (v *view) number() framework.BlockNumber {
	if v.head == nil {
		return framework.AtEmpty
	}
	return v.head.number
}

// Page implements [patricia.Source].
func (v *view) Page(name []byte) ([]byte, bool, error) { return v.Get(nil, name) }

// flat returns the value of a cell after the head. buf is scratch.
func (v *view) flat(buf []byte, k framework.Key) (framework.Word, []byte, error) {
	buf = flatKey(buf[:0], k)
	size := len(buf)
	buf, ok, err := v.Get(buf, buf)
	if err != nil || !ok {
		return framework.Word{}, buf, err
	}
	d := decoder{buf: buf[size:]}
	w := d.trimmed()
	if err := d.end(); err != nil {
		return framework.Word{}, buf, fmt.Errorf("flat cell: %w", err)
	}
	return w, buf, nil
}

// cell returns the value of a cell after block n, which must be kept.
func (v *view) cell(buf []byte, k framework.Key, n framework.BlockNumber) (w framework.Word, _ []byte, err error) {
	if n >= v.number() {
		return v.flat(buf, k)
	}
	var found bool
	buf = historyKey(buf[:0], k, n+1)
	end := historyKey(nil, k, -1) // above all numbers
	err = v.Scan(buf, end, func(_, value []byte) error {
		d := decoder{buf: value}
		w, found = d.trimmed(), true
		if err := d.end(); err != nil {
			return fmt.Errorf("history of a cell: %w", err)
		}
		return kv.ErrStop
	})
	if err != nil || found {
		return w, buf, err
	}
	return v.flat(buf, k)
}

// class returns a class that was declared up to block n, or nil.
func (v *view) class(hash framework.Word, n framework.BlockNumber) (*framework.Class, error) {
	b, ok, err := v.Get(nil, classKey(hash))
	if err != nil || !ok {
		return nil, err
	}
	declared, body, err := declaredIn(b)
	if err != nil || declared > n {
		return nil, err
	}
	return decodeClass(hash, body)
}

// block returns the record of a block, or ErrNoBlock if it is not kept.
func (v *view) block(n framework.BlockNumber) (*record, error) {
	if v.head == nil || n < v.oldest || n > v.head.number {
		return nil, fmt.Errorf("trie: block %d: %w", n, framework.ErrNoBlock)
	}
	if n == v.head.number {
		return v.head, nil
	}
	return readRecord(v, n)
}

func readRecord(v kv.View, n framework.BlockNumber) (*record, error) {
	b, ok, err := v.Get(nil, blockKey(n))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: the record of block %d is missing", ErrDamaged, n)
	}
	return decodeRecord(n, b)
}

// undo returns what block n has replaced.
func (v *view) undo(n framework.BlockNumber) (*undo, error) {
	b, ok, err := v.Get(nil, undoKey(n))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: the changes of block %d are missing", ErrDamaged, n)
	}
	u, err := decodeUndo(b)
	if err != nil {
		return nil, fmt.Errorf("changes of block %d: %w", n, err)
	}
	return u, nil
}
