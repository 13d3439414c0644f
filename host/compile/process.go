package compile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// maxComplaint is how much of what a compiler complains about is kept: the end of it.
const maxComplaint = 2 << 10

// dying is how long a compiler that was killed may keep its output open.
const dying = time.Second

// run has the compiler compile a class, in a process group of its own, which is gone when it returns.
func (c *Compiler) run(ctx context.Context, sierra *class.Sierra) (casm []byte, err error) {
	text, err := source(sierra)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "switchyard-compile-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	in, out := filepath.Join(dir, "sierra.json"), filepath.Join(dir, "casm.json")
	if err := os.WriteFile(in, text, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, fmt.Errorf("the compiler took longer than %v", c.config.Timeout))
	defer cancel()
	cmd, toFile := c.command(ctx, in, out)
	cmd.Dir = dir
	printed := &bounded{limit: int(c.config.Output), full: cancel} //nolint:gosec // see Validate
	complaint := &tail{}
	cmd.Stdout, cmd.Stderr = printed, complaint
	if err := c.start(cmd); err != nil {
		return nil, err
	}
	err = cmd.Wait()
	_ = cmd.Cancel()                                                                            // what it may have left running
	if file, bad := os.Stat(out); bad == nil && uint64(file.Size()) > uint64(c.config.Output) { //nolint:gosec // not negative
		printed.over = true // what was written has reached the limit of the process
	}
	switch {
	case printed.over:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, uint64(c.config.Output))
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("the compiler %s: %w%s", c.config.Command[0], err, complaint)
	case toFile:
		return c.readFile(out)
	}
	return printed.text, nil
}

// source returns a class as compilers read it. They take its interface as a list and not, as nodes do, as a text, but need none.
func source(sierra *class.Sierra) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(sierra.Text(), &fields); err != nil {
		return nil, err
	}
	delete(fields, "abi")
	return json.Marshal(fields)
}

// command returns the compiler with its arguments, and whether it writes to a file.
func (c *Compiler) command(ctx context.Context, in, out string) (cmd *exec.Cmd, toFile bool) {
	args := make([]string, len(c.config.Command))
	for i, a := range c.config.Command {
		toFile = toFile || strings.Contains(a, "{casm}")
		args[i] = strings.NewReplacer("{sierra}", in, "{casm}", out).Replace(a)
	}
	cmd = exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // that is what the configuration is for
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = dying
	// A compiler needs to be found and to find its files; what else the host was told is none of its business.
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	return cmd, toFile
}

// start starts the compiler within its limits.
func (c *Compiler) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the compiler: %w", err)
	}
	if err := limit(cmd.Process.Pid, &c.config); err != nil && !errors.Is(err, syscall.ESRCH) {
		return errors.Join(fmt.Errorf("limit the compiler: %w", err), cmd.Cancel(), cmd.Wait())
	}
	return nil
}

// bounded keeps what is written until it is more than the limit.
type bounded struct {
	text  []byte
	limit int
	full  func()
	over  bool
}

// Write implements [io.Writer].
func (b *bounded) Write(p []byte) (int, error) {
	if b.over = b.over || len(b.text)+len(p) > b.limit; b.over {
		b.full()
		return len(p), nil
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

// tail keeps the end of what is written.
type tail struct{ text []byte }

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if n := len(t.text); n > maxComplaint {
		t.text = append(t.text[:0], t.text[n-maxComplaint:]...)
	}
	return len(p), nil
}

// String returns what was kept, as the end of an error.
func (t *tail) String() string {
	if text := strings.TrimSpace(string(t.text)); text != "" {
		return ": " + text
	}
	return ""
}
