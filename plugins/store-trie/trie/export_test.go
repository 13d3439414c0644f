package trie

import (
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/logkv"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv/pebblekv"
)

// OpenOn opens a store on a database.
func OpenOn(db kv.DB, c Config) (*Store, error) { return newStore(db, c) }

// OpenDB opens the database of a store on a file system.
func OpenDB(fs vfs.FS, c Config) (kv.DB, error) {
	if c.Backend == BackendLog {
		return logkv.Open(c.Path, logkv.Options{FS: fs})
	}
	return pebblekv.Open(c.Path, pebblekv.Options{Cache: int64(c.Cache / 2), FS: fs})
}

// OpenFS opens a store on a file system.
func OpenFS(fs vfs.FS, c Config) (*Store, error) {
	db, err := OpenDB(fs, c)
	if err != nil {
		return nil, err
	}
	s, err := newStore(db, c)
	if err != nil {
		db.Close()
	}
	return s, err
}
