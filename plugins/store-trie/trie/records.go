package trie

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// record is what is kept of a sealed block.
type record struct {
	number    framework.BlockNumber
	version   starknet.Version
	contracts felt.Felt // root of the contracts trie
	classes   felt.Felt // root of the classes trie
}

// root returns the root of the state after the block.
func (r *record) root() framework.Root {
	return framework.Root(starknet.StateRoot(r.version, r.contracts, r.classes))
}

// append appends the record with its root, so that reading it checks both against each other.
func (r *record) append(dst []byte) []byte {
	for _, part := range r.version {
		dst = binary.BigEndian.AppendUint16(dst, part)
	}
	dst = appendWord(dst, framework.Word(r.contracts))
	dst = appendWord(dst, framework.Word(r.classes))
	return appendWord(dst, framework.Word(r.root()))
}

func decodeRecord(n framework.BlockNumber, b []byte) (*record, error) {
	d := decoder{buf: b}
	r := &record{number: n}
	for i := range r.version {
		r.version[i] = binary.BigEndian.Uint16(d.bytes(2))
	}
	r.contracts, r.classes = felt.Felt(d.word()), felt.Felt(d.word())
	root := framework.Root(d.word())
	if err := d.end(); err != nil {
		return nil, fmt.Errorf("block %d: %w", n, err)
	}
	if !r.contracts.Valid() || !r.classes.Valid() || r.root() != root {
		return nil, fmt.Errorf("%w: block %d: root %v is not that of the tries", ErrDamaged, n, felt.Felt(root))
	}
	return r, nil
}

// change is a cell that a block changes.
type change struct {
	key      framework.Key
	old, new framework.Word
}

// undo is what a block has replaced.
type undo struct {
	cells   []framework.Write // with the values before the block
	classes []framework.Word  // declared in it
}

func appendUndo(dst []byte, changes []change, classes []framework.Word) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(changes))) //nolint:gosec // a diff has not so many
	for i := range changes {
		dst = appendTrimmed(appendCell(dst, changes[i].key), changes[i].old)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(classes))) //nolint:gosec // a diff has not so many
	for _, c := range classes {
		dst = appendWord(dst, c)
	}
	return dst
}

// The least bytes that items of an undo record take.
const (
	minUndoCell  = 1 + 32 + 1
	minUndoClass = 32
)

func decodeUndo(b []byte) (*undo, error) {
	d := decoder{buf: b}
	u := &undo{cells: make([]framework.Write, d.count(minUndoCell))}
	for i := range u.cells {
		u.cells[i] = framework.Write{Key: d.cell(), Value: d.trimmed()}
	}
	u.classes = make([]framework.Word, d.count(minUndoClass))
	for i := range u.classes {
		u.classes[i] = d.word()
	}
	return u, d.end()
}
