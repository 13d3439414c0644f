package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"

	"google.golang.org/grpc"
)

// grpcAcceptor listens for the carrier grpc-stream/1. Each connection has a server of its own, so that a link
// outlives its listener and leaves nothing behind.
type grpcAcceptor struct {
	socketAcceptor
	options *Options
}

func (a *grpcAcceptor) accept(ctx context.Context) (io.ReadWriteCloser, error) {
	c, err := a.acceptConn(ctx)
	if err != nil {
		return nil, err
	}
	opened := make(chan grpc.ServerStream)
	over := make(chan struct{}) // lets the handler return
	s := grpc.NewServer(grpc.ForceServerCodecV2(codecFrames{}),
		grpc.MaxRecvMsgSize(longestMessage(a.options)),
		grpc.InitialWindowSize(grpcWindow), grpc.InitialConnWindowSize(grpcWindow),
		grpc.ReadBufferSize(grpcBuffer), grpc.WriteBufferSize(grpcBuffer))
	s.RegisterService(linkService(opened, over), nil)
	one := &oneListener{conn: c, addr: c.LocalAddr(), closed: make(chan struct{})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(one) // its errors are those of the connection
	}()
	finish := func() {
		close(over)
		s.GracefulStop()
		<-served
	}
	kill := func() {
		_ = c.Close() // else Stop waits for a dialer that has not begun to speak
		s.Stop()
	}
	ctx, cancel := context.WithTimeout(ctx, a.options.Handshake)
	defer cancel()
	select {
	case st := <-opened:
		return &grpcCarrier{stream: st, finish: finish, kill: kill}, nil
	case <-ctx.Done():
		kill()
		finish()
		return nil, fmt.Errorf("link: handshake: expected a call of %s in time: %w", grpcMethod, ctx.Err())
	}
}

// linkService is the service Link of one connection. It hands over the first stream and keeps it until over.
func linkService(opened chan<- grpc.ServerStream, over <-chan struct{}) *grpc.ServiceDesc {
	open := grpcStream
	open.Handler = func(_ any, s grpc.ServerStream) error {
		select {
		case opened <- s:
		case <-s.Context().Done():
			return s.Context().Err()
		case <-over:
			return nil
		}
		<-over
		return nil
	}
	return &grpc.ServiceDesc{ServiceName: "switchyard.v1.Link", Streams: []grpc.StreamDesc{open}}
}

// oneListener accepts one connection.
type oneListener struct {
	mu     sync.Mutex
	conn   net.Conn // guarded by mu; nil when accepted
	addr   net.Addr
	once   sync.Once
	closed chan struct{}
}

// Accept returns the connection, then waits until the listener is closed.
func (l *oneListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	c := l.conn
	l.conn = nil
	l.mu.Unlock()
	if c != nil {
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

// Close lets Accept return.
func (l *oneListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
	return nil
}

// Addr returns the address of the connection.
func (l *oneListener) Addr() net.Addr { return l.addr }
