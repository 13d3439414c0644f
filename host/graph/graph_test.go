package graph_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/graph"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFormats draws a builtin store beside scheduler and VM, which share a process.
func TestFormats(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info := func(kind plugin.Kind, id string) plugin.Info {
		return plugin.Info{Kind: kind, ID: id, Version: "0.1.0", API: plugin.Version{Major: 1}}
	}
	g := new(graph.Graph)
	for _, p := range []graph.Part{
		{Kind: plugin.Scheduler, Info: info(plugin.Scheduler, "blockstm"), Place: "shared:engine", PID: 1000001, Path: program},
		{Kind: plugin.VM, Info: info(plugin.VM, "synthetic"), Place: "shared:engine", PID: 1000001, Path: program},
		{Kind: plugin.Store, Info: info(plugin.Store, "memory"), Place: "builtin"},
	} {
		if err := g.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	g.Links = []graph.Link{
		{From: plugin.Scheduler, To: plugin.Store, Carrier: "frames/1", Socket: "/run/l1", UID: 7},
		{From: plugin.Scheduler, To: plugin.VM, Carrier: "call"},
		{From: graph.Host, To: plugin.Scheduler, Carrier: "frames/1", Socket: "/run/1/l1", UID: 7},
		{From: graph.Host, To: plugin.VM, Carrier: "grpc-stream/1", Socket: "/run/1/l2", UID: 7},
	}
	g.Complete()
	var b bytes.Buffer
	for _, write := range []func() error{
		func() error { return g.Text(&b) },
		func() error { return g.DOT(&b) },
		func() error { return g.Mermaid(&b) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	self := regexp.MustCompile(`pid [0-9]{1,6}\b( +sha256 [0-9a-f]{64})?`) // of this test
	got := self.ReplaceAllString(b.String(), "pid SELF")
	golden := filepath.Join("testdata", "shared.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("drawn (-want +got), -update rewrites it:\n%s", diff)
	}
}
