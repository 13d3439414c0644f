package chain

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// EventFilter says which events of which blocks are asked for.
type EventFilter struct {
	From, To Ref
	// Contracts are those that emitted them; none means any.
	Contracts []felt.Felt
	// Keys has for each place what the key there may be; nothing means anything.
	Keys [][]felt.Felt
}

// EventPlace is where an event is: in a block, a transaction, and among the events of that.
type EventPlace struct {
	Block              framework.BlockNumber
	Transaction, Event int
}

// EmittedEvent is an event with where it was emitted.
type EmittedEvent struct {
	starknet.Event
	EventPlace
	BlockHash, TransactionHash felt.Felt // that of a block that is being made is 0
}

// matches reports whether the filter wants an event.
func (f *EventFilter) matches(e *starknet.Event) bool {
	if len(f.Contracts) > 0 && !slices.Contains(f.Contracts, e.From) {
		return false
	}
	for i, wanted := range f.Keys {
		if len(wanted) > 0 && (i >= len(e.Keys) || !slices.Contains(wanted, e.Keys[i])) {
			return false
		}
	}
	return true
}

// Events returns the events that a filter wants, in their order: from a place on, at most so many, out of at most so many blocks. If there
// may be more, next is where to go on.
func (c *Chain) Events(ctx context.Context, f *EventFilter, from EventPlace, events, blocks int) (list []EmittedEvent, next *EventPlace, err error) {
	first, last := number(f.From), number(f.To)
	if from.Block < first {
		from = EventPlace{Block: first}
	}
	for n := from.Block; n <= last; n++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if blocks == 0 {
			return list, &EventPlace{Block: n}, nil
		}
		blocks--
		r := Ref{Number: n}
		if f.To.PreConfirmed && n == last {
			r = f.To
		}
		b, err := c.eventful(r)
		if err != nil {
			return nil, nil, err
		}
		if b == nil {
			continue
		}
		for i := range b.Receipts {
			for j := range b.Receipts[i].Events {
				at, e := EventPlace{n, i, j}, &b.Receipts[i].Events[j]
				if at.before(from) || !f.matches(e) {
					continue
				}
				if len(list) == events {
					return list, &at, nil
				}
				list = append(list, EmittedEvent{*e, at, b.Header.Hash, b.Receipts[i].TransactionHash})
			}
		}
	}
	return list, nil, nil
}

// number returns the number of a block.
func number(r Ref) framework.BlockNumber {
	if r.PreConfirmed {
		return r.Number + 1
	}
	return r.Number
}

func (p EventPlace) before(o EventPlace) bool {
	return slices.Compare([]int{int(p.Block), p.Transaction, p.Event}, []int{int(o.Block), o.Transaction, o.Event}) < 0
}

// eventful returns a block, or nil if it is known to have no events.
func (c *Chain) eventful(r Ref) (*openrpc.Block, error) {
	if !r.PreConfirmed {
		h, err := c.ledger.Header(r.Number)
		if err != nil {
			return nil, noBlock(err)
		}
		if h.EventCount == 0 {
			return nil, nil //nolint:nilnil // nil is what it promises
		}
	}
	return c.Block(r)
}
