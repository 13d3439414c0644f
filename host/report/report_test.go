package report_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/report"
)

type row struct {
	Name   string  `json:"name"`
	Block  int     `json:"block"`
	WallMs float64 `json:"wall_ms"`
	Same   bool    `json:"same"`
}

func sample() *report.Report {
	return &report.Report{
		Bench: "scheduler",
		Run:   map[string]float64{"b_ns": 20, "a_ns": 1.5},
		Env:   report.Env{CPU: "some cpu", Cores: 2, Go: "go1.26.8", OS: "linux", Arch: "amd64", Commit: "abc"},
		Rows: []row{
			{"serial", 1, 1234.5678, true},
			{"block stm", 12, 0.01234, false},
		},
	}
}

func TestWrite(t *testing.T) {
	tests := map[report.Format]string{
		report.Text: `
a_ns: 1.500
b_ns: 20.00
name       block  wall_ms  same
serial         1     1235  true
block stm     12    0.012  false
`,
		report.Go: `
goos: linux
goarch: amd64
cpu: some cpu
a_ns: 1.500
b_ns: 20.00
BenchmarkScheduler/name=serial/block=1/same=true	1	1235 wall_ms
BenchmarkScheduler/name=block_stm/block=12/same=false	1	0.012 wall_ms
`,
		report.JSON: `
{
  "bench": "scheduler",
  "env": {
    "cpu": "some cpu",
    "cores": 2,
    "go": "go1.26.8",
    "os": "linux",
    "arch": "amd64",
    "commit": "abc"
  },
  "run": {
    "a_ns": 1.5,
    "b_ns": 20
  },
  "rows": [
    {
      "name": "serial",
      "block": 1,
      "wall_ms": 1234.5678,
      "same": true
    },
    {
      "name": "block stm",
      "block": 12,
      "wall_ms": 0.01234,
      "same": false
    }
  ]
}
`,
	}
	for format, want := range tests {
		t.Run(string(format), func(t *testing.T) {
			var b strings.Builder
			if err := sample().Write(&b, format); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[1:], b.String()); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteNothing(t *testing.T) {
	r := &report.Report{Command: "compare", Rows: []row{}}
	var b strings.Builder
	if err := r.Write(&b, report.Text); err != nil || b.Len() != 0 {
		t.Errorf("a table without rows: %q, %v", b.String(), err)
	}
	b.Reset()
	if err := r.Write(&b, report.JSON); err != nil || !json.Valid([]byte(b.String())) {
		t.Errorf("JSON without rows: %q, %v", b.String(), err)
	}
}

func TestParseFormat(t *testing.T) {
	if f, err := report.ParseFormat("json", report.Text, report.JSON); f != report.JSON || err != nil {
		t.Errorf("ParseFormat(json) = %q, %v", f, err)
	}
	_, err := report.ParseFormat("go", report.Text, report.JSON)
	if err == nil || err.Error() != `no format "go", there is text, json` {
		t.Errorf("ParseFormat of what is not allowed: %v", err)
	}
}

func TestHere(t *testing.T) {
	e := report.Here()
	if e.CPU == "" || e.Cores < 1 || !strings.HasPrefix(e.Go, "go") || e.Commit == "" {
		t.Errorf("Here() = %+v", e)
	}
}

// TestProgressIsSilentInFiles checks that nothing is shown where nobody looks.
func TestProgressIsSilentInFiles(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := report.NewProgress(f)
	p.Step(1, 2, "half")
	p.Done()
	if info, err := f.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("a progress display wrote %d bytes into a file, %v", info.Size(), err)
	}
}
