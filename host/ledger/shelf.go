package ledger

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

var _ mempool.Shelf = (*Ledger)(nil)

// Shelve implements [mempool.Shelf]. A record is lasting at the latest with the next block that is pended.
func (l *Ledger) Shelve(hash felt.Felt, record []byte) error {
	err := l.guard(func() error { return l.db.Set(hashKey(spaceShelf, hash), record, pebble.NoSync) })
	if err != nil {
		return fmt.Errorf("ledger: keep waiting transaction %v: %w", hash, err)
	}
	return nil
}

// Unshelve implements [mempool.Shelf].
func (l *Ledger) Unshelve(hashes []felt.Felt) (err error) {
	batch := l.db.NewBatch()
	defer func() { err = errors.Join(err, batch.Close()) }()
	for _, h := range hashes {
		if err := batch.Delete(hashKey(spaceShelf, h), nil); err != nil {
			return fmt.Errorf("ledger: drop waiting transactions: %w", err)
		}
	}
	if err := l.guard(func() error { return batch.Commit(pebble.NoSync) }); err != nil {
		return fmt.Errorf("ledger: drop waiting transactions: %w", err)
	}
	return nil
}

// Shelved implements [mempool.Shelf].
func (l *Ledger) Shelved(f func(hash felt.Felt, record []byte) error) (err error) {
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceShelf}, UpperBound: []byte{spaceShelf + 1}})
	if err != nil {
		return fmt.Errorf("ledger: waiting transactions: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		var hash felt.Felt
		if len(it.Key()) != 1+felt.Size || hash.SetBytes(it.Key()[1:]) != nil {
			return fmt.Errorf("%w: hash of a waiting transaction", ErrDamaged)
		}
		if err := f(hash, append([]byte(nil), it.Value()...)); err != nil {
			return err
		}
	}
	return it.Error()
}

// Sync implements [mempool.Shelf].
func (l *Ledger) Sync() error {
	if err := l.guard(func() error { return l.db.LogData(nil, pebble.Sync) }); err != nil {
		return fmt.Errorf("ledger: sync: %w", err)
	}
	return nil
}
