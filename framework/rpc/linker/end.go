package linker

import (
	"context"
	"errors"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// used is the end of a link that uses what is at the other.
type used struct {
	instance string
	part     any        // a framework.VM, a framework.Store or a framework.Scheduler
	conn     *link.Conn // nil within one process
}

func (u *used) close() error {
	if u.conn == nil {
		return nil
	}
	return u.conn.Close()
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
