package execution

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// state is the state as a transaction sees it: the view, and its own changes on top. After the first error of the view
// all reads are 0 and nothing that is computed from them counts; see [state.err].
type state struct {
	ctx  context.Context //nolint:containedctx // the attempt's, which the calls of hints have no parameter for
	view framework.View

	index map[framework.Key]int
	cells []cell
	log   []change
	// reads are the reads of the view, in order. The first ones may have been made by an attempt before: known.
	reads []framework.Write
	known map[framework.Key]framework.Word
	// err is the first error of the view. It ends the attempt.
	err error
}

// cell is a cell that the transaction has read or written.
type cell struct {
	key            framework.Key
	initial, value framework.Word
	// touched has a bit for each phase whose contracts used the cell.
	touched uint8
	// shadow says that the cell was not read: its initial value stands for one that nobody may depend on.
	shadow bool
}

// change is a change of a cell that can be undone.
type change struct {
	cell int
	old  framework.Word
}

// reset makes s the state of a new attempt and keeps its memory.
func (s *state) reset(ctx context.Context, view framework.View) {
	if s.index == nil {
		s.index = make(map[framework.Key]int)
	}
	clear(s.index)
	s.ctx, s.view, s.err = ctx, view, nil
	s.cells, s.log, s.reads, s.known = s.cells[:0], s.log[:0], s.reads[:0], nil
}

// know gives values to s that need not be read again.
func (s *state) know(reads []framework.Write) {
	s.reads = append(s.reads, reads...)
	s.known = make(map[framework.Key]framework.Word, len(reads))
	for _, r := range reads {
		s.known[r.Key] = r.Value
	}
}

// find returns the number of the cell of that key, which it reads if it is new.
func (s *state) find(key framework.Key) int {
	if i, ok := s.index[key]; ok {
		return i
	}
	value := s.fetch(key)
	return s.add(cell{key: key, initial: value, value: value})
}

// fetch returns the value that the cell of that key has before the transaction.
func (s *state) fetch(key framework.Key) framework.Word {
	if value, ok := s.known[key]; ok {
		return value
	}
	if s.err != nil {
		return framework.Word{}
	}
	keys, out := [1]framework.Key{key}, [1]framework.Word{}
	if s.err = s.view.Read(s.ctx, keys[:], out[:]); s.err != nil {
		return framework.Word{}
	}
	s.reads = append(s.reads, framework.Write{Key: key, Value: out[0]})
	return out[0]
}

// readAll reads those cells that are new in one call of the view, since the state may be in another process. It is for what
// follows the last transaction, and is never resumed.
func (s *state) readAll(keys []framework.Key) {
	fresh := make([]framework.Key, 0, len(keys))
	for _, k := range keys {
		if _, ok := s.index[k]; !ok {
			fresh = append(fresh, k)
		}
	}
	values := make([]framework.Word, len(fresh))
	if s.err == nil {
		s.err = s.view.Read(s.ctx, fresh, values)
	}
	if len(s.index) == 0 { // so that nothing has to grow
		s.index = make(map[framework.Key]int, len(fresh))
	}
	s.cells = slices.Grow(s.cells, len(fresh))
	for i, k := range fresh {
		if _, twice := s.index[k]; !twice {
			s.add(cell{key: k, initial: values[i], value: values[i]})
		}
	}
}

func (s *state) add(c cell) int {
	i := len(s.cells)
	s.cells = append(s.cells, c)
	s.index[c.key] = i
	return i
}

// shade makes the cell of that key, unless it was used already, one that holds 0 and depends on nothing.
func (s *state) shade(key framework.Key) bool {
	if _, ok := s.index[key]; ok {
		return false
	}
	s.add(cell{key: key, shadow: true})
	return true
}

// read returns the value of a cell.
func (s *state) read(key framework.Key) felt.Felt { return felt.Felt(s.cells[s.find(key)].value) }

// write sets a cell. It reads it first, as the difference to what was there is what is paid for.
func (s *state) write(key framework.Key, value felt.Felt) {
	s.change(s.find(key), framework.Word(value))
}

// change sets cell number i.
func (s *state) change(i int, value framework.Word) {
	c := &s.cells[i]
	if c.value == value {
		return
	}
	s.log = append(s.log, change{cell: i, old: c.value})
	c.value = value
}

// mark returns a place in the journal for undo.
func (s *state) mark() int { return len(s.log) }

// undo takes all changes back that were made since mark.
func (s *state) undo(mark int) {
	for i := len(s.log) - 1; i >= mark; i-- {
		s.cells[s.log[i].cell].value = s.log[i].old
	}
	s.log = s.log[:mark]
}

// storage and classOf read cells of contracts.
func (s *state) storage(contract, slot felt.Felt) felt.Felt {
	return s.read(starknet.StorageKey(contract, slot))
}

func (s *state) classOf(contract felt.Felt) felt.Felt { return s.read(starknet.ClassHashKey(contract)) }

// declared reports whether a class is declared.
func (s *state) declared(class felt.Felt) bool {
	v := s.read(starknet.DeclaredKey(class))
	return !v.IsZero()
}

// changes calls f for every cell that differs from its initial value.
func (s *state) changes(f func(*cell)) {
	for i := range s.cells {
		if c := &s.cells[i]; c.value != c.initial {
			f(c)
		}
	}
}
