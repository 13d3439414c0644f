package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// travel sends an error over the wire, hops times.
func travel(t *testing.T, err error, hops int) error {
	t.Helper()
	for range hops {
		b, e := proto.Marshal(toError(err))
		if e != nil {
			t.Fatal(e)
		}
		var m pb.Error
		if e := proto.Unmarshal(b, &m); e != nil {
			t.Fatal(e)
		}
		err = fromError(&m)
	}
	return err
}

// TestErrorsTravel sends every documented error bare, wrapped, joined and in a fault, over one hop and over two.
func TestErrorsTravel(t *testing.T) {
	all := append(framework.Sentinels(), context.Canceled, context.DeadlineExceeded)
	for _, known := range all {
		fault := &framework.Fault{Plugin: "vm.v", Block: 7, Version: framework.Version{Tx: 3, Inc: 2}, Err: fmt.Errorf("x: %w", known)}
		for form, err := range map[string]error{
			"bare": known, "wrapped": fmt.Errorf("a: %w", known), "twice": fmt.Errorf("a: %w", fmt.Errorf("b: %w", known)),
			"joined": errors.Join(io.ErrNoProgress, known), "in a fault": fault, "in a wrapped fault": fmt.Errorf("a: %w", fault),
		} {
			for hops := 1; hops <= 2; hops++ {
				got := travel(t, err, hops)
				if got.Error() != err.Error() {
					t.Errorf("%v %s says %q after %d hops", known, form, got, hops)
				}
				for _, other := range all {
					if errors.Is(got, other) != (other == known) {
						t.Errorf("%v %s is %v after %d hops: %v", known, form, other, hops, errors.Is(got, other))
					}
				}
				var f *framework.Fault
				if errors.As(got, &f) != errors.As(err, new(*framework.Fault)) {
					t.Errorf("%v %s is a fault after %d hops: %v", known, form, hops, f != nil)
				}
				if f != nil && (f.Plugin != "vm.v" || f.Block != 7 || f.Version != fault.Version || f.Err.Error() != fault.Err.Error()) {
					t.Errorf("the fault %s became %+v", form, f)
				}
			}
		}
		if got := travel(t, known, 1); got != known {
			t.Errorf("%v arrives as a %T, want itself", known, got)
		}
		if _, ok := travel(t, fault, 1).(*framework.Fault); !ok { //nolint:errorlint // the fault itself, not one inside
			t.Error("a fault arrives wrapped")
		}
	}
}

func TestErrorsTravelAsText(t *testing.T) {
	if toError(nil) != nil || fromError(nil) != nil {
		t.Error("no error became one")
	}
	if got := travel(t, errors.New("bad \xff byte"), 1); got.Error() != "bad \uFFFD byte" {
		t.Errorf("%q", got)
	}
	deep := errors.New("bottom")
	for range 20 {
		deep = &framework.Fault{Plugin: "vm.v", Err: deep}
	}
	if got := travel(t, deep, 2); got.Error() != deep.Error() {
		t.Errorf("a deep fault says %q, want %q", got, deep)
	}
	unknown := fromError(&pb.Error{Text: "new", Is: []pb.Sentinel{99, pb.Sentinel_SENTINEL_EMPTY}})
	if !errors.Is(unknown, framework.ErrEmpty) {
		t.Error("a number of a later version hides the one before it")
	}
	if e := toError(unknown); len(e.GetIs()) != 2 {
		t.Errorf("passed on, it is %v", e.GetIs())
	}
}

// TestSentinelNumbers compares the numbers of the wire contract with the errors of package framework.
func TestSentinelNumbers(t *testing.T) {
	for i := range framework.Sentinels() {
		if _, ok := pb.Sentinel_name[int32(i+1)]; !ok {
			t.Errorf("%v has no name on the wire", framework.Sentinels()[i])
		}
	}
	if n := len(pb.Sentinel_name); n != len(framework.Sentinels())+3 {
		t.Errorf("the wire has %d numbers for %d errors", n, len(framework.Sentinels()))
	}
}

func TestDiagnosticsTravel(t *testing.T) {
	want := plugin.Diagnostics{{Key: "a.b", Problem: "bad"}, {Problem: "worse"}}
	got := fromDiagnostics(toDiagnostics(fmt.Errorf("open: %w", want)))
	var diags plugin.Diagnostics
	if !errors.As(got, &diags) || diags.Error() != want.Error() {
		t.Errorf("%v, want %v", got, want)
	}
	if err := fromDiagnostics(toDiagnostics(nil)); err != nil {
		t.Errorf("nothing wrong became %v", err)
	}
	if err := fromDiagnostics(toDiagnostics(io.EOF)); err == nil || err.Error() != "EOF" {
		t.Errorf("another error became %v", err)
	}
}
