package memory

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// version is the state after one block.
//
// Versions form a tree whose root holds its state in maps. Every other version names the one next to it on the way to
// the root, and what it has otherwise than that one (Baker's persistent arrays). So the links point from the blocks
// that are asked for less to the one that is asked for most, and a version that nobody can reach is garbage.
//
// A version never changes what it says, only how it says it: append and flatten move the root.
type version struct {
	root sum

	// flat is the whole state, if this is the root of the tree.
	flat *whole
	// Otherwise the state is that of next, but for cells and classes, which are sorted.
	next    *version
	cells   []framework.Write
	classes []class
}

// whole is a state in full. Cells are never zero.
type whole struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
}

// class says what is declared under a hash; nil if nothing.
type class struct {
	hash framework.Word
	body *framework.Class
}

// newVersion returns the empty state, the root of a tree of its own.
func newVersion() *version {
	return &version{flat: &whole{
		cells:   make(map[framework.Key]framework.Word),
		classes: make(map[framework.Word]*framework.Class),
	}}
}

// cell returns the value of a cell.
func (v *version) cell(k framework.Key) framework.Word {
	for ; v.flat == nil; v = v.next {
		i, ok := slices.BinarySearchFunc(v.cells, k, func(w framework.Write, k framework.Key) int { return w.Key.Compare(k) })
		if ok {
			return v.cells[i].Value
		}
	}
	return v.flat.cells[k]
}

// class returns a class, or nil.
func (v *version) class(hash framework.Word) *framework.Class {
	for ; v.flat == nil; v = v.next {
		i, ok := slices.BinarySearchFunc(v.classes, hash, func(c class, h framework.Word) int { return c.hash.Compare(h) })
		if ok {
			return v.classes[i].body
		}
	}
	return v.flat.classes[hash]
}

// append returns the version after v with the changes of d. v must be the root, and the new version is it then.
func (v *version) append(d *framework.Diff) *version {
	next := &version{
		root:    v.root,
		next:    v, // for the moment, and until it is flat
		cells:   slices.Clone(d.Writes),
		classes: v.declare(d.Classes),
	}
	next.flatten()
	for i, was := range v.cells { // what was written has changed places with what it replaced
		next.root.remove(cellHash(was))
		next.root.add(cellHash(d.Writes[i]))
	}
	for _, c := range v.classes {
		next.root.add(classHash(c.hash))
	}
	return next
}

// declare returns those of classes that v does not have, sorted, each once.
func (v *version) declare(classes []framework.Class) []class {
	var added []class
	for _, c := range classes {
		if v.flat.classes[c.Hash] == nil {
			added = append(added, class{c.Hash, &c})
		}
	}
	slices.SortStableFunc(added, func(a, b class) int { return a.hash.Compare(b.hash) })
	return slices.CompactFunc(added, func(a, b class) bool { return a.hash == b.hash })
}

// flatten makes v the root of its tree. It costs as much as the lists between v and the root are long.
func (v *version) flatten() {
	var path []*version
	for ; v.flat == nil; v = v.next {
		path = append(path, v)
	}
	for _, up := range slices.Backward(path) {
		v.swap(up)
		v = up
	}
}

// swap moves the maps from v, the root, to up, whose next is v, and turns the list between them round.
func (v *version) swap(up *version) {
	for i, w := range up.cells {
		up.cells[i].Value = v.flat.cells[w.Key]
		set(v.flat.cells, w.Key, w.Value)
	}
	for i, c := range up.classes {
		up.classes[i].body = v.flat.classes[c.hash]
		set(v.flat.classes, c.hash, c.body)
	}
	v.next, v.cells, v.classes = up, up.cells, up.classes
	up.next, up.cells, up.classes = nil, nil, nil
	v.flat, up.flat = nil, v.flat
}

// set writes to a map in which the zero value is never kept.
func set[K, V comparable](m map[K]V, k K, v V) {
	var zero V
	if v == zero {
		delete(m, k)
		return
	}
	m[k] = v
}
