package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLiner writes lines in all ways to cut them into pieces, and compares what is handed on.
func TestLiner(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"a", []string{"a"}},
		{"a\nb\n", []string{"a", "b"}},
		{"\n\na\r\n", []string{"", "", "a"}},
		{"a\n\nb", []string{"a", "", "b"}},
	} {
		for size := 1; size <= len(c.in)+1; size++ {
			var got []string
			l := &liner{hand: func(line []byte, whole bool) {
				got = append(got, string(line))
				if !whole {
					t.Errorf("%q is not whole", line)
				}
			}}
			for rest := c.in; rest != ""; rest = rest[min(size, len(rest)):] {
				if n, err := l.Write([]byte(rest[:min(size, len(rest))])); err != nil || n == 0 {
					t.Fatal(n, err)
				}
			}
			l.flush()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%q in pieces of %d (-want +got):\n%s", c.in, size, diff)
			}
		}
	}
}

func TestLinerCutsLongLines(t *testing.T) {
	for _, n := range []int{maxLine - 1, maxLine, maxLine + 1, 3 * maxLine, 3*maxLine + 7} {
		var sizes []int
		var whole []bool
		l := &liner{hand: func(line []byte, w bool) { sizes, whole = append(sizes, len(line)), append(whole, w) }}
		fmt.Fprintf(l, "%s\nx\n", strings.Repeat("y", n))
		total := 0
		for i, size := range sizes {
			total += size
			if size > maxLine || whole[i] != (i == len(sizes)-1 || n <= maxLine) {
				t.Errorf("%d bytes: piece %d has %d, whole %v", n, i, size, whole[i])
			}
		}
		if total != n+1 || sizes[len(sizes)-1] != 1 {
			t.Errorf("%d bytes and a line of 1 became %v", n, sizes)
		}
	}
}

func TestParseRecord(t *testing.T) {
	for _, c := range []struct {
		line string
		want string // level, message and attributes; "" if it is text
	}{
		{`{"time":"2026-01-02T03:04:05.6Z","level":"WARN","msg":"m","b":1,"a":"x"}`, "2026-01-02 WARN m a=x b=1"},
		{`{"level":"ERROR+2","msg":"m"}`, "ERROR+2 m"},
		{`{"@level":"trace","@message":"m","@timestamp":"2026-01-02T15:04:05.000000Z","@module":"x"}`, "2026-01-02 DEBUG-4 m @module=x"},
		{`{"level":"fatal","message":"m","ts":1700000000.5}`, "ERROR+4 m ts=1.7000000005e+09"},
		{`{"level":"warning","msg":"m"}`, "WARN m"},
		{`{"level":"loud","msg":"m"}`, "INFO m"},
		{`{"level":7,"msg":"m"}`, "INFO m level=7"},
		{`{"msg":"m","n":18446744073709551615,"list":[1,"a"],"in":{"b":true,"a":null}}`, "INFO m in=[a=<nil> b=true] list=[1 a] n=18446744073709551615"},
		{`  {"msg":"m"}  `, "INFO m"},
		{`{"msg":5}`, ""},
		{`{"a":1}`, ""},
		{`{}`, ""},
		{`{"msg":"m"`, ""},
		{`{"msg":"m"} x`, ""},
		{`null`, ""},
		{``, ""},
		{`{`, ""},
	} {
		r, ok := parseRecord([]byte(c.line))
		if ok != (c.want != "") {
			t.Errorf("%s is a record: %v", c.line, ok)
			continue
		}
		if !ok {
			continue
		}
		got := fmt.Sprintf("%v %s", r.Level, r.Message)
		if time.Since(r.Time) > time.Hour {
			got = r.Time.Format(time.DateOnly) + " " + got
		}
		r.Attrs(func(a slog.Attr) bool {
			got += " " + a.String()
			return true
		})
		if got != c.want {
			t.Errorf("%s\nis %s\nwant %s", c.line, got, c.want)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	for _, s := range []string{`{"msg":"m","a":{"b":[1,{"c":2}]}}`, `{"@message":5}`, "{\"msg\":\"\xff\"}", `{"msg":"m","time":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, ok := parseRecord(line); ok {
			if err := slog.DiscardHandler.Handle(context.Background(), r); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestLastWords(t *testing.T) {
	o := &output{log: slog.New(slog.DiscardHandler)}
	if o.said() != "" {
		t.Errorf("a silent process said %q", o.said())
	}
	for i := range 10_000 {
		o.line("", fmt.Appendf(nil, "line %d \xff", i))
	}
	said := o.said()
	if len(said) > 2*lastWords || !strings.HasSuffix(said, "line 9999 \uFFFD") || !strings.HasPrefix(said, "; it said last:\n") {
		t.Errorf("%d bytes: %.40q ... %q", len(said), said, said[len(said)-20:])
	}
}

// TestLastWordsOfACrash checks that the reason of a crash is kept, which comes before more stacks than fit.
func TestLastWordsOfACrash(t *testing.T) {
	o := &output{log: slog.New(slog.DiscardHandler)}
	o.line("", []byte("opening the database"))
	o.line("", []byte("fatal error: runtime: out of memory"))
	for i := range 1000 {
		o.line("", fmt.Appendf(nil, "goroutine %d [select]:", i))
	}
	got := o.said()
	if want := "opening the database\nfatal error: runtime: out of memory\ngoroutine 0 "; !strings.Contains(got, want) {
		t.Errorf("the last words %.200q have no %q", got, want)
	}
	if len(got) > 2*lastWords {
		t.Errorf("%d bytes of last words", len(got))
	}
}
