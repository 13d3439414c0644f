package main

// memoryMutants break reads, and the comparison of readers.
func memoryMutants() []mutant {
	return []mutant{
		{
			number: 13, what: "a read sees what an earlier attempt of its own transaction wrote", policy: both,
			edits: []edit{{machine + "memory.go", "	if i := c.from(tx); i > 0 {", "	if i := c.from(tx + 1); i > 0 {"}},
			tests: []suite{exploration},
		},
		{
			number: 14, what: "reads of an inner call that is reverted are dropped", policy: both,
			why: "the view notes a read before the VM knows the value; it is not told of calls, so nothing could drop one",
		},
		{
			number: 15, what: "the read that a write implies is dropped", policy: both,
			why: "that a write needs the value before is a rule of the VM, which reads it through the view like any other: no rule of the scheduler",
		},
		{
			number: 16, what: "a cell that is read again is looked up again", policy: both,
			edits: []edit{{machine + "read.go", "	if no, ok := x.read(v); ok {", "	if no, ok := x.read(v); ok && no > 1<<30 {"}},
			tests: []suite{exploration},
		},
		{
			number: 17, what: "a read is not registered", policy: ours,
			edits: []edit{{machine + "read.go", "		x.register(reader{tx: v.Tx, inc: v.Inc, no: uint32(len(t.reads))}, c.head) //nolint:gosec // small\n", ""}},
			tests: []suite{exploration},
		},
		{
			number: 18, what: "the next one that writes the cell is not compared", policy: ours,
			edits: []edit{{machine + "publish.go", "x.readers[n].tx <= last; n++", "x.readers[n].tx < last; n++"}},
			tests: []suite{exploration},
		},
		{
			number: 19, what: "values are compared by their lower half", policy: ours,
			edits: []edit{{machine + "publish.go", "	case a.Kind == Found && a.Word == read.word:", "	case a.Kind == Found && a.Word[0] == read.word[0] && a.Word[1] == read.word[1]:"}},
			tests: []suite{units},
		},
		{
			number: 20, what: "a reader of the same value is not pointed to its new writer", policy: ours,
			edits: []edit{{machine + "publish.go", "		read.source = a.Writer\n", ""}},
			tests: []suite{units},
		},
		{
			number: 21, what: "readers of a cell that is not written any more are not compared", policy: ours,
			edits: []edit{{machine + "publish.go", "		x.remove(v.Tx)\n		c.changed = append(c.changed, spot{k, v.Tx})\n", "		x.remove(v.Tx)\n"}},
			tests: []suite{exploration},
		},
		{
			number: 22, what: "a registration of an attempt that is over still counts", policy: ours,
			edits: []edit{{machine + "publish.go", "t.next != r.inc+1 || t.status == pending", "t.next != r.inc+1"}},
			tests: []suite{exploration},
		},
	}
}
