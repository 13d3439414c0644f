package trie

import "github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"

// pageCache keeps pages of the tries of the head, as the last blocks have written them: those that the next block is
// likely to change. It only changes after a batch, so while a block is committed to anybody may read it.
type pageCache struct {
	limit int // bytes, about
	// young has what was written last, and old what was when young was last full.
	young, old map[string][]byte
	// The sizes of both, with what keeping them takes; that of old is without what has left it since.
	youngSize, oldSize int
}

// pageOverhead is about what keeping a page takes besides its bytes.
const pageOverhead = 96

func newPageCache(limit int) *pageCache {
	c := &pageCache{limit: limit}
	c.clear()
	return c
}

// page returns a page if the cache has it.
func (c *pageCache) page(name []byte) ([]byte, bool) {
	if page, ok := c.young[string(name)]; ok {
		return page, true
	}
	page, ok := c.old[string(name)]
	return page, ok
}

// set takes note of a page that was written, or removed if it is nil.
func (c *pageCache) set(name, page []byte) {
	key := string(name)
	delete(c.old, key)
	if before, ok := c.young[key]; ok {
		c.youngSize -= len(before) + len(key) + pageOverhead
		delete(c.young, key)
	}
	if page == nil {
		return
	}
	c.young[key] = page
	c.youngSize += len(page) + len(key) + pageOverhead
	if c.youngSize > c.limit/2 {
		c.old, c.oldSize = c.young, c.youngSize
		c.young, c.youngSize = map[string][]byte{}, 0
	}
}

// bytes returns what the cache takes at most.
func (c *pageCache) bytes() int { return c.youngSize + c.oldSize }

// clear forgets all pages.
func (c *pageCache) clear() {
	*c = pageCache{limit: c.limit, young: map[string][]byte{}}
}

// tipPages are the pages of the head.
type tipPages struct {
	cache *pageCache
	view  *view
}

var _ patricia.Source = tipPages{}

// Page implements [patricia.Source].
func (t tipPages) Page(name []byte) ([]byte, bool, error) {
	if page, ok := t.cache.page(name); ok {
		return page, true, nil
	}
	return t.view.Page(name)
}
