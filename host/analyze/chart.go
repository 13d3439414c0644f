package analyze

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Chart is when which attempt ran where.
type Chart struct {
	Bars   []Bar   `json:"bars"`
	Waits  []Rest  `json:"waits"`
	Arrows []Arrow `json:"arrows"`
	// Reads are the reads of the attempts, for those who look closely.
	Reads []Sight `json:"reads"`
}

// State is what an attempt's time was good for.
type State string

// The states of a bar.
const (
	Useful  State = "useful"
	Aborted State = "aborted"
)

// Bar is a time when an attempt had a worker.
type Bar struct {
	Tx          framework.TxIndex     `json:"tx"`
	Incarnation framework.Incarnation `json:"inc"`
	Worker      int32                 `json:"w"`
	FromUs      float64               `json:"from"`
	ToUs        float64               `json:"to"`
	State       State                 `json:"state"`
}

// Rest is a time when an attempt was parked, having left its worker to others.
type Rest struct {
	Tx          framework.TxIndex     `json:"tx"`
	Incarnation framework.Incarnation `json:"inc"`
	Worker      int32                 `json:"w"` // that it had before
	FromUs      float64               `json:"from"`
	ToUs        float64               `json:"to"`
	Key         string                `json:"key"`
	Writer      framework.TxIndex     `json:"writer"`
}

// Arrow leads from the attempt that wrote a key to the one that was given up because of it.
type Arrow struct {
	FromTx  framework.TxIndex     `json:"from_tx"`
	FromInc framework.Incarnation `json:"from_inc"`
	ToTx    framework.TxIndex     `json:"to_tx"`
	ToInc   framework.Incarnation `json:"to_inc"`
	Key     string                `json:"key"`
	AtUs    float64               `json:"at"`
}

// Sight is a read.
type Sight struct {
	Tx          framework.TxIndex     `json:"tx"`
	Incarnation framework.Incarnation `json:"inc"`
	Key         string                `json:"key"`
	AtUs        float64               `json:"at"`
	Writer      framework.TxIndex     `json:"writer"`
}

func (s *study) chart(parts []part) Chart {
	var c Chart
	for _, p := range parts {
		c.bars(p)
		v := p.Version
		for n, w := range p.Waits {
			c.Waits = append(c.Waits, Rest{v.Tx, v.Inc, p.Spans[min(n, len(p.Spans)-1)].Worker, micros(w.From), micros(w.To), Name(w.Key), w.Writer.Tx})
		}
		if causedByKey(p.Cause) {
			c.Arrows = append(c.Arrows, Arrow{p.Writer.Tx, p.Writer.Inc, v.Tx, v.Inc, Name(p.Key), micros(p.At)})
		}
		for _, r := range p.Reads {
			if len(p.Spans) > 0 && r.At < p.Spans[0].From {
				continue // taken over from an attempt before
			}
			c.Reads = append(c.Reads, Sight{v.Tx, v.Inc, Name(r.Key), micros(r.At), r.Writer.Tx})
		}
	}
	return c
}

// bars adds the spans of an attempt, cut where it ceases to be of use.
func (c *Chart) bars(p part) {
	left := p.useful
	bar := func(worker int32, from, to time.Duration, state State) {
		if to > from {
			c.Bars = append(c.Bars, Bar{p.Version.Tx, p.Version.Inc, worker, micros(from), micros(to), state})
		}
	}
	for _, span := range p.Spans {
		cut := span.From + min(left, span.Length())
		left -= cut - span.From
		bar(span.Worker, span.From, cut, Useful)
		bar(span.Worker, cut, span.To, Aborted)
	}
}
