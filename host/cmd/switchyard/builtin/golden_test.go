package builtin_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/host/cli"
	"github.com/switchyard-dev/switchyard/host/cmd/switchyard/builtin"
)

var update = flag.Bool("update", false, "write the golden files anew: read the difference before you commit it")

// TestMain is the main of the program if a host has started it again.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		cli.MainWith(builtin.Tools(), builtin.Plugins()...)
	}
	os.Exit(m.Run())
}

// call runs a command line in this process, with no environment and no configuration file, and returns what it prints.
func call(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = cli.Run(t.Context(), cli.Call{Args: args, Stdout: &out, Stderr: &errs, Plugins: builtin.Plugins(), Tools: builtin.Tools()})
	return out.String(), errs.String(), status
}

// golden compares a text with a file of testdata/golden.
type golden struct {
	dir  string
	seen []string
}

func newGolden(t *testing.T, group string) *golden {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("testdata", "golden", group))
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{dir: dir}
	t.Chdir(t.TempDir()) // where no configuration is
	t.Cleanup(func() { g.rest(t) })
	return g
}

func (g *golden) check(t *testing.T, name, got string) {
	t.Helper()
	g.seen = append(g.seen, name)
	path := filepath.Join(g.dir, name)
	if *update {
		if err := errors.Join(os.MkdirAll(g.dir, 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is not what is printed (-update rewrites it; -want +got):\n%s", name, diff)
	}
}

// rest looks for files that nobody compares any more.
func (g *golden) rest(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(g.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch {
		case slices.Contains(g.seen, f.Name()):
		case *update:
			if err := os.Remove(filepath.Join(g.dir, f.Name())); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s: nothing prints it any more (-update removes it)", f.Name())
		}
	}
}

var subcommand = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) +\S`)

// TestHelp compares the help of every command, and wants each that does something to show how it is used.
func TestHelp(t *testing.T) {
	g := newGolden(t, "help")
	var walk func(words []string)
	walk = func(words []string) {
		help, stderr, status := call(t, append(slices.Clone(words), "--help")...)
		if status != 0 || stderr != "" {
			t.Errorf("%v --help: status %d, %s", words, status, stderr)
		}
		g.check(t, strings.Join(append([]string{"switchyard"}, words...), " ")+".txt", help)
		_, list, isGroup := strings.Cut(help, "\nAvailable Commands:\n")
		_, examples, _ := strings.Cut(help, "\nExamples:\n")
		if !isGroup && !strings.Contains(examples, "  switchyard "+strings.Join(words, " ")) {
			t.Errorf("%v --help shows no example of it", words)
		}
		list, _, _ = strings.Cut(list, "\n\n")
		for _, m := range subcommand.FindAllStringSubmatch(list, -1) {
			if m[1] != "completion" && m[1] != "help" { // they are cobra's
				walk(append(slices.Clone(words), m[1]))
			}
		}
	}
	walk(nil)
}

// TestPrinted compares what people read that want to know what there is.
func TestPrinted(t *testing.T) {
	g := newGolden(t, "printed")
	for _, args := range [][]string{
		{"plugins", "list"},
		{"plugins", "describe", "blockstm"},
		{"plugins", "describe", "memory"},
		{"plugins", "describe", "serial"},
		{"plugins", "schema", "memory"},
		{"config", "init"},
		{"config", "print"},
		{"config", "explain"},
		{"config", "explain", "block.interval"},
		{"config", "explain", "store.config.retain", "--set", "store.config.retain=7"},
		{"config", "explain", "store.use", "--set", "store.exec=mine"},
		{"config", "validate"},
	} {
		stdout, stderr, status := call(t, args...)
		if status != 0 || stderr != "" {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
		g.check(t, strings.Join(args, " ")+".txt", stdout)
	}
}

// TestComplaints compares what people read that have made a mistake.
func TestComplaints(t *testing.T) {
	g := newGolden(t, "complaints")
	if err := os.WriteFile("bad.yaml", []byte("store: { use: memory, config: { retian: 3 } }\nblock:\n  interval: 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("notes.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, line := range []string{
		"walk", "run --blocs 3", "run --config missing.yaml", "run --config bad.yaml", "run --set scheduler.use=seriel",
		"run --set store.place=moon", "run --set store.exec=./missing", "run --workload p3p", "run --cost-us abc", "run now",
		"compare one.yaml", "compare one.yaml two.yaml",
		"bench scheduler --format yaml", "bench scheduler --rounds 0",
		"config explain store.config.retian", "config explain store",
		"plugins describe", "plugins describe seriel", "plugins describe ./missing", "plugins describe ./notes.txt",
		"plugins schema one two", "plugins test memory --kind clock", "plugins test memory --carrier pigeon/1",
		"plugins test memory --set retian=8", "plugins test memory --retain 3", "plugins test memory --cells red",
		"plugins serve seriel", "plugins new", "plugins new clock mine", "plugins new store My-Store",
	} {
		stdout, stderr, status := call(t, strings.Fields(line)...)
		if status == 0 || stderr == "" {
			t.Errorf("%s: status %d, %s", line, status, stderr)
		}
		fmt.Fprintf(&all, "$ switchyard %s\n%s%sstatus %d\n\n", line, stdout, stderr, status)
	}
	g.check(t, "all.txt", all.String())
}

// TestCompletion compares what a shell is told, by the words of the line so far.
func TestCompletion(t *testing.T) {
	g := newGolden(t, "completion")
	var all strings.Builder
	for _, words := range [][]string{
		{"plugins", ""},
		{"plugins", "test", ""},
		{"plugins", "describe", "s"},
		{"plugins", "new", ""},
		{"plugins", "test", "memory", "--set", ""},
		{"plugins", "test", "memory", "--carrier", ""},
		{"run", "--workload", ""},
		{"run", "--set", "block.c"},
		{"run", "--set", "scheduler.use="},
		{"run", "--set", "store.place="},
		{"run", "--set", "scheduler.use=blockstm", "--set", "scheduler.config.w"},
		{"run", "--config", ""},
		{"compare", ""},
		{"config", "explain", "store.config"},
		{"bench", "scheduler", "--format", ""},
		{"bench", "scheduler", "--scheduler", ""},
	} {
		stdout, _, _ := call(t, append([]string{"__complete"}, words...)...)
		fmt.Fprintf(&all, "$ switchyard %s⇥\n%s\n", strings.Join(words, " "), stdout)
	}
	g.check(t, "all.txt", all.String())
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, stderr, status := call(t, "completion", shell)
		if status != 0 || stderr != "" || !strings.Contains(script, "__complete") {
			t.Errorf("completion %s: status %d, %s, %d bytes", shell, status, stderr, len(script))
		}
	}
}
