package core

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// three returns a machine with three transactions that are under way, and their attempts; cell 0 is known to be 0.
func three() (c *Core, low, middle, high framework.Version) {
	p := policies()["full"]
	c = New(p, 3)
	for k := range Key(testKeys) {
		c.Base(k, word(0))
	}
	for range 3 {
		c.Add(nil)
	}
	return c, c.Next().Version, c.Next().Version, c.Next().Version
}

// TestRepoint checks that who has read a value, and still reads the same from another writer, knows that writer.
func TestRepoint(t *testing.T) {
	c, low, middle, high := three()
	c.Finish(low, put(0, 5))
	if a := c.Read(high, 0); a.Writer != low {
		t.Fatalf("the first read is of %v", a.Writer)
	}
	c.Finish(middle, put(0, 5))
	if a := c.Read(high, 0); a.Kind != Found || !a.Again || a.Writer != middle {
		t.Errorf("the second read: %+v, want again, from %v", a, middle)
	}
}

// TestUpperLimbs checks that values are compared as a whole: they differ in one limb, each in turn.
func TestUpperLimbs(t *testing.T) {
	for limb := range 4 {
		c, low, middle, _ := three()
		c.Read(middle, 0)
		c.Finish(middle, Result{})
		var w framework.Word
		w[limb] = 1
		c.Finish(low, Result{Writes: []Write{{0, w}}})
		withdrawn := false
		for _, a := range c.Take() {
			withdrawn = withdrawn || a.Kind == Withdraw && a.Version == middle
		}
		if !withdrawn {
			t.Errorf("limb %d changes, and who read the value is not given up", limb)
		}
	}
}

// TestSet checks that the lowest is found, also after lower ones come back.
func TestSet(t *testing.T) {
	var s set
	for _, i := range []framework.TxIndex{700, 130, 64} {
		s.add(i)
		if got := s.first(); got != i {
			t.Errorf("first = %d, want %d", got, i)
		}
	}
	s.remove(64)
	s.remove(130)
	if got := s.first(); got != 700 {
		t.Errorf("first = %d, want 700", got)
	}
	s.add(3)
	if got := s.first(); got != 3 {
		t.Errorf("first = %d, want 3", got)
	}
	s.cut(3)
	if got := s.first(); got != framework.NoTx {
		t.Errorf("first = %d after all were cut", got)
	}
}
