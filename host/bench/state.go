package bench

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
)

// mapState is a base state that costs as little as can be, so that it hides nothing of what is measured.
type mapState struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
}

func newMapState(d *framework.Diff) *mapState {
	s := &mapState{
		cells:   make(map[framework.Key]framework.Word, len(d.Writes)),
		classes: map[framework.Word]*framework.Class{},
	}
	for _, w := range d.Writes {
		s.cells[w.Key] = w.Value
	}
	for _, c := range d.Classes {
		s.classes[c.Hash] = &c
	}
	return s
}

func (s *mapState) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = s.cells[k]
	}
	return nil
}

func (s *mapState) Class(_ context.Context, hash framework.Word) (*framework.Class, error) {
	if c, ok := s.classes[hash]; ok {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

func (s *mapState) Close() error { return nil }
