package monitor_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/monitor"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parts says of itself what the test wants.
type parts struct {
	health []monitor.Part
	own    *prometheus.Registry
}

func (p *parts) Health(context.Context) []monitor.Part { return p.health }
func (p *parts) Gather() ([]*dto.MetricFamily, error)  { return p.own.Gather() }

// start starts a monitor and returns it.
func start(t *testing.T, cfg config.Monitor, p *parts, ready func() bool) *monitor.Monitor {
	t.Helper()
	if p.own == nil {
		p.own = prometheus.NewRegistry()
	}
	m := monitor.New(cfg, p, ready, slog.New(slog.DiscardHandler))
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := m.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return m
}

// get returns status and body of a page.
func get(t *testing.T, address, path string) (int, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := c.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func loopback() config.Monitor { return config.Default().Monitor }

func TestHealth(t *testing.T) {
	vm := monitor.Part{Kind: plugin.VM, Plugin: "vm.x", Place: "process", Status: "serving", Restarts: 2}
	degraded, failing := vm, vm
	degraded.Status, degraded.Reason = "degraded", "disk is nearly full"
	failing.Status, failing.Failing = "failing", true
	for _, tt := range []struct {
		name            string
		part            monitor.Part
		ready           bool
		healthz, readyz int
		status          string // of readyz
	}{
		{"well", vm, true, 200, 200, "ready"},
		{"starting", vm, false, 200, 503, "starting"},
		{"degraded", degraded, true, 200, 200, "ready"},
		{"failing", failing, true, 503, 503, "failing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := start(t, loopback(), &parts{health: []monitor.Part{tt.part}}, func() bool { return tt.ready })
			if code, body := get(t, m.Address(), "/healthz"); code != tt.healthz {
				t.Errorf("/healthz: %d, want %d\n%s", code, tt.healthz, body)
			}
			code, body := get(t, m.Address(), "/readyz")
			var got struct {
				Status string
				Parts  []map[string]any
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if code != tt.readyz || got.Status != tt.status || len(got.Parts) != 1 || got.Parts[0]["status"] != tt.part.Status {
				t.Errorf("/readyz: %d %s, want %d and status %s", code, body, tt.readyz, tt.status)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	p := &parts{own: prometheus.NewRegistry()}
	p.own.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "trie_nodes", Help: "x", ConstLabels: prometheus.Labels{"plugin": "store"},
	}, func() float64 { return 7 }))
	m := start(t, loopback(), p, func() bool { return true })
	outcome := func(s framework.Status) framework.Final {
		return framework.Final{Outcome: &framework.Outcome{Status: s}}
	}
	m.Sealed(&sequencer.Sealed{
		Block: &sequencer.Block{
			Block:  &framework.Block{Number: 41},
			Finals: []framework.Final{outcome(framework.Succeeded), outcome(framework.Succeeded), outcome(framework.Reverted)},
			Stats:  framework.Stats{Executions: 5, Aborts: 2},
		},
		Executing: time.Second, Sealing: 2 * time.Second, Overlap: 500 * time.Millisecond,
	})
	_, body := get(t, m.Address(), "/metrics")
	for _, line := range []string{
		"switchyard_head_block 41",
		"switchyard_blocks_total 1",
		`switchyard_transactions_total{status="succeeded"} 2`,
		`switchyard_transactions_total{status="rejected"} 0`,
		"switchyard_executions_total 5",
		"switchyard_aborts_total 2",
		"switchyard_block_seal_seconds_sum 2",
		"switchyard_overlap_seconds_total 0.5",
		`trie_nodes{plugin="store"} 7`,
	} {
		if !strings.Contains(body, "\n"+line+"\n") {
			t.Errorf("/metrics has no line %q", line)
		}
	}
}

// TestAddresses checks that nothing is offered to other machines, or at all, that was not asked for.
func TestAddresses(t *testing.T) {
	m := start(t, config.Monitor{Listen: ":0"}, &parts{}, func() bool { return true })
	if host, _, err := net.SplitHostPort(m.Address()); err != nil || host != "127.0.0.1" {
		t.Errorf("listens on %q, %v, want the loopback", m.Address(), err)
	}
	if code, _ := get(t, m.Address(), "/debug/pprof/"); code != http.StatusNotFound {
		t.Errorf("the profiler answers %d beside the metrics, want 404", code)
	}
	if m := start(t, config.Monitor{}, &parts{}, func() bool { return true }); m.Address() != "" {
		t.Errorf("listens on %q without an address", m.Address())
	}
}

func TestPprof(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	l.Close()
	start(t, config.Monitor{Pprof: free}, &parts{}, func() bool { return true })
	if code, body := get(t, free, "/debug/pprof/goroutine?debug=1"); code != http.StatusOK || !strings.Contains(body, "goroutine profile") {
		t.Errorf("the profiler answers %d %.80q", code, body)
	}
}

// TestPortInUse checks that the error names key and address, and that the first address is free again.
func TestPortInUse(t *testing.T) {
	taken := start(t, loopback(), &parts{}, func() bool { return true }).Address()
	m := monitor.New(config.Monitor{Listen: "127.0.0.1:0", Pprof: taken}, &parts{}, nil, slog.New(slog.DiscardHandler))
	err := m.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "monitor.pprof: listen tcp "+taken) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Start() = %v", err)
	}
	if diff := cmp.Diff("", m.Address()); diff != "" {
		t.Errorf("still listens after a failed start: %s", diff)
	}
}
