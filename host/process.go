package host

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// The processes of an assembly have so long to start and to stop, each, on a machine that is busy with other things.
const (
	starting = 30 * time.Second
	stopping = 30 * time.Second
)

// processes are the plugins of an assembly that run in processes of their own.
type processes struct {
	dir string // for their sockets; made with the first process
	all map[string]*rpc.Process
}

// open makes the plugin of a part in its process, which it starts if it is the first there.
func (p *processes) open(ctx context.Context, kind plugin.Kind, part config.Part) (*linker.Remote, error) {
	name := part.Place
	if name == config.Process {
		name = string(kind)
	}
	process, ok := p.all[name]
	if !ok {
		var err error
		if process, err = p.launch(ctx, name, part); err != nil {
			return nil, err
		}
	}
	instance, err := process.Open(ctx, kind, part.Use, string(kind), part.Config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", process.Name(), err)
	}
	remote, err := linker.Dial(ctx, instance, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", process.Name(), err)
	}
	return remote, nil
}

// launch starts the program of a part: its own, or this one again.
func (p *processes) launch(ctx context.Context, name string, part config.Part) (*rpc.Process, error) {
	if p.all == nil {
		dir, err := os.MkdirTemp("", "switchyard-")
		if err != nil {
			return nil, err
		}
		p.dir, p.all = dir, map[string]*rpc.Process{}
	}
	command := rpc.Command{Name: name, Path: part.Exec, RunDir: p.dir, StartTimeout: starting}
	if command.Path == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command.Path = self
	}
	var err error
	if command.SHA256, err = hex.DecodeString(part.Checksum); err != nil {
		return nil, fmt.Errorf("sha256: %w", err)
	}
	if part.Checksum == "" {
		command.SHA256 = nil
	}
	process, err := rpc.Launch(ctx, command)
	if err != nil {
		return nil, err
	}
	p.all[name] = process
	return process, nil
}

// close ends all processes.
func (p *processes) close() error {
	if p.all == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopping)
	defer cancel()
	var errs []error
	for _, process := range p.all {
		errs = append(errs, process.Stop(ctx))
	}
	p.all = nil
	return errors.Join(append(errs, os.RemoveAll(p.dir))...)
}
