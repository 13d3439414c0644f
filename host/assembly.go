// Package host is a sequencer as a library. Its folders hold one job each, and those that run as parts of a program are
// modules for fx; this package makes the parts that a configuration names and puts the modules together.
//
// A program of one's own calls package cli, which does all of it, or [Run] with a [Node] and modules of its own. Commands
// and tests that need nothing but the parts call [Assemble].
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/ahead"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/host/supervisor"
)

// Assembly is a scheduler, a VM and a store that work together. Between Open and Close its parts are there.
type Assembly struct {
	Scheduler framework.Scheduler
	VM        framework.VM
	Store     framework.Store
	// Record is that of the sequencers that drive the parts; it may be nil.
	Record func(*trace.Block)

	catalog plugin.Catalog
	cfg     *config.Config
	kinds   []plugin.Kind // that are made
	log     *slog.Logger

	mu         sync.Mutex // held while the assembly is opened or closed, and guards what it is made of
	supervisor *supervisor.Supervisor
}

// New returns the assembly that cfg describes. It has no parts yet.
func New(catalog plugin.Catalog, cfg *config.Config, log *slog.Logger) *Assembly {
	return &Assembly{catalog: catalog, cfg: cfg, kinds: plugin.Kinds(), log: log}
}

// Assemble makes the parts that cfg names: those that are built in out of the plugins in catalog, the others in
// processes that it starts and keeps running, and the links between them. Who calls it closes the assembly.
func Assemble(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := New(catalog, cfg, slog.Default())
	return a, a.Open(ctx)
}

// AssembleStore makes the store that cfg names and nothing else: for commands that look at a state, or change one
// without executing anything. Who calls it closes the assembly.
func AssembleStore(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := New(catalog, cfg, slog.Default())
	a.kinds = []plugin.Kind{plugin.Store}
	return a, a.Open(ctx)
}

// OpenError says that a part could not be made, mostly because it is not what the configuration says.
type OpenError struct{ error }

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.error }

// Open makes the parts. If it fails, nothing is left of them; the error is an [OpenError].
func (a *Assembly) Open(ctx context.Context) error {
	a.mu.Lock()
	err := a.open(ctx)
	a.mu.Unlock()
	if err != nil {
		return &OpenError{errors.Join(err, a.Close())}
	}
	return nil
}

func (a *Assembly) open(ctx context.Context) error {
	a.supervisor = supervisor.New(a.cfg.Restart, a.log)
	apart := map[plugin.Kind]config.Part{}
	for _, kind := range a.kinds {
		part := a.cfg.Part(kind)
		if part.Place != config.Builtin {
			apart[kind] = part
		} else if err := a.builtin(ctx, kind, part); err != nil {
			return err
		}
	}
	if err := a.supervisor.Open(ctx, apart); err != nil {
		return err
	}
	for kind := range apart {
		switch h := a.supervisor.Handle(kind); kind {
		case plugin.Scheduler:
			a.Scheduler = h.Scheduler()
		case plugin.VM:
			a.VM = h.VM()
		default:
			a.Store = h.Store()
		}
	}
	if _, ok := apart[plugin.Scheduler]; ok {
		return a.connect(ctx, apart)
	}
	return nil
}

// builtin makes a part out of a plugin of this program.
func (a *Assembly) builtin(ctx context.Context, kind plugin.Kind, part config.Part) error {
	f, err := a.catalog.Find(kind, part.Use)
	if err != nil {
		return fmt.Errorf("%s.use: %w", kind, err)
	}
	switch kind {
	case plugin.Scheduler:
		var s framework.Scheduler
		s, err = f.OpenScheduler(ctx, part.Config)
		a.Scheduler = ahead.New(s) // the store may be in another process
	case plugin.VM:
		a.VM, err = f.OpenVM(ctx, part.Config)
	default:
		a.Store, err = f.OpenStore(ctx, part.Config)
	}
	if err != nil {
		return fmt.Errorf("%s.config: %w", kind, err)
	}
	return nil
}

// connect gives a scheduler that runs in a process links of its own to the VM and the store: nothing goes through the
// host but transactions and outcomes.
func (a *Assembly) connect(ctx context.Context, apart map[plugin.Kind]config.Part) error {
	for kind, part := range map[plugin.Kind]any{plugin.VM: a.VM, plugin.Store: a.Store} {
		var err error
		if _, ok := apart[kind]; ok {
			err = a.supervisor.Connect(ctx, kind)
		} else {
			err = a.supervisor.ConnectBuiltin(ctx, plugin.Info{Kind: kind, ID: a.cfg.Part(kind).Use}, part)
		}
		if err != nil {
			return err
		}
	}
	a.VM = linker.LinkedVM{VM: a.VM, Name: string(plugin.VM)}
	a.Store = linker.LinkedStore{Store: a.Store, Name: string(plugin.Store)}
	return nil
}

// Sequencer returns a sequencer that drives the parts.
func (a *Assembly) Sequencer() *sequencer.Sequencer {
	return &sequencer.Sequencer{Scheduler: a.Scheduler, VM: a.VM, Store: a.Store, Capacity: capacity(&a.cfg.Block), Record: a.Record}
}

// capacity returns what fills a block: what is said by name goes first.
func capacity(b *config.Block) []uint64 {
	named := map[starknet.Counter]uint64{
		starknet.CountSteps: b.Limits.Steps, starknet.CountSierraGas: b.Limits.Gas, starknet.CountL1Gas: b.Limits.L1Gas,
		starknet.CountEvents: b.Limits.Events, starknet.CountStateDiff: b.Limits.StateDiff, starknet.CountClasses: b.Limits.Classes,
	}
	if b.Limits == (config.BlockLimits{}) {
		return b.Capacity
	}
	all := make([]uint64, max(len(b.Capacity), int(starknet.NumCounters)))
	copy(all, b.Capacity)
	for c, limit := range named {
		if limit > 0 {
			all[c] = limit
		}
	}
	return all
}

// Close frees the parts and ends the processes. It may be called again.
func (a *Assembly) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.supervisor == nil {
		return nil
	}
	err := a.supervisor.Close()
	if a.Store != nil && a.supervisor.Handle(plugin.Store) == nil {
		err = errors.Join(err, a.Store.Close())
	}
	a.supervisor = nil
	return err
}
