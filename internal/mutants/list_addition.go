package main

// additionMutants break additions, limits and what becomes of rejected transactions.
func additionMutants() []mutant {
	return []mutant{
		{
			number: 37, what: "an estimate below an addition is passed over", policy: ours,
			edits: []edit{{machine + "fold.go", "	if low.Kind != Found {\n", "	if low.Kind == Unknown {\n"}},
			tests: []suite{exploration},
		},
		{
			number: 38, what: "an addition that does not fit becomes final", policy: ours,
			edits: []edit{{machine + "commit.go", "		if !fits {", "		if !fits && n < 0 {"}},
			tests: []suite{exploration},
		},
		{
			number: 39, what: "a cell that the transaction touches itself is added to all the same", policy: ours,
			edits: []edit{{synthetic + "steps.go", "	if m.exact || a.Low == a.High {", "	if m.exact && m.tx == nil || a.Low == a.High {"}},
			tests: []suite{{synthetic, ""}, {stm, "TestConformance/full"}},
		},
		{
			number: 40, what: "a reader of a sum is not registered", policy: ours,
			edits: []edit{{machine + "read.go", "		x.register(reader{tx: v.Tx", "		if x.adds == 0 {\n			x.register(reader{tx: v.Tx"}, {machine + "read.go", "no: uint32(len(t.reads))}, c.head) //nolint:gosec // small\n", "no: uint32(len(t.reads))}, c.head)\n		}\n"}},
			tests: []suite{exploration},
		},
		{
			number: 41, what: "what is to be charged once is charged for each transaction", policy: both,
			edits: []edit{{sequencer + "total.go", "		if _, known := t.charged[id]; !known {", "		if _, known := t.charged[id]; !known || len(t.fresh) >= 0 {"}},
			tests: []suite{{sequencer, ""}},
		},
		{
			number: 42, what: "what a failing attempt wrote survives", policy: both,
			edits: []edit{{stm + "hand.go", "			out.Reset()\n			out.Status = framework.Rejected", "			out.Status = framework.Rejected"}},
			tests: []suite{conformance, blocks},
		},
		{
			number: 43, what: "the limit is tested with what is not final", policy: both,
			why: "the scheduler knows no limits; the host adds up the outcomes that it is handed, which are final and in order",
		},
		{
			number: 44, what: "after a transaction that does not fit a smaller one is squeezed in", policy: both,
			edits: []edit{{sequencer + "sequencer.go", "			c.full = true\n			c.queue.EndAt(f.Tx)\n			return nil", "			c.full = true\n			c.queue.EndAt(f.Tx)\n			c.full = false\n			continue"}},
			tests: []suite{{sequencer, ""}},
		},
	}
}
