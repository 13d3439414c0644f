package analyze

import (
	"encoding/json"
	"fmt"
	"io"
)

// chromeEvent is an event of the Trace Event Format, which Perfetto and chrome://tracing read.
type chromeEvent struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	At       float64        `json:"ts"`
	Duration float64        `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	ID       int            `json:"id,omitempty"`
	Bind     string         `json:"bp,omitempty"`
	Colour   string         `json:"cname,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// WriteChrome prints the charts of reports for Perfetto: a process for each report, in it a thread for each worker, and one
// for parked attempts.
func WriteChrome(w io.Writer, reports []*Report) error {
	var events []chromeEvent
	arrows := 0
	for i, r := range reports {
		events = append(events, names(i+1, r)...)
		events = append(events, bars(i+1, r)...)
		flows := flows(i+1, r, arrows)
		arrows += len(flows)
		events = append(events, flows...)
	}
	return json.NewEncoder(w).Encode(map[string]any{"displayTimeUnit": "ms", "traceEvents": events})
}

// names returns what the process and its threads are called.
func names(process int, r *Report) []chromeEvent {
	name := func(what string, thread int, text string) chromeEvent {
		return chromeEvent{Name: what, Phase: "M", Process: process, Thread: thread, Args: map[string]any{"name": text}}
	}
	all := []chromeEvent{name("process_name", 0, r.Title())}
	for i := range r.Workers {
		all = append(all, name("thread_name", i, fmt.Sprintf("worker %d", i)))
	}
	return append(all, name("thread_name", r.Workers, "parked"))
}

func bars(process int, r *Report) []chromeEvent {
	var all []chromeEvent
	for _, b := range r.Chart.Bars {
		colour := "good"
		if b.State == Aborted {
			colour = "terrible"
		}
		all = append(all, chromeEvent{
			Name: fmt.Sprintf("Tx%d.%d", b.Tx, b.Incarnation), Category: string(b.State), Phase: "X", At: b.FromUs, Duration: b.ToUs - b.FromUs,
			Process: process, Thread: int(b.Worker), Colour: colour,
		})
	}
	for _, w := range r.Chart.Waits {
		all = append(all, chromeEvent{
			Name: fmt.Sprintf("Tx%d.%d waits for Tx%d", w.Tx, w.Incarnation, w.Writer), Category: "parked", Phase: "X", At: w.FromUs, Duration: w.ToUs - w.FromUs,
			Process: process, Thread: r.Workers, Args: map[string]any{"key": w.Key},
		})
	}
	return all
}

// flows returns the arrows, from the end of the writer to where the other was given up.
func flows(process int, r *Report, first int) []chromeEvent {
	last := map[[2]int]Bar{}
	for _, b := range r.Chart.Bars {
		last[[2]int{int(b.Tx), int(b.Incarnation)}] = b
	}
	var all []chromeEvent
	for i, a := range r.Chart.Arrows {
		from, ok := last[[2]int{int(a.FromTx), int(a.FromInc)}]
		to, ok2 := last[[2]int{int(a.ToTx), int(a.ToInc)}]
		if !ok || !ok2 {
			continue
		}
		e := chromeEvent{Name: a.Key, Category: "abort", Process: process, ID: first + i + 1}
		start, end := e, e
		start.Phase, start.At, start.Thread = "s", from.ToUs, int(from.Worker)
		end.Phase, end.At, end.Thread, end.Bind = "f", to.ToUs, int(to.Worker), "e"
		all = append(all, start, end)
	}
	return all
}
