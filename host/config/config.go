// Package config reads the configuration of a host from its layers: defaults, files, environment and command line. It
// remembers where every value comes from, so that errors and explanations can say it.
package config

import (
	"reflect"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/compile"
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
	Ledger   Ledger         `koanf:"ledger" doc:"Where the blocks of a chain of Starknet are kept."`
	Mempool  Mempool        `koanf:"mempool" doc:"What waits for a block of a chain of Starknet."`
	RPC      RPC            `koanf:"rpc" doc:"Where a chain of Starknet can be talked to."`
	Restart  Restart        `koanf:"restart" doc:"What happens when the process of a plugin dies or hangs."`
	Monitor  Monitor        `koanf:"monitor" doc:"Where the host can be watched."`
	Compile  compile.Config `koanf:"compile" doc:"Where the code of classes comes from that are declared as Sierra."`

	loaded *loaded
}

// Part says which plugin fills a part, and where it runs. Use and Exec belong together: a layer that sets one of
// them replaces both, and if that changes the plugin, it discards the Config and Checksum of the layers below.
type Part struct {
	Use      string `koanf:"use" doc:"Name of the plugin. With exec: which of its plugins, if it has several."`
	Exec     string `koanf:"exec" doc:"Path of a plugin program of your own. Empty means a plugin of this program."`
	Place    string `koanf:"place" doc:"Where it runs: builtin, process, or shared:NAME for plugins that share one process. Left out, it is builtin, or process with exec."`
	Checksum string `koanf:"sha256" doc:"SHA-256 of the file that exec names, in hex. Empty means unchecked."`
	Limits   Limits `koanf:"limits" doc:"What the process of the plugin may use. Plugins that share one share the lowest."`
	// Config is the plugin's own section. Without [Program.Plugins] it is not looked into.
	Config map[string]any `koanf:"config" doc:"The plugin's own settings."`
}

// Block says when a block is built, and when it is full.
type Block struct {
	Interval     time.Duration `koanf:"interval" doc:"How long after its first transaction a block is closed. Made-up transactions arrive this far apart. 0 means that nothing waits, and no block is closed by time."`
	Transactions int           `koanf:"transactions" unit:"transactions" doc:"How many transactions fill a block. 0 means no limit."`
	Capacity     []uint64      `koanf:"capacity" doc:"Limit of each counter that the VM reports, in its order. 0, or no entry, means no limit."`
	Limits       BlockLimits   `koanf:"limits" doc:"What fills a block of Starknet's transactions, by name; block.capacity has all that the VM counts. 0 means no limit."`
	Count        int           `koanf:"count" unit:"blocks" doc:"How many blocks to build. 0 means until stopped."`
}

// BlockLimits says what fills a block of Starknet's transactions. 0 means no limit.
type BlockLimits struct {
	Steps     uint64 `koanf:"steps" unit:"steps" doc:"Steps of the Cairo machine."`
	Gas       uint64 `koanf:"gas" doc:"Gas of all that is executed, on L2."`
	L1Gas     uint64 `koanf:"l1_gas" doc:"Gas on L1 for messages."`
	Events    uint64 `koanf:"events" unit:"events" doc:"Events."`
	StateDiff uint64 `koanf:"state_diff" unit:"felts" doc:"Size of the state diff, as it is published."`
	Classes   uint64 `koanf:"classes" unit:"classes" doc:"Different classes that are executed."`
}

// Ledger says where the blocks of a chain are kept.
type Ledger struct {
	Path string `koanf:"path" doc:"Folder of the blocks. Empty keeps them in memory, for a store that does so too."`
}

// Mempool says what waits for a block.
type Mempool struct {
	Transactions int           `koanf:"transactions" unit:"transactions" doc:"How many transactions wait at most. 0 means 200000."`
	Size         plugin.Size   `koanf:"size" doc:"How large they are at most, together. 0 means 1GiB."`
	TTL          time.Duration `koanf:"ttl" doc:"How long a transaction waits before it is dropped. 0 means a minute."`
	Gap          uint64        `koanf:"gap" unit:"nonces" doc:"How far ahead of its account the nonce of a transaction may be. 0 means 200."`
}

// RPC says where a chain can be talked to.
type RPC struct {
	Listen string      `koanf:"listen" doc:"Address of /rpc, Starknet's JSON-RPC. Without a host it is the loopback, and port 0 is any that is free. Empty means none."`
	Body   plugin.Size `koanf:"body" doc:"How long a request is at most. 0 means 16MiB."`
	Batch  int         `koanf:"batch" unit:"calls" doc:"How many calls a request holds at most. 0 means 100."`
	Admin  bool        `koanf:"admin" doc:"Whether messages from L1 can be made up, by POST to /admin/l1-message, and the code of classes handed over, by POST to /admin/casm. For experiments only."`
}

// Limits says what the process of a plugin may use. A process that exceeds one fails, and is restarted.
type Limits struct {
	Memory     plugin.Size `koanf:"memory" doc:"Memory that it can write to (on Linux). 0 means no limit."`
	Files      int         `koanf:"files" unit:"files" doc:"How many files and sockets it can have open. 0 means as many as the host."`
	Processors int         `koanf:"processors" unit:"processors" doc:"How many processors a plugin in Go computes on. 0 means all."`
}

// Restart says what happens when the process of a plugin dies or hangs.
type Restart struct {
	Budget  int           `koanf:"budget" unit:"restarts" doc:"How often a process is started again within the time of restart.healthy. 0 means never."`
	Backoff time.Duration `koanf:"backoff" doc:"Pause before the second restart in a row; the first is at once, each later one waits twice as long, up to restart.longest."`
	Longest time.Duration `koanf:"longest" doc:"The longest pause."`
	Healthy time.Duration `koanf:"healthy" doc:"After so long without a death, the deaths before are forgotten."`
	Start   time.Duration `koanf:"start" doc:"How long a process has to start, on a machine that is busy with other things. 0 means five seconds."`
	Check   time.Duration `koanf:"check" doc:"Time between two questions of how a process is. 0 means that it is never asked."`
	Answer  time.Duration `koanf:"answer" doc:"How long it has to answer; one that does not is killed and started again."`
}

// Monitor says where the host can be watched.
type Monitor struct {
	Listen string `koanf:"listen" doc:"Address of /metrics, /healthz and /readyz. Without a host it is the loopback, and port 0 is any that is free. Empty means none."`
	Pprof  string `koanf:"pprof" doc:"Address of Go's profiler, /debug/pprof/. It tells and does much: keep it to yourself. Empty means none."`
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
		Restart: Restart{
			Budget: 5, Backoff: 100 * time.Millisecond, Longest: 5 * time.Second, Healthy: time.Minute, Start: 30 * time.Second,
			Check: 2 * time.Second, Answer: 10 * time.Second,
		},
		RPC:     RPC{Listen: "127.0.0.1:0"},
		Monitor: Monitor{Listen: "127.0.0.1:0"},
		Compile: compile.Config{Command: []string{}},
	}
}

// Equal reports whether two configurations say the same, wherever they have it from.
func (c Config) Equal(d Config) bool {
	c.loaded, d.loaded = nil, nil
	return reflect.DeepEqual(c, d)
}
