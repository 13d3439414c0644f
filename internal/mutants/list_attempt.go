package main

// attemptMutants break how attempts end, are predicted, wait and go on.
//
//nolint:funlen // a table
func attemptMutants() []mutant {
	return []mutant{
		{
			number: 23, what: "an attempt that is invalid when it ends is taken", policy: ours,
			edits: []edit{{machine + "publish.go", "	case t.doomed:\n		c.doomed--\n", "	case t.doomed && c.head < 0:\n		c.doomed--\n"}},
			tests: []suite{exploration},
		},
		{
			number: 24, what: "a transaction becomes final though its attempt is given up", policy: ours,
			edits: []edit{{machine + "commit.go", "c.at(c.head).status == executed", "c.at(c.head).status != parked"}},
			tests: []suite{exploration},
		},
		{
			number: 25, what: "an invalid attempt leaves values", policy: ours,
			edits: []edit{{machine + "publish.go", "		e.kind = estimate\n		t.keys", "		e.kind = value\n		t.keys"}},
			tests: []suite{exploration},
		},
		{
			number: 26, what: "a cell that was predicted and is not written stays an estimate", policy: ours,
			edits: []edit{{machine + "publish.go", "e.inc == v.Inc && e.kind != estimate {", "e.inc == v.Inc || e.kind == estimate {"}},
			tests: []suite{exploration},
		},
		{
			number: 27, what: "a write that was not predicted is dropped", policy: ours,
			edits: []edit{{machine + "publish.go", "		w := &res.Writes[n]\n		fresh", "		w := &res.Writes[n]\n		if t.known && c.memory.at(w.Key).entry(i) == nil {\n			continue\n		}\n		fresh"}},
			tests: []suite{exploration},
		},
		{
			number: 28, what: "an attempt goes on without comparing what the last one had read", policy: ours,
			edits: []edit{{machine + "schedule.go", "		case a.Kind == Found && a.Word == r.word:", "		case a.Kind == Found:"}},
			tests: []suite{exploration},
		},
		{
			number: 29, what: "the slot is passed on only after the wait", policy: ours,
			edits: []edit{{machine + "read.go", "	t.status = parked\n	c.done(t)\n", "	t.status = parked\n"}},
			tests: []suite{exploration},
		},
		{
			number: 30, what: "an attempt that is stopped keeps its slot", policy: ours,
			edits: []edit{{machine + "publish.go", "	c.done(t)\n	t.kept = true\n", "	if !t.stopped {\n		c.done(t)\n	}\n	t.kept = true\n"}},
			tests: []suite{exploration},
		},
		{
			number: 31, what: "the end of the block does not wake who is parked", policy: ours,
			edits: []edit{{machine + "core.go", "			c.leave(t)\n			c.ready.add(i)\n			c.doom", "			c.leave(t)\n			c.doom"}},
			tests: []suite{exploration},
		},
		{
			number: 32, what: "a transaction can wait for a higher one", policy: both,
			edits: []edit{{machine + "read.go", "	e := x.below(i)\n", "	e := x.below(i + 2)\n"}},
			tests: []suite{exploration},
		},
		{
			number: 33, what: "a rollback looks at the length of memory only", policy: ours,
			why: "the memory of an attempt belongs to the VM: a scheduler asks it to go on, and hands the reads over",
		},
		{
			number: 34, what: "what an attempt had burnt is not restored", policy: ours,
			edits: []edit{{synthetic + "rewind.go", "	m.spent = m.oldSpent[len(m.oldSpent)-1]\n", "	m.spent = m.cost\n"}},
			tests: []suite{{synthetic, ""}},
		},
		{
			number: 35, what: "the read from which an attempt goes on has its old answer", policy: ours,
			edits: []edit{{synthetic + "rewind.go", "a.vals[:min(at, len(a.vals))]", "a.vals[:min(at+1, len(a.vals))]"}},
			tests: []suite{{synthetic, ""}},
		},
		{
			number: 36, what: "one read too many is kept", policy: ours,
			edits: []edit{{machine + "schedule.go", "		if c.rewinds(t) {\n			return n, framework.NoTx\n		}\n		return 0", "		if c.rewinds(t) {\n			return n + 1, framework.NoTx\n		}\n		return 0"}},
			tests: []suite{exploration},
		},
	}
}
