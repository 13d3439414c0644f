package host

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/monitor"
)

// part is a part of the assembly to whoever watches it.
type part struct {
	kind plugin.Kind
	cfg  config.Part
	part any // nil while it is not open
}

func (a *Assembly) all() []part {
	a.mu.Lock()
	defer a.mu.Unlock()
	return []part{
		{plugin.Scheduler, a.cfg.Scheduler, a.Scheduler},
		{plugin.VM, a.cfg.VM, a.VM},
		{plugin.Store, a.cfg.Store, a.Store},
	}
}

// Health implements [monitor.Parts].
func (a *Assembly) Health(ctx context.Context) []monitor.Part {
	var all []monitor.Part
	for _, p := range a.all() {
		h := plugin.Health{Status: plugin.Failing, Reason: "not open"}
		if p.part != nil {
			h = health(ctx, p.part)
		}
		all = append(all, monitor.Part{
			Kind: p.kind, Plugin: p.cfg.Use, Place: p.cfg.Place,
			Status: h.Status.String(), Reason: h.Reason, Failing: h.Status == plugin.Failing,
		})
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

// Gather implements [monitor.Parts].
func (a *Assembly) Gather() ([]*dto.MetricFamily, error) {
	var from prometheus.Gatherers
	var errs []error
	for _, p := range a.all() {
		c, ok := plugin.As[prometheus.Collector](p.part)
		if !ok {
			continue
		}
		r := prometheus.NewRegistry()
		labels := prometheus.Labels{"plugin": config.Builtin, "part": string(p.kind)}
		errs = append(errs, prometheus.WrapRegistererWith(labels, r).Register(c))
		from = append(from, r)
	}
	families, err := from.Gather()
	return families, errors.Join(append(errs, err)...)
}
