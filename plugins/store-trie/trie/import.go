package trie

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// importStep is how many cells are committed to at a time. It bounds the memory of an import.
const importStep = 50_000

// Import implements [framework.Snapshotter]. The root covers all cells but the marks of Cairo 0 classes, and no body of a
// class; those are as good as the checksums of the snapshot, and as whoever made it.
//
// What is read goes to the database step by step, under a mark that makes the store empty again if the import does
// not get to its end, in this process or in the next one.
func (s *Store) Import(ctx context.Context, r io.Reader, want *framework.Root) (framework.Head, error) {
	if err := s.enter(ctx); err != nil {
		return framework.Head{}, err
	}
	defer s.alive.RUnlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.now.view.head != nil || len(s.now.staged) > 0 {
		return framework.Head{}, fmt.Errorf("trie: import: %w", ErrNotEmpty)
	}
	err := s.write(func(b kv.Batch) error { return b.Set([]byte{prefixImporting}, nil) })
	if err == nil {
		if err = s.importFrom(ctx, r, want); err != nil {
			err = errors.Join(err, s.clear())
		}
	}
	if err = errors.Join(err, s.renew(nil)); err != nil {
		return framework.Head{}, fmt.Errorf("trie: import: %w", err)
	}
	return s.now.view.Head()
}

// importer is an import under way.
type importer struct {
	store *Store
	head  *record  // what the snapshot should come to
	cells []change // not committed to yet
	batch kv.Batch // with the classes so far
	is    commitment
}

func (s *Store) importFrom(ctx context.Context, r io.Reader, want *framework.Root) (err error) {
	reader := &snapshotReader{from: r}
	im := &importer{store: s}
	if im.head, err = reader.begin(); err != nil {
		return err
	}
	if want != nil && im.head.root() != *want {
		return fmt.Errorf("%w: it is of root %v, want %v", ErrSnapshot, felt.Felt(im.head.root()), felt.Felt(*want))
	}
	im.batch = s.db.Batch()
	defer func() { err = errors.Join(err, im.batch.Close()) }()
	for {
		more, err := reader.next()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := reader.items(im.cell, im.class); err != nil {
			return err
		}
		if len(im.cells) >= importStep {
			if err := im.step(); err != nil {
				return err
			}
		}
	}
	if err := im.step(); err != nil {
		return err
	}
	return im.end()
}

func (im *importer) cell(w framework.Write) error {
	im.cells = append(im.cells, change{key: w.Key, new: w.Value})
	return nil
}

func (im *importer) class(hash, body []byte) error {
	declared, _, err := declaredIn(body)
	if err != nil || declared > im.head.number {
		return fmt.Errorf("%w: class %x is declared by block %d", ErrSnapshot, hash, declared)
	}
	return im.batch.Set(append([]byte{prefixClass}, hash...), body)
}

// step commits to the cells so far and writes them, with the classes so far.
func (im *importer) step() (err error) {
	s := im.store
	v, err := newView(s.db.View(), 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	c, err := s.committer.run(v, im.cells)
	if err != nil {
		return err
	}
	im.is = commitment{contracts: c.contracts, classes: c.classes}
	w := cellWriter{batch: im.batch}
	err = errors.Join(w.cells(c.changes), c.write(im.batch))
	if err == nil {
		err = im.batch.Commit()
	}
	err = errors.Join(err, im.batch.Close())
	s.committer.wrote(c, err)
	im.cells, im.batch = im.cells[:0], s.db.Batch()
	return err
}

// end makes the block of the snapshot the head, if the roots are what they should be.
func (im *importer) end() error {
	if im.is.contracts != im.head.contracts || im.is.classes != im.head.classes {
		return fmt.Errorf("%w: its cells come to tries of roots %v and %v, it names %v and %v", ErrSnapshot,
			im.is.contracts, im.is.classes, im.head.contracts, im.head.classes)
	}
	if err := errors.Join(writeHead(im.batch, im.head, true), im.batch.Delete([]byte{prefixImporting})); err != nil {
		return err
	}
	return im.batch.Commit()
}
