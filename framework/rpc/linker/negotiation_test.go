package linker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/storetest"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// erring is a store whose calls end with the errors that its configuration names.
func erring() plugin.Factory {
	info := plugin.Info{ID: "erring", Version: "0.1.0"}
	return plugin.ForStore(info, shape{}, func(_ context.Context, e shape) (framework.Store, error) {
		s, err := memory.New(memory.Config{})
		return &errs{s, e}, err
	})
}

// shape says which error, by its number, and what is around it.
type shape struct {
	Number int    `koanf:"number"`
	Form   string `koanf:"form"`
}

type errs struct {
	framework.Store
	is shape
}

// Head implements [framework.Store].
func (e *errs) Head(context.Context) (framework.Head, error) {
	return framework.Head{}, shaped(documented()[e.is.Number], e.is.Form)
}

// Health implements [plugin.Healther].
func (e *errs) Health(context.Context) plugin.Health {
	return plugin.Health{Status: plugin.Failing, Reason: shaped(documented()[e.is.Number], e.is.Form).Error()}
}

func documented() []error {
	return append(framework.Sentinels(), io.EOF, context.Canceled, context.DeadlineExceeded)
}

var forms = []string{"bare", "wrapped", "twice", "joined", "fault"}

// shaped returns an error as a plugin might return it.
func shaped(err error, form string) error {
	switch form {
	case "wrapped":
		return fmt.Errorf("look for coal: %w", err)
	case "twice":
		return fmt.Errorf("start: %w", fmt.Errorf("look for coal: %w", err))
	case "joined":
		return errors.Join(io.ErrNoProgress, err)
	case "fault":
		return fmt.Errorf("head: %w", &framework.Fault{Plugin: "store.erring", Block: 7, Version: framework.Version{Tx: framework.NoTx}, Err: err})
	}
	return err
}

// TestErrorsFromAProcess lets a plugin in another process return every documented error, in every shape, over a link of
// its own each: they are what they were, and so is the health of the instance.
func TestErrorsFromAProcess(t *testing.T) {
	p := launch(t)
	for n, known := range documented() {
		for _, form := range forms {
			i, err := p.Open(t.Context(), plugin.Store, "erring", fmt.Sprint(n, form), map[string]any{"number": n, "form": form})
			if err != nil {
				t.Fatal(err)
			}
			r, err := linker.Dial(t.Context(), i, 0)
			if err != nil {
				t.Fatal(err)
			}
			want := shaped(known, form)
			_, err = r.Store().Head(t.Context())
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%v %s says %q, want %q", known, form, err, want)
			}
			for _, other := range documented() {
				if errors.Is(err, other) != (other == known) {
					t.Errorf("%v %s is %v: %v", known, form, other, errors.Is(err, other))
				}
			}
			if form == "bare" && err != known {
				t.Errorf("%v arrives as a %T, want itself", known, err)
			}
			var fault *framework.Fault
			if errors.As(err, &fault) != (form == "fault") || fault != nil && fault.Plugin != "store.erring" {
				t.Errorf("%v %s is the fault %+v", known, form, fault)
			}
			if h, err := i.Health(t.Context()); err != nil || h.Status != plugin.Failing {
				t.Errorf("health of %s: %v, %v; want failing", i.Name(), h, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestSeveralInstances uses two stores and a VM of one process side by side: each is its own.
func TestSeveralInstances(t *testing.T) {
	p := launch(t)
	stores := map[string]framework.Store{}
	for _, name := range []string{"a", "b"} {
		i, err := p.Open(t.Context(), plugin.Store, "memory", name, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := linker.Dial(t.Context(), i, 0)
		if err != nil {
			t.Fatal(err)
		}
		stores[name] = r.Store()
	}
	i, err := p.Open(t.Context(), plugin.VM, "", "vm", nil)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := linker.Dial(t.Context(), i, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := vm.VM().Open(t.Context(), &framework.Block{})
	if err != nil {
		t.Errorf("Open beside the stores: %v", err)
	} else if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := stores["a"].Stage(t.Context(), 0, "", new(framework.Diff)); err != nil {
		t.Error(err)
	}
	if _, err := stores["a"].Seal(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if err := stores["a"].Close(); err != nil {
		t.Error(err)
	}
	if _, err := stores["b"].Head(t.Context()); !errors.Is(err, framework.ErrEmpty) {
		t.Errorf("Head of the other store: %v, want ErrEmpty", err)
	}
	if err := errors.Join(stores["b"].Close(), vm.Close()); err != nil {
		t.Error(err)
	}
}

// oldEnv makes this program a plugin that is not of today.
const oldEnv = "LINKER_TEST_OLD"

// old answers the calls without which there is no plugin, and says things of itself that no host knows.
type old struct {
	pb.UnimplementedControlServer
	now *rpc.Server
}

// Info implements the call.
func (o *old) Info(ctx context.Context, q *pb.InfoRequest) (*pb.InfoResponse, error) {
	r, err := o.now.Info(ctx, q)
	r.Features = append(r.Features, "teleport")
	r.Carriers = append([]string{"pigeon/1"}, r.GetCarriers()...)
	r.Plugins[0].Api.Minor, r.Plugins[0].Stability = 9, "eternal"
	r.Plugins = append(r.Plugins, &pb.Plugin{Kind: 77, Id: "clock", Api: &pb.Version{Major: 3}})
	unknown := protowire.AppendTag(nil, 1000, protowire.BytesType)
	r.ProtoReflect().SetUnknown(protowire.AppendString(unknown, "something new"))
	return r, err
}

// Configure implements the call.
func (o *old) Configure(ctx context.Context, q *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	return o.now.Configure(ctx, q)
}

// Start implements the call.
func (o *old) Start(ctx context.Context, q *pb.StartRequest) (*pb.StartResponse, error) {
	return o.now.Start(ctx, q)
}

// Stop implements the call.
func (o *old) Stop(ctx context.Context, q *pb.StopRequest) (*pb.StopResponse, error) {
	return o.now.Stop(ctx, q)
}

// Listen implements the call.
func (o *old) Listen(ctx context.Context, q *pb.ListenRequest) (*pb.ListenResponse, error) {
	return o.now.Listen(ctx, q)
}

// serveOld is the main of such a plugin, without help of package serve: it does what control.proto asks for.
func serveOld() int {
	dir := os.Getenv(rpc.RunDirEnv)
	l, err := net.Listen("unix", filepath.Join(dir, "old"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	g := grpc.NewServer()
	now := rpc.NewServer(rpc.ServerConfig{Plugins: plugin.Catalog{memory.Factory()}, Linker: linker.New(dir)})
	pb.RegisterControlServer(g, &old{now: now})
	fmt.Printf("1|1|unix|%s|grpc|\n", l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(3, "lifeline"))
		os.Exit(0)
	}()
	_ = g.Serve(l)
	return 0
}

// TestOldPluginWorks uses such a plugin: what it lacks is done without, what it has more is ignored, and its store passes.
func TestOldPluginWorks(t *testing.T) {
	p := launch(t, oldEnv+"=1")
	if h, err := p.Health(t.Context()); err != nil || h.Status != plugin.Serving {
		t.Errorf("Health = %v, %v; want serving, since it answers", h, err)
	}
	for call, err := range map[string]error{
		"SetLogLevel": p.SetLogLevel(t.Context(), 0),
		"Gather":      func() error { _, err := p.Gather(t.Context()); return err }(),
		"Schema":      func() error { _, _, err := p.Schema(t.Context(), plugin.Store, ""); return err }(),
	} {
		if !errors.Is(err, framework.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", call, err)
		}
	}
	last := 0
	suite, err := conform.Match(conform.Testing(t), "read|revert")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(suite, storetest.Subject{Open: func(t conform.T, _ string) framework.Store {
		last++
		i, err := p.Open(t.Context(), plugin.Store, "", fmt.Sprint(last), nil)
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		if got := i.API(); got != (plugin.Version{Major: 1}) {
			t.Errorf("version %v of the contract is in force, want 1.0", got)
		}
		r, err := linker.Dial(t.Context(), i, 0)
		if err != nil {
			t.Fatalf("link: %v", err)
		}
		return r.Store()
	}})
}
