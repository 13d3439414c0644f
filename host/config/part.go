package config

import (
	"encoding/hex"
	"fmt"
	"regexp"

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
	return diags
}
