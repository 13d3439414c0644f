package trie

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Seal implements [framework.Store].
func (s *Store) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	if err := s.enter(ctx); err != nil {
		return framework.Root{}, err
	}
	defer s.alive.RUnlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	switch head := s.now.view.number(); {
	case n != head+1:
		return framework.Root{}, fmt.Errorf("trie: seal block %d after block %d: %w", n, head, framework.ErrOutOfOrder)
	case len(s.now.staged) == 0:
		return framework.Root{}, fmt.Errorf("trie: seal block %d, which is not staged: %w", n, framework.ErrNoBlock)
	}
	r, err := s.seal(s.now.view, s.now.staged[0])
	if err == nil {
		err = s.renew(s.now.staged[1:])
	}
	if err != nil {
		return framework.Root{}, fmt.Errorf("trie: seal block %d: %w", n, err)
	}
	return r.root(), nil
}

// seal writes a block.
func (s *Store) seal(v *view, l *layer) (*record, error) {
	c, err := s.committer.run(v, changesTo(l.writes))
	if err != nil {
		return nil, err
	}
	r := &record{number: l.number, version: l.version, contracts: c.contracts, classes: c.classes}
	return r, s.writeCommitment(c, func(b kv.Batch) error {
		w := cellWriter{batch: b, block: l.number}
		classes, err := s.writeClasses(b, v, l)
		if v.head != nil { // else nobody can ask for what was before
			err = errors.Join(err, w.history(c.changes), b.Set(undoKey(l.number), appendUndo(nil, c.changes, classes)))
		}
		return errors.Join(err, w.cells(c.changes), writeHead(b, r, v.head == nil), s.prune(b, v, l.number))
	})
}

// write fills a batch and commits it.
func (s *Store) write(fill func(kv.Batch) error) error {
	b := s.db.Batch()
	err := fill(b)
	if err == nil {
		err = b.Commit()
	}
	return errors.Join(err, b.Close())
}

// writeCommitment writes a commitment, with what else fill puts into the batch.
func (s *Store) writeCommitment(c *commitment, fill func(kv.Batch) error) error {
	err := s.write(func(b kv.Batch) error { return errors.Join(fill(b), c.write(b)) })
	s.committer.wrote(c, err)
	return err
}

// writeHead makes r the head. first says that no block below it is kept.
func writeHead(b kv.Batch, r *record, first bool) error {
	err := errors.Join(
		b.Set(blockKey(r.number), r.append(nil)),
		b.Set([]byte{prefixHead}, appendNumber(nil, r.number)))
	if first {
		err = errors.Join(err, b.Set([]byte{prefixOldest}, appendNumber(nil, r.number)))
	}
	return err
}

// writeClasses writes the classes of a layer that are not there yet and returns their hashes.
func (s *Store) writeClasses(b kv.Batch, v *view, l *layer) ([]framework.Word, error) {
	var added []framework.Word
	seen := map[framework.Word]bool{}
	for i := range l.classes {
		hash := l.classes[i].Hash
		_, ok, err := v.Get(nil, classKey(hash))
		if err != nil {
			return nil, err
		}
		if ok || seen[hash] {
			continue
		}
		seen[hash] = true
		body, err := encodeClass(l.number, l.classes[i].Body)
		if err != nil {
			return nil, err
		}
		if err := b.Set(classKey(hash), body); err != nil {
			return nil, err
		}
		added = append(added, hash)
	}
	return added, nil
}

// cellWriter writes cells of a block.
type cellWriter struct {
	batch      kv.Batch
	block      framework.BlockNumber
	key, value []byte
}

// cells writes the new values of cells.
func (w *cellWriter) cells(changes []change) error {
	for i := range changes {
		w.key = flatKey(w.key[:0], changes[i].key)
		if changes[i].new == (framework.Word{}) {
			if err := w.batch.Delete(w.key); err != nil {
				return err
			}
			continue
		}
		w.value = appendTrimmed(w.value[:0], changes[i].new)
		if err := w.batch.Set(w.key, w.value); err != nil {
			return err
		}
	}
	return nil
}

// history writes the old values of cells.
func (w *cellWriter) history(changes []change) error {
	for i := range changes {
		w.key = historyKey(w.key[:0], changes[i].key, w.block)
		w.value = appendTrimmed(w.value[:0], changes[i].old)
		if err := w.batch.Set(w.key, w.value); err != nil {
			return err
		}
	}
	return nil
}

// pruneStep is how many blocks are pruned with each that is sealed, when there are more to prune than one.
const pruneStep = 16

// prune removes the history of blocks that are no longer kept once head is sealed.
func (s *Store) prune(b kv.Batch, v *view, head framework.BlockNumber) error {
	if s.last == 0 || v.head == nil {
		return nil
	}
	oldest := min(head-s.last+1, v.stored+pruneStep, v.head.number)
	if oldest <= v.stored {
		return nil
	}
	for n := v.stored; n < oldest; n++ {
		u, err := v.undo(n + 1)
		if err != nil {
			return err
		}
		if err := errors.Join(b.Delete(blockKey(n)), forget(b, n+1, u)); err != nil {
			return err
		}
	}
	return b.Set([]byte{prefixOldest}, appendNumber(nil, oldest))
}

// forget removes what block n has replaced.
func forget(b kv.Batch, n framework.BlockNumber, u *undo) error {
	var key []byte
	for i := range u.cells {
		key = historyKey(key[:0], u.cells[i].Key, n)
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return b.Delete(undoKey(n))
}
