// Package monitor lets a host be watched over HTTP: /metrics for Prometheus, /healthz and /readyz for whoever restarts it
// or sends it work, and Go's profiler at an address of its own if asked for.
package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/web"
)

// Parts are what is watched.
type Parts interface {
	// Health returns how every part is, in the order of plugin.Kinds. It takes no longer than ctx.
	Health(ctx context.Context) []Part
	// Gatherer gives the metrics of the parts.
	prometheus.Gatherer
}

// Part is how one part of the sequencer is.
type Part struct {
	Kind     plugin.Kind `json:"part"`
	Plugin   string      `json:"plugin"`
	Place    string      `json:"place"`
	Status   string      `json:"status"`
	Reason   string      `json:"reason,omitempty"`
	Restarts int         `json:"restarts,omitempty"`
	// Failing is true if the part cannot do its work.
	Failing bool `json:"-"`
}

// Monitor serves what it is told. It is safe for concurrent use.
type Monitor struct {
	cfg   config.Monitor
	parts Parts
	ready func() bool
	log   *slog.Logger
	own   *prometheus.Registry
	chain *chain

	web     *web.Listeners
	mu      sync.Mutex
	address string // of the first; guarded by mu
}

// asking is how long the parts have to say how they are.
const asking = 3 * time.Second

// New returns a monitor that serves nothing before Start. ready says whether blocks can be built.
func New(cfg config.Monitor, parts Parts, ready func() bool, log *slog.Logger) *Monitor {
	m := &Monitor{cfg: cfg, parts: parts, ready: ready, log: log, web: web.New(log), own: prometheus.NewRegistry(), chain: newChain()}
	m.own.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.chain.register(m.own)
	return m
}

// Start listens at the addresses of the configuration.
func (m *Monitor) Start(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.metrics())
	mux.HandleFunc("GET /healthz", m.healthz)
	mux.HandleFunc("GET /readyz", m.readyz)
	profiler := http.NewServeMux()
	profiler.HandleFunc("/debug/pprof/", pprof.Index)
	profiler.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	profiler.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiler.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiler.HandleFunc("/debug/pprof/trace", pprof.Trace)
	at, err := m.web.Listen(ctx, "monitor.listen", m.cfg.Listen, mux)
	if err == nil {
		m.mu.Lock()
		m.address = at
		m.mu.Unlock()
		at, err = m.web.Listen(ctx, "monitor.pprof", m.cfg.Pprof, profiler)
	}
	if err != nil {
		return errors.Join(err, m.Stop(ctx))
	}
	if at != "" {
		m.log.Info("profiler", "url", "http://"+at+"/debug/pprof/")
	}
	return nil
}

// Address returns where the monitor listens, "" if it does not.
func (m *Monitor) Address() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.address
}

// Stop lets requests finish until ctx ends, and then cuts them. It may be called again.
func (m *Monitor) Stop(ctx context.Context) error {
	m.mu.Lock()
	m.address = ""
	m.mu.Unlock()
	m.web.Stop(ctx)
	return nil
}

// metrics serves the host's metrics together with those of its parts. A part that does not answer is left out.
func (m *Monitor) metrics() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{m.own, m.parts}, promhttp.HandlerOpts{
		ErrorLog:      slog.NewLogLogger(m.log.Handler(), slog.LevelWarn),
		ErrorHandling: promhttp.ContinueOnError,
		Timeout:       10 * time.Second,
	})
}

// report is what /healthz and /readyz answer.
type report struct {
	Status string `json:"status"`
	Parts  []Part `json:"parts"`
}

// healthz answers 200 unless a part fails: restarting the host may help.
func (m *Monitor) healthz(w http.ResponseWriter, r *http.Request) { m.answer(w, r, "serving", true) }

// readyz answers 200 if blocks are built.
func (m *Monitor) readyz(w http.ResponseWriter, r *http.Request) { m.answer(w, r, "ready", m.ready()) }

func (m *Monitor) answer(w http.ResponseWriter, r *http.Request, well string, is bool) {
	ctx, cancel := context.WithTimeout(r.Context(), asking)
	defer cancel()
	rep, code := report{Status: well, Parts: m.parts.Health(ctx)}, http.StatusOK
	if !is {
		rep.Status, code = "starting", http.StatusServiceUnavailable
	}
	for _, p := range rep.Parts {
		if p.Failing {
			rep.Status, code = "failing", http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(rep) // who asked has gone
}
