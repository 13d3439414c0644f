package rpc

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// maxFaults bounds how many faults may be wrapped into each other. The causes of deeper ones travel as text.
const maxFaults = 8

// sentinels returns the errors that keep what they are, by number on the wire.
func sentinels() map[pb.Sentinel]error {
	m := map[pb.Sentinel]error{
		pb.Sentinel_SENTINEL_CANCELED:          context.Canceled,
		pb.Sentinel_SENTINEL_DEADLINE_EXCEEDED: context.DeadlineExceeded,
	}
	for i, err := range framework.Sentinels() {
		m[pb.Sentinel(i+1)] = err
	}
	return m
}

// remote is an error that arrived: what it said, and what it was.
type remote struct {
	text  string
	is    []pb.Sentinel // unknown ones too, to be passed on
	fault *framework.Fault
}

func (r *remote) Error() string { return r.text }

// Unwrap returns what errors.Is and errors.As find in r.
func (r *remote) Unwrap() []error {
	var all []error
	known := sentinels()
	for _, s := range r.is {
		if err, ok := known[s]; ok {
			all = append(all, err)
		}
	}
	if r.fault != nil {
		all = append(all, r.fault)
	}
	return all
}

// toError returns err as it travels, nil if it is nil.
func toError(err error) *pb.Error { return toErrorIn(err, 0) }

func toErrorIn(err error, depth int) *pb.Error {
	if err == nil {
		return nil
	}
	if r, ok := err.(*remote); ok { //nolint:errorlint // what wraps it has a text of its own
		return &pb.Error{Text: r.text, Is: r.is, Fault: toFault(r.fault, depth)}
	}
	e := &pb.Error{Text: text(err.Error())}
	for s, known := range sentinels() {
		if errors.Is(err, known) {
			e.Is = append(e.Is, s)
		}
	}
	slices.Sort(e.Is)
	var f *framework.Fault
	if errors.As(err, &f) {
		e.Fault = toFault(f, depth)
	}
	return e
}

func toFault(f *framework.Fault, depth int) *pb.Fault {
	if f == nil || depth >= maxFaults {
		return nil
	}
	return &pb.Fault{
		Plugin:      text(f.Plugin),
		Block:       int64(f.Block),
		Transaction: int64(f.Version.Tx),
		Incarnation: uint32(f.Version.Inc),
		Cause:       toErrorIn(f.Err, depth+1),
	}
}

// fromError returns the error that travelled. A documented error or a fault by itself arrives as itself.
func fromError(e *pb.Error) error {
	if e == nil {
		return nil
	}
	f := fromFault(e.GetFault())
	if f != nil && f.Error() == e.GetText() {
		return f
	}
	if known := sentinels(); f == nil && len(e.GetIs()) == 1 {
		if err := known[e.GetIs()[0]]; err != nil && err.Error() == e.GetText() {
			return err
		}
	}
	return &remote{text: e.GetText(), is: e.GetIs(), fault: f}
}

func fromFault(f *pb.Fault) *framework.Fault {
	if f == nil {
		return nil
	}
	return &framework.Fault{
		Plugin:  f.GetPlugin(),
		Block:   framework.BlockNumber(f.GetBlock()),
		Version: framework.Version{Tx: framework.TxIndex(f.GetTransaction()), Inc: framework.Incarnation(f.GetIncarnation())},
		Err:     fromError(f.GetCause()),
	}
}

// toDiagnostics splits the error of a configuration into what is wrong with it and, if it is something else, the error.
func toDiagnostics(err error) ([]*pb.Diagnostic, *pb.Error) {
	var diags plugin.Diagnostics
	if !errors.As(err, &diags) {
		return nil, toError(err)
	}
	all := make([]*pb.Diagnostic, len(diags))
	for i, d := range diags {
		all[i] = &pb.Diagnostic{Key: text(d.Key), Problem: text(d.Problem)}
	}
	return all, nil
}

// fromDiagnostics is the reverse of toDiagnostics.
func fromDiagnostics(all []*pb.Diagnostic, e *pb.Error) error {
	if e != nil || len(all) == 0 {
		return fromError(e)
	}
	diags := make(plugin.Diagnostics, len(all))
	for i, d := range all {
		diags[i] = plugin.Diagnostic{Key: d.GetKey(), Problem: d.GetProblem()}
	}
	return diags
}

// text returns s without the bytes that protocol buffers refuse in a string.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
