package schedtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// differs says what is different between the finals of one transaction, "" if nothing is.
func differs(want, got *framework.Final) string {
	switch {
	case got.Tx != want.Tx:
		return fmt.Sprintf("final of transaction %d, want %d", got.Tx, want.Tx)
	case got.Outcome == nil:
		return fmt.Sprintf("final %d has no outcome", got.Tx)
	case (got.Fault == nil) != (want.Fault == nil):
		return fmt.Sprintf("final %d: fault %v, want %v", got.Tx, got.Fault, want.Fault)
	case want.Fault != nil && !errors.Is(got.Fault, want.Fault) && !strings.Contains(got.Fault.Error(), want.Fault.Error()):
		return fmt.Sprintf("final %d: fault %q, want %q", got.Tx, got.Fault, want.Fault)
	case !slices.Equal(got.Writes, want.Writes):
		return fmt.Sprintf("final %d: folded writes %v, want %v", got.Tx, got.Writes, want.Writes)
	}
	expected := want.Outcome
	if len(got.Outcome.Adds) == 0 && len(expected.Adds) > 0 {
		// An attempt in mode Exact comes to the same change, receipt and usage as one with additions.
		exact := *expected
		exact.Adds, exact.Writes = nil, want.Writes
		expected = &exact
	}
	if d := differsOutcome(expected, got.Outcome); d != "" {
		return fmt.Sprintf("final %d: %s", got.Tx, d)
	}
	return ""
}

// differsOutcome says what is different between two outcomes, "" if nothing is.
func differsOutcome(want, got *framework.Outcome) string {
	sameClass := func(a, b framework.Class) bool { return a.Hash == b.Hash && bytes.Equal(a.Body, b.Body) }
	switch {
	case got.Status != want.Status:
		return fmt.Sprintf("status %v, want %v", got.Status, want.Status)
	case !slices.Equal(got.Writes, want.Writes):
		return fmt.Sprintf("writes %v, want %v", got.Writes, want.Writes)
	case !slices.Equal(got.Adds, want.Adds):
		return fmt.Sprintf("additions %v, want %v", got.Adds, want.Adds)
	case !slices.EqualFunc(got.Classes, want.Classes, sameClass):
		return fmt.Sprintf("classes %v, want %v", got.Classes, want.Classes)
	case !slices.Equal(got.Usage.Counters, want.Usage.Counters):
		return fmt.Sprintf("usage %v, want %v", got.Usage.Counters, want.Usage.Counters)
	case !slices.Equal(got.Usage.Once, want.Usage.Once):
		return fmt.Sprintf("usage once %v, want %v", got.Usage.Once, want.Usage.Once)
	case !bytes.Equal(got.Receipt, want.Receipt):
		return fmt.Sprintf("receipt %q, want %q", got.Receipt, want.Receipt)
	}
	return ""
}

// differsAll compares finals one by one. more allows finals beyond those wanted.
func differsAll(want, got []framework.Final) string {
	for i := range min(len(want), len(got)) {
		if d := differs(&want[i], &got[i]); d != "" {
			return d
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d finals, want %d", len(got), len(want))
	}
	return ""
}

func isNoCheckpoint(err error) bool { return errors.Is(err, framework.ErrNoCheckpoint) }
