package trie

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Config says where and how a store is kept.
type Config struct {
	// Path is the folder of the database. It is made if it is not there.
	Path string `koanf:"path" doc:"Folder of the database. One store at a time uses it."`
	// Backend names the database: BackendPebble or BackendLog. A folder belongs to the one that made it.
	Backend string `koanf:"backend" doc:"The database below the tries." enum:"pebble,log"`
	// Cache is how much memory the store may take to keep what it has read and written: half of it the database, half
	// pages of the tries.
	Cache plugin.Size `koanf:"cache" doc:"Memory for what was read and written: half for the database, half for pages of the tries."`
	// Last is how many sealed blocks stay readable and provable, the head included. 0 keeps all. It may be changed
	// from one start to the next; what was pruned does not come back.
	Last int `koanf:"last" doc:"How many sealed blocks stay readable and provable, the head included. 0 keeps all of them: an archive." unit:"blocks"`
}

// The backends.
const (
	BackendPebble = "pebble"
	BackendLog    = "log"
)

// DefaultConfig returns the config that a file without settings stands for.
func DefaultConfig() Config {
	return Config{Path: "switchyard-data", Backend: BackendPebble, Cache: 256 << 20}
}

// Validate reports the first setting that makes no sense.
func (c Config) Validate() error {
	switch {
	case c.Path == "":
		return errors.New("path: empty, want a folder")
	case c.Backend != BackendPebble && c.Backend != BackendLog:
		return fmt.Errorf("backend: %q, want %s or %s", c.Backend, BackendPebble, BackendLog)
	case c.Last < 0:
		return fmt.Errorf("last: %d blocks, want 0 for all, or more", c.Last)
	}
	return nil
}
