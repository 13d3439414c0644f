// Package linker connects the parts of an assembly that run in different processes: it puts the adapters of package
// rpc's folders onto the links that the control plane brokers. [Linker] is the side of the plugin's process, the
// functions are the host's.
//
// What can be linked so far is a store: see [Store]. Other kinds answer with framework.ErrUnsupported.
package linker

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
)

// maxFrame is the longest payload of a frame that this side of a link accepts.
const maxFrame = 64 << 10

// Linker makes the links of the instances of one process.
type Linker struct {
	dir string

	mu   sync.Mutex
	ends map[string]*end // by name of the link; guarded by mu
	last int             // number of the socket made last; guarded by mu
}

var _ rpc.Linker = (*Linker)(nil)

// New returns a linker without links. Its sockets go into dir.
func New(dir string) *Linker { return &Linker{dir: dir, ends: map[string]*end{}} }

// end is one end of a link, which waits for its peer or is connected to it.
type end struct {
	instance string
	listener *link.Listener
	done     chan struct{} // closed when serve has returned

	mu     sync.Mutex
	conn   *link.Conn // nil before the peer has come; guarded by mu
	closed bool       // guarded by mu
}

// Carriers implements [rpc.Linker].
func (l *Linker) Carriers() ([]string, uint64) {
	return []string{string(link.Frames), string(link.GRPCStream)}, maxFrame
}

// Listen implements [rpc.Linker].
func (l *Linker) Listen(_ context.Context, o *rpc.Opened, name string, peer rpc.Peer) (rpc.Offer, error) {
	store, ok := o.Part.(framework.Store)
	if !ok || peer.SameProcess {
		return rpc.Offer{}, fmt.Errorf("link to a %s: %w", o.Info.Kind, framework.ErrUnsupported)
	}
	carrier, err := l.carrier(peer)
	if err != nil {
		return rpc.Offer{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, taken := l.ends[name]; taken {
		return rpc.Offer{}, fmt.Errorf("link %q exists", name)
	}
	handler := storelink.NewHandler(store)
	path := filepath.Join(l.dir, "l"+strconv.Itoa(l.last+1))
	listener, err := link.Listen(path, carrier, link.Options{Handler: handler.Handle, MaxFrame: maxFrame})
	if err != nil {
		return rpc.Offer{}, err
	}
	l.last++
	e := &end{instance: o.Instance, listener: listener, done: make(chan struct{})}
	l.ends[name] = e
	go func() {
		defer close(e.done)
		e.serve(handler)
	}()
	t := listener.Ticket()
	return rpc.Offer{Carrier: string(t.Carrier), Address: t.Path, Token: t.Token[:]}, nil
}

// carrier returns the best carrier that the peer can use too.
func (l *Linker) carrier(peer rpc.Peer) (link.Carrier, error) {
	ours, _ := l.Carriers()
	for _, theirs := range peer.Carriers {
		for _, c := range ours {
			if c == theirs {
				return link.Carrier(c), nil
			}
		}
	}
	return "", fmt.Errorf("no carrier in common: %q and %q: %w", ours, peer.Carriers, framework.ErrUnsupported)
}

// serve waits for the peer, and until the link has ended.
func (e *end) serve(handler *storelink.Handler) {
	for {
		conn, err := e.listener.Accept(context.Background()) // until the listener is closed
		if errors.Is(err, link.ErrRefused) || errors.Is(err, link.ErrProtocol) {
			continue // a stranger
		}
		if err != nil {
			return
		}
		e.mu.Lock()
		e.conn = conn
		late := e.closed
		e.mu.Unlock()
		if late {
			conn.Close()
		}
		<-conn.Done()
		conn.Close()
		handler.Close()
		return
	}
}

// close ends the link and waits for that.
func (e *end) close() error {
	e.mu.Lock()
	e.closed = true
	conn := e.conn
	e.mu.Unlock()
	err := e.listener.Close()
	if conn != nil {
		err = errors.Join(err, conn.Close())
	}
	<-e.done
	return err
}

// Attach implements [rpc.Linker]. No kind of plugin that is linked so far uses another.
func (l *Linker) Attach(_ context.Context, o *rpc.Opened, _ string, peer rpc.Peer, _ rpc.Offer) error {
	return fmt.Errorf("link from a %s to a %s: %w", o.Info.Kind, peer.Kind, framework.ErrUnsupported)
}

// Detach implements [rpc.Linker].
func (l *Linker) Detach(_ context.Context, o *rpc.Opened, name string) error {
	l.mu.Lock()
	e, ok := l.ends[name]
	if !ok || e.instance != o.Instance {
		l.mu.Unlock()
		return nil
	}
	delete(l.ends, name)
	l.mu.Unlock()
	return e.close()
}
