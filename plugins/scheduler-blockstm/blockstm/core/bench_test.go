package core

import "testing"

// BenchmarkTransaction measures what the machine itself takes for a transaction: Add, Next, two reads, Finish with two
// writes, Commit. All transactions touch the same cells, or each its own.
func BenchmarkTransaction(b *testing.B) {
	for _, row := range []struct {
		name  string
		cells int
	}{{"cells=2", 2}, {"cells=10000", 10_000}} {
		b.Run(row.name, func(b *testing.B) {
			p := policies()["full"]
			c := New(p, 2)
			for k := range row.cells {
				c.Set(Key(k), word(1)) //nolint:gosec // small
			}
			var folded []Write
			writes := make([]Write, 2)
			k := 0
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%10_000 == 0 { // a block
					c.Reset(p, 2)
					for k := range row.cells {
						c.Set(Key(k), word(1)) //nolint:gosec // small
					}
				}
				c.Add(nil)
				v := c.Next().Version
				for i := range writes {
					writes[i].Key = Key(k) //nolint:gosec // small
					writes[i].Value = c.Read(v, writes[i].Key).Word
					writes[i].Value[0]++
					k = (k + 1) % row.cells
				}
				c.Answered(v)
				c.Finish(v, Result{Writes: writes})
				_, folded, _ = c.Commit(folded[:0])
			}
		})
	}
}
