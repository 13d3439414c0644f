package main

// endMutants break what becomes final, classes, the arrival of transactions, and the fallback.
//
//nolint:funlen // a table
func endMutants() []mutant {
	return []mutant{
		{
			number: 45, what: "the final value of a cell is that of the highest who wrote it", policy: both,
			edits: []edit{{machine + "commit.go", "	x.base, x.known = e.word, true\n", "	x.base, x.known = x.entries[len(x.entries)-1].word, true\n"}},
			tests: []suite{exploration},
		},
		{
			number: 46, what: "the end of the block does not count", policy: both,
			edits: []edit{{machine + "core.go", "	return c.head < c.end && !", "	return !"}},
			tests: []suite{exploration},
		},
		{
			number: 47, what: "a failure above transactions that are not final counts", policy: both,
			edits: []edit{{stm + "hand.go", "	stands := h.core.Finish(v, h.result)\n", "	if fault != nil {\n		h.core.Restart(v)\n	}\n	stands := h.core.Finish(v, h.result)\n"}},
			tests: []suite{conformance, blocks},
		},
		{
			number: 48, what: "a class that only an earlier attempt declared is still found", policy: both,
			why: "a class is found by its hash, which says what it is, and only after a read of the cell that says it is declared: nobody asks for a stale one",
		},
		{
			number: 49, what: "a class is found later than the cell that says it is declared", policy: both,
			edits: []edit{{stm + "hand.go", "	h.classes.add(v.Tx, out.Classes)\n", "	if h.core.Head() == v.Tx {\n		h.classes.add(v.Tx, out.Classes)\n	}\n"}},
			tests: []suite{conformance, blocks},
		},
		{
			number: 50, what: "transactions that arrive while all sleep wake nobody", policy: both,
			edits: []edit{{stm + "feed.go", "		r.settle()\n		more = !r.over", "		if first == 0 {\n			r.settle()\n		}\n		more = !r.over"}},
			tests: []suite{conformance},
		},
		{
			number: 51, what: "the search for the lowest is not taken back when a lower one becomes ready", policy: both,
			edits: []edit{{machine + "set.go", "	s.low = min(s.low, w)\n", ""}},
			tests: []suite{units},
		},
		{
			number: 52, what: "the fallback begins on what is not final", policy: both,
			edits: []edit{{stm + "fallback.go", "s.next, s.end = r.start, r.stats, r.handed, r.ended", "s.next, s.end = r.start, r.stats, r.handed, r.ended\n	for i := range r.records {\n		if out := r.records[i].out; out != nil {\n			for _, w := range out.Writes {\n				r.core.Recover(r.handed)\n				r.core.Set(r.keys.number(&w.Key), w.Value)\n			}\n		}\n	}"}},
			tests: []suite{{stm, "TestFallback"}},
		},
		{
			number: 53, what: "the order of a map decides", policy: both,
			edits: []edit{{machine + "publish.go", "	for n := 0; n < len(c.changed); n++ { // it grows on the way\n		c.compare(c.changed[n], writer)\n	}\n", "	for len(c.changed) > 0 {\n		some := map[spot]bool{}\n		for _, s := range c.changed {\n			some[s] = true\n		}\n		c.changed = c.changed[:0]\n		for s := range some {\n			c.compare(s, writer)\n		}\n	}\n"}},
			tests: []suite{ceilings},
		},
		{
			number: 54, what: "the count of final transactions is raised before their values are there", policy: both,
			why: "both happen in one call: " + oneAtATime,
		},
		{
			number: 55, what: "a transaction has executed before its readers are compared", policy: ours,
			why: "both happen in one call: " + oneAtATime,
		},
		{
			number: 56, what: "kept reads are not registered for the new attempt", policy: ours,
			edits: []edit{{machine + "schedule.go", "		c.memory.at(r.key).register(reader{tx: i, inc: v.Inc, no: uint32(no)}, c.head) //nolint:gosec // small\n", "		_, _ = no, v\n"}},
			tests: []suite{exploration},
		},
		{
			number: 57, what: "an addition hides a change from those who read above it", policy: ours,
			edits: []edit{{machine + "publish.go", "e.kind != addition {\n", "e.kind != addition || e.tx > 0 {\n"}},
			tests: []suite{exploration},
		},
		{
			number: 58, what: "a wake-up counts though its transaction waits for somebody else by now", policy: ours,
			edits: []edit{{machine + "schedule.go", "		if w.waits != i {\n			continue\n		}\n", ""}},
			tests: []suite{exploration},
		},
		{
			number: 59, what: "what the base said is taken though the cell has become final meanwhile", policy: both,
			edits: []edit{{machine + "read.go", "	if x := c.memory.at(k); !x.known { // it may have become final meanwhile\n		x.base, x.known = w, true\n	}\n", "	x := c.memory.at(k)\n	x.base, x.known = w, true\n"}},
			tests: []suite{exploration},
		},
		{
			number: 60, what: "an invalid attempt that loops is stopped only when all below it are final", policy: both,
			edits: []edit{{machine + "schedule.go", "	if i := c.lowest(); i < c.admitted {", "	if i := c.head; i < c.admitted {"}},
			tests: []suite{exploration},
		},
	}
}
