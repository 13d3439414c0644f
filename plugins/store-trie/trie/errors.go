package trie

import (
	"errors"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// These errors can occur when a store is opened or a snapshot imported.
var (
	// ErrLocked says that another store uses the folder.
	ErrLocked = kv.ErrLocked
	// ErrDamaged says that a file or a record is damaged; the error says which.
	ErrDamaged = kv.ErrDamaged
	// ErrFormat says that a folder was written by a version of the store with another layout.
	ErrFormat = errors.New("trie: unknown layout of the database")
	// ErrNotEmpty says that a snapshot can only be imported into an empty store.
	ErrNotEmpty = errors.New("trie: the store is not empty")
	// ErrSnapshot says that a snapshot is damaged or not of the state that its root commits to.
	ErrSnapshot = errors.New("trie: bad snapshot")
)
