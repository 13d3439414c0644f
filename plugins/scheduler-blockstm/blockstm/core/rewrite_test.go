package core

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// counters returns a machine in which one transaction has read and written cell 0 and is final, and three more run.
func counters(t *testing.T) (c *Core, low, middle, high framework.Version) {
	t.Helper()
	c = New(policies()["rewrites"], 3)
	c.Base(0, word(0))
	for range 4 {
		c.Add(nil)
	}
	first := c.Next().Version
	if a := c.Read(first, 0); a.Kind != Found {
		t.Fatalf("the first read: %+v", a)
	}
	c.Finish(first, put(0, 1))
	if _, _, ok := c.Commit(nil); !ok {
		t.Fatal("the first transaction does not become final")
	}
	return c, c.Next().Version, c.Next().Version, c.Next().Version
}

// TestRewrites checks that who reads a cell that those who read it write is waited for, and no longer when one has not.
func TestRewrites(t *testing.T) {
	c, low, middle, high := counters(t)
	c.Read(low, 0)
	if a := c.Read(middle, 0); a.Kind != Wait || a.Writer != low {
		t.Fatalf("a read above: %+v, want to wait for %v", a, low)
	}
	if a := c.Read(high, 0); a.Kind != Wait || a.Writer != middle {
		t.Errorf("a read above who waits: %+v, want to wait for %v", a, middle)
	}
	c.Finish(low, Result{})
	if a := c.Next(); a.Kind != Resume || a.Version != middle {
		t.Fatalf("next: %+v, want to go on with %v", a, middle)
	}
	if a := c.Read(middle, 0); a.Kind != Found || a.Word != word(1) {
		t.Errorf("the read repeated: %+v", a)
	}
	c.Finish(middle, Result{})
	c.Next()
	if a := c.Read(high, 0); a.Kind != Found {
		t.Errorf("a read after two have not written: %+v", a)
	}
}

// TestRewritesStop checks that who has read such a cell is stopped when somebody below reads it.
func TestRewritesStop(t *testing.T) {
	c, low, middle, high := counters(t)
	c.Read(high, 0)
	c.Take()
	c.Read(middle, 0)
	var stopped, doomed bool
	for _, a := range c.Take() {
		stopped = stopped || a.Kind == Stop && a.Version == high
		doomed = doomed || a.Kind == Doomed && a.Version == high && a.Cause == framework.WaitsFor && a.Writer == middle
	}
	if !stopped || !doomed {
		t.Errorf("stopped: %t, given up: %t, want both", stopped, doomed)
	}
	if c.Finish(high, Result{}) {
		t.Error("what it ended with is taken")
	}
	c.Finish(middle, put(0, 2))
	c.Finish(low, Result{})
	if a := c.Next(); a.Kind != Run || a.Version.Tx != high.Tx || a.Version.Inc != 1 {
		t.Errorf("next: %+v, want another attempt of %d", a, high.Tx)
	}
}
