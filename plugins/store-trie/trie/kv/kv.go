// Package kv is what the store needs of a database: ordered keys, batches that are written whole and lasting or not at
// all, and views that do not change. It is the seam at which a storage backend is swapped; pebblekv and logkv are two.
// The tests of this package hold every backend to the contract.
package kv

import "errors"

// These errors can occur when a database is opened or used.
var (
	// ErrLocked says that another store uses the folder.
	ErrLocked = errors.New("folder is in use by another store")
	// ErrDamaged says that a file of the database is damaged. Errors that wrap it name the file.
	ErrDamaged = errors.New("database is damaged")
	// ErrFailed says that a write went wrong, such as on a full disk. The database takes no more of them; what
	// was written before is there when it is opened again.
	ErrFailed = errors.New("database has failed")
	// ErrStop ends a scan early. Scan returns nil then.
	ErrStop = errors.New("stop")
)

// DB is a database. Its methods are safe for concurrent use, but one batch is filled and committed at a time.
type DB interface {
	// View returns the database as it is now. It must be closed before the database.
	View() View

	// Batch returns an empty batch.
	Batch() Batch

	// Close frees the folder.
	Close() error
}

// View is what a database held at some moment. It is safe for concurrent use.
type View interface {
	// Get appends the value at key to dst. It reports false if there is none.
	Get(dst, key []byte) ([]byte, bool, error)

	// Scan calls each with every key of [from, to) and its value, in the order of the keys, until each returns an
	// error. It returns that error, or nil if that is ErrStop. The slices are only valid during the call.
	Scan(from, to []byte, each func(key, value []byte) error) error

	Close() error
}

// Batch collects changes. Later ones of a key win.
type Batch interface {
	// Set stores a copy of value at key.
	Set(key, value []byte) error

	// Replace is Set where the database holds old at key: it may write the difference only. Nothing else in the batch
	// may be about key.
	Replace(key, old, value []byte) error

	// Delete removes key, which need not be there.
	Delete(key []byte) error

	// DeleteRange removes the keys of [from, to).
	DeleteRange(from, to []byte) error

	// Commit makes the changes, all or none of them. When it returns nil they survive a crash of the machine. After
	// an error they are there or not. The batch cannot be used any more.
	Commit() error

	// Close frees a batch, which need not be committed.
	Close() error
}
