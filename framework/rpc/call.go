package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// call makes a call within timeout, or within the deadline of ctx if it has one. f returns gRPC's error, the error of
// the response.
func (p *Process) call(ctx context.Context, what string, timeout time.Duration, f func(context.Context) (*pb.Error, error)) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	refused, err := f(ctx)
	if err != nil {
		return p.failed(what, err)
	}
	if err := fromError(refused); err != nil {
		return fmt.Errorf("%s: %s: %w", p.command.Name, what, err)
	}
	return nil
}

// failed returns the error of a call that gRPC could not make.
func (p *Process) failed(what string, err error) error {
	cause := err
	switch status.Code(err) {
	case codes.Unavailable:
		return p.gone(what)
	case codes.Canceled:
		cause = context.Canceled
	case codes.DeadlineExceeded:
		cause = context.DeadlineExceeded
	case codes.Unimplemented:
		cause = framework.ErrUnsupported
	}
	return fmt.Errorf("%s: %s: %w", p.command.Name, what, cause)
}

// gone returns the error of a call to a process that has ended. The connection breaks a moment before the end is known.
func (p *Process) gone(what string) error {
	select {
	case <-p.child.exited:
	case <-time.After(linger):
	}
	return fmt.Errorf("%s: %s: %w%s", p.command.Name, what, framework.ErrPluginGone, p.why())
}

// why says how the process ended and what it wrote last, as a clause of an error text.
func (p *Process) why() string {
	select {
	case <-p.child.exited:
		<-p.child.drained // soon, whoever holds its pipes
	default:
	}
	if state := p.child.ended(); state != "" {
		return " (" + state + ")" + p.child.out.said()
	}
	return p.child.out.said()
}

// Name returns the name of the process in logs and errors.
func (p *Process) Name() string { return p.command.Name }

// PID returns the number of the process.
func (p *Process) PID() int { return p.child.pid() }

// Info returns what the process said of itself when it was launched. The caller changes nothing in it.
func (p *Process) Info() Info { return p.info }

// Done returns a channel that is closed when the process has ended, in whatever way.
func (p *Process) Done() <-chan struct{} { return p.child.exited }

// Err returns nil while the process runs, and then an error that says how it ended and what it wrote last: it is
// framework.ErrPluginGone.
func (p *Process) Err() error {
	select {
	case <-p.child.exited:
		return fmt.Errorf("%s: %w%s", p.command.Name, framework.ErrPluginGone, p.why())
	default:
		return nil
	}
}

// Schema returns the JSON Schema of the section of a configuration that a plugin of the process takes, and the section
// with every key at its default. An empty id means the only plugin of the kind.
func (p *Process) Schema(ctx context.Context, kind plugin.Kind, id string) (schema, defaults []byte, err error) {
	err = p.call(ctx, "Schema", p.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Schema(ctx, &pb.SchemaRequest{Kind: kinds()[kind], Id: id})
		schema, defaults = r.GetSchema(), r.GetDefaults()
		return r.GetError(), err
	})
	return schema, defaults, err
}

// Health returns how the process is: as well as the least well of its instances. A process that cannot be asked is an
// error, as with all calls: framework.ErrPluginGone if it has ended, context.DeadlineExceeded if it hangs.
func (p *Process) Health(ctx context.Context) (plugin.Health, error) { return p.health(ctx, "") }

func (p *Process) health(ctx context.Context, instance string) (plugin.Health, error) {
	var h plugin.Health
	err := p.call(ctx, "Health", p.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Health(ctx, &pb.HealthRequest{Instance: instance})
		h.Reason = r.GetReason()
		switch r.GetStatus() {
		case pb.Status_STATUS_UNSPECIFIED, pb.Status_STATUS_SERVING:
		case pb.Status_STATUS_DEGRADED:
			h.Status = plugin.Degraded
		default:
			h.Status = plugin.Failing
		}
		return r.GetError(), err
	})
	if errors.Is(err, framework.ErrUnsupported) {
		return plugin.Health{}, nil // it has no opinion, but it answers
	}
	return h, err
}

// Gather returns the metrics of the process and its instances, by name. Each has the label "plugin", the name of the
// process, and those of an instance the label "part", its name. With an error come the metrics that could be had.
func (p *Process) Gather(ctx context.Context) ([]*dto.MetricFamily, error) {
	var parts []*pb.Metrics
	err := p.call(ctx, "Gather", p.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.Gather(ctx, &pb.GatherRequest{})
		parts = r.GetMetrics()
		return r.GetError(), err
	})
	errs := []error{err}
	families := map[string]*dto.MetricFamily{}
	for _, part := range parts {
		labels := map[string]string{"plugin": p.command.Name}
		if part.GetInstance() != "" {
			labels["part"] = part.GetInstance()
		}
		more, err := labelled(part.GetText(), labels)
		errs = append(errs, err, merge(families, more))
	}
	var all []*dto.MetricFamily
	for _, name := range slices.Sorted(maps.Keys(families)) {
		all = append(all, families[name])
	}
	return all, errors.Join(errs...)
}

// SetLogLevel says from which level on the process writes to its log.
func (p *Process) SetLogLevel(ctx context.Context, level slog.Level) error {
	return p.call(ctx, "SetLogLevel", p.command.CallTimeout, func(ctx context.Context) (*pb.Error, error) {
		r, err := p.control.SetLogLevel(ctx, &pb.SetLogLevelRequest{Level: int32(level)})
		return r.GetError(), err
	})
}
