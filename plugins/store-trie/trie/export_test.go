package trie

import (
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/pebblekv"
)

// OpenOn opens a store on a database.
func OpenOn(db kv.DB, c Config) (*Store, error) { return newStore(db, c) }

// OpenPebble opens a store on a file system.
func OpenPebble(fs vfs.FS, c Config) (*Store, error) {
	db, err := pebblekv.Open(c.Path, pebblekv.Options{Cache: int64(c.Cache), FS: fs})
	if err != nil {
		return nil, err
	}
	s, err := newStore(db, c)
	if err != nil {
		db.Close()
	}
	return s, err
}
