package schedtest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// scene is a block and the state below it.
type scene struct {
	block    framework.Block
	base     *cells
	vm       framework.Executor
	txs      []framework.Tx
	twin     framework.Executor // executes for the oracle; nil means vm
	stage    *stage             // of the programs that vm runs; nil if it runs none
	programs []program          // which vm runs; nil if it runs none
}

// newScene returns a block with a transaction for each program, on an empty base.
func newScene(programs ...program) *scene {
	st := &stage{reached: map[string]chan struct{}{}}
	b := &scene{
		block:    framework.Block{Number: 7, Protocol: "schedtest", Header: []byte("header")},
		base:     newCells(),
		vm:       &scripts{programs: programs, stage: st},
		stage:    st,
		programs: programs,
	}
	for i := range programs {
		b.txs = append(b.txs, framework.Tx{
			ID:   word(uint64(1000 + i)),
			Mode: framework.SkipFee,
			Body: []byte{byte(i), byte(i >> 8)},
		})
	}
	return b
}

// with sets cells of the base.
func (b *scene) with(writes ...framework.Write) *scene {
	for _, w := range writes {
		b.base.values[w.Key] = w.Value
	}
	return b
}

// oracle executes the block one transaction after the other: what every scheduler must come to.
func (b *scene) oracle(ctx context.Context) []framework.Final {
	b.stage.rehearse(true)
	defer b.stage.rehearse(false)
	state := framework.NewOverlay(ctx, b.base, b.block.Start)
	finals := make([]framework.Final, len(b.txs))
	for i, tx := range b.txs {
		out := new(framework.Outcome)
		writes, err := b.step(ctx, &tx, framework.Version{Tx: framework.TxIndex(i)}, state, out)
		if errors.Is(err, errFold) {
			tx.Mode |= framework.Exact
			out.Reset()
			writes, err = b.step(ctx, &tx, framework.Version{Tx: framework.TxIndex(i), Inc: 1}, state, out)
		}
		if err != nil {
			out, writes = &framework.Outcome{Status: framework.Rejected}, nil
		}
		f := framework.Final{Tx: framework.TxIndex(i), Outcome: out, Writes: writes, Fault: err}
		finals[i] = f.Clone()
		state.Apply(finals[i].Writes, finals[i].Outcome.Classes)
	}
	return finals
}

// errFold says that the additions of an outcome do not fit.
var errFold = errors.New("additions do not fit")

// step executes one attempt of the oracle and folds its additions.
func (b *scene) step(ctx context.Context, tx *framework.Tx, v framework.Version, state *framework.Overlay,
	out *framework.Outcome) ([]framework.Write, error) {
	vm := b.twin
	if vm == nil {
		vm = b.vm
	}
	if err := vm.Execute(ctx, tx, v, state, out); err != nil {
		return nil, err
	}
	writes, err := state.Fold(ctx, out)
	if errors.Is(err, framework.ErrOverflow) {
		return nil, errFold
	}
	return writes, err
}

// cells is a base state in a map. What is set before a run must not change during it.
type cells struct {
	values  map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
	// read and class, if set, are asked first; an error is the answer.
	read  func(ctx context.Context, keys []framework.Key) error
	class func(ctx context.Context, hash framework.Word) error

	mu     sync.Mutex
	closed bool // guarded by mu
}

var _ framework.State = (*cells)(nil)

func newCells() *cells {
	return &cells{values: map[framework.Key]framework.Word{}, classes: map[framework.Word]*framework.Class{}}
}

// Read implements [framework.State].
func (c *cells) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if c.read != nil {
		if err := c.read(ctx, slices.Clone(keys)); err != nil {
			return err
		}
	}
	for i, k := range keys {
		out[i] = c.values[k]
	}
	return ctx.Err()
}

// Class implements [framework.State].
func (c *cells) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if c.class != nil {
		if err := c.class(ctx, hash); err != nil {
			return nil, err
		}
	}
	if cl, ok := c.classes[hash]; ok {
		return cl, nil
	}
	return nil, framework.ErrNoClass
}

// Close implements [framework.State].
func (c *cells) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

func word(n uint64) framework.Word { return framework.Word{n} }

// key returns the n-th storage cell.
func key(n int) framework.Key {
	return framework.Key{Space: 1, Owner: word(99), Slot: word(uint64(n))}
}

// declared returns the key that says whether a class is declared.
func declared(hash framework.Word) framework.Key { return framework.Key{Space: 2, Owner: hash} }

func set(n int, w framework.Word) framework.Write { return framework.Write{Key: key(n), Value: w} }
