package vmlink

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// thread is the thread of a goroutine that executes runs. Where a pool has as many workers as there are processors, each
// computes on one of its own. Left to itself, the kernel may put two of them on one processor, and leave them there for
// milliseconds beside another one that sleeps: it does not look for work for a processor that is woken up so often, as
// one is on which a link is read.
type thread struct {
	bound bool
	on    int         // the processor to which it is bound
	may   unix.CPUSet // where it may run when it is not
}

// processors returns those to which so many workers are bound, in order; none if they are not bound.
func processors(workers int) (all []int) {
	var may unix.CPUSet
	if workers < 2 || unix.SchedGetaffinity(0, &may) != nil || may.Count() != workers {
		return nil
	}
	for n := 0; len(all) < workers; n++ {
		if may.IsSet(n) {
			all = append(all, n)
		}
	}
	return all
}

// bind lets the calling goroutine go on on that processor, and only there until free is called by it. It does nothing where
// that is not allowed any more.
func (t *thread) bind(processor int) {
	if t.bound && t.on == processor {
		return
	}
	if !t.bound {
		runtime.LockOSThread()
		if unix.SchedGetaffinity(0, &t.may) != nil {
			runtime.UnlockOSThread()
			return
		}
		t.bound = true
	}
	var one unix.CPUSet
	one.Set(processor)
	_ = unix.SchedSetaffinity(0, &one)
	t.on = processor
}

// free ends what bind has begun.
func (t *thread) free() {
	if !t.bound {
		return
	}
	_ = unix.SchedSetaffinity(0, &t.may)
	t.bound = false
	runtime.UnlockOSThread()
}
