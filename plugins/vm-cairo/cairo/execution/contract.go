package execution

import (
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// entryType says from where an entry point is called.
type entryType uint8

const (
	external entryType = iota
	l1Handler
	constructor
)

// contract is a class made ready for execution. It is not changed once it is made.
type contract struct {
	*runner.Class

	cairo0 bool
	// sierra is the version of Sierra that a class of Cairo 1 was compiled from.
	sierra rules.SierraVersion
	// badBuiltins says that the class asks for builtins that its kind may not have.
	badBuiltins bool
	// blake is the hash of the code of a class of Cairo 1 that declarations carry since 0.14.1, once it is asked for.
	blake func() felt.Felt
	// hash is what it takes to hash the code, and rehash what it takes once more when the class gets that hash.
	hash, rehash hashCost
}

// errNoCode says that a Sierra class came without the code that it compiles to.
var errNoCode = errors.New("class has no compiled code")

// makeContract makes a class ready for execution.
func makeContract(body []byte) (*contract, error) {
	c, err := class.Decode(body)
	if err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case *class.Cairo0:
		return makeCairo0(c)
	case *class.Compiled:
		return makeCairo1(c)
	}
	return nil, errNoCode
}

// cairo0Builtins are the builtins that contracts of Cairo 0 may have.
var cairo0Builtins = map[builtin.Name]bool{
	builtin.RangeCheck: true, builtin.Pedersen: true, builtin.Ecdsa: true, builtin.Bitwise: true, builtin.EcOp: true,
	builtin.Poseidon: true,
}

func makeCairo0(c *class.Cairo0) (*contract, error) {
	k, err := runner.LoadCairo0(c)
	if err != nil {
		return nil, err
	}
	out := &contract{Class: k, cairo0: true, hash: hashCost0(c)}
	for _, b := range k.Program.Builtins {
		out.badBuiltins = out.badBuiltins || !cairo0Builtins[b]
	}
	return out, nil
}

func makeCairo1(c *class.Compiled) (*contract, error) {
	k, err := runner.LoadCasm(c.Casm)
	if err != nil {
		return nil, err
	}
	v, err := sierraVersion(c.Sierra.Program)
	if err != nil {
		return nil, err
	}
	return &contract{
		Class: k, sierra: v, blake: sync.OnceValue(c.Casm.HashV2), hash: hashCost1(c.Casm), rehash: rehashCost(c.Casm),
	}, nil
}

// firstSierra is how the oldest programs begin, which name their version, 0.1.0, by a text.
var firstSierra = felt.MustShortString("0.1.0")

// sierraVersion returns the version of Sierra that a program names in its first three felts.
//
// Source: crates/starknet_api/src/contract_class/structs.rs.
func sierraVersion(program []felt.Felt) (v rules.SierraVersion, err error) {
	if len(program) > 0 && program[0] == firstSierra {
		return rules.SierraVersion{0, 1, 0}, nil
	}
	if len(program) < len(v) {
		return v, errors.New("sierra program names no version")
	}
	for i := range v {
		if !program[i].IsUint64() {
			return v, errors.New("sierra program names a version that is too large")
		}
		v[i] = program[i][0]
	}
	return v, nil
}

// list returns the entry points of a type.
func (c *contract) list(t entryType) []runner.Entry {
	switch t {
	case l1Handler:
		return c.Entries.L1Handler
	case constructor:
		return c.Entries.Constructor
	default:
		return c.Entries.External
	}
}

// maxClasses is how many classes are kept ready. They are a few megabytes each at most.
const maxClasses = 4096

// classes keeps classes ready by their hash. It is safe for concurrent use.
type classes struct {
	mu sync.RWMutex
	// ready is guarded by mu.
	ready map[felt.Felt]*contract
}

// of returns the class of that hash, made ready.
func (k *classes) of(hash felt.Felt, load func() (*framework.Class, error)) (*contract, error) {
	k.mu.RLock()
	c := k.ready[hash]
	k.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	raw, err := load()
	if err != nil {
		return nil, err
	}
	if c, err = makeContract(raw.Body); err != nil {
		return nil, fmt.Errorf("class %v: %w", hash, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready == nil || len(k.ready) >= maxClasses {
		k.ready = make(map[felt.Felt]*contract)
	}
	k.ready[hash] = c
	return c, nil
}
