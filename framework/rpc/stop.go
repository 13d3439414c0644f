package rpc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

const (
	// stopTimeout bounds a Stop whose context has no deadline.
	stopTimeout = 10 * time.Second
	// exitTimeout is how long a process that has stopped its instances may take to exit.
	exitTimeout = 2 * time.Second
)

// Stop stops the instances of the process, then the process. If they have not stopped when ctx ends, or within ten seconds
// if it has no deadline, the process is killed, and its whole group in any case. When Stop returns, nothing is left of
// the process: no member of its group, no descriptor, no goroutine, no socket.
//
// It returns an error if an instance did, or if the process had to be killed. It may be called again, and then waits for
// the first call and returns nil.
func (p *Process) Stop(ctx context.Context) error {
	var err error
	p.stop.Do(func() {
		if p.conn != nil {
			err = p.conn.Close()
			return
		}
		err = p.drain(ctx)
		p.destroy()
	})
	return err
}

// drain asks the process to end.
func (p *Process) drain(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, stopTimeout)
		defer cancel()
	}
	err := p.call(ctx, "Stop", stopTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Stop(ctx, &pb.StopRequest{DeadlineMs: left(ctx)})
		return r.GetError(), err
	})
	if errors.Is(err, framework.ErrPluginGone) {
		return nil // what there was to stop has ended; Err says how
	}
	p.child.release()
	timer := time.NewTimer(exitTimeout)
	defer timer.Stop()
	select {
	case <-p.child.exited:
		return err
	case <-ctx.Done():
	case <-timer.C:
	}
	return errors.Join(err, fmt.Errorf("%s: it did not exit, and was killed", p.command.Name))
}

// destroy kills the process and frees all that the host holds of it.
func (p *Process) destroy() {
	p.child.kill()
	if p.child.pid() != 0 {
		<-p.child.exited
	}
	if p.client != nil {
		p.client.Kill() // returns at once, since the process has ended
	}
	p.child.gone()
	for _, l := range p.synced {
		l.flush()
	}
	_ = os.RemoveAll(p.dir)
}
