package execution

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// Config configures the VM. The zero value is valid.
type Config struct {
	// MaxMemory limits the memory of one contract call, in cells of 32 bytes. 0 means 16777216 (512 MiB).
	MaxMemory uint64 `koanf:"max_memory" doc:"Limit of the memory of one contract call, in cells of 32 bytes. 0 means 16777216, which is 512 MiB."`
}

// defaultMaxMemory is the limit of memory where Config.MaxMemory is 0.
const defaultMaxMemory = 1 << 24

// VM executes Starknet's transactions. It is safe for concurrent use.
type VM struct {
	config   Config
	classes  classes
	memo     crypto.PedersenMemo
	habits   habits
	stages   sync.Pool // of *stage
	attempts sync.Pool // of *attempt
}

var _ framework.VM = (*VM)(nil)

// New returns a VM.
func New(c Config) *VM {
	if c.MaxMemory == 0 {
		c.MaxMemory = defaultMaxMemory
	}
	vm := &VM{config: c}
	vm.stages.New = func() any { return new(stage) }
	vm.attempts.New = func() any { return new(attempt) }
	return vm
}

// Open implements [framework.VM]. The header is a [starknet.Environment]; there must be rules for the protocol of the block.
func (vm *VM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	env, err := starknet.DecodeEnvironment(b.Header)
	if err != nil {
		return nil, err
	}
	r, err := rules.For(b.Protocol)
	if err != nil {
		return nil, err
	}
	if b.Number != env.Header.Number {
		return nil, fmt.Errorf("block %d has the header of block %d", b.Number, env.Header.Number)
	}
	g := &r.BuiltinGas
	return &executor{vm: vm, start: b.Start, block: block{
		env: env, rules: r, trace: b.Trace, number: uint64(b.Number), capacity: b.Capacity, //nolint:gosec // a header's number is not negative
		prices: [...]uint64{g.Pedersen, g.Bitwise, g.EcOp, g.Poseidon, g.AddMod, g.MulMod, g.Blake},
	}}, nil
}

// block is what all transactions of a block share.
type block struct {
	env      *starknet.Environment
	rules    *rules.Rules
	number   uint64
	capacity []uint64
	// trace says that receipts have the calls.
	trace bool
	// prices are what contracts of Cairo 1 pay for builtins, in the order in which they want them.
	prices [7]uint64
}

// executor executes the transactions of a block.
type executor struct {
	vm     *VM
	block  block
	start  []framework.Write
	closed atomic.Bool

	memories memories
}

var _ framework.Rewinder = (*executor)(nil)

// Execute implements [framework.Executor]. The body is a [starknet.Input], the receipt of a transaction a [starknet.Receipt]; that
// of a rejected one says in RevertReason why.
func (e *executor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	if e.closed.Load() {
		return framework.ErrClosed
	}
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		return err
	}
	return e.attempt(ctx, &memory{version: v, in: in, hash: felt.Felt(tx.ID), mode: tx.Mode}, view, out, nil)
}

// attempt makes an attempt and keeps in m what the next one may want to know of it. Prepare, unless it is nil, is called before
// it begins.
func (e *executor) attempt(ctx context.Context, m *memory, view framework.View, out *framework.Outcome, prepare func(*attempt)) error {
	a, _ := e.vm.attempts.Get().(*attempt)
	defer e.vm.attempts.Put(a)
	a.reset(ctx, e, m, view)
	if prepare != nil {
		prepare(a)
	}
	err := a.execute(out)
	m.reads, m.calls = slices.Clone(a.st.reads), slices.Clone(a.records)
	e.memories.put(m)
	return err
}

// Close implements [framework.Executor].
func (e *executor) Close() error {
	e.closed.Store(true)
	return nil
}
