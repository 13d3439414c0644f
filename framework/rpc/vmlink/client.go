package vmlink

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Client is the VM that a [Handler] serves at the other end of a link. Its Handle must be the Handler of the link's
// options, and Relink be called with the link before the first Open:
//
//	vm := vmlink.NewClient(0)
//	conn, err := link.Dial(ctx, ticket, link.Options{Handler: vm.Handle})
//	...
//	err = vm.Relink(ctx, conn, "")
//
// It keeps the promises of [framework.VM]. Its executors have the abilities of those at the other end and are
// publishers besides.
//
// When the link breaks, whoever has started the VM again calls Relink with a new one, and all that was under way goes on
// over that. Calls wait so long, but no longer than the client is patient; then they return [framework.ErrPluginGone], and
// may be made again with the same view.
type Client struct {
	line      *link.Line[*session]
	relinking sync.Mutex // held by Relink

	mu        sync.Mutex             // guards all below
	s         *session               // of the link that came last, which may not be ready yet; nil before the first
	executors map[*executor]struct{} // those not closed
	died      string                 // what is known of the VM that died last
}

var _ framework.VM = (*Client)(nil)

// NewClient returns a client without a link.
func NewClient(patience time.Duration) *Client {
	return &Client{line: link.NewLine[*session](patience), executors: map[*executor]struct{}{}}
}

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
// was started again. All open blocks are opened at the other end, what was published is published again, and then
// everything goes on. died says how the last VM ended. After an error the client has no link.
func (c *Client) Relink(ctx context.Context, conn *link.Conn, died string) error {
	c.relinking.Lock()
	defer c.relinking.Unlock()
	s := newSession(ctx, conn)
	c.mu.Lock()
	last := c.s
	c.s, c.died = s, died
	var open []*executor
	for e := range c.executors {
		open = append(open, e)
	}
	c.mu.Unlock()
	if last != nil {
		last.close()
	}
	for _, e := range open {
		if err := e.reopen(ctx, s); err != nil {
			s.close()
			return fmt.Errorf("vmlink: open block %d again: %w", e.block.Number, err)
		}
	}
	c.line.Replace(s)
	return nil
}

// Lose says that no link will come any more: calls return err, which should be framework.ErrPluginGone, from now on. The
// link must have ended.
func (c *Client) Lose(err error) {
	c.line.Lose(err)
	c.mu.Lock()
	s := c.s
	c.mu.Unlock()
	if s != nil {
		s.close()
	}
}

// Open implements [framework.VM].
func (c *Client) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e := newExecutor(c, b)
	for {
		s, err := c.line.Session(ctx)
		if err != nil {
			return nil, err
		}
		abilities, err := e.open(ctx, s)
		if err == nil && c.enter(e, s) {
			e.rewinds, e.predicts = abilities&isRewinder != 0, abilities&isPredictor != 0
			return e.able(), nil
		}
		if err != nil && s.Broken() == nil {
			return nil, err
		}
	}
}

// enter makes an executor known to Relink, unless the link is another one by now.
func (c *Client) enter(e *executor, s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s != s {
		return false
	}
	c.executors[e] = struct{}{}
	return true
}

// able returns the executor with its abilities.
func (e *executor) able() framework.Executor {
	var r framework.Rewinder
	if e.rewinds {
		r = rewinder{e}
	}
	var p framework.Predictor
	if e.predicts {
		p = predictor{e}
	}
	return framework.Combine(e, r, p, e)
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
	defer e.mu.Unlock()
	clear(e.memos)
	clear(e.names)
	clear(e.runs)
	for _, p := range e.sets {
		if p.set != nil {
			s.tell(tagPublish, e.id, p.set)
		}
		if p.estimate != nil {
			s.tell(tagEstimate, e.id, p.estimate)
		}
	}
	return nil
}
