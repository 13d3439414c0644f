package host

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/monitor"
	"github.com/switchyard-dev/switchyard/host/supervisor"
)

// part returns the part of a kind as the assembly has it, nil if it is not open.
func (a *Assembly) part(kind plugin.Kind) any {
	var part any
	switch kind {
	case plugin.Scheduler:
		part = a.Scheduler
	case plugin.VM:
		part = a.VM
	default:
		part = a.Store
	}
	return part
}

// watched returns who runs the processes, nil before Open and after Close, and the parts that are built in.
func (a *Assembly) watched() (*supervisor.Supervisor, map[plugin.Kind]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.supervisor == nil {
		return nil, nil
	}
	builtin := map[plugin.Kind]any{}
	for _, kind := range a.kinds {
		if a.supervisor.Handle(kind) == nil {
			builtin[kind] = a.part(kind)
		}
	}
	return a.supervisor, builtin
}

// Health implements [monitor.Parts].
func (a *Assembly) Health(ctx context.Context) []monitor.Part {
	running, builtin := a.watched()
	var all []monitor.Part
	for _, kind := range a.kinds {
		cfg := a.cfg.Part(kind)
		p := monitor.Part{Kind: kind, Plugin: cfg.Use, Place: cfg.Place}
		h := plugin.Health{Status: plugin.Failing, Reason: "not open"}
		if running != nil {
			if apart := running.Handle(kind); apart != nil {
				h, p.Plugin, p.Restarts = apart.Health(ctx), apart.Info().ID, apart.Restarts()
			} else {
				h = health(ctx, builtin[kind])
			}
		}
		p.Status, p.Reason, p.Failing = h.Status.String(), h.Reason, h.Status == plugin.Failing
		all = append(all, p)
	}
	return all
}

// health asks a part that is built in.
func health(ctx context.Context, part any) plugin.Health {
	if h, ok := plugin.As[plugin.Healther](part); ok {
		return h.Health(ctx)
	}
	return plugin.Health{}
}

// gathering is how long the processes have to tell their metrics.
const gathering = 5 * time.Second

// Gather implements [monitor.Parts]. Metrics of processes have the label "plugin"; those of parts have "part" too.
func (a *Assembly) Gather() ([]*dto.MetricFamily, error) {
	running, builtin := a.watched()
	if running == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), gathering)
	defer cancel()
	apart, err := running.Gather(ctx)
	errs := []error{err}
	var from prometheus.Gatherers
	for _, families := range apart {
		from = append(from, prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil }))
	}
	restarts := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "switchyard", Name: "restarts", Help: "How often the process of a part was started again.",
	}, []string{"part"})
	own := prometheus.NewRegistry()
	own.MustRegister(restarts)
	for kind, part := range builtin {
		if c, ok := plugin.As[prometheus.Collector](part); ok {
			labels := prometheus.Labels{"plugin": config.Builtin, "part": string(kind)}
			errs = append(errs, prometheus.WrapRegistererWith(labels, own).Register(c))
		}
	}
	for _, kind := range a.kinds {
		if h := running.Handle(kind); h != nil {
			restarts.WithLabelValues(string(kind)).Set(float64(h.Restarts()))
		}
	}
	families, err := append(from, own).Gather()
	return families, errors.Join(append(errs, err)...)
}

// PID returns the number of the process that a part runs in, 0 if it is the host's or down.
func (a *Assembly) PID(kind plugin.Kind) int {
	running, _ := a.watched()
	if running == nil || running.Handle(kind) == nil {
		return 0
	}
	return running.Handle(kind).PID()
}
