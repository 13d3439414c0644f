package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// laboratory builds and tests mutants of a module.
type laboratory struct {
	root string
	// sound is how long tests take without a mutant, by suite.
	sound map[suite]time.Duration
}

// Tests of a mutant may take so many times as long as without it, and at least so long: one that hangs is killed by that,
// a slow machine kills none.
const (
	patience      = 10
	leastPatience = 20 * time.Second
)

// try returns the test that fails with a mutant, or "" if none does.
func (l *laboratory) try(ctx context.Context, m mutant) (string, error) {
	dir, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := l.overlay(dir, m.edits)
	if err != nil {
		return "", err
	}
	for _, s := range m.tests {
		killer, err := l.judge(ctx, dir, overlay, s)
		if killer != "" || err != nil {
			return killer, err
		}
	}
	return "", nil
}

// judge returns the test of a suite that fails with the changed files. If one does not end, the machine may just have become
// slow: then it gets more time.
func (l *laboratory) judge(ctx context.Context, dir, overlay string, s suite) (string, error) {
	for {
		limit, err := l.patience(ctx, s)
		if err != nil {
			return "", err
		}
		killer, err := l.test(ctx, dir, overlay, s, limit)
		if err != nil || !strings.HasSuffix(killer, hangs) {
			return killer, err
		}
		delete(l.sound, s)
		if again, err := l.patience(ctx, s); err != nil || again <= 2*limit {
			return killer, err
		}
	}
}

// patience returns how long tests of a mutant may take. Without one they have to succeed.
func (l *laboratory) patience(ctx context.Context, s suite) (time.Duration, error) {
	if _, known := l.sound[s]; !known {
		dir, err := os.MkdirTemp("", "sound-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		overlay, err := l.overlay(dir, nil)
		if err != nil {
			return 0, err
		}
		start := time.Now()
		switch killer, err := l.test(ctx, dir, overlay, s, time.Hour); {
		case err != nil:
			return 0, err
		case killer != "":
			return 0, fmt.Errorf("%s fails without a mutant", killer)
		}
		if l.sound == nil {
			l.sound = map[suite]time.Duration{}
		}
		l.sound[s] = time.Since(start)
	}
	return max(patience*l.sound[s], leastPatience), nil
}

// overlay writes the changed files, and the list that tells the compiler of them.
func (l *laboratory) overlay(dir string, edits []edit) (string, error) {
	texts := map[string]string{}
	for _, e := range edits {
		text, ok := texts[e.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(l.root, e.file))
			if err != nil {
				return "", err
			}
			text = string(b)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return "", fmt.Errorf("%s has %d places like\n%s", e.file, n, e.old)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	replace := map[string]string{}
	for file, text := range texts {
		changed := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", err
		}
		original, err := filepath.Abs(filepath.Join(l.root, file))
		if err != nil {
			return "", err
		}
		replace[original] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}

// test builds the tests of a package with the changed files, which must succeed, and runs them for that long at most.
func (l *laboratory) test(ctx context.Context, dir, overlay string, s suite, limit time.Duration) (string, error) {
	binary, err := filepath.Abs(filepath.Join(dir, "test"))
	if err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+strings.TrimSuffix(s.pkg, "/"))
	build.Dir = l.root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	run := exec.CommandContext(ctx, binary, "-test.failfast", "-test.timeout="+limit.String(), "-test.run="+s.run)
	run.Dir = filepath.Join(l.root, s.pkg)
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	err = run.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		return killer(out.String()), nil
	}
	return "", err
}

var (
	failed  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	running = regexp.MustCompile(`(?m)running tests:\n\s+(\S+)`)
	traced  = regexp.MustCompile(`(?m)\.(Test\w+|Fuzz\w+)[.(]`)
)

// hangs is said of a test that does not end.
const hangs = " (it does not end)"

// killer returns the innermost test that failed, or in which the program ended.
func killer(out string) string {
	name := ""
	for _, m := range failed.FindAllStringSubmatch(out, -1) {
		if len(m[1]) > len(name) {
			name = m[1]
		}
	}
	if name != "" {
		return name
	}
	if m := running.FindStringSubmatch(out); m != nil {
		return m[1] + hangs
	}
	if m := traced.FindStringSubmatch(out); m != nil {
		return m[1] + " (it panics)"
	}
	return "the tests end in disorder"
}
