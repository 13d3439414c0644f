package sequencer

import (
	"context"
	"sync/atomic"
)

// Producer makes blocks out of a supply until it is stopped.
type Producer struct {
	parts  Parts
	supply Supply
	pace   Pace
	each   []func(*Sealed)
	ready  atomic.Bool
}

// Parts is where a producer has its sequencer from, once the parts of it run.
type Parts interface {
	Sequencer() *Sequencer
}

// NewProducer returns a producer of blocks from a supply.
func NewProducer(parts Parts, supply Supply, pace Pace) *Producer {
	return &Producer{parts: parts, supply: supply, pace: pace}
}

// Each has f called for every block when it is sealed, in order and by one goroutine at a time. It is called before Run.
func (p *Producer) Each(f func(*Sealed)) { p.each = append(p.each, f) }

// Ready reports whether there is a state to build blocks on.
func (p *Producer) Ready() bool { return p.ready.Load() }

// Run makes blocks until ctx ends or there are as many as asked for.
func (p *Producer) Run(ctx context.Context) error {
	s := p.parts.Sequencer()
	if _, err := s.Start(ctx, p.supply); err != nil {
		return unlessCancelled(ctx, err)
	}
	p.ready.Store(true)
	return s.Produce(ctx, p.supply, p.pace, func(b *Sealed) {
		for _, f := range p.each {
			f(b)
		}
	})
}
