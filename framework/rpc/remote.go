package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Instance is an instance that runs in a [Process]. It is safe for concurrent use, except that the calls that change it
// or its links are made one after the other.
type Instance struct {
	process *Process
	name    string
	info    plugin.Info
	api     plugin.Version
}

// Open makes an instance of a plugin of the process, under a name that no other instance of the process has. An empty id
// means the only plugin of the kind. What is wrong with the configuration is a [plugin.Diagnostics].
func (p *Process) Open(ctx context.Context, kind plugin.Kind, id, name string, config map[string]any) (*Instance, error) {
	info, api, err := p.info.find(kind, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.command.Name, err)
	}
	section, err := encodeConfig(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.command.Name, err)
	}
	i := &Instance{p, name, info, api}
	q := &pb.ConfigureRequest{Instance: name, Kind: kinds()[kind], Id: info.ID, Config: section}
	var diags error
	err = p.call(ctx, "Configure", p.command.OpenTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Configure(ctx, q)
		diags = fromDiagnostics(r.GetDiagnostics(), nil)
		return r.GetError(), err
	})
	if err = errors.Join(err, diags); err != nil {
		return nil, simplest(err)
	}
	err = p.call(ctx, "Start", p.command.OpenTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Start(ctx, &pb.StartRequest{Instance: name})
		diags = fromDiagnostics(r.GetDiagnostics(), nil)
		return r.GetError(), err
	})
	if err = errors.Join(err, diags); err != nil {
		return nil, simplest(err)
	}
	return i, nil
}

// simplest returns the diagnostics in err, bare, or err.
func simplest(err error) error {
	var diags plugin.Diagnostics
	if errors.As(err, &diags) {
		return diags
	}
	return err
}

// Name returns the name of the instance in its process.
func (i *Instance) Name() string { return i.name }

// Info returns what the process said of the plugin when it was launched.
func (i *Instance) Info() plugin.Info { return i.info }

// API returns the version of the contract of its kind that is in force with the instance.
func (i *Instance) API() plugin.Version { return i.api }

// Process returns where the instance runs.
func (i *Instance) Process() *Process { return i.process }

// Health returns how the instance is.
func (i *Instance) Health(ctx context.Context) (plugin.Health, error) {
	return i.process.health(ctx, i.name)
}

// Peer returns what the other end of a link, in the process of with, is told of the instance.
func (i *Instance) Peer(with *Process) Peer {
	return Peer{Kind: i.info.Kind, Instance: i.name, Carriers: i.process.info.Carriers, SameProcess: with == i.process}
}

// Listen opens the instance's end of a link; what it returns is for Attach at the other end. It returns
// framework.ErrUnsupported if the plugin makes no links.
func (i *Instance) Listen(ctx context.Context, link string, peer Peer) (Offer, error) {
	var o Offer
	err := i.process.call(ctx, "Listen", i.process.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := i.process.control.Listen(ctx, &pb.ListenRequest{Instance: i.name, Link: link, Peer: toPeer(peer)})
		o = Offer{Carrier: r.GetCarrier(), Address: r.GetAddress(), Token: r.GetToken()}
		return r.GetError(), err
	})
	return o, err
}

// Attach connects the instance to the other end of a link. It returns framework.ErrUnsupported if the plugin makes no
// links.
func (i *Instance) Attach(ctx context.Context, link string, peer Peer, o Offer) error {
	return i.process.call(ctx, "Attach", i.process.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := i.process.control.Attach(ctx, &pb.AttachRequest{
			Instance: i.name, Link: link, Peer: toPeer(peer), Carrier: o.Carrier, Address: o.Address, Token: o.Token,
		})
		return r.GetError(), err
	})
}

// Detach closes the instance's end of a link. It does nothing if there is no such link.
func (i *Instance) Detach(ctx context.Context, link string) error {
	return i.process.call(ctx, "Detach", i.process.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := i.process.control.Detach(ctx, &pb.DetachRequest{Instance: i.name, Link: link})
		return r.GetError(), err
	})
}

// Close stops the instance: it takes no more work, finishes or aborts what is running, and is gone. It may be called
// again.
func (i *Instance) Close(ctx context.Context) error {
	return i.process.call(ctx, "Stop", i.process.command.OpenTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := i.process.control.Stop(ctx, &pb.StopRequest{Instance: i.name, DeadlineMs: left(ctx)})
		return r.GetError(), err
	})
}

// left returns the milliseconds until the deadline of ctx, at least 1, and 0 if it has none.
func left(ctx context.Context) int64 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, time.Until(deadline).Milliseconds())
}
