package vmlink

import "github.com/switchyard-dev/switchyard/framework"

// readLog holds reads in order of the first read of their key.
type readLog struct {
	log   []framework.Write
	index map[framework.Key]int // of log, if it is long
}

// longLog is how many reads are looked through one by one, and hugeLog how many are not kept for the next attempt.
const (
	longLog = 64
	hugeLog = 4096
)

// find returns the number of the read of a key.
func (r *readLog) find(k *framework.Key) (int, bool) {
	if r.index != nil {
		n, ok := r.index[*k]
		return n, ok
	}
	for n := range r.log {
		if r.log[n].Key.Slot[0] == k.Slot[0] && r.log[n].Key == *k { // most keys differ in their first limb
			return n, true
		}
	}
	return 0, false
}

// add appends a read.
func (r *readLog) add(k *framework.Key, w *framework.Word) {
	r.log = append(r.log, framework.Write{Key: *k, Value: *w})
	switch {
	case r.index != nil:
		r.index[*k] = len(r.log) - 1
	case len(r.log) > longLog:
		r.index = make(map[framework.Key]int, 2*longLog)
		for n := range r.log {
			r.index[r.log[n].Key] = n
		}
	}
}

// reset forgets all but the memory.
func (r *readLog) reset() {
	if cap(r.log) > hugeLog {
		r.log = nil
	}
	r.log, r.index = r.log[:0], nil
}
