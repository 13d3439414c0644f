package framework

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// Overlay is a state with writes on top: what a transaction sees when all others have run or will run later.
// It is a [View] for attempts that run one at a time: those of a serial scheduler, or Executor.Finish.
// It is not safe for concurrent use.
type Overlay struct {
	cancelled func() error // Err of the context of the run
	base      State
	writes    map[Key]Word
	classes   map[Word]*Class
	err       error
	missing   []Key   // buffer of one read
	values    []Word  // likewise
	folded    []Write // buffer of Fold
}

var _ View = (*Overlay)(nil)

// NewOverlay returns a view of base with writes on top. It calls its attempts aborted once ctx is cancelled.
func NewOverlay(ctx context.Context, base State, writes []Write) *Overlay {
	o := &Overlay{
		cancelled: ctx.Err,
		base:      base,
		writes:    map[Key]Word{},
		classes:   map[Word]*Class{},
	}
	o.Apply(writes, nil)
	return o
}

// Apply puts writes and classes on top of what is there.
func (o *Overlay) Apply(writes []Write, classes []Class) {
	for _, w := range writes {
		o.writes[w.Key] = w.Value
	}
	for _, c := range classes {
		o.classes[c.Hash] = &c
	}
}

// Changes returns what lies on top of the base: the writes, sorted by key, and the classes, by hash.
func (o *Overlay) Changes() ([]Write, []*Class) {
	writes := make([]Write, 0, len(o.writes))
	for k, w := range o.writes {
		writes = append(writes, Write{Key: k, Value: w})
	}
	SortWrites(writes)
	classes := slices.SortedFunc(maps.Values(o.classes), func(a, b *Class) int { return a.Hash.Compare(b.Hash) })
	return writes, classes
}

// Fold returns the exact change that an outcome makes to the state: its writes, and the cells of its additions
// with their new values, sorted by key. It is valid until the next Fold or the next change of the outcome.
// Fold returns ErrOverflow if an addition does not fit.
func (o *Overlay) Fold(ctx context.Context, out *Outcome) ([]Write, error) {
	if len(out.Adds) == 0 {
		return out.Writes, nil
	}
	o.folded = append(o.folded[:0], out.Writes...)
	for _, a := range out.Adds {
		var cells [2]Word
		if err := o.Read(ctx, []Key{a.Low, a.High}, cells[:]); err != nil {
			return nil, err
		}
		low, high, ok := a.Fold(cells[0], cells[1])
		if !ok {
			return nil, ErrOverflow
		}
		o.folded = append(o.folded, Write{Key: a.Low, Value: low}, Write{Key: a.High, Value: high})
	}
	SortWrites(o.folded)
	return o.folded, nil
}

// Err returns the first error of the base state, nil if there was none: it tells a failing state from a
// failing VM.
func (o *Overlay) Err() error { return o.err }

// Read implements [View].
func (o *Overlay) Read(ctx context.Context, keys []Key, out []Word) error {
	o.missing = o.missing[:0]
	for i, k := range keys {
		w, ok := o.writes[k]
		if !ok {
			o.missing = append(o.missing, k)
		}
		out[i] = w
	}
	if len(o.missing) == 0 {
		return ctx.Err()
	}
	return o.readBase(ctx, keys, out)
}

// readBase fills in the values of the keys in o.missing, which are in the order of keys.
func (o *Overlay) readBase(ctx context.Context, keys []Key, out []Word) error {
	o.values = append(o.values[:0], make([]Word, len(o.missing))...)
	if err := o.base.Read(ctx, o.missing, o.values); err != nil {
		o.fail(err)
		return err
	}
	next := 0
	for i := 0; next < len(o.missing); i++ {
		if keys[i] == o.missing[next] {
			out[i] = o.values[next]
			next++
		}
	}
	return nil
}

// Class implements [View].
func (o *Overlay) Class(ctx context.Context, hash Word) (*Class, error) {
	if c, ok := o.classes[hash]; ok {
		return c, nil
	}
	c, err := o.base.Class(ctx, hash)
	if err != nil && !errors.Is(err, ErrNoClass) {
		o.fail(err)
	}
	return c, err
}

func (o *Overlay) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// Aborted implements [View].
func (o *Overlay) Aborted() bool { return o.cancelled() != nil }
