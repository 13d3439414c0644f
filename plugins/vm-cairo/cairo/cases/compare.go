package cases

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Field is a part of a result, with how many of the transactions that have it agreed on it.
type Field struct {
	Field  string `json:"field"`
	Agreed int    `json:"agreed"`
	Of     int    `json:"of"`
}

// Difference is a transaction on whose result the two files do not agree.
type Difference struct {
	Group, Index int
	Field        string
	Ours, Theirs string
}

// String returns the difference for people.
func (d Difference) String() string {
	return fmt.Sprintf("group %d, transaction %d: %s\n  ours   %s\n  theirs %s", d.Group, d.Index, d.Field, d.Ours, d.Theirs)
}

// fields are the parts of a result that are compared. Of a transaction that was rejected it is the first one alone: what is said
// of it is no part of the protocol.
var fields = []string{"Status", "Reason", "Fee", "Steps", "Used", "Gas", "DA", "Events", "Messages", "Diff", "Weights"}

const rejectedFields = 1

// Compare compares two files of results. It returns how many agreed on each part, and the first part on which each
// transaction that does not agree differs. After such a one the rest of its group is left out, whose state may differ.
func Compare(ours, theirs io.Reader) ([]Field, []Difference, error) {
	a, b := json.NewDecoder(bufio.NewReader(ours)), json.NewDecoder(bufio.NewReader(theirs))
	counts := make([]Field, len(fields))
	for i, name := range fields {
		counts[i].Field = name
	}
	var found []Difference
	for group := 0; ; group++ {
		var x, y []Result
		if err := a.Decode(&x); errors.Is(err, io.EOF) {
			return counts, found, nil
		} else if err != nil {
			return nil, nil, fmt.Errorf("our group %d: %w", group, err)
		}
		if err := b.Decode(&y); err != nil {
			return nil, nil, fmt.Errorf("their group %d: %w", group, err)
		}
		if len(x) != len(y) {
			return nil, nil, fmt.Errorf("group %d has %d results here, %d there", group, len(x), len(y))
		}
		for i := range x {
			d, same := compare(&x[i], &y[i], counts)
			if same {
				continue
			}
			d.Group, d.Index = group, i
			found = append(found, d)
			if d.Field != "Reason" && d.Field != "Weights" {
				break
			}
		}
	}
}

// compare compares two results, counts, and returns the first difference.
func compare(x, y *Result, counts []Field) (d Difference, same bool) {
	same = true
	n := len(fields)
	if x.Status == "rejected" && y.Status == "rejected" {
		n = rejectedFields
	}
	for i := range fields[:n] {
		u, v := reflect.ValueOf(x).Elem().FieldByName(fields[i]), reflect.ValueOf(y).Elem().FieldByName(fields[i])
		if u.Kind() == reflect.Pointer && (u.IsNil() || v.IsNil()) {
			continue
		}
		p, q := text(u.Interface()), text(v.Interface())
		counts[i].Of++
		if p == q {
			counts[i].Agreed++
			continue
		}
		if same {
			d, same = Difference{Field: fields[i], Ours: p, Theirs: q}, false
		}
	}
	return d, same
}

// text returns a value as JSON; lists and maps that are empty are as good as none.
func text(v any) string {
	if r := reflect.ValueOf(v); (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0 {
		return "none"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
