package linker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// client is a part at the other end of a link, as its user has it: a framework.VM, a framework.Store or a
// framework.Scheduler.
type client interface {
	Handle(r *link.Request) error
	Relink(ctx context.Context, conn *link.Conn, died string) error
	Lose(err error)
}

// newClient returns a part of that kind without a link.
func newClient(kind plugin.Kind, patience time.Duration) (client, error) {
	switch kind {
	case plugin.Store:
		return storelink.New(patience), nil
	case plugin.VM:
		return vmlink.NewClient(patience), nil
	case plugin.Scheduler:
		return schedlink.NewClient(), nil
	}
	return nil, fmt.Errorf("link to a %q: %w", kind, framework.ErrUnsupported)
}

// used is the end of a link that uses what is at the other.
type used struct {
	instance string
	part     any    // a framework.VM, a framework.Store or a framework.Scheduler
	client   client // the part; nil within one process

	mu   sync.Mutex
	conn *link.Conn // guarded by mu; nil within one process
}

// use returns an end that is connected to a part of that kind.
func use(ctx context.Context, kind plugin.Kind, patience time.Duration, offer rpc.Offer) (*used, error) {
	c, err := newClient(kind, patience)
	if err != nil {
		return nil, err
	}
	u := &used{part: c, client: c}
	return u, u.dial(ctx, offer, "")
}

// dial connects the end: for the first time, or to what was started again.
func (u *used) dial(ctx context.Context, offer rpc.Offer, died string) error {
	t := link.Ticket{Carrier: link.Carrier(offer.Carrier), Path: offer.Address}
	if copy(t.Token[:], offer.Token) != len(t.Token) {
		return fmt.Errorf("a token of %d bytes", len(offer.Token))
	}
	conn, err := link.Dial(ctx, t, options(u.client.Handle))
	if err != nil {
		return err
	}
	if err := u.client.Relink(ctx, conn, died); err != nil {
		return errors.Join(err, conn.Close())
	}
	u.mu.Lock()
	last := u.conn
	u.conn = conn
	u.mu.Unlock()
	if last != nil {
		return last.Close()
	}
	return nil
}

// close ends the link for good.
func (u *used) close() error {
	if u.client == nil {
		return nil
	}
	u.client.Lose(fmt.Errorf("the link was taken down: %w", framework.ErrPluginGone))
	u.mu.Lock()
	conn := u.conn
	u.mu.Unlock()
	if conn == nil {
		return nil
	}
	return conn.Close()
}

// served is the end of a link where a part is served: it waits for its peer or is connected to it.
type served struct {
	instance string
	part     any // within one process; all below is nil then
	listener *link.Listener
	done     chan struct{} // closed when accept has returned

	mu     sync.Mutex
	conn   *link.Conn // nil before the peer has come; guarded by mu
	closed bool       // guarded by mu
}

// serve accepts the peer in the background. ended is called when the link has ended.
func serve(o *rpc.Opened, listener *link.Listener, ended func() error) *served {
	s := &served{instance: o.Instance, listener: listener, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.accept()
		_ = ended() // nobody is left to be told
	}()
	return s
}

// accept waits for the peer, and until the link with it has ended.
func (s *served) accept() {
	for {
		conn, err := s.listener.Accept(context.Background()) // until the listener is closed
		if errors.Is(err, link.ErrRefused) || errors.Is(err, link.ErrProtocol) {
			continue // a stranger
		}
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conn = conn
		late := s.closed
		s.mu.Unlock()
		if late {
			conn.Close()
		}
		<-conn.Done()
		conn.Close()
		return
	}
}

// close ends the link and waits for that.
func (s *served) close() error {
	if s.listener == nil {
		return nil
	}
	s.mu.Lock()
	s.closed = true
	conn := s.conn
	s.mu.Unlock()
	err := s.listener.Close()
	if conn != nil {
		err = errors.Join(err, conn.Close())
	}
	<-s.done
	return err
}
