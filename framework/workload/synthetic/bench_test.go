package synthetic_test

import (
	"context"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// fixed is a view that answers every read with the same value.
type fixed struct{ value framework.Word }

func (f *fixed) Read(_ context.Context, _ []framework.Key, out []framework.Word) error {
	for i := range out {
		out[i] = f.value
	}
	return nil
}

func (f *fixed) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}

func (f *fixed) Aborted() bool { return false }

func BenchmarkExecute(b *testing.B) {
	programs := []struct {
		name    string
		program synthetic.Program
	}{
		{"nothing", synthetic.Program{}},
		{"transfer", synthetic.Program{Steps: []synthetic.Step{synthetic.Transfer(cell(1), cell(2), word(1))}}},
		{"2r2w", synthetic.Program{Steps: []synthetic.Step{
			synthetic.Read(cell(1)), synthetic.Read(cell(2)),
			synthetic.Write(cell(1), word(1)), synthetic.Write(cell(2), word(2)),
		}}},
	}
	for _, p := range programs {
		b.Run(p.name, func(b *testing.B) {
			e := open(b, synthetic.Config{}, &framework.Block{})
			tx := p.program.Tx(word(1))
			view := &fixed{value: word(1000)}
			var out framework.Outcome
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := e.Execute(ctx, &tx, framework.Version{}, view, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
