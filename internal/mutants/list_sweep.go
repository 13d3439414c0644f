package main

// oneAtATime is why faults in the order of concurrent steps cannot be.
const oneAtATime = "the machine's calls are made one at a time, under one lock: nobody sees what is between two steps of one"

// sweepMutants break the paper's way: cursors, statuses, waiting.
func sweepMutants() []mutant {
	return []mutant{
		{
			number: 1, what: "the index is moved before the task is counted", policy: paper,
			why: "there is no counter of tasks and no index that workers take: " + oneAtATime,
		},
		{
			number: 2, what: "the block is over without a look at who is parked", policy: paper,
			edits: []edit{{machine + "core.go", "c.running == 0 && c.parked == 0 && !c.more()", "c.running == 0 && !c.more()"}},
			tests: []suite{exploration},
		},
		{
			number: 3, what: "the count of lowerings is raised before the index is lowered", policy: paper,
			why: "lowerings are not counted: " + oneAtATime,
		},
		{
			number: 4, what: "a slot is given back twice", policy: both,
			edits: []edit{{machine + "schedule.go", "	c.running--\n	if t.eager {", "	c.running -= 2\n	if t.eager {"}},
			tests: []suite{exploration},
		},
		{
			number: 5, what: "no cell counts as written for the first time", policy: paper,
			edits: []edit{{machine + "validate.go", "	case fresh:", "	case fresh && i < 0:"}},
			tests: []suite{ceilings},
		},
		{
			number: 6, what: "every cell counts as written for the first time", policy: paper,
			edits: []edit{{machine + "validate.go", "	case fresh:", "	case fresh || i >= 0:"}},
			tests: []suite{ceilings},
		},
		{
			number: 7, what: "the incarnation is not compared before an attempt is given up", policy: ours,
			edits: []edit{{machine + "publish.go", "t.next != r.inc+1 || t.status == pending", "t.status == pending"}},
			tests: []suite{exploration},
		},
		{
			number: 8, what: "cells become estimates only after the transaction is ready again", policy: both,
			edits: []edit{
				{machine + "publish.go", "	t.status = pending\n	if c.policy.Estimates {", "	t.status = pending\n	if c.policy.Estimates && i < 0 {"},
				{machine + "schedule.go", "	c.leave(t)\n	t.status = running\n", "	for _, k := range t.keys {\n		x := c.memory.at(k)\n		x.become(x.entry(i), estimate)\n	}\n	c.leave(t)\n	t.status = running\n"},
			},
			tests: []suite{exploration},
		},
		{
			number: 9, what: "cells that the attempt before wrote, and this one did not, stay", policy: both,
			edits: []edit{{machine + "publish.go", "		x.remove(v.Tx)\n		c.changed", "		c.changed"}},
			tests: []suite{exploration},
		},
		{
			number: 10, what: "who waits does not look again whether the other has ended", policy: paper,
			why: "between the read of an estimate and the wait nothing happens: " + oneAtATime,
		},
		{
			number: 11, what: "who waits is woken before the values are there", policy: both,
			edits: []edit{{machine + "publish.go", "	v := t.version(i)\n	c.memory.clock++\n	fresh := false", "	v := t.version(i)\n	t.status = executed\n	c.wake(i, t)\n	if i > c.head {\n		return\n	}\n	c.memory.clock++\n	fresh := false"}},
			tests: []suite{exploration},
		},
		{
			number: 12, what: "who is woken is not put back into the queue", policy: both,
			edits: []edit{{machine + "schedule.go", "			c.enqueue(x, w)\n", ""}},
			tests: []suite{exploration},
		},
	}
}
