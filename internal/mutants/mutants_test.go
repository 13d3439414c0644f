package main

import (
	"os"
	"testing"
)

// TestEdits checks that there are 60 mutants, in order, each of which says why it cannot be, or changes something that
// is there.
func TestEdits(t *testing.T) {
	l := laboratory{root: "../.."}
	all := mutants()
	if len(all) != 60 {
		t.Errorf("%d mutants, want 60", len(all))
	}
	for i, m := range all {
		if m.number != i+1 || m.what == "" || m.policy == "" || (m.why == "") == (len(m.edits) == 0) || len(m.edits) > 0 && len(m.tests) == 0 {
			t.Errorf("mutant %d is not complete: %+v", i+1, m)
		}
		if _, err := l.overlay(t.TempDir(), m.edits); err != nil {
			t.Errorf("mutant %d: %v", m.number, err)
		}
	}
}

// TestMutants kills mutants: a sample, or all of them if SWITCHYARD_LONG is 1.
func TestMutants(t *testing.T) {
	sample := map[int]bool{19: true}
	l := laboratory{root: "../.."}
	for _, m := range mutants() {
		if m.why != "" || !sample[m.number] && os.Getenv("SWITCHYARD_LONG") != "1" {
			continue
		}
		killer, err := l.try(t.Context(), m)
		switch {
		case err != nil:
			t.Errorf("mutant %d: %v", m.number, err)
		case killer == "":
			t.Errorf("mutant %d lives: %s", m.number, m.what)
		default:
			t.Logf("mutant %d: killed by %s", m.number, killer)
		}
	}
}

// TestKiller checks that the test is named that found a fault, however it ended.
func TestKiller(t *testing.T) {
	for out, want := range map[string]string{
		"--- FAIL: TestA (0.1s)\n    --- FAIL: TestA/sub (0.1s)\n":                            "TestA/sub",
		"panic: test timed out after 1m\n\trunning tests:\n\t\tTestB/x (1m0s)\n":              "TestB/x (it does not end)",
		"panic: index\n\ngoroutine 7 [running]:\nexample.com/a.TestC.func1(...)\n\t/a.go:1\n": "TestC (it panics)",
		"signal: killed": "the tests end in disorder",
	} {
		if got := killer(out); got != want {
			t.Errorf("killer(%q) = %q, want %q", out, got, want)
		}
	}
}
