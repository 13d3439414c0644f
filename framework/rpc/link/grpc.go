package link

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
)

// The carrier grpc-stream/1: the service of link.proto. It is registered by hand, since its one message is bytes,
// which this way are copied once on each side.
const (
	grpcMethod  = "/switchyard.v1.Link/Open"
	grpcMessage = 1 << 20 // frames in one message, unless one frame alone is longer
	grpcWindow  = 4 << 20
	grpcBuffer  = 128 << 10
)

var grpcStream = grpc.StreamDesc{StreamName: "Open", ServerStreams: true, ClientStreams: true}

// message is the message Frames: sent from out, received into in.
type message struct {
	out []byte
	in  mem.Reader
}

// codecFrames encodes a message as protobuf does: bytes as field 1, or nothing if there are none.
type codecFrames struct{}

// Name is what gRPC puts into the content type.
func (codecFrames) Name() string { return "proto" }

// fieldData is the tag of the field data.
const fieldData = 1<<3 | 2

// Marshal copies what a *message sends: gRPC writes it later.
func (codecFrames) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(*message)
	if !ok {
		return nil, fmt.Errorf("link: cannot send %T", v)
	}
	pool := mem.DefaultBufferPool()
	b := pool.Get(1 + binary.MaxVarintLen64 + len(m.out))
	*b = append(binary.AppendUvarint(append((*b)[:0], fieldData), uint64(len(m.out))), m.out...)
	return mem.BufferSlice{mem.NewBuffer(b, pool)}, nil
}

// Unmarshal lets a *message read data.
func (codecFrames) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("link: cannot receive %T", v)
	}
	m.in.Reset(data)
	if m.in.Remaining() == 0 {
		return nil
	}
	tag, err := binary.ReadUvarint(&m.in)
	if err != nil || tag != fieldData {
		return protocolf("message begins with tag %d, expected the field data", tag)
	}
	n, err := binary.ReadUvarint(&m.in)
	if err != nil || n != uint64(m.in.Remaining()) {
		return protocolf("message has %d bytes behind the length %d of its field, expected as many", m.in.Remaining(), n)
	}
	return nil
}

// stream is what both ends of a gRPC stream can do.
type stream interface {
	SendMsg(m any) error
	RecvMsg(m any) error
}

// grpcCarrier makes a stream a carrier.
type grpcCarrier struct {
	stream stream
	// finish ends the stream, and kill does so at once.
	finish, kill func()

	write  sync.Mutex // held while a message is sent
	closed bool       // guarded by write
	out    message    // guarded by write
	read   sync.Mutex // held while a message is received
	ended  bool       // guarded by read
	in     message    // guarded by read
	once   sync.Once
}

// Read reads frames.
func (c *grpcCarrier) Read(p []byte) (int, error) {
	c.read.Lock()
	defer c.read.Unlock()
	for c.in.in.Remaining() == 0 {
		if err := c.receive(); err != nil {
			return 0, err
		}
	}
	return c.in.in.Read(p)
}

// receive waits for the next message. c.read must be held.
func (c *grpcCarrier) receive() error {
	if c.ended {
		return io.EOF
	}
	err := c.stream.RecvMsg(&c.in)
	if err != nil {
		c.ended = true
	}
	return err
}

// Write sends whole frames.
func (c *grpcCarrier) Write(p []byte) (n int, err error) {
	c.write.Lock()
	defer c.write.Unlock()
	for n < len(p) {
		if c.closed {
			return n, net.ErrClosed
		}
		c.out.out = p[n : n+wholeFrames(p[n:])]
		if err := c.stream.SendMsg(&c.out); err != nil {
			return n, err
		}
		n += len(c.out.out)
	}
	return n, nil
}

// wholeFrames returns how many bytes at the start of p go into one message.
func wholeFrames(p []byte) int {
	if len(p) <= grpcMessage {
		return len(p)
	}
	n := 0
	for n < len(p) {
		next := n + headerSize + int(le.Uint32(p[n:]))
		if next > grpcMessage && n > 0 {
			break
		}
		n = next
	}
	return n
}

// Close ends the stream. What was written before is still delivered, if the other side takes it soon.
func (c *grpcCarrier) Close() error {
	c.once.Do(func() {
		t := time.AfterFunc(grace, c.kill)
		defer t.Stop()
		c.write.Lock()
		c.closed = true
		c.write.Unlock()
		c.finish()
	})
	return nil
}

// longestMessage returns how long a message may be that this side receives.
func longestMessage(o *Options) int { return grpcMessage + o.MaxFrame + minFrame }
