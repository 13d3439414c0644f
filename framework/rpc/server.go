package rpc

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"runtime/debug"
	"slices"
	"sync"

	goplugin "github.com/hashicorp/go-plugin"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// ServerConfig says what a [Server] serves.
type ServerConfig struct {
	// Plugins are what it can make instances of, each with another kind or id.
	Plugins plugin.Catalog
	// Linker makes links. If it is nil, Listen and Attach answer with framework.ErrUnsupported.
	Linker Linker
	// Level is what SetLogLevel sets. It may be nil.
	Level *slog.LevelVar
}

// Server is the control service of the process of a plugin: it keeps the instances, by name. A panic in a call of a
// plugin becomes a [framework.Fault] that names the plugin. It is safe for concurrent use.
type Server struct {
	pb.UnimplementedControlServer
	config  ServerConfig
	process *prometheus.Registry // metrics of the process itself

	mu        sync.Mutex
	instances map[string]*instance // guarded by mu
	drained   bool                 // guarded by mu: Stop ended all instances, and none was made since
}

// instance is one name that the host has configured.
type instance struct {
	name string

	mu      sync.Mutex      // held by the call that changes the instance
	factory plugin.Factory  // guarded by mu
	section map[string]any  // guarded by mu
	links   map[string]bool // guarded by mu

	// Both are nil before Start and after Stop; guarded by Server.mu.
	opened  *Opened
	metrics *prometheus.Registry
}

// NewServer returns a server without instances.
func NewServer(c ServerConfig) *Server {
	return &Server{config: c, process: processMetrics(), instances: map[string]*instance{}}
}

// Register makes s answer at g.
func (s *Server) Register(g grpc.ServiceRegistrar) { pb.RegisterControlServer(g, s) }

// Drained reports whether the host has stopped all instances and made none since: the process may end.
func (s *Server) Drained() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drained
}

// Close stops all instances, as the host's Stop does.
func (s *Server) Close(ctx context.Context) error { return s.stopAll(ctx) }

// Info implements the call.
func (s *Server) Info(context.Context, *pb.InfoRequest) (*pb.InfoResponse, error) {
	r := &pb.InfoResponse{}
	for _, f := range s.config.Plugins {
		r.Plugins = append(r.Plugins, toInfo(f.Info))
	}
	if s.config.Linker != nil {
		r.Carriers, r.MaxFrame = s.config.Linker.Carriers()
	}
	return r, nil
}

// find returns the instance of that name and locks it. The caller unlocks it.
func (s *Server) find(name string) (*instance, error) {
	for {
		i := s.byName(name)
		if i == nil {
			return nil, fmt.Errorf("instance %q: %w", name, framework.ErrClosed)
		}
		i.mu.Lock()
		if s.byName(name) == i {
			return i, nil
		}
		i.mu.Unlock() // it was removed while we waited
	}
}

func (s *Server) byName(name string) *instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instances[name]
}

// running is find for an instance that was started.
func (s *Server) running(name string) (*instance, *Opened, error) {
	i, err := s.find(name)
	if err != nil {
		return nil, nil, err
	}
	o := s.opened(i)
	if o == nil {
		i.mu.Unlock()
		return nil, nil, fmt.Errorf("instance %q is not running: %w", name, framework.ErrClosed)
	}
	return i, o, nil
}

// opened returns what i runs, nil if it does not.
func (s *Server) opened(i *instance) *Opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.opened
}

// list returns the instance of that name, or all in the order of their names if it is empty. It locks none.
func (s *Server) list(name string) ([]*instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		var all []*instance
		for _, n := range slices.Sorted(maps.Keys(s.instances)) {
			all = append(all, s.instances[n])
		}
		return all, nil
	}
	i := s.instances[name]
	if i == nil {
		return nil, fmt.Errorf("instance %q: %w", name, framework.ErrClosed)
	}
	return []*instance{i}, nil
}

// guarded calls f, which calls a plugin, and makes a fault of its panic.
func guarded(info plugin.Info, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &framework.Fault{
				Plugin:  info.String(),
				Block:   framework.AtEmpty,
				Version: framework.Version{Tx: framework.NoTx},
				Err:     fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			}
		}
	}()
	return f()
}

// closePart frees what a plugin made, if it can be freed.
func closePart(o *Opened) error {
	return guarded(o.Info, func() error {
		if s, ok := o.Part.(framework.Store); ok {
			return s.Close()
		}
		if c, ok := plugin.As[io.Closer](o.Part); ok {
			return c.Close()
		}
		return nil
	})
}

// open makes the part that a factory is for.
func open(ctx context.Context, f plugin.Factory, section map[string]any) (any, error) {
	switch f.Info.Kind {
	case plugin.Scheduler:
		return f.OpenScheduler(ctx, section)
	case plugin.VM:
		return f.OpenVM(ctx, section)
	case plugin.Store:
		return f.OpenStore(ctx, section)
	}
	return nil, fmt.Errorf("%v: %w", f.Info, framework.ErrUnsupported)
}

// Names of the variables with which a host starts a plugin. framework/proto/switchyard/v1/control.proto says what else
// there is.
const (
	// CookieEnv tells a program that a host has started it, and not a person. Its value is [Cookie].
	CookieEnv = "SWITCHYARD_PLUGIN"
	Cookie    = "a part of a sequencer"
	// LifelineEnv names a file descriptor, the reading end of a pipe that ends when the host is done or dead.
	LifelineEnv = "SWITCHYARD_LIFELINE"
	// RunDirEnv names the folder for the sockets of the process.
	RunDirEnv = goplugin.EnvUnixSocketDir
)

// protocol is the version of the control plane.
const protocol = 1

// service is the name by which go-plugin knows the control service.
const service = "control"

// handshake is what host and plugin must agree on.
func handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{ProtocolVersion: protocol, MagicCookieKey: CookieEnv, MagicCookieValue: Cookie}
}

// ServeConfig returns what go-plugin needs to serve s. The options are added to those of its gRPC server, which takes
// messages of any size.
func (s *Server) ServeConfig(opts ...grpc.ServerOption) *goplugin.ServeConfig {
	return &goplugin.ServeConfig{
		HandshakeConfig:  handshake(),
		VersionedPlugins: map[int]goplugin.PluginSet{protocol: {service: &control{server: s}}},
		GRPCServer: func(own []grpc.ServerOption) *grpc.Server {
			own = append(own, grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32))
			return grpc.NewServer(append(own, opts...)...)
		},
	}
}

// control is the control service as go-plugin wants it, at either end.
type control struct {
	goplugin.NetRPCUnsupportedPlugin
	server *Server
}

// GRPCServer implements go-plugin's GRPCPlugin.
func (c *control) GRPCServer(_ *goplugin.GRPCBroker, g *grpc.Server) error {
	c.server.Register(g)
	return nil
}

// GRPCClient implements go-plugin's GRPCPlugin.
func (c *control) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return pb.NewControlClient(conn), nil
}
