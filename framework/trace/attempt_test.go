package trace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// happened returns an event of attempt tx.inc on a worker.
func happened(at time.Duration, kind framework.EventKind, tx, inc int, worker int32, k uint64) framework.Event {
	e := framework.Event{
		Kind: kind, At: at, Worker: worker,
		Version: framework.Version{Tx: framework.TxIndex(tx), Inc: framework.Incarnation(inc)}, //nolint:gosec // small
	}
	if k > 0 {
		e.Key = key(k)
	}
	return e
}

// TestAttempts puts together an attempt that parks, one that is given up after it has executed, one that goes on where
// that one had read what changed, and one that is stopped.
func TestAttempts(t *testing.T) {
	given := happened(40, framework.Aborted, 1, 0, 0, 2)
	given.Cause, given.Writer = framework.ValueChanged, framework.Version{Tx: 0}
	b := trace.Block{Wall: 100, Events: []framework.Event{
		happened(0, framework.Started, 0, 0, 0, 0),
		happened(0, framework.Started, 1, 0, 1, 0),
		happened(5, framework.Read, 1, 0, 1, 1),
		happened(10, framework.Parked, 0, 0, 0, 1),
		happened(12, framework.Started, 2, 0, 0, 0),
		happened(15, framework.Read, 1, 0, 1, 2),
		happened(20, framework.Wrote, 1, 0, 1, 3),
		happened(20, framework.Executed, 1, 0, 1, 0),
		happened(30, framework.Unparked, 0, 0, 1, 0),
		happened(40, framework.Executed, 0, 0, 1, 0),
		given,
		happened(41, framework.Finalized, 0, 0, 0, 0),
		happened(42, framework.Resumed, 1, 1, 1, 2),
		happened(43, framework.Read, 1, 1, 1, 2),
		happened(50, framework.Stopped, 2, 0, 0, 0),
		happened(52, framework.Executed, 1, 1, 1, 0),
		happened(53, framework.Finalized, 1, 1, 0, 0),
		happened(60, framework.Finalized, 9, 0, 0, 0), // of an attempt whose beginning is missing
	}}
	all := b.Attempts()
	if len(all) != 4 {
		t.Fatalf("%d attempts, want 4", len(all))
	}
	if diff := cmp.Diff([]trace.Span{{0, 0, 10}, {1, 30, 40}}, all[0].Spans); diff != "" {
		t.Errorf("spans of the one that parks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]trace.Wait{{From: 10, To: 30, Key: key(1)}}, all[0].Waits); diff != "" {
		t.Errorf("its waits (-want +got):\n%s", diff)
	}
	if a := all[1]; a.Cause != framework.ValueChanged || a.Key != key(2) || !a.Executed || a.Final {
		t.Errorf("the one that is given up: %+v", a)
	}
	if diff := cmp.Diff([]trace.Span{{0, 12, 50}}, all[2].Spans); diff != "" {
		t.Errorf("spans of the one that is stopped (-want +got):\n%s", diff)
	}
	want := []trace.Access{{Key: key(1), Offset: 5, At: 5}, {Key: key(2), Offset: 16, At: 43}}
	if diff := cmp.Diff(want, all[3].Reads); diff != "" || all[3].Kept != 15 {
		t.Errorf("the one that goes on took over %v, reads (-want +got):\n%s", all[3].Kept, diff)
	}
	works := trace.Works(all)
	if len(works) != 2 || works[0].Cost != 20 || works[1].Cost != 25 {
		t.Errorf("works %+v, want two that cost 20 and 25", works)
	}
}

// TestAttemptsRestart checks an attempt that could not go on where the last one was.
func TestAttemptsRestart(t *testing.T) {
	b := trace.Block{Events: []framework.Event{
		happened(0, framework.Started, 0, 0, 0, 0),
		happened(3, framework.Read, 0, 0, 0, 1),
		happened(5, framework.Executed, 0, 0, 0, 0),
		happened(6, framework.Resumed, 0, 1, 0, 2),
		happened(7, framework.Started, 0, 1, 0, 0),
		happened(9, framework.Read, 0, 1, 0, 1),
	}}
	all := b.Attempts()
	if len(all) != 2 {
		t.Fatalf("%d attempts, want 2", len(all))
	}
	if a := all[1]; a.Kept != 0 || len(a.Reads) != 1 || a.Reads[0].Offset != 3 || a.Spans[0].To != 9 {
		t.Errorf("the second: %+v", a)
	}
}
