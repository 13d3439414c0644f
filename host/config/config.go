// Package config reads the configuration of a host from its layers: defaults, files, environment and command line. It
// remembers where every value comes from, so that errors and explanations can say it.
package config

import (
	"reflect"
	"time"
)

// Config is the configuration of a host. Every key is at its default or where a layer put it, maps are never nil, and
// nothing changes it after [Load]: to change a key, load again with one more `--set`.
type Config struct {
	Scheduler Part `koanf:"scheduler" doc:"The part that decides which transaction runs when."`
	VM        Part `koanf:"vm" doc:"The part that executes a transaction."`
	Store     Part `koanf:"store" doc:"The part that keeps the state and commits to it."`
	// Workload is not looked into: whoever makes the workload decodes it.
	Workload map[string]any `koanf:"workload" doc:"The transactions to make up, for commands that do."`
	Block    Block          `koanf:"block" doc:"When a block is built, and when it is full."`

	loaded *loaded
}

// Part says which plugin fills a part, and where it runs. Use and Exec belong together: a layer that sets one of
// them replaces both, and if that changes the plugin, it discards the Config and Checksum of the layers below.
type Part struct {
	Use      string `koanf:"use" doc:"Name of the plugin. With exec: which of its plugins, if it has several."`
	Exec     string `koanf:"exec" doc:"Path of a plugin program of your own. Empty means a plugin of this program."`
	Place    string `koanf:"place" doc:"Where it runs: builtin, process, or shared:NAME for plugins that share one process. Left out, it is builtin, or process with exec."`
	Checksum string `koanf:"sha256" doc:"SHA-256 of the file that exec names, in hex. Empty means unchecked."`
	// Config is the plugin's own section. Without [Program.Plugins] it is not looked into.
	Config map[string]any `koanf:"config" doc:"The plugin's own settings."`
}

// Block says when a block is built, and when it is full.
type Block struct {
	Interval     time.Duration `koanf:"interval" doc:"Time between two blocks. 0 means as fast as possible."`
	Transactions int           `koanf:"transactions" unit:"transactions" doc:"How many transactions fill a block. 0 means no limit."`
	Capacity     []uint64      `koanf:"capacity" doc:"Limit of each counter that the VM reports, in its order. 0, or no entry, means no limit."`
	Count        int           `koanf:"count" unit:"blocks" doc:"How many blocks to build. 0 means until stopped."`
}

// Default returns the configuration of a host that nobody configured.
func Default() Config {
	part := func(use string) Part {
		return Part{Use: use, Place: Builtin, Config: map[string]any{}}
	}
	return Config{
		Scheduler: part("serial"),
		VM:        part("synthetic"),
		Store:     part("memory"),
		Workload:  map[string]any{},
		Block:     Block{Interval: time.Second, Transactions: 1000, Capacity: []uint64{}},
	}
}

// Equal reports whether two configurations say the same, wherever they have it from.
func (c Config) Equal(d Config) bool {
	c.loaded, d.loaded = nil, nil
	return reflect.DeepEqual(c, d)
}
