package rpc

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

var update = flag.Bool("update", false, "write the files of testdata that do not exist")

// golden is what a plugin of version 1.0 says of itself. Its bytes are kept, since such plugins will be around.
func golden() *pb.InfoResponse {
	return &pb.InfoResponse{
		Plugins: []*pb.Plugin{
			{
				Kind: pb.Kind_KIND_VM, Id: "v", Version: "0.1.0", Summary: "a VM", Api: &pb.Version{Major: 1},
				Features: []string{"steam"}, Stability: "beta",
			},
			{Kind: pb.Kind_KIND_STORE, Id: "s", Api: &pb.Version{Major: 1}},
		},
		Carriers: []string{"frames/1"}, MaxFrame: 1 << 20,
	}
}

const goldenFile = "testdata/info-1.0.binpb"

func wantInfo() *Info {
	return &Info{
		Plugins: []plugin.Info{
			{
				Kind: plugin.VM, ID: "v", Version: "0.1.0", Summary: "a VM", API: plugin.Version{Major: 1},
				Features: []string{"steam"}, Stability: plugin.Beta,
			},
			{Kind: plugin.Store, ID: "s", API: plugin.Version{Major: 1}},
		},
		Carriers: []string{"frames/1"}, MaxFrame: 1 << 20,
	}
}

func TestInfoOfReleasedVersions(t *testing.T) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(golden())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(goldenFile)
	if errors.Is(err, os.ErrNotExist) && *update {
		kept, err = b, os.WriteFile(goldenFile, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, b); diff != "" {
		t.Errorf("a plugin of version 1.0 is encoded in another way:\n%s", diff)
	}
	var r pb.InfoResponse
	if err := proto.Unmarshal(kept, &r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantInfo(), fromInfo(&r)); diff != "" {
		t.Errorf("a plugin of version 1.0 (-want +got):\n%s", diff)
	}
}

// TestInfoOfLaterVersions reads what a plugin might say one day: new fields, kinds, features and minor versions.
func TestInfoOfLaterVersions(t *testing.T) {
	later := golden()
	later.Features = []string{"events"}
	later.Plugins[0].Api.Minor = 9
	later.Plugins = append(later.Plugins, &pb.Plugin{Kind: 77, Id: "c", Api: &pb.Version{Major: 3}})
	b, err := proto.Marshal(later)
	if err != nil {
		t.Fatal(err)
	}
	b = protowire.AppendTag(b, 1000, protowire.BytesType)
	b = protowire.AppendString(b, "something new")
	var r pb.InfoResponse
	if err := proto.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	info := fromInfo(&r)
	got, api, err := info.find(plugin.VM, "")
	if err != nil || got.ID != "v" || api != (plugin.Version{Major: 1}) {
		t.Errorf("find = %v, version %v, %v; want v with version 1.0", got, api, err)
	}
}

func TestInfoFind(t *testing.T) {
	info := wantInfo()
	info.Plugins[0].API.Major = 2
	info.Plugins[1].API.Major = 0
	for _, c := range []struct {
		kind plugin.Kind
		want string
	}{
		{plugin.VM, "vm.v is made for version 2.0 of a vm, this program speaks 1.0: update this program"},
		{plugin.Store, "store.s is made for version 0.0 of a store, this program speaks 1.0: update the plugin"},
		{plugin.Scheduler, `no scheduler "": this program has none`},
	} {
		if _, _, err := info.find(c.kind, ""); err == nil || err.Error() != c.want {
			t.Errorf("find %s: %v, want %s", c.kind, err, c.want)
		}
	}
}

// old is a plugin that was made before most calls were invented.
type old struct{ pb.UnimplementedControlServer }

// TestOldPlugin calls a plugin that knows no calls.
func TestOldPlugin(t *testing.T) {
	l := bufconn.Listen(1 << 16)
	g := grpc.NewServer()
	pb.RegisterControlServer(g, old{})
	served := make(chan error)
	go func() { served <- g.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///old", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		conn.Close()
		g.Stop()
		<-served
	}()
	p := &Process{command: Command{Name: "old", CallTimeout: time.Minute}, control: pb.NewControlClient(conn)}
	if h, err := p.Health(t.Context()); err != nil || h.Status != plugin.Serving {
		t.Errorf("Health of a plugin that answers, but knows no health: %v, %v", h, err)
	}
	if _, err := p.Gather(t.Context()); !errors.Is(err, framework.ErrUnsupported) {
		t.Errorf("Gather: %v, want ErrUnsupported", err)
	}
	if err := p.SetLogLevel(t.Context(), 0); !errors.Is(err, framework.ErrUnsupported) {
		t.Errorf("SetLogLevel: %v, want ErrUnsupported", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.SetLogLevel(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, want Canceled", err)
	}
}
