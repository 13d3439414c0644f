// Package report prints what commands find out: rows as a table for people, as JSON for programs, or in the
// format of Go benchmarks for benchstat.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Report is the result of one run of a command.
type Report struct {
	// Bench or Command is the name of what ran; the other one is empty.
	Bench   string `json:"bench,omitempty"`
	Command string `json:"command,omitempty"`
	Env     Env    `json:"env"`
	// Run holds figures that were measured once for all rows.
	Run map[string]float64 `json:"run,omitempty"`
	// Rows is a slice of structs. Each field is a column named by its `json` tag: fields of type float64 are
	// figures, all others say what was measured.
	Rows any `json:"rows"`
}

// Format is how a report is printed.
type Format string

// The formats.
const (
	Text Format = "text" // a table
	JSON Format = "json" // one object
	Go   Format = "go"   // lines that benchstat reads; only what Bench names has this form
)

// ParseFormat returns the format of that name.
func ParseFormat(s string, allowed ...Format) (Format, error) {
	names := make([]string, len(allowed))
	for i, f := range allowed {
		if string(f) == s {
			return f, nil
		}
		names[i] = string(f)
	}
	return "", fmt.Errorf("no format %q, there is %s", s, strings.Join(names, ", "))
}

// Write prints the report.
func (r *Report) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		return r.writeJSON(w)
	case Go:
		return r.writeGo(w)
	}
	return r.writeText(w)
}

func (r *Report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func (r *Report) writeText(w io.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(r.Run)) {
		if _, err := fmt.Fprintf(w, "%s: %s\n", name, number(r.Run[name])); err != nil {
			return err
		}
	}
	return writeTable(w, cells(r.Rows))
}

// writeTable writes a header and a line for each row: text to the left of its column, numbers to the right.
func writeTable(w io.Writer, rows [][]cell) error {
	if len(rows) == 0 {
		return nil
	}
	header := make([]cell, len(rows[0]))
	widths := make([]int, len(header))
	for j, c := range rows[0] {
		header[j] = cell{text: c.name, number: c.number}
	}
	rows = slices.Concat([][]cell{header}, rows)
	for _, row := range rows {
		for j, c := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(c.text))
		}
	}
	for _, row := range rows {
		line := ""
		for j, c := range row {
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(c.text))
			if c.number {
				line += pad + c.text + "  "
			} else {
				line += c.text + pad + "  "
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) writeGo(w io.Writer) error {
	_, err := fmt.Fprintf(w, "goos: %s\ngoarch: %s\ncpu: %s\n", r.Env.OS, r.Env.Arch, r.Env.CPU)
	for _, name := range slices.Sorted(maps.Keys(r.Run)) {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s: %s\n", name, number(r.Run[name]))
		}
	}
	for _, row := range cells(r.Rows) {
		name, figures := "Benchmark"+strings.ToUpper(r.Bench[:1])+r.Bench[1:], ""
		for _, c := range row {
			if c.figure {
				figures += "\t" + c.text + " " + c.name
			} else {
				name += "/" + c.name + "=" + strings.ReplaceAll(c.text, " ", "_")
			}
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\t1%s\n", name, figures)
		}
	}
	return err
}

// cell is one value of one row.
type cell struct {
	name, text string
	number     bool // any number
	figure     bool // one that was measured
}

func cells(rows any) [][]cell {
	v := reflect.ValueOf(rows)
	all := make([][]cell, v.Len())
	for i := range all {
		row := v.Index(i)
		for j := range row.NumField() {
			name, _, _ := strings.Cut(row.Type().Field(j).Tag.Get("json"), ",")
			f := row.Field(j)
			text := fmt.Sprint(f.Interface())
			if f.CanFloat() {
				text = number(f.Float())
			}
			all[i] = append(all[i], cell{name, text, f.CanInt() || f.CanUint() || f.CanFloat(), f.CanFloat()})
		}
	}
	return all
}

// number prints a figure with the digits that mean something.
func number(f float64) string {
	digits := 3
	for limit := 10.0; digits > 0 && (f >= limit || f <= -limit); limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(f, 'f', digits, 64)
}
