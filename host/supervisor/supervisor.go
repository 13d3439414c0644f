// Package supervisor runs plugins in processes of their own and keeps them running: a process that dies or hangs is
// started again, linked with the others as before, and what was under way goes on. Whoever uses the parts notices nothing
// but time, until a process has died too often; then calls return framework.ErrPluginGone with its last words.
//
// What is under way goes on because each kind of part allows it: executing a transaction has no effects, so a VM executes
// it again; a scheduler runs the block again, and has to come to the same outcomes; a store has what it sealed, and is
// given again what was staged.
package supervisor

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// stopping is how long all processes together have to stop, on a machine that is busy with other things.
const stopping = 30 * time.Second

// patience is how long a call waits for a process to be started again. The supervisor ends the waiting before, when it
// gives up.
const patience = 10 * time.Minute

// Supervisor runs the plugins of one assembly. It is safe for concurrent use, but for Open, Connect and Close, which are
// called one after the other.
type Supervisor struct {
	policy config.Restart
	log    *slog.Logger

	ctx      context.Context //nolint:containedctx // of the processes and of what looks after them: ends with Close
	cancel   context.CancelFunc
	watchers sync.WaitGroup

	// linking is held while links are made, and while it changes which processes are up.
	linking     sync.Mutex
	connections []*connection // guarded by linking

	mu        sync.Mutex
	dir       string                  // for sockets; made with the first process; guarded by mu
	processes map[string]*process     // guarded by mu
	handles   map[plugin.Kind]*Handle // guarded by mu
	links     *linker.Linker          // to parts that are built in; guarded by mu
}

// New returns a supervisor without processes.
func New(policy config.Restart, log *slog.Logger) *Supervisor {
	s := &Supervisor{policy: policy, log: log, processes: map[string]*process{}, handles: map[plugin.Kind]*Handle{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Open starts the processes that the parts need and opens the plugins in them. After an error, Close is still to be called.
func (s *Supervisor) Open(ctx context.Context, parts map[plugin.Kind]config.Part) error {
	var errs []error
	for _, kind := range plugin.Kinds() {
		part, ok := parts[kind]
		if !ok {
			continue
		}
		if err := s.open(ctx, kind, part, parts); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", kind, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, p := range s.all() {
		s.watchers.Go(func() { p.watch(s.ctx) })
	}
	return nil
}

// open opens one plugin, in its process.
func (s *Supervisor) open(ctx context.Context, kind plugin.Kind, part config.Part, all map[plugin.Kind]config.Part) error {
	p, err := s.process(ctx, kind, part, all)
	if err != nil {
		return err
	}
	instance, err := p.current().Open(ctx, kind, part.Use, string(kind), part.Config)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	remote, err := linker.Dial(ctx, instance, patience)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	h := &Handle{process: p, kind: kind, part: part, remote: remote, instance: instance}
	p.handles = append(p.handles, h)
	s.mu.Lock()
	s.handles[kind] = h
	s.mu.Unlock()
	return h.begin(ctx)
}

// process returns the process of a part, which it starts if it is the first there.
func (s *Supervisor) process(ctx context.Context, kind plugin.Kind, part config.Part, all map[plugin.Kind]config.Part) (*process, error) {
	name := placeName(kind, part)
	s.mu.Lock()
	p := s.processes[name]
	s.mu.Unlock()
	if p != nil {
		if p.exec != part.Exec || p.checksum != part.Checksum {
			return nil, fmt.Errorf("place %s: another part has the program %q there", part.Place, p.exec)
		}
		return p, nil
	}
	p, err := s.describe(name, part)
	if err != nil {
		return nil, err
	}
	for k, other := range all {
		if placeName(k, other) == name {
			p.limits = lowest(p.limits, other.Limits)
		}
	}
	p.command.Env = environment(p.limits)
	running, err := p.launch(ctx)
	if err != nil {
		return nil, err
	}
	p.now, p.since = running, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.processes[name] = p
	return p, nil
}

// placeName returns the name of the process that a part runs in.
func placeName(kind plugin.Kind, part config.Part) string {
	if part.Place == config.Process {
		return string(kind)
	}
	return strings.TrimPrefix(part.Place, config.Shared(""))
}

// describe returns the process of a part, not started.
func (s *Supervisor) describe(name string, part config.Part) (*process, error) {
	dir, err := s.runDir()
	if err != nil {
		return nil, err
	}
	p := &process{s: s, name: name, exec: part.Exec, checksum: part.Checksum, changed: make(chan struct{})}
	p.command = rpc.Command{Name: name, Path: part.Exec, RunDir: dir, StartTimeout: s.policy.Start, Logger: s.log}
	if part.Exec == "" {
		if p.command.Path, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	if part.Checksum != "" {
		if p.command.SHA256, err = hex.DecodeString(part.Checksum); err != nil {
			return nil, fmt.Errorf("sha256: %w", err)
		}
	}
	return p, nil
}

// runDir returns the folder for sockets, which it makes if it is not there.
func (s *Supervisor) runDir() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "switchyard-")
		if err != nil {
			return "", fmt.Errorf("folder for sockets: %w", err)
		}
		s.dir = dir
	}
	return s.dir, nil
}

func (s *Supervisor) all() []*process {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*process
	for _, p := range s.processes {
		all = append(all, p)
	}
	return all
}

// Handle returns the part of a kind, nil if it is not run here.
func (s *Supervisor) Handle(kind plugin.Kind) *Handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handles[kind]
}

// Gather returns the metrics of all processes that are running.
func (s *Supervisor) Gather(ctx context.Context) ([][]*dto.MetricFamily, error) {
	var all [][]*dto.MetricFamily
	var errs []error
	for _, p := range s.all() {
		if now := p.current(); now != nil {
			families, err := now.Gather(ctx)
			all, errs = append(all, families), append(errs, err)
		}
	}
	return all, errors.Join(errs...)
}

// Close ends all processes, and waits for that. It may be called again.
func (s *Supervisor) Close() error {
	s.cancel()
	s.watchers.Wait()
	s.mu.Lock()
	dir, links, processes := s.dir, s.links, s.processes
	s.dir, s.links, s.processes = "", nil, map[string]*process{}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), stopping)
	defer cancel()
	var errs []error
	if links != nil {
		errs = append(errs, links.Close())
	}
	for _, kind := range plugin.Kinds() { // users before what they use
		if h := s.Handle(kind); h != nil && h.process.current() != nil {
			errs = append(errs, h.remote.Close())
		}
	}
	for _, p := range processes {
		errs = append(errs, p.close(ctx))
	}
	if dir != "" {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// lowest returns the lower one of each limit; 0 is none.
func lowest(a, b config.Limits) config.Limits {
	if a.Memory == 0 || b.Memory != 0 && b.Memory < a.Memory {
		a.Memory = b.Memory
	}
	if a.Files == 0 || b.Files != 0 && b.Files < a.Files {
		a.Files = b.Files
	}
	if a.Processors == 0 || b.Processors != 0 && b.Processors < a.Processors {
		a.Processors = b.Processors
	}
	return a
}

// environment returns what a process sees of the environment: a program in Go keeps below its limits by itself.
func environment(l config.Limits) []string {
	env := rpc.DefaultEnv()
	if l.Processors > 0 {
		env = append(env, "GOMAXPROCS="+strconv.Itoa(l.Processors))
	}
	if l.Memory > 0 {
		env = append(env, "GOMEMLIMIT="+strconv.FormatUint(uint64(l.Memory)/10*9, 10))
	}
	return env
}
