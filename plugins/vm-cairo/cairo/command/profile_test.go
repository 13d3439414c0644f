package command_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/command"
)

// call runs a tool and returns what it printed.
func call(t *testing.T, words []string, args ...string) string {
	t.Helper()
	tools := command.Tools()
	i := slices.IndexFunc(tools, func(t plugin.Tool) bool { return slices.Equal(t.Words, words) })
	if i < 0 {
		t.Fatalf("no tool %v", words)
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	run := tools[i].New(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), &plugin.ToolCall{Args: flags.Args(), Stdout: &out, Stderr: io.Discard}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestProfile adds up the samples of a profile: each step is in one of them.
func TestProfile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "profile")
	call(t, []string{"vm", "run"}, "-layout", "all_cairo", "-profile", name, "../runner/testdata/hashes.json")
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	steps, depth, names := uint64(0), 0, map[string]bool{}
	fields(t, data, func(field protowire.Number, v []byte, _ uint64) {
		switch field {
		case 2: // a sample
			locations := 0
			fields(t, v, func(field protowire.Number, _ []byte, n uint64) {
				if field == 1 {
					locations++
				} else {
					steps += n
				}
			})
			depth = max(depth, locations)
		case 6:
			names[string(v)] = true
		}
	})
	if steps != 166 || depth < 3 || !names["main"] || !names["starkware.cairo.common.bitwise.bitwise_and"] {
		t.Errorf("%d steps, calls %d deep, names %v", steps, depth, names)
	}
}

// fields calls f with each field of a message: its bytes or its number.
func fields(t *testing.T, b []byte, f func(field protowire.Number, v []byte, n uint64)) {
	t.Helper()
	for len(b) > 0 {
		field, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var v []byte
		var x uint64
		if typ == protowire.BytesType {
			v, n = protowire.ConsumeBytes(b)
		} else {
			x, n = protowire.ConsumeVarint(b)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		f(field, v, x)
		b = b[n:]
	}
}
