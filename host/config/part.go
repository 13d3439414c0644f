package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// The places where a plugin can run. The third is [Shared] of a name.
const (
	// Builtin is the host's own process.
	Builtin = "builtin"
	// Process is a child process for this plugin alone.
	Process = "process"
)

// Shared returns the place of plugins that share a child process of that name.
func Shared(name string) string { return "shared:" + name }

var places = regexp.MustCompile(`^(builtin|process|shared:[A-Za-z0-9_-]+)$`)

// String names the plugin and, if it is not built in, where it runs: "memory", "memory (process)".
func (p Part) String() string {
	name := strings.TrimSpace(filepath.Base(p.Exec) + " " + p.Use)
	if p.Exec == "" {
		name = p.Use
	}
	if p.Place == Builtin {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, p.Place)
}

// Part returns the part of a kind.
func (c *Config) Part(kind plugin.Kind) Part { return *c.part(kind) }

// part returns the part of that kind.
func (c *Config) part(kind plugin.Kind) *Part {
	switch kind {
	case plugin.Scheduler:
		return &c.Scheduler
	case plugin.VM:
		return &c.VM
	default:
		return &c.Store
	}
}

// check returns what is wrong with a part, with keys relative to it.
func (p *Part) check() plugin.Diagnostics {
	var diags plugin.Diagnostics
	add := func(key, format string, args ...any) {
		diags = append(diags, plugin.Diagnostic{Key: key, Problem: fmt.Sprintf(format, args...)})
	}
	if p.Use == "" && p.Exec == "" {
		add("use", "is empty: name a plugin, or set exec")
	}
	switch {
	case !places.MatchString(p.Place):
		add("place", "%q is no place: write builtin, process or shared:NAME", p.Place)
	case p.Exec != "" && p.Place == Builtin:
		add("place", "a program of its own cannot be builtin: write process or shared:NAME")
	}
	if sum, err := hex.DecodeString(p.Checksum); p.Checksum != "" && (err != nil || len(sum) != 32) {
		add("sha256", "%q is no SHA-256: write 64 hex digits", p.Checksum)
	}
	if p.Limits != (Limits{}) && p.Place == Builtin {
		add("limits", "are for processes: a builtin plugin has those of the host")
	}
	if p.Limits.Files < 0 || p.Limits.Processors < 0 {
		add("limits", "one is below 0")
	}
	if p.Checksum != "" && p.Exec == "" {
		add("sha256", "is for programs: set exec too")
	}
	return diags
}

// check returns what is wrong with the values of c by themselves.
func (c *Config) check() plugin.Diagnostics {
	var diags plugin.Diagnostics
	for _, kind := range plugin.Kinds() {
		for _, d := range c.part(kind).check() {
			diags = append(diags, plugin.Diagnostic{Key: string(kind) + "." + d.Key, Problem: d.Problem})
		}
	}
	negative := func(key string, is bool, v any) {
		if is {
			diags = append(diags, plugin.Diagnostic{Key: key, Problem: fmt.Sprintf("%v is below 0", v)})
		}
	}
	negative("block.interval", c.Block.Interval < 0, c.Block.Interval)
	negative("block.transactions", c.Block.Transactions < 0, c.Block.Transactions)
	negative("block.count", c.Block.Count < 0, c.Block.Count)
	negative("restart.budget", c.Restart.Budget < 0, c.Restart.Budget)
	for key, v := range map[string]time.Duration{
		"backoff": c.Restart.Backoff, "longest": c.Restart.Longest, "healthy": c.Restart.Healthy,
		"start": c.Restart.Start, "check": c.Restart.Check, "answer": c.Restart.Answer,
	} {
		negative("restart."+key, v < 0, v)
	}
	if err := c.Compile.Validate(); err != nil {
		key, problem, _ := strings.Cut(err.Error(), ": ")
		diags = append(diags, plugin.Diagnostic{Key: "compile." + key, Problem: problem})
	}
	for key, address := range map[string]string{"listen": c.Monitor.Listen, "pprof": c.Monitor.Pprof} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			diags = append(diags, plugin.Diagnostic{Key: "monitor." + key, Problem: fmt.Sprintf("%q is no address: write HOST:PORT", address)})
		}
	}
	return diags
}
