package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
)

// serve answers the host until it is done with the process, and returns the status to exit with.
func (p *program) serve() int {
	logFile, err := putAside()
	if err != nil {
		fmt.Fprintf(p.stderr, "%s: standard output: %v\n", p.name, err)
		return 1
	}
	level := new(slog.LevelVar)
	slog.SetDefault(slog.New(slog.NewJSONHandler(logFile, &slog.HandlerOptions{Level: level})))
	s := rpc.NewServer(rpc.ServerConfig{Plugins: p.plugins, Linker: linker.New(os.Getenv(rpc.RunDirEnv)), Level: level})
	if err := holdLifeline(s); err != nil {
		slog.Error("the lifeline of the host", "error", err)
		return 1
	}
	// go-plugin puts pipes in the place of both streams, which the host reads only as long as the process lives. It does
	// so before the first call, and nothing of a plugin runs before that.
	var called atomic.Bool
	streams := sync.OnceFunc(func() { os.Stdout, os.Stderr = logFile, logFile })
	config := s.ServeConfig(grpc.ChainUnaryInterceptor(
		func(ctx context.Context, q any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			streams()
			called.Store(true)
			return h(ctx, q)
		}))
	config.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: logFile, JSONFormat: true})
	goplugin.Serve(config) // until the host ends it; or it has logged why it cannot
	if !called.Load() {
		return 1
	}
	return 0
}

// putAside makes standard error of what is written to standard output from now on, so that nothing but go-plugin's
// greeting goes there, and returns the log.
func putAside() (*os.File, error) {
	out, err := syscall.Dup(syscall.Stdout)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(out)
	logFile := os.Stderr
	if err := dup2(int(logFile.Fd()), syscall.Stdout); err != nil {
		return nil, err
	}
	os.Stdout = os.NewFile(uintptr(out), "greeting")
	return logFile, nil
}

// holdLifeline makes the process exit when its host is done or dead, and ignore signals until then. Without a lifeline
// it does nothing.
func holdLifeline(s *rpc.Server) error {
	name := os.Getenv(rpc.LifelineEnv)
	if name == "" {
		return nil
	}
	fd, err := strconv.Atoi(name)
	if err != nil || fd < 3 {
		return fmt.Errorf("%s=%q is no descriptor", rpc.LifelineEnv, name)
	}
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return fmt.Errorf("%s=%q is no pipe", rpc.LifelineEnv, name)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return os.NewSyscallError("set nonblock", err)
	}
	lifeline := os.NewFile(uintptr(fd), "lifeline")
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGINT, syscall.SIGTERM) // not signal.Ignore, which programs it starts would inherit
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		end(s)
	}()
	return nil
}

// end ends the process. If its host is dead, the programs that it started end with it.
func end(s *rpc.Server) {
	if s.Drained() {
		os.Exit(0)
	}
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	os.Exit(1)
}
