package trie

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/logkv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/pebblekv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"
)

// layout is the version of what cells.go describes.
const layout = 2

// Open opens the store that c describes, and makes it if there is none. It returns ErrLocked if another store uses the
// folder, ErrFormat if the folder is of another layout, and ErrDamaged if the head is not what its root commits to.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("trie: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db, err := openBackend(c)
	if err != nil {
		return nil, fmt.Errorf("trie: open %w", err)
	}
	s, err := newStore(db, c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("trie: open %s: %w", c.Path, err), db.Close())
	}
	return s, nil
}

// openBackend opens the database. Another backend needs a case here and a name in [Config].
func openBackend(c Config) (kv.DB, error) {
	if c.Backend == BackendLog {
		return logkv.Open(c.Path, logkv.Options{})
	}
	return pebblekv.Open(c.Path, pebblekv.Options{Cache: int64(c.Cache / 2)}) //nolint:gosec // no machine has so much memory
}

// newStore returns the store on a database.
func newStore(db kv.DB, c Config) (*Store, error) {
	s := &Store{
		db:        db,
		last:      framework.BlockNumber(c.Last),
		committer: newCommitter(runtime.GOMAXPROCS(0), int(c.Cache/2)), //nolint:gosec // no machine has so much memory
		views:     map[*view]bool{},
	}
	if err := s.checkLayout(); err != nil {
		return nil, err
	}
	if err := s.renew(nil); err != nil {
		return nil, err
	}
	if err := checkHead(s.now.view); err != nil {
		return nil, errors.Join(err, s.now.view.Close())
	}
	return s, nil
}

// checkLayout checks the version of the layout, and clears what an import left that did not get to its end.
func (s *Store) checkLayout() error {
	v := s.db.View()
	format, formatted, err := v.Get(nil, []byte{prefixFormat})
	_, importing, err2 := v.Get(nil, []byte{prefixImporting})
	if err := errors.Join(err, err2, v.Close()); err != nil {
		return err
	}
	switch {
	case !formatted || importing:
		return s.clear()
	case len(format) != 1 || format[0] != layout:
		return fmt.Errorf("%w: it is %v, want %d", ErrFormat, format, layout)
	}
	return nil
}

// clear makes the database that of an empty store.
func (s *Store) clear() error {
	s.committer.pages.clear()
	return s.write(func(b kv.Batch) error {
		return errors.Join(
			b.DeleteRange([]byte{prefixFormat}, []byte{prefixEnd}),
			b.Set([]byte{prefixFormat}, []byte{layout}))
	})
}

// checkHead compares the roots of the head with what the pages of the roots hash to.
func checkHead(v *view) error {
	if v.head == nil {
		return nil
	}
	for _, t := range []struct {
		name  []byte
		root  felt.Felt
		batch patricia.BatchHash
	}{
		{contractsName(), v.head.contracts, crypto.PedersenBatch},
		{classesName(), v.head.classes, crypto.PoseidonBatch},
	} {
		trie, err := patricia.Open(t.name, v)
		if err != nil {
			return fmt.Errorf("%w: block %d: %w", ErrDamaged, v.head.number, err)
		}
		if err := trie.Check(t.batch); err != nil {
			return fmt.Errorf("%w: block %d: %w", ErrDamaged, v.head.number, err)
		}
		if trie.Root() != t.root {
			return fmt.Errorf("%w: block %d was sealed with a trie of root %v, it has %v", ErrDamaged, v.head.number, t.root, trie.Root())
		}
	}
	return nil
}
