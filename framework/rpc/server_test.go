package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// journal is a Linker, and a store, that writes down what it is asked to do.
type journal struct {
	framework.Store
	mu  sync.Mutex
	did []string
}

func (j *journal) write(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.did = append(j.did, fmt.Sprintf(format, args...))
}

// Carriers implements rpc.Linker.
func (*journal) Carriers() ([]string, uint64) { return []string{"pigeon/1"}, 7 }

// Listen implements rpc.Linker.
func (j *journal) Listen(_ context.Context, o *rpc.Opened, link string, peer rpc.Peer) (rpc.Offer, error) {
	if link == "panic" {
		panic("boiler")
	}
	if _, ok := o.Part.(framework.Store); !ok {
		return rpc.Offer{}, fmt.Errorf("a %T is no store", o.Part)
	}
	j.write("listen %s %s for %s %s %v", o.Instance, link, peer.Kind, peer.Instance, peer.Carriers)
	return rpc.Offer{Carrier: "pigeon/1", Address: "roof", Token: []byte("seed")}, nil
}

// Attach implements rpc.Linker.
func (j *journal) Attach(_ context.Context, o *rpc.Opened, link string, _ rpc.Peer, offer rpc.Offer) error {
	j.write("attach %s %s to %s %s %s", o.Instance, link, offer.Carrier, offer.Address, offer.Token)
	return nil
}

// Detach implements rpc.Linker.
func (j *journal) Detach(_ context.Context, o *rpc.Opened, link string) error {
	j.write("detach %s %s", o.Instance, link)
	return nil
}

// Close implements framework.Store.
func (j *journal) Close() error {
	j.write("close")
	return errors.New("the door is stuck")
}

// journalServer serves the journal as the store "j", with itself as the linker.
func journalServer() (*rpc.Server, *journal) {
	j := &journal{}
	f := plugin.ForStore(plugin.Info{ID: "j"}, struct{}{}, func(context.Context, struct{}) (framework.Store, error) { return j, nil })
	return rpc.NewServer(rpc.ServerConfig{Plugins: plugin.Catalog{f}, Linker: j}), j
}

// opened makes an instance of the only store of a server.
func opened(t *testing.T, s *rpc.Server, name string) {
	t.Helper()
	c, err := s.Configure(t.Context(), &pb.ConfigureRequest{Instance: name, Kind: pb.Kind_KIND_STORE})
	if err != nil || c.GetError() != nil || len(c.GetDiagnostics()) > 0 {
		t.Fatal(c, err)
	}
	r, err := s.Start(t.Context(), &pb.StartRequest{Instance: name})
	if err != nil || r.GetError() != nil {
		t.Fatal(r, err)
	}
}

// TestServerLinks makes links through a Linker and looks at the order in which an instance is taken apart.
func TestServerLinks(t *testing.T) {
	ctx := limit(t, 10*time.Second)
	s, j := journalServer()
	opened(t, s, "x")
	listen := func(instance, link string) *pb.ListenResponse {
		t.Helper()
		r, err := s.Listen(ctx, &pb.ListenRequest{
			Instance: instance, Link: link, Peer: &pb.Peer{Kind: pb.Kind_KIND_VM, Instance: "y", Carriers: []string{"pigeon/1"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := listen("x", "l"); r.GetError() != nil || r.GetCarrier() != "pigeon/1" || r.GetAddress() != "roof" || string(r.GetToken()) != "seed" {
		t.Errorf("Listen = %v", r)
	}
	if r := listen("x", "l"); r.GetError() != nil {
		t.Errorf("the same link again, for a peer that was started again: %v", r)
	}
	if r := listen("nobody", "l"); !slices.Contains(r.GetError().GetIs(), pb.Sentinel_SENTINEL_CLOSED) {
		t.Errorf("a link of nobody: %v", r)
	}
	if r := listen("x", "panic"); r.GetError().GetFault().GetPlugin() != "store.j" {
		t.Errorf("a panic: %v", r)
	}
	for range 2 {
		if r, err := s.Attach(ctx, &pb.AttachRequest{Instance: "x", Link: "m", Carrier: "c", Address: "a", Token: []byte("t")}); err != nil {
			t.Fatal(r, err)
		}
		if r, err := s.Detach(ctx, &pb.DetachRequest{Instance: "x", Link: "m"}); err != nil || r.GetError() != nil {
			t.Errorf("Detach = %v, %v", r, err)
		}
	}
	if s.Drained() {
		t.Error("drained before Stop")
	}
	if r, err := s.Stop(ctx, &pb.StopRequest{}); err != nil || r.GetError().GetText() != "stop x: the door is stuck" {
		t.Errorf("Stop = %v, %v", r, err)
	}
	if !s.Drained() {
		t.Error("not drained after Stop")
	}
	want := []string{
		"listen x l for vm y [pigeon/1]", "listen x l for vm y [pigeon/1]", "attach x m to c a t", "detach x m", "attach x m to c a t", "detach x m",
		"detach x l", "close",
	}
	if !slices.Equal(j.did, want) {
		t.Errorf("it did %q, want %q", j.did, want)
	}
	info, err := s.Info(ctx, &pb.InfoRequest{})
	if err != nil || !slices.Equal(info.GetCarriers(), []string{"pigeon/1"}) || info.GetMaxFrame() != 7 {
		t.Errorf("Info = %v, %v", info, err)
	}
}

func TestServerConfigure(t *testing.T) {
	ctx := limit(t, 10*time.Second)
	s, _ := journalServer()
	for config, want := range map[string]string{
		`{"a":1}`: "a: unknown key",
		`{`:       "decode the configuration: unexpected EOF",
		`[]`:      "decode the configuration: json: cannot unmarshal array",
		`{} {}`:   "decode the configuration: more than one JSON value",
	} {
		r, err := s.Configure(ctx, &pb.ConfigureRequest{Instance: "x", Kind: pb.Kind_KIND_STORE, Config: []byte(config)})
		if err != nil {
			t.Fatal(err)
		}
		got := r.GetError().GetText()
		for _, d := range r.GetDiagnostics() {
			got += d.GetKey() + ": " + d.GetProblem()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", config, got, want)
		}
	}
	if r, err := s.Start(ctx, &pb.StartRequest{Instance: "x"}); err != nil || !slices.Contains(r.GetError().GetIs(), pb.Sentinel_SENTINEL_CLOSED) {
		t.Errorf("Start of what was not configured: %v, %v", r, err)
	}
	opened(t, s, "x")
	if r, err := s.Start(ctx, &pb.StartRequest{Instance: "x"}); err != nil || !strings.Contains(r.GetError().GetText(), "is running") {
		t.Errorf("second Start: %v, %v", r, err)
	}
	if r, err := s.SetLogLevel(ctx, &pb.SetLogLevelRequest{}); err != nil || !slices.Contains(r.GetError().GetIs(), pb.Sentinel_SENTINEL_UNSUPPORTED) {
		t.Errorf("SetLogLevel without a level: %v, %v", r, err)
	}
}

// TestHammerServer makes all calls at once, for few names.
func TestHammerServer(t *testing.T) {
	ctx := limit(t, 30*time.Second)
	s, _ := journalServer()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 50 {
				name := string(rune('a' + (g+n)%3))
				_, _ = s.Configure(ctx, &pb.ConfigureRequest{Instance: name, Kind: pb.Kind_KIND_STORE})
				_, _ = s.Start(ctx, &pb.StartRequest{Instance: name})
				_, _ = s.Listen(ctx, &pb.ListenRequest{Instance: name, Link: "l"})
				_, _ = s.Health(ctx, &pb.HealthRequest{})
				if n%10 == 0 {
					_, _ = s.Gather(ctx, &pb.GatherRequest{})
				}
				_, _ = s.Stop(ctx, &pb.StopRequest{Instance: name})
			}
		})
	}
	wg.Wait()
	_ = s.Close(ctx)
	if !s.Drained() {
		t.Error("instances are left")
	}
}
