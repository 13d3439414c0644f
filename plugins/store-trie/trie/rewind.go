package trie

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// rewind is what leads from the head of a view back to an older block.
type rewind struct {
	writes []framework.Write // sorted; cells that only the store knows are left out
	blocks []block           // those above the older one
}

// block is a block with what it has replaced.
type block struct {
	number framework.BlockNumber
	undo   *undo
}

// rewind returns what leads back to block n. It takes as much memory as the blocks above have changed cells.
func (v *view) rewind(ctx context.Context, n framework.BlockNumber) (*rewind, error) {
	r := new(rewind)
	first := map[framework.Key]framework.Word{}
	for b := n + 1; b <= v.number(); b++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		u, err := v.undo(b)
		if err != nil {
			return nil, err
		}
		for _, c := range u.cells {
			if _, ok := first[c.Key]; !ok && c.Key.Space != spaceRoot {
				first[c.Key] = c.Value
			}
		}
		r.blocks = append(r.blocks, block{b, u})
	}
	r.writes = make([]framework.Write, 0, len(first))
	for k, w := range first {
		r.writes = append(r.writes, framework.Write{Key: k, Value: w})
	}
	framework.SortWrites(r.writes)
	return r, nil
}

// forget removes the blocks, with their history and their classes.
func (r *rewind) forget(b kv.Batch) error {
	for _, block := range r.blocks {
		if err := forget(b, block.number, block.undo); err != nil {
			return err
		}
		if err := b.Delete(blockKey(block.number)); err != nil {
			return err
		}
		for _, hash := range block.undo.classes {
			if err := b.Delete(classKey(hash)); err != nil {
				return err
			}
		}
	}
	return nil
}

// of returns the storage of one contract among changes that are grouped.
func of(all []contract, address framework.Word) []change {
	i, ok := slices.BinarySearchFunc(all, address, func(c contract, a framework.Word) int { return c.address.Compare(a) })
	if !ok {
		return nil
	}
	return all[i].storage
}
