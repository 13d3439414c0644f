package synthetic

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// VM executes programs. It knows every protocol and ignores headers. It is safe for concurrent use.
type VM struct {
	config Config
}

var _ framework.VM = (*VM)(nil)

// New returns a VM, or an error that names the key of the configuration that is wrong.
func New(c Config) (*VM, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("synthetic: %w", err)
	}
	return &VM{config: c.withDefaults()}, nil
}

// Open implements [framework.VM].
func (vm *VM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := &executor{config: vm.config, block: b}
	if vm.config.Rewind {
		e.attempts = newAttempts(vm.config.RewindReads)
	}
	switch {
	case vm.config.Rewind && vm.config.Predict:
		return struct {
			*executor
			rewinder
			*predictor
		}{e, rewinder{e}, newPredictor(vm.config)}, nil
	case vm.config.Rewind:
		return struct {
			*executor
			rewinder
		}{e, rewinder{e}}, nil
	case vm.config.Predict:
		return struct {
			*executor
			*predictor
		}{e, newPredictor(vm.config)}, nil
	}
	return e, nil
}

// executor executes programs of one block.
type executor struct {
	config Config
	block  *framework.Block
	closed atomic.Bool
	// attempts is nil if the executor is no Rewinder.
	attempts *attempts
}

// machines holds machines that are not in use, for all executors.
var machines = sync.Pool{New: func() any { return new(machine) }}

// Execute implements [framework.Executor].
func (e *executor) Execute(
	ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome,
) error {
	if err := e.ready(ctx); err != nil {
		return err
	}
	m := machines.Get().(*machine) //nolint:forcetypeassert // the pool holds nothing else
	m.reset(e, tx, view, out)
	return e.attempt(ctx, v, m)
}

// attempt runs a machine that is ready to run as attempt v.
func (e *executor) attempt(ctx context.Context, v framework.Version, m *machine) error {
	err := m.run(ctx)
	if e.attempts != nil {
		e.attempts.keep(v, m)
	}
	m.release()
	return err
}

// ready returns the error of an executor or a context that has ended.
func (e *executor) ready(ctx context.Context) error {
	if e.closed.Load() {
		return framework.ErrClosed
	}
	return ctx.Err()
}

// FinishKey is the cell that Finish counts in: its lowest limb counts the transactions that were included in
// all blocks so far, the next one sums up how many different classes each of the blocks called.
func FinishKey() framework.Key { return Storage(framework.Word{1}, framework.Word{}) }

// Finish implements [framework.Executor]. It writes one cell: see [FinishKey].
func (e *executor) Finish(
	ctx context.Context, view framework.View, final []framework.Final,
) ([]framework.Write, error) {
	if err := e.ready(ctx); err != nil {
		return nil, err
	}
	key := FinishKey()
	var value [1]framework.Word
	if err := view.Read(ctx, []framework.Key{key}, value[:]); err != nil {
		return nil, fmt.Errorf("synthetic: finish: %w", err)
	}
	called := map[framework.Key]bool{}
	for i := range final {
		for _, c := range final[i].Outcome.Usage.Once {
			if c.Counter == CounterExecuted {
				called[c.Key] = true
			}
		}
	}
	value[0][0] += uint64(len(final))
	value[0][1] += uint64(len(called))
	return []framework.Write{{Key: key, Value: value[0]}}, nil
}

// Close implements [framework.Executor].
func (e *executor) Close() error {
	e.closed.Store(true)
	return nil
}
