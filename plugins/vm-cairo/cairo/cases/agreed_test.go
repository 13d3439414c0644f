package cases_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/cases"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

var update = flag.Bool("update", false, "rewrite testdata/agreed.txt: compare with another implementation before")

const agreedFile = "testdata/agreed.txt"

// digest returns a digest of results, without the reasons of rejections.
func digest(t *testing.T, results io.Reader) string {
	t.Helper()
	h := sha256.New()
	out := json.NewEncoder(h)
	for in := json.NewDecoder(results); ; {
		var group []cases.Result
		if err := in.Decode(&group); errors.Is(err, io.EOF) {
			return fmt.Sprintf("%x", h.Sum(nil)[:16])
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range group {
			if r := &group[i]; r.Status == "rejected" {
				r.Reason = ""
			}
		}
		if err := out.Encode(group); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAgreed executes transactions by the rules of each version of the protocol on which this implementation and blockifier
// have agreed once, and finds the digests of the results as they were then. A change of the generator changes them too: then
// compare again, as the README of the VM says, with --seed 1 --groups 5, and run this with -update.
func TestAgreed(t *testing.T) {
	text, err := os.ReadFile(agreedFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	short := []string{"0.13.1", "0.13.4", "0.14.3"}
	for i, line := range lines {
		protocol, want, _ := strings.Cut(line, " ")
		t.Run(protocol, func(t *testing.T) {
			if !*update && os.Getenv("SWITCHYARD_LONG") == "" && !slices.Contains(short, protocol) {
				t.Skip("SKIP: one of the versions that are for SWITCHYARD_LONG=1")
			}
			s := spec(t)
			s.Protocol, s.Groups, s.Size = protocol, 5, 20
			var results bytes.Buffer
			if err := cases.Write(t.Context(), s, execution.New(execution.Config{}), io.Discard, &results); err != nil {
				t.Fatal(err)
			}
			got := digest(t, &results)
			if got != want && !*update {
				t.Errorf("results have the digest %s, want %s", got, want)
			}
			lines[i] = protocol + " " + got
		})
	}
	if *update {
		if err := os.WriteFile(agreedFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
