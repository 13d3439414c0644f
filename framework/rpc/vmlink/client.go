package vmlink

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Client is the VM that a [Handler] serves at the other end of a link. Its Handle must be the Handler of the link's
// options, and Relink be called with the link before the first Open:
//
//	vm := vmlink.NewClient()
//	conn, err := link.Dial(ctx, ticket, link.Options{Handler: vm.Handle})
//	...
//	err = vm.Relink(ctx, conn)
//
// It keeps the promises of [framework.VM]. Its executors have the abilities of those at the other end and are
// publishers besides. When the link is gone, all calls return [framework.ErrPluginGone], at once, until Relink has
// given the client a new one; they may then be made again.
type Client struct {
	relinking sync.Mutex // held by Relink

	mu        sync.Mutex             // guards all below
	s         *session               // nil before the first Relink
	executors map[*executor]struct{} // those not closed
}

var _ framework.VM = (*Client)(nil)

// NewClient returns a client without a link.
func NewClient() *Client { return &Client{executors: map[*executor]struct{}{}} }

// Handle takes in one frame. It is a [link.Handler].
func (c *Client) Handle(r *link.Request) error {
	if r.Kind() != kindUp || r.IsCall() {
		return nil
	}
	c.mu.Lock()
	s := c.s
	c.mu.Unlock()
	if s == nil || s.conn != r.Conn() {
		return nil
	}
	return s.received(r.Payload())
}

// Relink gives the client a link, which stays the caller's: its first, or another one when the last is gone and the VM
// was started again. All open blocks are opened at the other end and what was published is published again. After an
// error the client has no link.
func (c *Client) Relink(ctx context.Context, conn *link.Conn) error {
	c.relinking.Lock()
	defer c.relinking.Unlock()
	s := newSession(ctx, conn)
	c.mu.Lock()
	if c.s != nil {
		c.s.cancel()
	}
	c.s = s
	var open []*executor
	for e := range c.executors {
		open = append(open, e)
	}
	c.mu.Unlock()
	for _, e := range open {
		if err := e.reopen(ctx, s); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.s = nil
			return fmt.Errorf("vmlink: open block %d again: %w", e.block.Number, err)
		}
	}
	return nil
}

// Open implements [framework.VM].
func (c *Client) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	c.mu.Lock()
	s := c.s
	c.mu.Unlock()
	if s == nil {
		return nil, fmt.Errorf("vmlink: no link yet: %w", framework.ErrPluginGone)
	}
	e := &executor{client: c, block: b, sets: map[framework.TxIndex]*publication{}}
	abilities, err := e.open(ctx, s)
	if err != nil {
		return nil, err
	}
	e.rewinds, e.predicts = abilities&isRewinder != 0, abilities&isPredictor != 0
	if err := e.enter(s); err != nil {
		return nil, err
	}
	var r framework.Rewinder
	if e.rewinds {
		r = rewinder{e}
	}
	var p framework.Predictor
	if e.predicts {
		p = predictor{e}
	}
	return framework.Combine(e, r, p, e), nil
}

// enter makes an executor known to Relink, unless the link is another one by now.
func (e *executor) enter(s *session) error {
	c := e.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s != s {
		return framework.ErrPluginGone
	}
	c.executors[e] = struct{}{}
	return nil
}

// open opens the block at the other end of a link and returns the abilities of its executor.
func (e *executor) open(ctx context.Context, s *session) (uint8, error) {
	answer, err := s.conn.Call(ctx, kindOpen, codec.AppendBlock(nil, e.block), nil)
	if err != nil {
		return 0, err
	}
	d := codec.NewDecoder(answer)
	id, abilities, credits := d.Uint64(), d.Uint8(), d.Uint32()
	if err := d.End(); err != nil {
		return 0, err
	}
	if credits == 0 || credits > 1<<20 {
		return 0, fmt.Errorf("vmlink: the VM takes %d runs", credits)
	}
	s.grant(int(credits))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.s, e.id = s, id
	return abilities, nil
}

// errOther says that a VM that was started again is not the one that it was.
var errOther = errors.New("vmlink: the VM has other abilities than before")

// reopen opens the block again and publishes what was published.
func (e *executor) reopen(ctx context.Context, s *session) error {
	e.publishing.Lock()
	defer e.publishing.Unlock()
	abilities, err := e.open(ctx, s)
	if err != nil {
		return err
	}
	if (abilities&isRewinder != 0) != e.rewinds || (abilities&isPredictor != 0) != e.predicts {
		return errOther
	}
	e.mu.Lock()
	clear(e.memos)
	e.mu.Unlock()
	for _, p := range e.sets {
		if p.set != nil {
			s.tell(tagPublish, e.id, p.set)
		}
		if p.estimate != nil {
			s.tell(tagEstimate, e.id, p.estimate)
		}
	}
	s.out.flush()
	return nil
}
