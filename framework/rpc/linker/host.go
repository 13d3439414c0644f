package linker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
)

// stopping is how long an instance has to stop.
const stopping = 30 * time.Second

// Remote is an instance in another process, linked with the host.
type Remote struct {
	instance *rpc.Instance
	end      *used
	close    func() error
}

// Dial links the host with an instance. Closing what it returns closes the link and stops the instance.
func Dial(ctx context.Context, instance *rpc.Instance) (*Remote, error) {
	offer, err := instance.Listen(ctx, "host-"+instance.Name(), rpc.Peer{Carriers: Carriers()})
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	end, err := dial(ctx, instance.Info().Kind, offer)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	r := &Remote{instance: instance, end: end}
	r.close = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopping)
		defer cancel()
		return errors.Join(end.close(), instance.Close(ctx))
	})
	return r, nil
}

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

// Connect gives a scheduler a link of its own, of that name, to an instance of its own or another process.
func (r *Remote) Connect(ctx context.Context, name string, to *Remote) error {
	user, provider := r.instance, to.instance
	offer, err := provider.Listen(ctx, name, user.Peer(provider.Process()))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return user.Attach(ctx, name, provider.Peer(user.Process()), offer)
}

// ConnectBuiltin gives a scheduler a link of its own, of that name, to a part that is built into the host, whose linker
// is l.
func (r *Remote) ConnectBuiltin(ctx context.Context, name string, l *Linker, part rpc.Opened) error {
	user := r.instance
	offer, err := l.Listen(ctx, &part, name, rpc.Peer{Kind: user.Info().Kind, Carriers: user.Process().Info().Carriers})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return user.Attach(ctx, name, rpc.Peer{Kind: part.Info.Kind, Carriers: Carriers()}, offer)
}

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
	return linkedExecutor{e, v.Name}, nil
}

type linkedExecutor struct {
	framework.Executor
	name string
}

// LinkName implements [schedlink.Linked].
func (e linkedExecutor) LinkName() string { return e.name }

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

// Number implements [schedlink.LinkedState].
func (s linkedState) Number() framework.BlockNumber { return s.number }
