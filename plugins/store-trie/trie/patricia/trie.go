package patricia

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Source is where a trie reads its pages. It is called from several goroutines at a time.
type Source interface {
	// Page returns the page of that name, which nobody changes. It reports false if there is none.
	Page(name []byte) ([]byte, bool, error)
}

// Sink takes the pages that changed.
type Sink interface {
	// SetPage stores a page in place of the old one, which is nil if there was none, and DeletePage removes one. The
	// slices may be kept; nobody changes them.
	SetPage(name, old, page []byte) error
	DeletePage(name []byte) error
}

// Update sets the value at a key, or removes it if Value is 0.
type Update struct {
	Key, Value felt.Felt
	Old        felt.Felt // what was there, once the update is applied
}

// Trie is a trie of which the pages that were needed are in memory. It is not safe for concurrent use. After an error
// it is of no use.
type Trie struct {
	name   []byte // what the names of its pages begin with
	source Source
	root   *node
	// changed says that there is something to write.
	changed bool
	slab    slab
	loaded  []loaded
}

// loaded is a page that was read.
type loaded struct {
	id   pageID
	page []byte
}

// Open returns the trie whose pages begin with name, empty if there are none. It reads the page of the root.
func Open(name []byte, source Source) (*Trie, error) {
	t := &Trie{name: name, source: source}
	page, ok, err := source.Page(t.pageName(pageID{}))
	if err != nil || !ok {
		return t, err
	}
	t.loaded = append(t.loaded, loaded{pageID{}, page})
	r := reader{buf: page, slab: &t.slab}
	t.root = r.record(felt.Felt{}, 0)
	if t.root.inside(0) {
		t.root.raw = r.rest()
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("trie %x: %w", name, err)
	}
	return t, nil
}

// pageName returns the name of a page.
func (t *Trie) pageName(id pageID) []byte {
	return id.append(append(make([]byte, 0, len(t.name)+33), t.name...))
}

// Root returns the root of the trie, 0 if it is empty. A [Hasher] must have run since the last Apply.
func (t *Trie) Root() felt.Felt {
	if t.root == nil {
		return felt.Felt{}
	}
	return t.root.top
}

// Write hands the pages that changed since Open to sink. A Hasher must have run since the last Apply. The trie goes on
// as it is: a second Write hands them out again.
func (t *Trie) Write(sink Sink) error {
	if !t.changed {
		return nil
	}
	old := make(map[pageID][]byte, len(t.loaded))
	for _, l := range t.loaded {
		old[l.id] = l.page
	}
	var w writer
	var scratch []byte
	set := func(id pageID, fill func()) error {
		before := old[id]
		delete(old, id)
		if before == nil {
			w.buf = scratch[:0]
			fill()
			scratch = w.buf
			return sink.SetPage(t.pageName(id), nil, slices.Clone(w.buf))
		}
		w.buf = make([]byte, 0, len(before)) // most pages keep their size
		fill()
		return sink.SetPage(t.pageName(id), before, w.buf)
	}
	if t.root != nil {
		err := set(pageID{}, func() {
			w.record(t.root)
			w.below(t.root, 0)
		})
		if err != nil {
			return err
		}
	}
	for ; len(w.next) > 0; w.next = w.next[1:] { // in about the order of their names
		n := w.next[0]
		id := pageOf(n)
		if !n.touched() {
			delete(old, id)
			w.loadedBelow(n, int(id.base))
			continue
		}
		if err := set(id, func() { w.branch(n, int(id.base)) }); err != nil {
			return err
		}
	}
	for id := range old {
		if err := sink.DeletePage(t.pageName(id)); err != nil {
			return err
		}
	}
	return nil
}
