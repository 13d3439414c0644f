package schedtest

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
)

// watch is the view of one attempt.
type watch struct {
	g     *guard
	view  framework.View
	seen  map[framework.Key]framework.Word
	order []framework.Key // the keys of seen in the order of their first read
}

var _ framework.View = (*watch)(nil)

// Read implements [framework.View].
func (w *watch) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	err := w.view.Read(ctx, keys, out)
	if err != nil {
		return err
	}
	for i, k := range keys {
		was, ok := w.seen[k]
		if ok && was != out[i] {
			w.g.complain("an attempt reads %v and then %v from one key", was, out[i])
		}
		if !ok {
			w.order = append(w.order, k)
		}
		w.seen[k] = out[i]
	}
	return nil
}

// Class implements [framework.View].
func (w *watch) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	c, err := w.view.Class(ctx, hash)
	if err == nil && (c == nil || c.Hash != hash) {
		w.g.complain("View.Class(%v) = %v, another class", hash, c)
	}
	if c == nil && err == nil {
		return nil, errors.New("no class and no error")
	}
	return c, err
}

// Aborted implements [framework.View].
func (w *watch) Aborted() bool { return w.view.Aborted() }
