package rpc

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Command says how to start the process of a plugin. It may be used for any number of launches.
type Command struct {
	// Name stands for the process in logs and errors, such as "vm.cairo". Empty means the base of Path.
	Name string
	// Path is the program: a path, or a name that is looked up in PATH. Args are its arguments, without its name.
	Path string
	Args []string
	// SHA256 is the checksum that the program must have; nil means any. It is taken right before the start; who can
	// change the file in between can run something else.
	SHA256 []byte
	// RunDir is a folder of the caller's own, with mode 0700, for the sockets of all its plugins. Each process has a
	// folder in it while it lives. Its path may have at most 81 bytes.
	RunDir string
	// Env is what the process sees of the environment: "NAME=value", or "NAME" for the value that the host has, if it
	// has one. nil means [DefaultEnv].
	Env []string
	// StartTimeout bounds the time until the process has said what it serves. 0 means 5 seconds.
	StartTimeout time.Duration
	// CallTimeout bounds a call whose context has no deadline. 0 means 5 seconds.
	CallTimeout time.Duration
	// OpenTimeout bounds the opening of an instance whose context has no deadline. 0 means a minute.
	OpenTimeout time.Duration
	// Logger receives what the process writes to its log, under the attribute "plugin". nil means slog.Default().
	Logger *slog.Logger
}

// DefaultEnv returns the names of the variables that a plugin sees if nothing else is said.
func DefaultEnv() []string {
	return []string{
		"PATH", "HOME", "USER", "TMPDIR", "LANG", "TZ",
		"GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK", "GOCOVERDIR",
	}
}

// maxSocket is the longest path of a unix socket on every system that has them, in bytes.
const maxSocket = 103

// longestSocket is the longest name that a socket of a plugin has.
const longestSocket = "plugin4294967295"

// checked returns c with defaults filled in and its program found, or what is wrong with it.
func (c Command) checked() (Command, error) {
	if c.Path == "" {
		return c, errors.New("no program")
	}
	c.Name = cmp.Or(c.Name, filepath.Base(c.Path))
	c.StartTimeout = cmp.Or(c.StartTimeout, 5*time.Second)
	c.CallTimeout = cmp.Or(c.CallTimeout, 5*time.Second)
	c.OpenTimeout = cmp.Or(c.OpenTimeout, time.Minute)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	path, err := exec.LookPath(c.Path)
	if err != nil {
		return c, err
	}
	c.Path = path
	if c.RunDir, err = filepath.Abs(c.RunDir); err != nil {
		return c, err
	}
	info, err := os.Stat(c.RunDir)
	switch {
	case err != nil:
		return c, fmt.Errorf("run folder: %w", err)
	case !info.IsDir():
		return c, fmt.Errorf("run folder %s: not a folder", c.RunDir)
	case info.Mode().Perm()&0o077 != 0:
		return c, fmt.Errorf("run folder %s: others may enter it (mode %04o), make it 0700", c.RunDir, info.Mode().Perm())
	}
	return c, c.checkSum()
}

// checkSum compares the program with the checksum, if there is one.
func (c Command) checkSum() error {
	if c.SHA256 == nil {
		return nil
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("checksum of %s: %w", c.Path, err)
	}
	if got := h.Sum(nil); !bytes.Equal(got, c.SHA256) {
		return fmt.Errorf("%s has the checksum %x, want %x", c.Path, got, c.SHA256)
	}
	return nil
}

// makeDir makes a folder for the sockets of one process. Its name is as short as can be: paths of sockets are limited.
func (c Command) makeDir() (string, error) {
	for n := uint64(1); ; n++ {
		dir := filepath.Join(c.RunDir, strconv.FormatUint(n, 36))
		if n := len(filepath.Join(dir, longestSocket)); n > maxSocket {
			return "", fmt.Errorf("run folder %s: its path has %d bytes, which is %d too many for sockets in it", c.RunDir, len(c.RunDir), n-maxSocket)
		}
		if err := os.Mkdir(dir, 0o700); !errors.Is(err, os.ErrExist) {
			return dir, err
		}
	}
}

// environ returns what the process sees of the environment.
func (c Command) environ() []string {
	allowed := c.Env
	if allowed == nil {
		allowed = DefaultEnv()
	}
	env := []string{}
	for _, e := range allowed {
		if strings.Contains(e, "=") {
			env = append(env, e)
		} else if v, ok := os.LookupEnv(e); ok {
			env = append(env, e+"="+v)
		}
	}
	return env
}
