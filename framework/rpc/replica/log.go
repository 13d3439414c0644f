package replica

import "github.com/switchyard-dev/switchyard/framework"

// log is what an attempt has read, in order of the first read of each key.
type log struct {
	reads  []framework.Write // the elements do not change
	hashes []uint64          // of their keys, the first words
	filter filter            // of the hashes, and of others that were looked for
	// index finds reads once they are many: number+1 stands where the hash points, or after it, as in a table of cells.
	index []int32
}

// long is how many reads are looked through one by one.
const long = 64

// filter tells most hashes that are not in a log from those that are, with one look at memory that nobody else writes.
type filter [8]uint64

func (f *filter) add(h uint64) { f[h>>61] |= 1 << (h >> 55 & 63) }

func (f *filter) has(h uint64) bool { return f[h>>61]>>(h>>55&63)&1 != 0 }

// find returns the number of the read of a key with that hash, of any key if k is nil.
func (l *log) find(h uint64, k *framework.Key) (int, bool) {
	if !l.filter.has(h) {
		return 0, false
	}
	if len(l.index) > 0 {
		last := uint64(len(l.index) - 1)
		for i := h & last; l.index[i] != 0; i = (i + 1) & last {
			if n := int(l.index[i] - 1); l.hashes[n] == h && (k == nil || l.reads[n].Key == *k) {
				return n, true
			}
		}
		return 0, false
	}
	for n, x := range l.hashes {
		if x == h && (k == nil || l.reads[n].Key == *k) {
			return n, true
		}
	}
	return 0, false
}

// add appends a read of a key that is new.
func (l *log) add(h uint64, k *framework.Key, w *framework.Word) {
	l.filter.add(h)
	l.reads = append(l.reads, framework.Write{Key: *k, Value: *w})
	l.hashes = append(l.hashes, h)
	switch n := len(l.reads); {
	case n < long && len(l.index) == 0:
	case 2*n > len(l.index):
		l.grow()
	default:
		l.enter(n - 1)
	}
}

// grow makes an index of twice the size.
func (l *log) grow() {
	size := max(4*long, 2*len(l.index))
	if cap(l.index) < size {
		l.index = make([]int32, size)
	}
	l.index = l.index[:size]
	clear(l.index)
	for n := range l.reads {
		l.enter(n)
	}
}

// enter puts read n into the index.
func (l *log) enter(n int) {
	last := uint64(len(l.index) - 1)
	i := l.hashes[n] & last
	for l.index[i] != 0 {
		i = (i + 1) & last
	}
	l.index[i] = int32(n + 1) //nolint:gosec // far below
}

// cut drops the reads from number n on. Those that stay were entered before them, so none stands behind one of them.
func (l *log) cut(n int) {
	if len(l.index) > 0 {
		last := uint64(len(l.index) - 1)
		for m := len(l.reads); m > n; m-- {
			i := l.hashes[m-1] & last
			for int(l.index[i]) != m {
				i = (i + 1) & last
			}
			l.index[i] = 0
		}
	}
	l.reads, l.hashes = l.reads[:n], l.hashes[:n]
}

// reset forgets everything but memory.
func (l *log) reset() {
	const most = 1024 // a huge log is not kept
	if cap(l.reads) > most {
		*l = log{}
		return
	}
	l.reads, l.hashes, l.index, l.filter = l.reads[:0], l.hashes[:0], l.index[:0], filter{}
}
