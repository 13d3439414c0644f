package rpc

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

const (
	// maxLine is the longest line that is logged in one piece, in bytes.
	maxLine = 64 << 10
	// lastWords is how much of what a process wrote last is kept for error texts, in bytes.
	lastWords = 4 << 10
)

// output logs what a process writes, and keeps the last of it. It is safe for concurrent use.
type output struct {
	log *slog.Logger

	mu      sync.Mutex
	last    []byte // at most twice lastWords; guarded by mu
	crashed bool   // the runtime of Go has begun to say why it ends; guarded by mu
	crash   []byte // what it has said since, at most lastWords; guarded by mu
}

// line logs one line, or a piece of a line that is too long.
func (o *output) line(stream string, line []byte) {
	o.keep(line)
	if r, ok := parseRecord(line); ok {
		emit(o.log, r)
		return
	}
	r := textRecord(string(line), o.level())
	if stream != "" {
		r.AddAttrs(slog.String("stream", stream))
	}
	emit(o.log, r)
}

func (o *output) keep(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.crashed && isCrash(line) {
		o.crashed = true
	}
	if o.crashed {
		o.crash = append(append(o.crash, line...), '\n')
		o.crash = o.crash[:min(len(o.crash), lastWords)]
		return
	}
	o.last = append(append(o.last, line...), '\n')
	if n := len(o.last); n > 2*lastWords {
		o.last = append(o.last[:0], o.last[n-lastWords:]...)
	}
}

// isCrash reports whether the runtime of Go begins with a line to say why it ends. Its stacks follow.
func isCrash(line []byte) bool {
	return bytes.HasPrefix(line, []byte("panic: ")) || bytes.HasPrefix(line, []byte("fatal error: "))
}

// level returns the level of a line of text: Error from the first line of a crash on, else Info.
func (o *output) level() slog.Level {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.crashed {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// said returns the last that the process wrote, for an error text: "" or a clause of it. Of a crash that is the beginning,
// since the reason comes first and then the stacks of all goroutines.
func (o *output) said() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	last := o.last[max(0, len(o.last)-lastWords):]
	if o.crashed {
		last = slices.Concat(last[max(0, len(last)-lastWords/4):], o.crash)
	}
	words := strings.TrimSpace(strings.ToValidUTF8(string(last), "\uFFFD"))
	if words == "" {
		return ""
	}
	return "; it said last:\n" + words
}

// liner is a writer that hands on complete lines, and longer ones in pieces of maxLine. It is safe for concurrent use.
type liner struct {
	hand func(line []byte, whole bool) // line is valid until hand returns

	mu  sync.Mutex
	buf []byte // guarded by mu
	cut bool   // a piece of the current line has been handed on; guarded by mu
}

// Write implements io.Writer. It never fails.
func (l *liner) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		l.fill(p[:i])
		l.end()
		p = p[i+1:]
	}
	l.fill(p)
	return n, nil
}

// fill adds to the current line.
func (l *liner) fill(p []byte) {
	for len(l.buf)+len(p) > maxLine {
		room := maxLine - len(l.buf)
		l.buf, p = append(l.buf, p[:room]...), p[room:]
		l.hand(l.buf, false)
		l.buf, l.cut = l.buf[:0], true
	}
	l.buf = append(l.buf, p...)
}

// end hands on the current line.
func (l *liner) end() {
	l.hand(bytes.TrimSuffix(l.buf, []byte("\r")), !l.cut)
	l.buf, l.cut = l.buf[:0], false
}

// flush hands on the last line if nothing ended it.
func (l *liner) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buf) > 0 {
		l.end()
	}
}
