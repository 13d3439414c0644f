package synthetic_test

import (
	"context"
	"testing"
	"time"

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
		{"cost=20us", synthetic.Program{Cost: 20 * time.Microsecond}},
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

// BenchmarkAbilities shows what it costs to remember attempts, to resume one, and to predict.
func BenchmarkAbilities(b *testing.B) {
	p := synthetic.Program{Steps: []synthetic.Step{
		synthetic.Read(cell(1)), synthetic.Read(cell(2)).At(50),
		synthetic.Write(cell(1), word(1)).At(100), synthetic.Write(cell(2), word(2)).At(100),
	}}
	e := open(b, synthetic.Config{Rewind: true, Predict: true}, &framework.Block{})
	tx := p.Tx(word(1))
	view := &fixed{value: word(1000)}
	ctx := b.Context()
	var out framework.Outcome
	var v framework.Version
	execute := func(b *testing.B) {
		out.Reset()
		if err := e.Execute(ctx, &tx, v, view, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("execute", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			execute(b)
		}
	})
	b.Run("resume", func(b *testing.B) {
		execute(b)
		rewinder := e.(framework.Rewinder)
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			if err := rewinder.Resume(ctx, v, 1, v, view, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("predict", func(b *testing.B) {
		predictor := e.(framework.Predictor)
		var dst []framework.Predicted
		b.ReportAllocs()
		for b.Loop() {
			dst = predictor.Predict(&tx, dst[:0])
		}
	})
}
