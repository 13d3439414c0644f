package compile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/host/compile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sierra is a class whose program is of no use: the compilers of these tests do not look at it.
func sierra(n uint64) *class.Sierra {
	return &class.Sierra{
		Program: []felt.Felt{felt.One, felt.FromUint64(7), {}, {}, {}, {}, felt.FromUint64(n)}, ABI: "[]",
		EntryPoints: class.EntryPoints[class.SierraEntryPoint]{External: []class.SierraEntryPoint{{Selector: felt.One}}},
	}
}

// code is the code of a class, with some felts more.
func code(more int) *class.Casm {
	k := &class.Casm{Bytecode: make([]felt.Felt, 3+more)}
	k.Bytecode[0] = felt.MustParse("0x208b7fff7fff7ffe")
	k.EntryPoints.External = []class.CasmEntryPoint{{Selector: felt.One}}
	return k
}

// write writes a file into a folder of the test.
func write(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// script returns the command of a compiler that a shell runs: $1 is the class, $2 where the code goes.
func script(body string) []string {
	return []string{"sh", "-c", body, "compiler", "{sierra}", "{casm}"}
}

func open(t *testing.T, c compile.Config) *compile.Compiler {
	t.Helper()
	k, err := compile.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// is checks that code is the expected one.
func is(t *testing.T, got *class.Casm, err error, want *class.Casm) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Text(), got.Text()); d != "" {
		t.Errorf("code (-want +got):\n%s", d)
	}
}

// TestCompiler has a compiler write to its file, or print, and looks what it was given.
func TestCompiler(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := write(t, dir, "made.json", code(0).Text())
	for name, command := range map[string][]string{
		"file":   script(`grep -q '"sierra_program"' "$1" && ! grep -q abi "$1" && cp ` + made + ` "$2"`),
		"stdout": {"sh", "-c", `test -s "$1" && cat ` + made, "compiler", "{sierra}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := open(t, compile.Config{Command: command}).Compile(t.Context(), sierra(1), code(0).HashV2())
			is(t, got, err, code(0))
		})
	}
}

// TestCompilerFails has compilers that do all that they should not.
func TestCompilerFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := write(t, dir, "made.json", code(0).Text())
	long := write(t, dir, "long.json", code(100).Text())
	for _, c := range []struct {
		name   string
		config compile.Config
		want   string
		is     error
	}{
		{"says no", compile.Config{Command: script("echo this is no class >&2; exit 3")}, "exit status 3: this is no class", nil},
		{"is not there", compile.Config{Command: []string{dir + "/nothing"}}, "start the compiler", nil},
		{"writes nothing", compile.Config{Command: script(":")}, "no such file", nil},
		{"writes nonsense", compile.Config{Command: script(`echo { > "$2"`)}, "what the compiler made", nil},
		{"never ends", compile.Config{Command: script("sleep 100 & wait"), Timeout: 50 * time.Millisecond}, "longer than 50ms", nil},
		{"prints without end", compile.Config{Command: []string{"sh", "-c", "while :; do cat " + made + "; done"}, Output: 4096}, "", compile.ErrTooLarge},
		{"writes too much", compile.Config{Command: script("cp " + long + ` "$2"`), Output: plugin.Size(len(code(100).Text()) - 1)}, "", compile.ErrTooLarge},
		{"makes long code", compile.Config{Command: script("cp " + long + ` "$2"`), Length: 102}, "", compile.ErrTooLarge},
		{"makes other code", compile.Config{Command: script("cp " + long + ` "$2"`)}, "", compile.ErrMismatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, c.config).Compile(t.Context(), sierra(1), code(0).HashV2())
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("Compile() = %v, want %v %s", err, c.is, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), sierra(1).Hash().String()) {
				t.Errorf("Compile() = %v, which does not name the class", err)
			}
		})
	}
}

// TestCancel stops a compiler, and one that waits for its turn.
func TestCancel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	begun := filepath.Join(dir, "begun")
	if err := syscall.Mkfifo(begun, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, compile.Config{Command: script("echo > " + begun + "; sleep 100")})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for i := range uint64(2) {
		go func() {
			_, err := c.Compile(ctx, sierra(i), code(0).HashV2())
			done <- err
		}()
	}
	if _, err := os.ReadFile(begun); err != nil { // waits until a compiler writes
		t.Fatal(err)
	}
	cancel()
	for range 2 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Compile() = %v, want %v", err, context.Canceled)
		}
	}
}

// TestCache compiles once, and again if what is kept is damaged or of another class.
func TestCache(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), filepath.Join(t.TempDir(), "cache")
	made := write(t, dir, "made.json", code(0).Text())
	runs := filepath.Join(dir, "runs")
	config := compile.Config{Cache: cache, Command: script("echo >> " + runs + "; cp " + made + ` "$2"`)}
	c := open(t, config)
	want := code(0).HashV2()
	compiled := func(s *class.Sierra, times int) {
		t.Helper()
		got, err := c.Compile(t.Context(), s, want)
		is(t, got, err, code(0))
		text, err := os.ReadFile(runs)
		if err != nil || len(text) != times {
			t.Errorf("compiled %d times, %v, want %d", len(text), err, times)
		}
	}
	compiled(sierra(1), 1)
	compiled(sierra(1), 1)
	compiled(sierra(2), 2) // its declaration may lie: that there is code with this hash says nothing
	files, err := filepath.Glob(filepath.Join(cache, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the cache has %q, %v, want two files", files, err)
	}
	for _, f := range files {
		if err := os.Truncate(f, 10); err != nil {
			t.Fatal(err)
		}
	}
	compiled(sierra(1), 3)
	c = open(t, config)
	compiled(sierra(1), 3)
}

// TestWithoutCompiler takes code from a folder, by both hashes, and what was admitted.
func TestWithoutCompiler(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, compile.Config{Casm: dir})
	compiled := func(s *class.Sierra, k *class.Casm, want error) {
		t.Helper()
		got, err := c.Compile(t.Context(), s, k.HashV2())
		if want == nil {
			is(t, got, err, k)
		} else if !errors.Is(err, want) {
			t.Errorf("Compile() = %v, want %v", err, want)
		}
	}
	compiled(sierra(1), code(0), compile.ErrNoCode)
	write(t, dir, sierra(1).Hash().String()+".casm.json", code(0).Text())
	write(t, dir, code(1).HashV2().String()+".json", code(1).Text())
	compiled(sierra(1), code(0), nil)
	compiled(sierra(1), code(2), compile.ErrMismatch)
	compiled(sierra(2), code(1), nil)
	h, err := c.Admit(code(3).Text())
	if err != nil || h != code(3).HashV2() {
		t.Errorf("Admit() = %v, %v, want %v", h, err, code(3).HashV2())
	}
	compiled(sierra(3), code(3), nil)
	if _, err := c.Admit([]byte("{")); err == nil {
		t.Error("nonsense was admitted")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []compile.Config{
		{Command: []string{""}}, {Timeout: -1}, {Length: -1}, {Parallel: 100}, {Parallel: -1}, {Output: 1 << 63},
	} {
		if _, err := compile.New(c); err == nil {
			t.Errorf("%+v is fine, want an error", c)
		}
	}
}
