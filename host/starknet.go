package host

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/chain"
	"github.com/switchyard-dev/switchyard/host/compile"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/jsonrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/lifecycle"
	"github.com/switchyard-dev/switchyard/host/mempool"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Starknet says what chain a [StarknetNode] makes.
type Starknet struct {
	Chain starknet.ChainID
	// Genesis is the state that block 0 makes, and Header what the transactions of a block see of it but for the time.
	Genesis func() *framework.Diff
	Header  func(n framework.BlockNumber) *starknet.Environment
	// Workload, unless nil, is submitted to the mempool, the transactions of one block block.interval after those of the
	// one before. Refused is told of those that are refused, by several goroutines at once.
	Workload sequencer.Source
	Refused  func(error)
	// Code is the code (CASM, as JSON) of classes that the workload declares.
	Code [][]byte
}

// StarknetNode is a [Node] that makes a chain of Starknet: its blocks are kept in a ledger, its transactions come through a
// mempool, and clients talk to it by JSON-RPC.
func StarknetNode(catalog plugin.Catalog, cfg *config.Config, s Starknet, pace sequencer.Pace, more ...fx.Option) fx.Option {
	l := ledger.New(ledger.Options{Path: cfg.Ledger.Path, Chain: s.Chain})
	pool := mempool.New(mempool.Limits{
		Transactions: cfg.Mempool.Transactions, Bytes: int(cfg.Mempool.Size), TTL: cfg.Mempool.TTL, Gap: cfg.Mempool.Gap, //nolint:gosec // no machine has so much memory
	}, time.Now, rand.Uint64())
	pool.KeepOn(l)
	supply := mempool.Supply{Opener: chain.NewOpener(s.Genesis, s.Header, l, time.Now), Pool: pool}
	preview := new(sequencer.Preview)
	return Node(catalog, cfg, supply, pace, s.module(cfg, l, preview, supply), fx.Options(more...))
}

// module has all that a chain adds to a node. It is a module so that its hooks come before those of the sequencer.
func (s Starknet) module(cfg *config.Config, l *ledger.Ledger, preview *sequencer.Preview, supply mempool.Supply) fx.Option {
	return fx.Module("starknet",
		fx.Supply(l, preview, supply.Pool),
		fx.Provide(
			func(parts sequencer.Parts) *chain.Chain {
				return chain.New(l, preview, supply.Pool, parts, supply.Opener)
			},
			func() (*compile.Compiler, error) { return s.compiler(cfg) },
			func(c *chain.Chain, k *compile.Compiler) *mempool.Admission {
				return mempool.NewAdmission(supply.Pool, c, k)
			},
			func(c *chain.Chain, a *mempool.Admission, k *compile.Compiler, log *slog.Logger) *jsonrpc.Listener {
				limits := jsonrpc.Limits{Body: int64(cfg.RPC.Body), Batch: cfg.RPC.Batch} //nolint:gosec // no request is so long
				return jsonrpc.NewListener(cfg.RPC, jsonrpc.New(c, a, limits, log), k.Admit, log)
			},
		),
		fx.Invoke(func(lc *lifecycle.Lifecycle, p *sequencer.Producer, a *mempool.Admission, rpc *jsonrpc.Listener) {
			p.Keep(l, preview)
			p.Each(supply.Sealed)
			p.Before(func(ctx context.Context) error {
				if err := l.CheckGenesis(s.Genesis()); err != nil {
					return err
				}
				_, err := a.Restore(ctx)
				return err
			})
			lc.Append(lifecycle.Hook{
				Name:  "ledger",
				Start: func(context.Context) error { return l.Open() }, StartLimit: opening,
				Stop: func(context.Context) error { return l.Close() }, StopLimit: closing,
			})
			lc.Go(lifecycle.Task{Name: "mempool", Run: supply.Pool.Keep})
			lc.Append(lifecycle.Hook{Name: "rpc", Start: rpc.Start, Stop: rpc.Stop})
		}),
		s.drive(cfg),
	)
}

// compiler returns the compiler, which knows the code of what the workload declares.
func (s Starknet) compiler(cfg *config.Config) (*compile.Compiler, error) {
	k, err := compile.New(cfg.Compile)
	if err != nil {
		return nil, err
	}
	for _, text := range s.Code {
		if _, err := k.Admit(text); err != nil {
			return nil, fmt.Errorf("code of the workload: %w", err)
		}
	}
	return k, nil
}

// drive has the workload submitted.
func (s Starknet) drive(cfg *config.Config) fx.Option {
	if s.Workload == nil {
		return fx.Options()
	}
	return fx.Invoke(func(lc *lifecycle.Lifecycle, p *sequencer.Producer, c *chain.Chain, a *mempool.Admission, pool *mempool.Pool) {
		d := &mempool.Driver{
			Source: s.Workload, Admission: a, Pool: pool, State: c.Tip, Interval: cfg.Block.Interval, Refused: s.Refused,
		}
		p.Each(d.Sealed)
		lc.Go(lifecycle.Task{Name: "workload", Run: func(ctx context.Context) error {
			select {
			case <-p.Started():
			case <-ctx.Done():
				return ctx.Err()
			}
			return d.Run(ctx)
		}})
	})
}
