package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialGRPC opens the stream of the carrier grpc-stream/1.
func dialGRPC(ctx context.Context, path string, o *Options) (io.ReadWriteCloser, error) {
	conn, err := dialConn(ctx, path, o.CheckUser)
	if err != nil {
		return nil, err
	}
	one := make(chan net.Conn, 1) // gRPC would dial again
	one <- conn
	dialer := func(context.Context, string) (net.Conn, error) {
		select {
		case c := <-one:
			return c, nil
		default:
			return nil, errors.New("the connection of the link is lost")
		}
	}
	cc, err := grpc.NewClient("passthrough:///link", grpc.WithContextDialer(dialer),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDisableRetry(), grpc.WithIdleTimeout(0),
		grpc.WithInitialWindowSize(grpcWindow), grpc.WithInitialConnWindowSize(grpcWindow),
		grpc.WithReadBufferSize(grpcBuffer), grpc.WithWriteBufferSize(grpcBuffer),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codecFrames{}), grpc.MaxCallRecvMsgSize(longestMessage(o))))
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	ctx, cancel := context.WithTimeout(ctx, o.Handshake)
	defer cancel()
	stop := context.AfterFunc(ctx, end)
	s, err := cc.NewStream(life, &grpcStream, grpcMethod)
	if !stop() {
		err = fmt.Errorf("link: handshake: expected a stream in time: %w", ctx.Err())
	} else if err != nil {
		err = gone(err)
	}
	if err != nil {
		end()
		_ = cc.Close()
		return nil, err
	}
	c := &grpcCarrier{stream: s, kill: end}
	c.finish = func() {
		_ = s.CloseSend()
		c.drain()
		end()
		_ = cc.Close()
	}
	return c, nil
}

// drain waits until the other side has ended the stream, or kill has.
func (c *grpcCarrier) drain() {
	c.read.Lock()
	defer c.read.Unlock()
	for c.receive() == nil { // nobody wants it any more
	}
}
