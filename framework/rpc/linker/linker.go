// Package linker connects the parts of an assembly that run in different processes: it puts the adapters of the
// packages storelink, vmlink and schedlink onto the links that the control plane brokers.
//
// A link has two ends. The part that is used listens: it is served there. The user attaches: the host, with [Store],
// [VM] and [Scheduler], or a scheduler, with the links to its VM and its store. Two instances of one process are
// linked by function calls: the end that listens is then the part itself.
//
// A part whose process died may be started again. Its links are then made again under their names, and what the users
// had to do with it goes on: see the packages of the adapters.
package linker

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/ahead"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// maxFrame is the longest payload of a frame that this side of a link accepts.
const maxFrame = 64 << 10

// options returns what either side of a link is like.
func options(h link.Handler) link.Options {
	return link.Options{Handler: h, MaxFrame: maxFrame, Features: []string{schedlink.FeatureFinish, vmlink.FeatureOutcomes, vmlink.FeatureProposals}}
}

// Carriers returns how this process can talk over links, best first.
func Carriers() []string { return []string{string(link.Frames), string(link.GRPCStream)} }

// Linker makes the links of the instances of one process. It is also the host's, for parts that are built in.
type Linker struct {
	dir string

	procs  int       // processors that the process was given
	thread sync.Once // of one more

	last atomic.Int64 // number of the socket made last

	mu    sync.Mutex
	ends  map[string]*served // what is served, by name of the link; guarded by mu
	users map[string]*used   // what is used, likewise; guarded by mu
}

var (
	_ rpc.Linker      = (*Linker)(nil)
	_ schedlink.Links = (*Linker)(nil)
)

// New returns a linker without links. Its sockets go into dir.
func New(dir string) *Linker {
	return &Linker{dir: dir, procs: runtime.GOMAXPROCS(0), ends: map[string]*served{}, users: map[string]*used{}}
}

// Carriers implements [rpc.Linker].
func (l *Linker) Carriers() ([]string, uint64) { return Carriers(), maxFrame }

// Listen implements [rpc.Linker].
func (l *Linker) Listen(_ context.Context, o *rpc.Opened, name string, peer rpc.Peer) (rpc.Offer, error) {
	end, offer, err := l.listen(o, peer)
	if err != nil {
		return rpc.Offer{}, err
	}
	l.mu.Lock()
	last := l.ends[name]
	if last != nil && last.instance != o.Instance {
		l.mu.Unlock()
		return rpc.Offer{}, errors.Join(fmt.Errorf("link %q exists", name), end.close())
	}
	l.ends[name] = end
	l.mu.Unlock()
	if last != nil {
		return offer, last.close()
	}
	return offer, nil
}

// listen opens an end for a peer.
func (l *Linker) listen(o *rpc.Opened, peer rpc.Peer) (*served, rpc.Offer, error) {
	if peer.SameProcess {
		return &served{instance: o.Instance, part: o.Part}, rpc.Offer{}, nil
	}
	handle, closeHandler, err := l.handler(o)
	if err != nil {
		return nil, rpc.Offer{}, err
	}
	carrier, err := carrierFor(peer)
	if err != nil {
		return nil, rpc.Offer{}, err
	}
	path := filepath.Join(l.dir, "l"+strconv.FormatInt(l.last.Add(1), 10))
	listener, err := link.Listen(path, carrier, options(handle))
	if err != nil {
		return nil, rpc.Offer{}, err
	}
	t := listener.Ticket()
	offer := rpc.Offer{Carrier: string(t.Carrier), Address: t.Path, Token: t.Token[:]}
	return serve(o, listener, closeHandler), offer, nil
}

// handler returns what serves an instance over one link, and what is to be called when the link has ended.
func (l *Linker) handler(o *rpc.Opened) (link.Handler, func() error, error) {
	switch part := o.Part.(type) {
	case framework.Store:
		h := storelink.NewHandler(part)
		return h.Handle, h.Close, nil
	case framework.VM:
		h := vmlink.NewHandler(part, vmlink.Config{Plugin: o.Info.String(), Workers: l.procs, Executes: l.addThread})
		return h.Handle, h.Close, nil
	case framework.Scheduler:
		h := schedlink.NewHandler(ahead.New(part), l)
		return h.Handle, h.Close, nil // its runs end with the link
	}
	return nil, nil, fmt.Errorf("link to a %T: %w", o.Part, framework.ErrUnsupported)
}

// addThread gives the process one thread more than a VM has workers when attempts come over a link, or what comes over it
// would be seen only when an attempt ends. A scheduler that calls the VM in this process wakes nobody, and would
// only share its processors with another worker.
func (l *Linker) addThread() { l.thread.Do(func() { runtime.GOMAXPROCS(l.procs + 1) }) }

// carrierFor returns the best carrier that the peer can use too.
func carrierFor(peer rpc.Peer) (link.Carrier, error) {
	for _, ours := range Carriers() {
		for _, theirs := range peer.Carriers {
			if ours == theirs {
				return link.Carrier(ours), nil
			}
		}
	}
	return "", fmt.Errorf("no carrier in common: %q and %q: %w", Carriers(), peer.Carriers, framework.ErrUnsupported)
}

// Attach implements [rpc.Linker].
func (l *Linker) Attach(ctx context.Context, o *rpc.Opened, name string, peer rpc.Peer, offer rpc.Offer) error {
	if err := l.attach(ctx, o, name, peer, offer); err != nil {
		return fmt.Errorf("link to the %s: %w", peer.Kind, err)
	}
	return nil
}

func (l *Linker) attach(ctx context.Context, o *rpc.Opened, name string, peer rpc.Peer, offer rpc.Offer) error {
	l.mu.Lock()
	last, s := l.users[name], l.ends[name]
	l.mu.Unlock()
	switch {
	case last != nil && last.instance != o.Instance:
		return fmt.Errorf("link %q exists", name)
	case last != nil && last.client != nil && !peer.SameProcess:
		return last.dial(ctx, offer, peer.Died)
	case peer.SameProcess && s == nil:
		return fmt.Errorf("nothing listens on %q", name)
	}
	var u *used
	var err error
	if peer.SameProcess {
		u = &used{part: s.part}
	} else if u, err = use(ctx, peer.Kind, peer.Patience, offer); err != nil {
		return err
	}
	u.instance = o.Instance
	l.mu.Lock()
	l.users[name] = u
	l.mu.Unlock()
	if last != nil {
		return last.close()
	}
	return nil
}

// Close closes all links.
func (l *Linker) Close() error {
	l.mu.Lock()
	ends, users := l.ends, l.users
	l.ends, l.users = map[string]*served{}, map[string]*used{}
	l.mu.Unlock()
	var errs []error
	for _, s := range ends {
		errs = append(errs, s.close())
	}
	for _, u := range users {
		errs = append(errs, u.close())
	}
	return errors.Join(errs...)
}

// Detach implements [rpc.Linker].
func (l *Linker) Detach(_ context.Context, o *rpc.Opened, name string) error {
	l.mu.Lock()
	s, serves := l.ends[name]
	if serves = serves && s.instance == o.Instance; serves {
		delete(l.ends, name)
	}
	u, uses := l.users[name]
	if uses = uses && u.instance == o.Instance; uses {
		delete(l.users, name)
	}
	l.mu.Unlock()
	var err error
	if serves {
		err = s.close()
	}
	if uses {
		err = errors.Join(err, u.close())
	}
	return err
}

// VM implements [schedlink.Links].
func (l *Linker) VM(name string) (framework.VM, error) { return find[framework.VM](l, name) }

// Store implements [schedlink.Links].
func (l *Linker) Store(name string) (framework.Store, error) { return find[framework.Store](l, name) }

func find[P any](l *Linker, name string) (p P, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u, ok := l.users[name]
	if !ok {
		return p, fmt.Errorf("no link %q: %w", name, framework.ErrPluginGone)
	}
	p, ok = u.part.(P)
	if !ok {
		return p, fmt.Errorf("link %q leads to a %T", name, u.part)
	}
	return p, nil
}
