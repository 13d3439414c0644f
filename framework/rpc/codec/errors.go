package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// The forms of an error.
const (
	noError      = 0 // nil
	plainError   = 1 // Bytes text, [u8] codes
	faultError   = 2 // a Fault itself: Bytes plugin, i64 block, Version, Error cause
	wrappedFault = 3 // an error around a Fault: Bytes text, [u8] codes, and the Fault as above
)

// A code names an error that can be asked for with errors.Is: an index into framework.Sentinels, or one of these.
const (
	codeEOF      = 253
	codeCanceled = 254
	codeDeadline = 255
)

// maxFaults bounds how many faults may be wrapped into each other. The causes of deeper ones travel as text.
const maxFaults = 8

// coded are the errors with codes.
var coded = func() map[uint8]error {
	m := map[uint8]error{codeEOF: io.EOF, codeCanceled: context.Canceled, codeDeadline: context.DeadlineExceeded}
	for i, err := range framework.Sentinels() {
		m[uint8(i)] = err
	}
	return m
}()

// remote is an error that arrived: what it said, and what it was.
type remote struct {
	text  string
	codes []byte // ascending; kept whole, also those that this side does not know
	fault *framework.Fault
}

func (e *remote) Error() string { return e.text }

// Unwrap returns what errors.Is and errors.As find in e.
func (e *remote) Unwrap() []error {
	var all []error
	for _, c := range e.codes {
		if err, ok := coded[c]; ok {
			all = append(all, err)
		}
	}
	if e.fault != nil {
		all = append(all, e.fault)
	}
	return all
}

// AppendError appends an error, nil included. What arrives has the same text; errors.Is finds the same of
// framework.Sentinels, io.EOF and the two errors of contexts in it, however they were wrapped or joined; and
// errors.As finds the outermost [framework.Fault] with its fields. One of these errors itself arrives as itself.
//
//	Error = u8 form, then
//	  0  nothing: no error
//	  1  Bytes text, Bytes codes
//	  2  Bytes plugin, i64 block, Version, Error cause: a Fault
//	  3  as 1, then as 2: an error around a Fault
//
// A code is a u8: an index into Sentinels, 253 for io.EOF, 254 for context.Canceled, 255 for
// context.DeadlineExceeded. Codes ascend; unknown ones are kept and mean nothing.
func AppendError(dst []byte, err error) []byte { return appendError(dst, err, 0) }

func appendError(dst []byte, err error, depth int) []byte {
	if err == nil {
		return append(dst, noError)
	}
	if f, ok := err.(*framework.Fault); ok && depth < maxFaults { //nolint:errorlint // the fault itself, not one inside
		return appendFault(append(dst, faultError), f, depth)
	}
	r := describe(err)
	if r.fault == nil || depth >= maxFaults {
		return AppendBytes(AppendString(append(dst, plainError), r.text), r.codes)
	}
	dst = AppendBytes(AppendString(append(dst, wrappedFault), r.text), r.codes)
	return appendFault(dst, r.fault, depth)
}

func appendFault(dst []byte, f *framework.Fault, depth int) []byte {
	dst = AppendString(dst, f.Plugin)
	dst = le.AppendUint64(dst, uint64(f.Block))
	dst = AppendVersion(dst, f.Version)
	return appendError(dst, f.Err, depth+1)
}

// describe returns what of err travels. An error that has travelled before is passed on as it came.
func describe(err error) *remote {
	if r, ok := err.(*remote); ok { //nolint:errorlint // what wraps it has a text of its own
		return r
	}
	r := &remote{text: err.Error()}
	for c, known := range coded {
		if errors.Is(err, known) {
			r.codes = append(r.codes, c)
		}
	}
	slices.Sort(r.codes)
	errors.As(err, &r.fault)
	return r
}

// RemoteError reads an error that AppendError appended. It returns nil also if it cannot: see [Decoder.Err].
func (d *Decoder) RemoteError() error { return d.remoteError(0) }

func (d *Decoder) remoteError(depth int) error {
	if d.err != nil {
		return nil
	}
	form := d.Uint8()
	switch {
	case form == noError:
		return nil
	case form == plainError:
		return d.plainError().simplest()
	case form == faultError && depth < maxFaults:
		return d.fault(depth)
	case form == wrappedFault && depth < maxFaults:
		r := d.plainError()
		r.fault = d.fault(depth)
		return r
	}
	d.fail("error", fmt.Errorf("form %d after %d faults", form, depth))
	return nil
}

func (d *Decoder) plainError() *remote {
	r := &remote{text: d.String(""), codes: d.Bytes(nil)}
	for i := 1; i < len(r.codes); i++ {
		if r.codes[i-1] >= r.codes[i] {
			d.fail("error", errors.New("codes do not ascend"))
		}
	}
	return r
}

// simplest returns the known error that r is no more than, or r.
func (e *remote) simplest() error {
	if len(e.codes) == 1 {
		if err, ok := coded[e.codes[0]]; ok && err.Error() == e.text {
			return err
		}
	}
	return e
}

func (d *Decoder) fault(depth int) *framework.Fault {
	f := &framework.Fault{Plugin: d.String("")}
	f.Block = framework.BlockNumber(d.Int64())
	f.Version = d.Version()
	f.Err = d.remoteError(depth + 1)
	return f
}
