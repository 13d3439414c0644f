package codec

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// The places of an event's fields.
const (
	eventWorker  = 2
	eventVersion = eventWorker + 4
	eventAt      = eventVersion + VersionSize
	eventKey     = eventAt + 8
	eventWriter  = eventKey + KeySize
)

func putEvent(b *[EventSize]byte, e *framework.Event) {
	b[0], b[1] = uint8(e.Kind), uint8(e.Cause)
	le.PutUint32(b[eventWorker:], uint32(e.Worker))
	putVersion((*[VersionSize]byte)(b[eventVersion:]), &e.Version)
	le.PutUint64(b[eventAt:], uint64(e.At))
	putKey((*[KeySize]byte)(b[eventKey:]), &e.Key)
	putVersion((*[VersionSize]byte)(b[eventWriter:]), &e.Writer)
}

func getEvent(b *[EventSize]byte, e *framework.Event) {
	e.Kind, e.Cause = framework.EventKind(b[0]), framework.Cause(b[1])
	e.Worker = int32(le.Uint32(b[eventWorker:]))
	getVersion((*[VersionSize]byte)(b[eventVersion:]), &e.Version)
	e.At = time.Duration(le.Uint64(b[eventAt:]))
	getKey((*[KeySize]byte)(b[eventKey:]), &e.Key)
	getVersion((*[VersionSize]byte)(b[eventWriter:]), &e.Writer)
}

// AppendEvents appends a column of events.
func AppendEvents(dst []byte, events []framework.Event) []byte {
	dst, b := column(dst, len(events), EventSize)
	for i := range events {
		putEvent((*[EventSize]byte)(b[i*EventSize:]), &events[i])
	}
	return dst
}

// Events reads a column of events into the memory of dst.
func (d *Decoder) Events(dst []framework.Event) []framework.Event {
	n, b := d.column("events", EventSize)
	dst = resize(dst, n)
	for i := range dst {
		getEvent((*[EventSize]byte)(b[i*EventSize:]), &dst[i])
	}
	return dst
}

// AppendStats appends what a run counted.
func AppendStats(dst []byte, s framework.Stats) []byte {
	dst = le.AppendUint64(dst, uint64(s.Transactions))
	for _, v := range [...]uint64{s.Executions, s.Resumptions, s.Validations, s.Aborts, s.Parks} {
		dst = le.AppendUint64(dst, v)
	}
	return dst
}

// Stats reads what a run counted.
func (d *Decoder) Stats() (s framework.Stats) {
	s.Transactions = int(d.Int64())
	for _, v := range [...]*uint64{&s.Executions, &s.Resumptions, &s.Validations, &s.Aborts, &s.Parks} {
		*v = d.Uint64()
	}
	return s
}
