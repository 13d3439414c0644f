package linker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
)

// stopping is how long an instance has to stop.
const stopping = 30 * time.Second

// Link is one link between two parts, or between the host and a part: who talks to whom, and how.
type Link struct {
	Name string
	// From is the user and To what is used, by the names of their instances; From is "host" if it is the host.
	From, To string
	// Carrier is how they talk: "call" within one process.
	Carrier string
	// Address is the path of the socket; empty within one process.
	Address string
	// UID is the user whose processes the ends admit.
	UID int
}

// Remote is an instance in another process, linked with the host. Relink, Connect, ConnectBuiltin and Disconnect are
// called one after the other, the rest from any goroutine.
type Remote struct {
	end      *used
	patience time.Duration
	carriers []string
	close    func() error

	mu       sync.Mutex
	instance *rpc.Instance // guarded by mu
	links    []Link        // of which the host or the instance is the user; guarded by mu
	died     string        // how the process before this one ended; guarded by mu
}

// Dial links the host with an instance. Closing what it returns closes the link and stops the instance.
//
// When the link breaks, calls wait for [Remote.Relink], for at most patience; then they return
// framework.ErrPluginGone. 0 means that they do not wait. Of a store, only what reads does. Runs of a scheduler never
// wait.
//
// carriers says how the link may talk, best first; none means all that there are.
func Dial(ctx context.Context, instance *rpc.Instance, patience time.Duration, carriers ...string) (*Remote, error) {
	r := &Remote{instance: instance, patience: patience, carriers: carriers}
	if len(carriers) == 0 {
		r.carriers = Carriers()
	}
	offer, err := r.listen(ctx, instance)
	if err != nil {
		return nil, err
	}
	if r.end, err = use(ctx, instance.Info().Kind, patience, offer); err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	r.close = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopping)
		defer cancel()
		return errors.Join(r.end.close(), r.now().Close(ctx))
	})
	return r, nil
}

// listen opens the instance's end of its link with the host.
func (r *Remote) listen(ctx context.Context, instance *rpc.Instance) (rpc.Offer, error) {
	name := "host-" + instance.Name()
	offer, err := instance.Listen(ctx, name, rpc.Peer{Carriers: r.carriers})
	if err != nil {
		return offer, fmt.Errorf("listen: %w", err)
	}
	r.note(name, "host", instance.Name(), offer)
	return offer, nil
}

// note keeps a link in the list, in the place of one of that name.
func (r *Remote) note(name, from, to string, offer rpc.Offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := Link{Name: name, From: from, To: to, Carrier: offer.Carrier, Address: offer.Address, UID: os.Geteuid()}
	if l.Address == "" {
		l.Carrier = "call"
	}
	r.links = slices.DeleteFunc(r.links, func(l Link) bool { return l.Name == name })
	r.links = append(r.links, l)
}

// now returns the instance that is linked.
func (r *Remote) now() *rpc.Instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.instance
}

// Links returns the links whose user is the instance, and that of the host with it.
func (r *Remote) Links() []Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.links)
}

// Relink links the host with another instance of the same plugin, in a process that was started in place of one that
// died: what waits for it goes on there. The links to other instances are for [Remote.Connect] to make again.
func (r *Remote) Relink(ctx context.Context, instance *rpc.Instance) error {
	died := ""
	if err := r.now().Process().Err(); err != nil {
		died = err.Error()
	}
	offer, err := r.listen(ctx, instance)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.instance, r.died = instance, died
	r.mu.Unlock()
	if err := r.end.dial(ctx, offer, died); err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	return nil
}

// PID returns the number of the process of the instance.
func (r *Remote) PID() int { return r.now().Process().PID() }

// Ping asks the instance's process over the link with the host for a sign of life, and waits for it.
func (r *Remote) Ping(ctx context.Context) error {
	r.end.mu.Lock()
	conn := r.end.conn
	r.end.mu.Unlock()
	return conn.Ping(ctx)
}

// Lost says that the instance will not be started again: what waits for it returns err, which should be
// framework.ErrPluginGone.
func (r *Remote) Lost(err error) { r.end.client.Lose(err) }

// Close closes the link and stops the instance. It may be called again.
func (r *Remote) Close() error { return r.close() }

// Scheduler returns the instance as a scheduler; it must be one. Its jobs name the links to their VM and store: see
// [LinkedVM] and [LinkedStore].
func (r *Remote) Scheduler() framework.Scheduler {
	s, _ := r.end.part.(framework.Scheduler)
	return s
}

// VM returns the instance as a VM; it must be one.
func (r *Remote) VM() framework.VM {
	vm, _ := r.end.part.(framework.VM)
	return vm
}

// Store returns the instance as a store; it must be one. Closing the store stops the instance too.
func (r *Remote) Store() framework.Store {
	s, _ := r.end.part.(framework.Store)
	return &remoteStore{s, r}
}

type remoteStore struct {
	framework.Store
	remote *Remote
}

// Unwrap returns the store itself; see plugin.As.
func (s *remoteStore) Unwrap() any { return s.Store }

// Close implements [framework.Store].
func (s *remoteStore) Close() error { return errors.Join(s.Store.Close(), s.remote.Close()) }

// Connect gives a scheduler a link of its own, of that name, to an instance of its own or another process. When one of
// the two was started again, it is called again with the same name; if that was what the scheduler uses, the blocks that
// it executes go on.
func (r *Remote) Connect(ctx context.Context, name string, to *Remote) error {
	user, provider := r.now(), to.now()
	offer, err := provider.Listen(ctx, name, user.Peer(provider.Process()))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	peer := provider.Peer(user.Process())
	peer.Patience = to.patience
	to.mu.Lock()
	peer.Died = to.died
	to.mu.Unlock()
	if err := user.Attach(ctx, name, peer, offer); err != nil {
		return err
	}
	r.note(name, user.Name(), provider.Name(), offer)
	return nil
}

// ConnectBuiltin gives a scheduler a link of its own, of that name, to a part that is built into the host, whose linker
// is l. It may be called again, as Connect.
func (r *Remote) ConnectBuiltin(ctx context.Context, name string, l *Linker, part rpc.Opened) error {
	user := r.now()
	offer, err := l.Listen(ctx, &part, name, rpc.Peer{Kind: user.Info().Kind, Carriers: user.Process().Info().Carriers})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := user.Attach(ctx, name, rpc.Peer{Kind: part.Info.Kind, Carriers: Carriers()}, offer); err != nil {
		return err
	}
	r.note(name, user.Name(), part.Instance, offer)
	return nil
}

// Disconnect takes a link of a scheduler down. What waits for the part that it led to returns
// framework.ErrPluginGone.
func (r *Remote) Disconnect(ctx context.Context, name string) error { return r.now().Detach(ctx, name) }

// LinkedVM is a VM whose executors say on which link a scheduler finds it.
type LinkedVM struct {
	framework.VM
	Name string
}

// Open implements [framework.VM].
func (v LinkedVM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := v.VM.Open(ctx, b)
	if err != nil {
		return nil, err
	}
	return &linkedExecutor{Executor: e, name: v.Name}, nil
}

// linkedExecutor is an executor of the host. A scheduler that has executed the block in another process finishes it there.
type linkedExecutor struct {
	framework.Executor
	name string

	mu       sync.Mutex
	finisher *schedlink.Finisher // guarded by mu; nil if there is none
}

var _ schedlink.Finishable = (*linkedExecutor)(nil)

// LinkName implements [schedlink.Linked].
func (e *linkedExecutor) LinkName() string { return e.name }

// FinishBy implements [schedlink.Finishable].
func (e *linkedExecutor) FinishBy(f *schedlink.Finisher) {
	e.mu.Lock()
	last := e.finisher
	e.finisher = f
	e.mu.Unlock()
	if last != nil {
		last.Close()
	}
}

// Finish implements [framework.Executor].
func (e *linkedExecutor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	e.mu.Lock()
	f := e.finisher
	e.mu.Unlock()
	if f != nil {
		writes, err := f.Finish(ctx, final)
		if !errors.Is(err, framework.ErrPluginGone) && !errors.Is(err, framework.ErrClosed) {
			return writes, err
		}
	}
	return e.Executor.Finish(ctx, view, final)
}

// Close implements [framework.Executor].
func (e *linkedExecutor) Close() error {
	e.FinishBy(nil)
	return e.Executor.Close()
}

// LinkedStore is a store whose states say on which link a scheduler finds them.
type LinkedStore struct {
	framework.Store
	Name string
}

// At implements [framework.Store].
func (s LinkedStore) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	state, err := s.Store.At(ctx, n)
	if err != nil {
		return nil, err
	}
	return linkedState{state, s.Name, n}, nil
}

type linkedState struct {
	framework.State
	name   string
	number framework.BlockNumber
}

var _ schedlink.LinkedState = linkedState{}

// LinkName implements [schedlink.Linked].
func (s linkedState) LinkName() string { return s.name }

// Prefetch fetches cells that will probably be read, if the state is one that is far away.
func (s linkedState) Prefetch(keys []framework.Key, told func([]framework.Write)) {
	if far, ok := s.State.(interface {
		Prefetch(keys []framework.Key, told func([]framework.Write))
	}); ok {
		far.Prefetch(keys, told)
	}
}

// Number implements [schedlink.LinkedState].
func (s linkedState) Number() framework.BlockNumber { return s.number }
