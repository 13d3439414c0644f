// Package logkv will be an append-only log as a backend of the store.
package logkv

import (
	"errors"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Options say how a database is kept.
type Options struct{}

// Open opens the database in a folder.
func Open(string, Options) (kv.DB, error) { return nil, errors.ErrUnsupported }
