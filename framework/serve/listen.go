package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
)

// closing is how long the instances have to stop when a person ends the program.
const closing = 10 * time.Second

// listen serves the plugins on a socket of this user until the program is interrupted: for a debugger, or for a host that
// is started again and again beside it. Standard output and error stay as they are.
func (p *program) listen(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "sy")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, l.Close())
	}
	level := new(slog.LevelVar)
	slog.SetDefault(slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level})))
	s := rpc.NewServer(rpc.ServerConfig{Plugins: p.plugins, Linker: linker.New(dir), Level: level})
	g := grpc.NewServer(grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32))
	s.Register(g)
	served := make(chan error, 1)
	go func() { served <- g.Serve(l) }()
	fmt.Fprintf(p.stderr, "%s listens on %s; Ctrl-C ends it\n", p.name, path)
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	g.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return errors.Join(<-served, s.Close(ctx))
}
