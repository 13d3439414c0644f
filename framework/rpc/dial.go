package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Dial asks a plugin that somebody else has started what it serves. It listens on the unix socket at path, as package
// serve does with --listen. The process that is returned is like one that was launched, but for its end: Stop closes
// the connection, and the plugin goes on with the instances that nobody has closed; Done and Err say nothing of it; PID
// is 0. Dial waits for ten seconds if ctx has no deadline.
func Dial(ctx context.Context, path string) (*Process, error) {
	p, err := dial(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("dial plugin %s: %w", path, err)
	}
	return p, nil
}

func dial(ctx context.Context, path string) (*Process, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.Mode()&os.ModeSocket == 0 {
		return nil, errors.New("is no socket")
	}
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	c := Command{Name: path, CallTimeout: 5 * time.Second, OpenTimeout: time.Minute, Logger: slog.Default()}
	p := &Process{
		command: c, child: newChild(c, nil, &output{log: c.Logger}), conn: conn, control: pb.NewControlClient(conn),
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if err := p.ask(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}
