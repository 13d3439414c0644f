package rpc

import (
	"context"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Opened is an instance that is running in the process of a plugin.
type Opened struct {
	// Instance is the name that the host gave it, unique in the process while it runs.
	Instance string
	Info     plugin.Info
	// Part is a framework.Scheduler, a framework.VM or a framework.Store, as Info.Kind says, guarded as a
	// [plugin.Factory] does it.
	Part any
}

// Peer is the other end of a link.
type Peer struct {
	// Kind and Instance are empty if it is the host itself.
	Kind     plugin.Kind
	Instance string
	// Carriers are how it can talk, best first.
	Carriers []string
	// SameProcess is true if it runs in this very process: the two are then linked by function calls.
	SameProcess bool
	// Patience is how long its process may take to come back if it dies, with another Attach; 0 means that it does not.
	Patience time.Duration
	// Died says, when it has come back, how it died and what it wrote last.
	Died string
}

// Offer is one end of a link that waits for the other.
type Offer struct {
	// Carrier is how to talk, one of the peer's.
	Carrier string
	// Address is the path of a unix socket; empty between instances of one process.
	Address string
	// Token is what the peer must show first. It is good for one connection.
	Token []byte
}

// Linker makes the links of the instances of a process. Calls for one instance come one after the other. The name of a
// link is unique in the process while it exists, and the same at both of its ends. Listen or Attach under a name that
// exists means that the peer was started again: Listen closes the old link, Attach lets what uses it go on over the new
// one.
type Linker interface {
	// Carriers returns how instances of this process can talk, best first, and the longest message in bytes.
	Carriers() (names []string, maxFrame uint64)
	// Listen opens one end for a peer and returns at once. Sockets belong into the folder of the process, which
	// PLUGIN_UNIX_SOCKET_DIR names, under names of at most 16 bytes.
	Listen(ctx context.Context, o *Opened, link string, peer Peer) (Offer, error)
	// Attach connects the other end.
	Attach(ctx context.Context, o *Opened, link string, peer Peer, offer Offer) error
	// Detach closes an end: calls that are running finish or, when ctx ends, are cut. The server detaches every link of
	// an instance before it closes the instance.
	Detach(ctx context.Context, o *Opened, link string) error
}

func toPeer(p Peer) *pb.Peer {
	return &pb.Peer{
		Kind: kinds()[p.Kind], Instance: p.Instance, Carriers: p.Carriers, SameProcess: p.SameProcess,
		PatienceMs: p.Patience.Milliseconds(), Died: p.Died,
	}
}

func fromPeer(p *pb.Peer) Peer {
	return Peer{
		Kind: fromKind(p.GetKind()), Instance: p.GetInstance(), Carriers: p.GetCarriers(), SameProcess: p.GetSameProcess(),
		Patience: time.Duration(p.GetPatienceMs()) * time.Millisecond, Died: p.GetDied(),
	}
}
