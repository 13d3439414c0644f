package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// kind is a class with what the generator knows of it.
type kind struct {
	*surface

	name   string
	hash   felt.Felt
	cairo0 bool
	// compiled is the hash of the code that a declaration names, older the one that it named in the first versions, and body the
	// class as the VM reads it.
	compiled, older felt.Felt
	body            []byte
	declared        bool
	// disguised says that the hash is that of another class.
	disguised bool
	line      Class
}

// has reports whether the class has an entry point of that name.
func (k *kind) has(name string) bool {
	for i := range k.external {
		if k.external[i].name == name {
			return true
		}
	}
	return false
}

// contract is a contract of the world.
type contract struct {
	address felt.Felt
	*kind
}

// target is a function of a contract.
type target struct {
	contract

	f *function
}

// world is what the transactions find.
type world struct {
	rules     *rules.Rules
	header    Header
	env       starknet.Environment
	kinds     []*kind
	contracts []contract
	accounts  []contract
	// targets are all functions of contracts, each class once.
	targets []target
	base    *snapshot
}

// loadKind reads a class from the files that compilers write.
func loadKind(files fs.FS, name, protocol string) (*kind, error) {
	read := func(suffix string) ([]byte, error) { return fs.ReadFile(files, name+suffix) }
	k := &kind{name: path.Base(name)}
	if data, err := read(".casm.json"); err == nil {
		return k, k.loadCairo1(data, protocol, read)
	}
	data, err := read(".json")
	if err != nil {
		return nil, err
	}
	c, err := class.ParseCairo0(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k.cairo0, k.hash, k.body = true, c.Hash(), class.Append(nil, c)
	k.line.ABIBytes = len(c.ABI)
	if k.line.Cairo0, err = openrpc.AppendClass(nil, c); err != nil {
		return nil, err
	}
	k.surface, err = readABI(c.ABI)
	return k, err
}

// blakeSince is the version since which declarations carry the Blake hash of code.
var blakeSince = starknet.Version{0, 14, 1}

func (k *kind) loadCairo1(data []byte, protocol string, read func(string) ([]byte, error)) error {
	casm, err := class.ParseCasm(data)
	if err != nil {
		return fmt.Errorf("%s: %w", k.name, err)
	}
	if data, err = compact(data); err != nil {
		return err
	}
	k.line.Casm = data
	raw, err := read(".sierra.json")
	if err != nil {
		return err
	}
	sierra, err := class.ParseSierra(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", k.name, err)
	}
	v, _ := sierra.Version()
	k.line.Sierra, k.line.SierraFelts, k.line.ABIBytes = [3]uint64{v.Major, v.Minor, v.Patch}, len(sierra.Program), len(sierra.ABI)
	k.hash, k.compiled, k.older = sierra.Hash(), casm.HashV2(), casm.HashV1()
	if p, err := starknet.ParseVersion(protocol); err != nil {
		return err
	} else if p.Less(blakeSince) {
		k.compiled = k.older
	}
	k.body = class.Append(nil, &class.Compiled{Sierra: sierra, Casm: casm})
	k.surface, err = readABI([]byte(sierra.ABI))
	return err
}

func compact(data []byte) ([]byte, error) {
	var v json.RawMessage
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// snapshot is a state, as transactions see it one after the other. It implements framework.View.
type snapshot struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
}

func newSnapshot() *snapshot {
	return &snapshot{map[framework.Key]framework.Word{}, map[framework.Word]*framework.Class{}}
}

// Read implements [framework.View].
func (s *snapshot) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = s.cells[k]
	}
	return nil
}

// Class implements [framework.View].
func (s *snapshot) Class(_ context.Context, hash framework.Word) (*framework.Class, error) {
	if c, ok := s.classes[hash]; ok {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

// Aborted implements [framework.View].
func (s *snapshot) Aborted() bool { return false }

func (s *snapshot) clone() *snapshot {
	c := newSnapshot()
	for k, v := range s.cells {
		c.cells[k] = v
	}
	for k, v := range s.classes {
		c.classes[k] = v
	}
	return c
}

// lines returns the cells as a file has them, sorted.
func (s *snapshot) lines() []Cell {
	keys := make([]framework.Key, 0, len(s.cells))
	for k := range s.cells {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].Compare(keys[j]) < 0 })
	out := make([]Cell, len(keys))
	for i, k := range keys {
		out[i] = cellOf(k, s.cells[k])
	}
	return out
}

// names returns the classes in a folder, without what their files end with.
func names(files fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		n := e.Name()
		if strings.HasSuffix(n, ".sierra.json") || !strings.HasSuffix(n, ".json") {
			continue
		}
		out = append(out, path.Join(dir, strings.TrimSuffix(strings.TrimSuffix(n, ".json"), ".casm")))
	}
	return out, nil
}
