package trie

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Export implements [framework.Snapshotter].
func (s *Store) Export(ctx context.Context, n framework.BlockNumber, w io.Writer) (framework.Head, error) {
	if err := s.enter(ctx); err != nil {
		return framework.Head{}, err
	}
	defer s.alive.RUnlock()
	t := s.retain()
	r, err := t.view.block(n)
	if err == nil {
		err = export(ctx, t.view, r, w)
	}
	if err = errors.Join(err, s.release(t.view)); err != nil {
		return framework.Head{}, fmt.Errorf("trie: export block %d: %w", n, err)
	}
	return framework.Head{Number: n, Root: r.root()}, nil
}

func export(ctx context.Context, v *view, r *record, to io.Writer) error {
	back, err := v.rewind(ctx, r.number)
	if err != nil {
		return err
	}
	w := &snapshotWriter{to: to}
	if err := w.begin(r); err != nil {
		return err
	}
	if err := exportCells(ctx, v, back.writes, w); err != nil {
		return err
	}
	err = v.Scan([]byte{prefixClass}, []byte{prefixClass + 1}, func(key, value []byte) error {
		declared, _, err := declaredIn(value)
		if err != nil || declared > r.number {
			return errors.Join(err, ctx.Err())
		}
		return errors.Join(ctx.Err(), w.class(key[1:], value))
	})
	if err != nil {
		return err
	}
	return w.end()
}

// exportCells writes the flat state with older values, which are sorted, in place of the newer ones.
func exportCells(ctx context.Context, v *view, older []framework.Write, w *snapshotWriter) error {
	write := func(k framework.Key, value framework.Word) error {
		if value == (framework.Word{}) {
			return nil
		}
		return w.cell(k, value)
	}
	// before writes the older values whose keys come before k.
	before := func(k framework.Key) error {
		for ; len(older) > 0 && older[0].Key.Compare(k) < 0; older = older[1:] {
			if err := write(older[0].Key, older[0].Value); err != nil {
				return err
			}
		}
		return nil
	}
	end := []byte{prefixFlat, starknet.SpaceDeclared + 1}
	err := v.Scan([]byte{prefixFlat}, end, func(key, value []byte) error {
		d := decoder{buf: key[1:]}
		k := d.cell()
		if err := errors.Join(d.end(), ctx.Err(), before(k)); err != nil {
			return err
		}
		d = decoder{buf: value}
		newest := d.trimmed()
		if err := d.end(); err != nil {
			return err
		}
		if len(older) > 0 && older[0].Key == k {
			newest, older = older[0].Value, older[1:]
		}
		return write(k, newest)
	})
	return errors.Join(err, before(framework.Key{Space: starknet.SpaceDeclared + 1}))
}
