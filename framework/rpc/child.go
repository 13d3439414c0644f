package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// linger is how long what a process wrote is still read after its end, if somebody else holds the pipe.
const linger = 250 * time.Millisecond

// isGreeting matches the line by which a plugin says where it listens.
var isGreeting = regexp.MustCompile(`^\s*\d+\|\d+\|`)

// child is one process and all that the host holds of it. It is the runner of go-plugin, which so never sees the pipes:
// it learns of the process's end at once, whoever holds them, and parses no log.
type child struct {
	cmd      *exec.Cmd
	out      *output
	lifeline *os.File // the end whose closing tells the process to exit
	greet    *io.PipeWriter
	greeted  *io.PipeReader
	greeting atomic.Bool   // it has said where it listens
	exited   chan struct{} // closed when the process has ended
	settled  chan struct{} // closed when go-plugin may know of the end; see settle
	drained  chan struct{} // closed after exited, when all that it wrote has been read
	readers  sync.WaitGroup
	waiter   sync.WaitGroup

	mu      sync.Mutex
	started bool // guarded by mu
	reaped  bool // the number of the process may be another's; guarded by mu
	killed  bool // guarded by mu
}

func newChild(c Command, env []string, out *output) *child {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r, w := io.Pipe()
	return &child{
		cmd: cmd, out: out, greet: w, greeted: r,
		exited: make(chan struct{}), settled: make(chan struct{}), drained: make(chan struct{}),
	}
}

// Start starts the process, once.
func (c *child) Start(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed {
		return errors.New("cancelled")
	}
	var pipes pipes
	lifeline, held := pipes.open()
	stdout, out := pipes.open()
	stderr, log := pipes.open()
	if pipes.err != nil {
		pipes.close()
		return pipes.err
	}
	c.cmd.ExtraFiles = []*os.File{lifeline}
	c.cmd.Stdout, c.cmd.Stderr = out, log
	c.cmd.Env = append(c.cmd.Env, LifelineEnv+"=3") // the first of ExtraFiles
	if err := c.cmd.Start(); err != nil {
		pipes.close()
		return err
	}
	closeAll(lifeline, out, log)
	c.started, c.lifeline = true, held
	c.readers.Go(func() { c.read(stdout, "stdout") })
	c.readers.Go(func() { c.read(stderr, "") })
	c.waiter.Go(func() { c.wait(stdout, stderr) })
	return nil
}

// wait waits for the end of the process and kills what it leaves behind.
func (c *child) wait(pipes ...*os.File) {
	held := awaitExit(c.cmd.Process.Pid)
	if !held {
		_ = c.cmd.Wait() // its error says that the process failed; the state says it better
	}
	c.mu.Lock()
	_ = killGroup(c.cmd.Process.Pid)
	if held {
		_ = c.cmd.Wait()
	}
	c.reaped = true
	c.mu.Unlock()
	for _, p := range pipes {
		_ = p.SetReadDeadline(time.Now().Add(linger))
	}
	c.greet.Close()
	close(c.exited)
	c.readers.Wait()
	close(c.drained)
}

// read logs what comes out of a pipe. The line of standard output that is the greeting goes to go-plugin.
func (c *child) read(r *os.File, stream string) {
	defer r.Close()
	waiting := stream == "stdout"
	l := &liner{hand: func(line []byte, whole bool) {
		if waiting && whole && isGreeting.Match(line) {
			waiting = false
			c.greeting.Store(true)
			_, _ = c.greet.Write(append(line, '\n')) // fails if nobody waits any more
			return
		}
		c.out.line(stream, line)
	}}
	_, _ = io.Copy(l, r) // ends with the pipe or at its deadline
	l.flush()
}

// release tells the process that its host is done with it.
func (c *child) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lifeline != nil {
		c.lifeline.Close()
		c.lifeline = nil
	}
}

// kill ends the process and its group at once. It does not wait.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reaped {
		return // it was not this that ended it
	}
	c.killed = true
	if c.started {
		_ = killGroup(c.cmd.Process.Pid)
	}
}

// gone waits until nothing is left of the process, also if there never was one.
func (c *child) gone() {
	c.release()
	c.greeted.Close()
	c.waiter.Wait()
}

// ended says how the process ended by itself, "" if it has not, or was killed.
func (c *child) ended() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reaped || c.killed && c.cmd.ProcessState.ExitCode() < 0 {
		return ""
	}
	return c.cmd.ProcessState.String()
}

// settle lets go-plugin know of the end of the process. Until then it would leak a connection if it was about to make one.
// It is called once.
func (c *child) settle() { close(c.settled) }

// Wait implements go-plugin's runner.
func (c *child) Wait(context.Context) error {
	<-c.exited
	<-c.settled
	return nil
}

// Kill implements go-plugin's runner.
func (c *child) Kill(context.Context) error {
	c.kill()
	return nil
}

// Stdout implements go-plugin's runner: it gives the greeting, then nothing.
func (c *child) Stdout() io.ReadCloser { return c.greeted }

// Stderr implements go-plugin's runner: it gives nothing.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name implements go-plugin's runner.
func (c *child) Name() string { return c.cmd.Path }

// ID implements go-plugin's runner.
func (c *child) ID() string { return strconv.Itoa(c.pid()) }

// Diagnose implements go-plugin's runner.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost implements go-plugin's runner.
func (c *child) PluginToHost(network, addr string) (string, string, error) { return network, addr, nil }

// HostToPlugin implements go-plugin's runner.
func (c *child) HostToPlugin(network, addr string) (string, string, error) { return network, addr, nil }

// pid returns the number of the process, 0 if it has none yet.
func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		return 0
	}
	return c.cmd.Process.Pid
}

// killGroup kills the process and all of its group.
func killGroup(pid int) error {
	if pid <= 1 {
		return fmt.Errorf("process %d has no group of ours", pid)
	}
	return syscall.Kill(-pid, syscall.SIGKILL)
}

// pipes opens several pipes, all or none.
type pipes struct {
	files []*os.File
	err   error
}

func (p *pipes) open() (r, w *os.File) {
	if p.err != nil {
		return nil, nil
	}
	r, w, p.err = os.Pipe()
	if p.err == nil {
		p.files = append(p.files, r, w)
	}
	return r, w
}

func (p *pipes) close() { closeAll(p.files...) }

func closeAll(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}
