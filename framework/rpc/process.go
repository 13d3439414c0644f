package rpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Process is a plugin that runs in a process of its own. It is safe for concurrent use. Whoever launched it calls Stop,
// also if it has ended by itself.
type Process struct {
	command Command
	dir     string // for its sockets
	child   *child
	client  *goplugin.Client
	conn    *grpc.ClientConn // of a process that was dialled; nil otherwise
	synced  [2]*liner        // what the process prints through go-plugin
	control pb.ControlClient
	info    Info

	stop sync.Once
}

var errNotReady = errors.New("not ready in time")

// Launch starts a process and asks it what it serves. If ctx ends before that, or anything else fails, nothing is left of
// the process. The error then says why, with the last that the process wrote.
func Launch(ctx context.Context, c Command) (*Process, error) {
	checked, err := c.checked()
	if err != nil {
		return nil, fmt.Errorf("start plugin %s: %w", cmp.Or(c.Name, c.Path), err)
	}
	p := &Process{command: checked}
	if p.dir, err = checked.makeDir(); err != nil {
		return nil, fmt.Errorf("start plugin %s: %w", checked.Name, err)
	}
	out := &output{log: checked.Logger.With("plugin", checked.Name)}
	p.child = newChild(checked, checked.environ(), out)
	for i, stream := range []string{"stdout", "stderr"} {
		p.synced[i] = &liner{hand: func(line []byte, _ bool) { out.line(stream, line) }}
	}
	if err := p.start(ctx); err != nil {
		p.destroy()
		return nil, fmt.Errorf("start plugin %s (%s): %w%s", checked.Name, checked.Path, err, out.said())
	}
	return p, nil
}

// start starts the process and waits until it has said what it serves.
func (p *Process) start(ctx context.Context) error {
	tooLate := fmt.Errorf("%w: %v", errNotReady, p.command.StartTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, p.command.StartTimeout, tooLate)
	defer cancel()
	stop := context.AfterFunc(ctx, p.child.kill) // go-plugin takes no context, but notices the end of the process
	defer stop()
	err := p.connect(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause // err only says what became of it
	}
	return err
}

func (p *Process) connect(ctx context.Context) error {
	p.client = goplugin.NewClient(p.clientConfig())
	rpc, err := p.client.Client() // starts it
	p.child.settle()
	if state := p.child.ended(); err != nil && state != "" && !p.child.greeting.Load() {
		return fmt.Errorf("it ended before it was ready (%s)", state)
	}
	if err != nil {
		return err
	}
	dispensed, err := rpc.Dispense(service)
	if err != nil {
		return err
	}
	var ok bool
	if p.control, ok = dispensed.(pb.ControlClient); !ok {
		return fmt.Errorf("go-plugin dispensed a %T", dispensed)
	}
	return p.ask(ctx)
}

// ask asks the process what it serves.
func (p *Process) ask(ctx context.Context) error {
	q := &pb.InfoRequest{}
	for _, kind := range plugin.Kinds() {
		v := plugin.API(kind)
		q.Apis = append(q.Apis, &pb.KindVersion{
			Kind: kinds()[kind], Version: &pb.Version{Major: uint32(v.Major), Minor: uint32(v.Minor)},
		})
	}
	r, err := p.control.Info(ctx, q)
	if err != nil {
		return p.failed("Info", err)
	}
	p.info = *fromInfo(r)
	if len(p.info.Plugins) == 0 {
		return errors.New("it serves nothing")
	}
	return nil
}

func (p *Process) clientConfig() *goplugin.ClientConfig {
	run := func(_ hclog.Logger, cmd *exec.Cmd, tmp string) (runner.Runner, error) {
		// go-plugin's own folder for sockets is not used: its name is long, and removed only after a good start.
		if err := os.Remove(tmp); err != nil {
			return nil, err
		}
		p.child.cmd.Env = append(p.child.cmd.Env, cmd.Env...)
		p.child.cmd.Env = append(p.child.cmd.Env, RunDirEnv+"="+p.dir)
		return p.child, nil
	}
	return &goplugin.ClientConfig{
		HandshakeConfig:  handshake(),
		VersionedPlugins: map[int]goplugin.PluginSet{protocol: {service: &control{}}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		RunnerFunc:       run,
		SkipHostEnv:      true,
		StartTimeout:     p.command.StartTimeout + time.Second, // ours comes first
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off}),
		SyncStdout:       p.synced[0],
		SyncStderr:       p.synced[1],
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: p.dir},
	}
}
