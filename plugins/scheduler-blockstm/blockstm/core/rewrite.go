package core

import "github.com/switchyard-dev/switchyard/framework"

// This file is about cells that nearly everybody who reads them writes: balances, counters, the reserves of an exchange. Nobody
// has to predict those writes. The machine sees which cells these are when transactions become final.

// foretell makes such a cell an estimate as soon as an attempt reads it, or asks for it. So whoever reads it above waits,
// instead of being found invalid with all its work done, and whoever has read it is stopped.
func (c *Core) foretell(v framework.Version, t *transaction, k Key) {
	x := c.memory.at(k)
	if !c.policy.Rewrites || x.rewrites <= 0 || x.entry(v.Tx) != nil {
		return
	}
	c.memory.clock++
	c.expect(v.Tx, t, k)
	if !c.policy.Stop {
		return
	}
	why := reason{framework.WaitsFor, k, v}
	last := c.last(x, v.Tx)
	for n := x.readFrom(v.Tx + 1); n < len(x.readers) && x.readers[n].tx <= last; n++ {
		r := x.readers[n]
		w := c.at(r.tx)
		if w.next == r.inc+1 && (w.status == running || w.status == parked) && !w.doomed {
			c.doom(r.tx, w, why)
			c.stop(r.tx, w)
		}
	}
}
