package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/report"
)

// testRow is how one test ended.
type testRow struct {
	Plugin  string   `json:"plugin"`
	Carrier string   `json:"carrier"`
	Test    string   `json:"test"`
	Result  string   `json:"result"`
	MS      float64  `json:"ms"`
	Log     []string `json:"log,omitempty"`
}

// testPrinter prints the results of tests as they come, and keeps them.
type testPrinter struct {
	w              io.Writer
	verbose, quiet bool
	slashes        int // in the pattern of the tests to run
	rows           []testRow
	failed         int

	plugin, carrier string
	first           int // row with which this plugin and carrier begin
	group           int // row with which the current group begins
	parents         map[string]bool
}

func (p *testPrinter) ran() int { return len(p.rows) }

// begin begins the tests of a plugin over a carrier.
func (p *testPrinter) begin(info plugin.Info, carrier string) {
	p.plugin, p.carrier, p.first, p.group, p.parents = info.String(), carrier, len(p.rows), len(p.rows), map[string]bool{}
	p.printf("%v %s over %s\n", info, info.Version, carrier)
}

func (p *testPrinter) printf(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.w, format, args...)
	}
}

// result notes how a test ended. Those around others come after them.
func (p *testPrinter) result(r conform.Result) {
	_, name, below := strings.Cut(r.Name, "/")
	if !below && !(r.Failed && len(r.Log) > 0) {
		return // the suite itself
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		p.parents[name[:i]] = true
	}
	leaf := !p.parents[name] && strings.Count(name, "/") >= p.slashes // else nothing in it matches the pattern
	if leaf || r.Failed && len(r.Log) > 0 {
		p.add(name, r)
	}
	if !strings.Contains(name, "/") {
		p.endGroup(name, r)
	}
}

// add adds a row for a test.
func (p *testPrinter) add(name string, r conform.Result) {
	row := testRow{p.plugin, p.carrier, name, "pass", report.Milliseconds(r.Took), r.Log}
	switch {
	case r.Failed:
		row.Result = "fail"
		p.failed++
	case r.Skipped:
		row.Result = "skip"
	}
	p.rows = append(p.rows, row)
	if r.Failed || p.verbose {
		p.printf("  %-4s  %s (%v)\n", row.Result, name, r.Took.Round(time.Millisecond))
		for _, l := range r.Log {
			p.printf("        %s\n", strings.ReplaceAll(l, "\n", "\n        "))
		}
	}
}

// endGroup prints a line for a group of tests.
func (p *testPrinter) endGroup(name string, r conform.Result) {
	n := count(p.rows[p.group:])
	p.group = len(p.rows)
	if !p.verbose && n.total() > 0 {
		p.printf("  %-4s  %-12s %s, %v\n", n.word(), name, n, r.Took.Round(time.Millisecond))
	}
}

// end ends the tests of a plugin over a carrier.
func (p *testPrinter) end() {
	n := count(p.rows[p.first:])
	p.printf("%s  %s over %s: %s\n\n", n.word(), p.plugin, p.carrier, n)
}

// tally counts results.
type tally map[string]int

func count(rows []testRow) tally {
	n := tally{}
	for _, r := range rows {
		n[r.Result]++
	}
	return n
}

func (n tally) total() int { return n["pass"] + n["fail"] + n["skip"] }

func (n tally) word() string {
	if n["fail"] > 0 {
		return "FAIL"
	}
	return "ok"
}

// String returns "8 passed, 1 skipped".
func (n tally) String() string {
	var parts []string
	for _, p := range [][2]string{{"pass", "passed"}, {"fail", "failed"}, {"skip", "skipped"}} {
		if c := n[p[0]]; c > 0 || p[0] == "pass" {
			parts = append(parts, fmt.Sprintf("%d %s", c, p[1]))
		}
	}
	return strings.Join(parts, ", ")
}
