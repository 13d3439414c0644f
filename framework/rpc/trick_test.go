package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
)

// early is what a package prints before main begins.
var early = func() int {
	if os.Getenv("TRICK") == "print early" {
		fmt.Println("printed early")
		fmt.Println(strings.Repeat("x", 200<<10))
	}
	return 0
}()

// misbehave is the main of a plugin with a trick.
func misbehave() int {
	_ = early
	switch os.Getenv("TRICK") {
	case "print":
		fmt.Println("printed before Serve")
	case "sleep":
		time.Sleep(time.Hour)
	case "exit":
		fmt.Fprintln(os.Stderr, "there is no coal")
		return 3
	case "crash":
		panic("boiler")
	case "log":
		fmt.Fprintln(os.Stderr, `{"@message":5}`)
		fmt.Fprintln(os.Stderr, `{"msg":"half`)
		fmt.Fprintln(os.Stderr, `{"msg":"two"} {"msg":"objects"}`)
		fmt.Fprintln(os.Stderr, `[1]`)
		fmt.Fprintln(os.Stderr, "\x00\xff\xfe")
		fmt.Fprintln(os.Stderr, `{"@level":"warn","@message":"by hclog","@timestamp":"2026-01-02T15:04:05.000000Z","n":7}`)
	case "long":
		fmt.Fprint(os.Stderr, strings.Repeat("y", 200<<10))
	case "environment":
		slog.Info("environment", "all", strings.Join(os.Environ(), " "))
		fmt.Fprintln(os.Stderr, "environment: "+strings.Join(os.Environ(), " "))
	case "cookie":
		goplugin.Serve(&goplugin.ServeConfig{
			HandshakeConfig: goplugin.HandshakeConfig{MagicCookieKey: "OTHER", MagicCookieValue: "1"},
		})
	case "version", "netrpc":
		c := rpc.NewServer(rpc.ServerConfig{Plugins: factories()}).ServeConfig()
		if os.Getenv("TRICK") == "version" {
			c.VersionedPlugins[2] = c.VersionedPlugins[1]
			delete(c.VersionedPlugins, 1)
		} else {
			c.GRPCServer = nil
		}
		c.ProtocolVersion = 0
		goplugin.Serve(c)
		return 0
	case "bare", "mute":
		return bare()
	}
	return serve.Run(os.Args[1:], factories()...)
}

// bare is a plugin as somebody might write it in another language: the control service and nothing else.
func bare() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	path := filepath.Join(os.Getenv(rpc.RunDirEnv), "bare")
	l, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	g := grpc.NewServer()
	rpc.NewServer(rpc.ServerConfig{Plugins: factories()}).Register(g)
	fmt.Printf("1|1|unix|%s|grpc|\n", path)
	fmt.Println("printed after the greeting")
	if os.Getenv("TRICK") == "mute" {
		time.Sleep(time.Hour) // a select without cases would be found to be a deadlock
	}
	_ = g.Serve(l)
	return 0
}

// behaviour is the configuration of the test plugins.
type behaviour struct {
	Open   string            `koanf:"open" enum:",panic,fail,sentinel,print,fork,fork away,exit,wait" doc:"What Open does."`
	Health string            `koanf:"health" enum:",degraded,failing,panic"`
	Close  string            `koanf:"close" enum:",slow,hang"`
	Crash  string            `koanf:"crash" doc:"A file whose appearance makes a goroutine panic."`
	Blob   string            `koanf:"blob"`
	Gas    uint64            `koanf:"gas"`
	Wait   time.Duration     `koanf:"wait"`
	Sizes  map[string]uint64 `koanf:"sizes"`
}

// Validate refuses too much gas.
func (b *behaviour) Validate() error {
	if b.Gas == 1 {
		return plugin.Diagnostics{{Key: "gas", Problem: "1 is too little"}}
	}
	return nil
}

// factories are the test plugins: one VM and two stores.
func factories() []plugin.Factory {
	store := func(_ context.Context, b behaviour) (framework.Store, error) {
		err := open(b)
		return &part{behaviour: b}, err
	}
	return []plugin.Factory{
		plugin.ForVM(plugin.Info{ID: "v", Version: "0.1.0", Summary: "a VM", Features: []string{"steam"}, Stability: plugin.Beta},
			behaviour{Gas: 9, Wait: time.Second},
			func(ctx context.Context, b behaviour) (framework.VM, error) {
				if b.Open == "wait" {
					<-ctx.Done()
					slog.Info("given up")
					return nil, ctx.Err()
				}
				err := open(b)
				return &vm{part: part{behaviour: b}}, err
			}),
		plugin.ForStore(plugin.Info{ID: "a"}, behaviour{}, store),
		plugin.ForStore(plugin.Info{ID: "b"}, behaviour{}, store),
	}
}

func open(b behaviour) error {
	if b.Crash != "" {
		go func() {
			for _, err := os.Stat(b.Crash); err != nil; _, err = os.Stat(b.Crash) {
				time.Sleep(time.Millisecond)
			}
			panic("boiler")
		}()
	}
	switch b.Open {
	case "panic":
		panic("boiler")
	case "fail":
		return errors.New("there is no coal")
	case "sentinel":
		return fmt.Errorf("look for coal: %w", framework.ErrNoBlock)
	case "exit":
		fmt.Fprintln(os.Stderr, "out of coal")
		os.Exit(4)
	case "print":
		fmt.Println("printed to stdout")
		fmt.Fprintln(os.Stderr, "printed to stderr")
		slog.Error("logged", "at", 7, "in", slog.GroupValue(slog.Int("block", 5)))
		slog.Debug("logged quietly")
	case "fork", "fork away":
		c := exec.Command("/bin/sleep", "300")
		c.Stderr = os.Stderr
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: b.Open == "fork away"}
		if err := c.Start(); err != nil {
			return err
		}
		slog.Info("forked", "pid", c.Process.Pid)
	}
	return nil
}

// part is what the test plugins have in common.
type part struct {
	framework.Store
	behaviour
}

// Health implements plugin.Healther.
func (p *part) Health(context.Context) plugin.Health {
	switch p.behaviour.Health {
	case "degraded":
		return plugin.Health{Status: plugin.Degraded, Reason: "low on coal"}
	case "failing":
		return plugin.Health{Status: plugin.Failing, Reason: "no coal"}
	case "panic":
		panic("boiler")
	}
	slog.Debug("asked quietly")
	return plugin.Health{}
}

// Close implements framework.Store.
func (p *part) Close() error {
	switch p.behaviour.Close {
	case "slow":
		time.Sleep(300 * time.Millisecond)
		slog.Info("closed")
	case "hang":
		select {}
	}
	return nil
}

// Describe implements prometheus.Collector.
func (p *part) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, ch) }

// Collect implements prometheus.Collector.
func (p *part) Collect(ch chan<- prometheus.Metric) {
	d := prometheus.NewDesc("test_gas", "Gas.", []string{"fuel"}, nil)
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(p.Gas), "coal")
}

type vm struct{ part }

// Open implements framework.VM.
func (*vm) Open(context.Context, *framework.Block) (framework.Executor, error) {
	return nil, framework.ErrUnsupported
}

// host is the main of a host that launches a plugin, prints its number and that of what the plugin started, and waits to
// be killed.
func host() int {
	c := rpc.Command{
		Name: "test", Path: os.Args[0], RunDir: os.Getenv("RUN_DIR"), StartTimeout: 20 * time.Second,
		Env: append(rpc.DefaultEnv(), "MODE=plugin"), Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)),
	}
	p, err := rpc.Launch(context.Background(), c)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if _, err := p.Open(context.Background(), plugin.VM, "v", "x", map[string]any{"open": "fork"}); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Printf("plugin %d\n", p.PID())
	select {}
}
