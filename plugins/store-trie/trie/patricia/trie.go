package patricia

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Source is where a trie reads its pages. It is called from several goroutines at a time.
type Source interface {
	// Page appends the page of that name to dst. It reports false if there is none.
	Page(dst, name []byte) ([]byte, bool, error)
}

// Sink takes the pages that changed.
type Sink interface {
	// SetPage stores a page, and DeletePage removes one. The slices belong to the trie and may not be kept.
	SetPage(name, page []byte) error
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
	loaded  []pageID
	buf     []byte
}

// Open returns the trie whose pages begin with name, empty if there are none. It reads the page of the root.
func Open(name []byte, source Source) (*Trie, error) {
	t := &Trie{name: name, source: source}
	page, ok, err := source.Page(t.buf, t.pageName(pageID{}))
	if err != nil || !ok {
		return t, err
	}
	t.loaded = append(t.loaded, pageID{})
	t.buf = page[:0]
	r := reader{buf: page, slab: &t.slab}
	t.root = r.record(felt.Felt{}, 0)
	if r.err == nil && !t.root.leaf() && t.root.depth < levels {
		r.branch(t.root, 0)
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
	gone := make(map[pageID]bool, len(t.loaded))
	for _, id := range t.loaded {
		gone[id] = true
	}
	set := func(id pageID, page []byte) error {
		delete(gone, id)
		return sink.SetPage(t.pageName(id), page)
	}
	w := writer{buf: t.buf[:0]}
	if t.root != nil {
		w.record(t.root)
		w.below(t.root, 0)
		if err := set(pageID{}, w.buf); err != nil {
			return err
		}
	}
	for len(w.next) > 0 {
		n := w.next[len(w.next)-1]
		w.next = w.next[:len(w.next)-1]
		w.buf = w.buf[:0]
		id := pageOf(n)
		if !n.touched() {
			delete(gone, id)
			w.loadedBelow(n, int(id.base))
			continue
		}
		w.branch(n, int(id.base))
		if err := set(id, w.buf); err != nil {
			return err
		}
	}
	t.buf = w.buf
	for id := range gone {
		if err := sink.DeletePage(t.pageName(id)); err != nil {
			return err
		}
	}
	return nil
}
