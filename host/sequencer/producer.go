package sequencer

import (
	"context"
)

// Producer makes blocks out of a supply until it is stopped.
type Producer struct {
	parts  Parts
	supply Supply
	pace   Pace
	each   []func(*Sealed)
	before []func(context.Context) error
	ready  chan struct{} // closed once there is a state to build blocks on

	journal Journal
	preview *Preview
}

// Parts is where a producer has its sequencer from, once the parts of it run.
type Parts interface {
	Sequencer() *Sequencer
}

// NewProducer returns a producer of blocks from a supply.
func NewProducer(parts Parts, supply Supply, pace Pace) *Producer {
	return &Producer{parts: parts, supply: supply, pace: pace, ready: make(chan struct{})}
}

// Each has f called for every block when it is sealed, in order and by one goroutine at a time. It is called before Run.
func (p *Producer) Each(f func(*Sealed)) { p.each = append(p.each, f) }

// Before has f called when the last block is known and before one is made. It is called before Run.
func (p *Producer) Before(f func(context.Context) error) { p.before = append(p.before, f) }

// Keep has blocks kept in a journal, and shown in a preview while they are made. It is called before Run.
func (p *Producer) Keep(j Journal, v *Preview) { p.journal, p.preview = j, v }

// Started returns a channel that is closed once there is a state to build blocks on.
func (p *Producer) Started() <-chan struct{} { return p.ready }

// Ready reports whether there is a state to build blocks on.
func (p *Producer) Ready() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// Run makes blocks until ctx ends or there are as many as asked for. It is called once.
func (p *Producer) Run(ctx context.Context) error {
	s := p.parts.Sequencer()
	s.Journal, s.Preview = p.journal, p.preview
	if _, err := s.Start(ctx, p.supply); err != nil {
		return unlessCancelled(ctx, err)
	}
	for _, f := range p.before {
		if err := f(ctx); err != nil {
			return unlessCancelled(ctx, err)
		}
	}
	close(p.ready)
	return s.Produce(ctx, p.supply, p.pace, func(b *Sealed) {
		for _, f := range p.each {
			f(b)
		}
	})
}
