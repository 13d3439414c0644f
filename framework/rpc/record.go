package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// textRecord returns a record of a line of text.
func textRecord(text string, level slog.Level) slog.Record {
	return slog.NewRecord(time.Now(), level, text, 0)
}

// parseRecord reads a line of a JSON log: an object with a message. Level, time and message are found under the names
// that slog, zap and hclog give them; all else becomes attributes, in the order of their names. It reports false for
// every other line, which is then text.
func parseRecord(line []byte) (slog.Record, bool) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' {
		return slog.Record{}, false
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var fields map[string]any
	if dec.Decode(&fields) != nil {
		return slog.Record{}, false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return slog.Record{}, false
	}
	message, ok := take[string](fields, "msg", "message", "@message")
	if !ok {
		return slog.Record{}, false
	}
	level := slog.LevelInfo
	if name, ok := take[string](fields, "level", "@level", "severity"); ok {
		level = parseLevel(name)
	}
	at := time.Now()
	if s, ok := take[string](fields, "time", "@timestamp", "ts", "timestamp"); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			at = t
		}
	}
	r := slog.NewRecord(at, level, message, 0)
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		r.AddAttrs(attr(k, fields[k]))
	}
	return r, true
}

// take removes the first of the names that holds a T, and returns it.
func take[T any](fields map[string]any, names ...string) (T, bool) {
	for _, name := range names {
		if v, ok := fields[name].(T); ok {
			delete(fields, name)
			return v, true
		}
	}
	var none T
	return none, false
}

// parseLevel reads the name of a level, of slog ("INFO", "WARN+2") or another library; Info if it knows none.
func parseLevel(name string) slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(name)) == nil {
		return level
	}
	switch strings.ToLower(name) {
	case "trace":
		return slog.LevelDebug - 4
	case "warning":
		return slog.LevelWarn
	case "fatal", "panic", "dpanic", "critical":
		return slog.LevelError + 4
	}
	return slog.LevelInfo
}

// attr returns a field of a JSON log as an attribute.
func attr(key string, v any) slog.Attr {
	m, ok := v.(map[string]any)
	if !ok {
		return slog.Any(key, number(v))
	}
	attrs := make([]any, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		attrs = append(attrs, attr(k, m[k]))
	}
	return slog.Group(key, attrs...)
}

// emit logs a record as it is.
func emit(to *slog.Logger, r slog.Record) {
	ctx := context.Background()
	if h := to.Handler(); h.Enabled(ctx, r.Level) {
		_ = h.Handle(ctx, r) // there is no other place to say that the log fails
	}
}
