package rpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// processMetrics returns the metrics that every process has.
func processMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// newMetrics returns the metrics of a part: those that it collects, if it is a prometheus.Collector.
func newMetrics(o *Opened) (*prometheus.Registry, error) {
	r := prometheus.NewRegistry()
	c, ok := plugin.As[prometheus.Collector](o.Part)
	if !ok {
		return r, nil
	}
	if err := guarded(o.Info, func() error { return r.Register(c) }); err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", o.Instance, err)
	}
	return r, nil
}

// Gather implements the call. A part that fails to collect some of its metrics gives the others.
func (s *Server) Gather(_ context.Context, q *pb.GatherRequest) (*pb.GatherResponse, error) {
	r := &pb.GatherResponse{}
	all, err := s.list(q.GetInstance())
	if err != nil {
		r.Error = toError(err)
		return r, nil
	}
	var errs []error
	gather := func(instance string, info plugin.Info, from *prometheus.Registry) {
		text, err := exposition(info, from)
		r.Metrics = append(r.Metrics, &pb.Metrics{Instance: instance, Text: text})
		errs = append(errs, err)
	}
	if q.GetInstance() == "" {
		gather("", plugin.Info{}, s.process)
	}
	for _, i := range all {
		s.mu.Lock()
		o, from := i.opened, i.metrics
		s.mu.Unlock()
		if o != nil {
			gather(i.name, o.Info, from)
		}
	}
	r.Error = toError(errors.Join(errs...))
	return r, nil
}

// exposition writes the metrics of a registry in the text format.
func exposition(info plugin.Info, from *prometheus.Registry) ([]byte, error) {
	var families []*dto.MetricFamily
	errs := []error{guarded(info, func() error {
		var err error
		families, err = from.Gather()
		return err
	})}
	var b bytes.Buffer
	enc := expfmt.NewEncoder(&b, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		errs = append(errs, enc.Encode(f))
	}
	return b.Bytes(), errors.Join(errs...)
}

// labelled reads metrics in the text format and returns their families by name, with labels added to every metric.
func labelled(text []byte, labels map[string]string) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			m.Label = slices.DeleteFunc(m.Label, func(p *dto.LabelPair) bool { return labels[p.GetName()] != "" })
			for _, name := range slices.Sorted(maps.Keys(labels)) {
				m.Label = append(m.Label, &dto.LabelPair{Name: new(name), Value: new(labels[name])})
			}
			slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
		}
	}
	return families, nil
}

// merge adds families to those of other parts. A family that the others hold with another type is left out.
func merge(into, families map[string]*dto.MetricFamily) error {
	var errs []error
	for name, f := range families {
		have, ok := into[name]
		switch {
		case !ok:
			into[name] = f
		case have.GetType() == f.GetType():
			have.Metric = append(have.Metric, f.GetMetric()...)
		default:
			errs = append(errs, fmt.Errorf("metric %s is a %v and a %v", name, have.GetType(), f.GetType()))
		}
	}
	return errors.Join(errs...)
}
