package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const root = "../../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeCommands runs every command of the README that calls the program.
func TestReadmeCommands(t *testing.T) {
	commands := regexp.MustCompile(`(?m)^    bin/switchyard (.*)$`).FindAllStringSubmatch(readme(t), -1)
	if len(commands) < 4 {
		t.Fatalf("found %d commands in the README, want at least 4", len(commands))
	}
	for _, c := range commands {
		cmd := exec.CommandContext(t.Context(), "switchyard", strings.Fields(c[1])...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("switchyard %s: %v\n%s", c[1], err, out)
		}
	}
}

// TestReadmeRun does what the README says first, on a fresh clone: make run, until Ctrl-C. It compiles everything once more.
func TestReadmeRun(t *testing.T) {
	if os.Getenv("SWITCHYARD_LONG") != "1" {
		t.Skip("SKIP: make run on a fresh clone, which compiles everything once more: without SWITCHYARD_LONG=1")
	}
	clone := filepath.Join(t.TempDir(), "switchyard")
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "--quiet", root, clone).CombinedOutput(); err != nil {
		t.Skipf("SKIP: make run on a fresh clone: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), "make", "run")
	cmd.Dir = clone
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^    ((?:scheduler|watch|JSON-RPC|block) .*)$`).FindAllStringSubmatch(readme(t), -1)
	if len(shown) != 4 {
		t.Fatalf("the README shows %d lines of a run, want 4", len(shown))
	}
	last := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if len(shown) > 0 && strings.Fields(last)[0] == strings.Fields(shown[0][1])[0] {
			shown = shown[1:]
		}
		if strings.HasPrefix(last, "block 2 ") {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // as a terminal does it
		}
	}
	_ = cmd.Wait() // make says that it was interrupted
	if len(shown) > 0 || !strings.HasPrefix(last, "stopped after ") {
		t.Errorf("not printed: %v; last line %q", shown, last)
	}
}

// TestReadmeRPC starts the node that make run starts, at another address, and asks it what the README asks.
func TestReadmeRPC(t *testing.T) {
	bodies := regexp.MustCompile(`(?m)^    curl -s -X POST 127.0.0.1:5050/rpc -d '(.*)'$`).FindAllStringSubmatch(readme(t), -1)
	if len(bodies) < 3 {
		t.Fatalf("found %d requests in the README, want at least 3", len(bodies))
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "switchyard", "run", "--config", "examples/starknet.yaml", "--transactions", "10", "--accounts", "10",
		"--set", "store.config.path="+dir+"/state", "--set", "ledger.path="+dir+"/blocks", "--set", "rpc.listen=127.0.0.1:0", "--set", "block.interval=100ms")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, asked, last := "", false, ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if at, ok := strings.CutPrefix(last, "JSON-RPC "); ok {
			url = at
		}
		if strings.HasPrefix(last, "block ") && !asked {
			asked = true
			for _, body := range bodies {
				askRPC(t, url, body[1])
			}
			_ = cmd.Process.Signal(syscall.SIGINT)
		}
	}
	if err := cmd.Wait(); err != nil || !asked || !strings.HasPrefix(last, "stopped after ") {
		t.Errorf("run: %v; asked %v; last line %q", err, asked, last)
	}
}

// askRPC posts a request, which must have a result.
func askRPC(t *testing.T, url, body string) {
	t.Helper()
	r, err := http.Post(url, "application/json", strings.NewReader(body)) //nolint:noctx // the node answers
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil || !strings.Contains(string(text), `"result":`) {
		t.Errorf("%s answers %s, %v", body, text, err)
	}
}

// TestReadmeCovered fails when the README tells people to do something that no test does.
func TestReadmeCovered(t *testing.T) {
	known := regexp.MustCompile(`^(bin/switchyard .*|make run .*|make test .*|scheduler blockstm, .*|watch http.*|JSON-RPC http.*|block 1 .*|curl .*)$`)
	diagram := between(t, readme(t), "## The parts", "| kind |")
	for _, m := range regexp.MustCompile(`(?m)^    (\S.*)$`).FindAllStringSubmatch(strings.Replace(readme(t), diagram, "", 1), -1) {
		if !known.MatchString(m[1]) {
			t.Errorf("no test does this: %q", m[1])
		}
	}
}

// TestReadmeScheduler does what the README says about writing a scheduler, to the letter, outside the repository.
func TestReadmeScheduler(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of its own")
	}
	beside := t.TempDir()
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(repository, filepath.Join(beside, "switchyard")); err != nil {
		t.Fatal(err)
	}
	section := between(t, readme(t), "## Write a scheduler", "\n## ")
	shell := blocks(section, "sh")
	code := blocks(section, "go")
	if len(shell) != 4 || len(code) != 2 {
		t.Fatalf("the README has %d shell and %d Go blocks, want 4 and 2", len(shell), len(code))
	}
	sh(t, beside, shell[0])
	mine := filepath.Join(beside, "mine")
	contains(t, filepath.Join(mine, "mine_test.go"), code[0])
	contains(t, filepath.Join(mine, "cmd", "sequencer", "main.go"), code[1])
	for _, s := range shell[1:] {
		sh(t, mine, s)
	}
}

// between returns the text between two marks.
func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, text, found := strings.Cut(text, from)
	if !found {
		t.Fatalf("the README has no %q", from)
	}
	text, _, _ = strings.Cut(text, to)
	return text
}

// blocks returns the fenced blocks of a language, without their indentation.
func blocks(text, language string) []string {
	var all []string
	fenced := regexp.MustCompile("(?s)   ```" + language + "\n(.*?)   ```")
	for _, m := range fenced.FindAllStringSubmatch(text, -1) {
		all = append(all, regexp.MustCompile(`(?m)^   `).ReplaceAllString(m[1], ""))
	}
	return all
}

// contains wants a file to have a text in it.
func contains(t *testing.T, file, text string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), text) {
		t.Errorf("%s is not what the README shows:\n%s", filepath.Base(file), got)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sh runs a script. The programs of bin are those that are tested.
func sh(t *testing.T, dir, script string) {
	t.Helper()
	script = regexp.MustCompile(`(?m)^\S*bin/switchyard `).ReplaceAllString(script, "switchyard ")
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, out)
	}
}
