package vmlink

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// mask returns the processors that the calling thread may run on.
func mask(t *testing.T) (all []int) {
	t.Helper()
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		t.Fatal(err)
	}
	for n := 0; len(all) < may.Count(); n++ {
		if may.IsSet(n) {
			all = append(all, n)
		}
	}
	return all
}

// TestBind binds a thread to each processor in turn, and frees it.
func TestBind(t *testing.T) {
	before := mask(t)
	all := processors(len(before))
	if len(before) > 1 && !slices.Equal(all, before) {
		t.Errorf("workers are bound to %v, want %v", all, before)
	}
	for _, workers := range []int{1, len(before) + 1} {
		if got := processors(workers); got != nil {
			t.Errorf("%d workers are bound to %v", workers, got)
		}
	}
	var th thread
	for _, n := range before {
		th.bind(n)
		if got := mask(t); !slices.Equal(got, []int{n}) {
			t.Errorf("bound to %d, may run on %v", n, got)
		}
	}
	th.free()
	if got := mask(t); !slices.Equal(got, before) {
		t.Errorf("free, may run on %v, before on %v", got, before)
	}
}
