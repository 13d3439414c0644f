// Package plugin is what a plugin declares of itself: who it is, how it is configured, and how to make one.
// A host holds the factories of the plugins that are linked into it in a [Catalog].
package plugin

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// Kind says which part of a sequencer a plugin is.
type Kind string

// The kinds of plugins.
const (
	Scheduler Kind = "scheduler"
	VM        Kind = "vm"
	Store     Kind = "store"
)

// Kinds returns all kinds in the order in which people list them.
func Kinds() []Kind { return []Kind{Scheduler, VM, Store} }

// Info says who a plugin is.
type Info struct {
	Kind Kind `json:"kind"`
	// ID is what `use:` names, such as "serial". It is unique among plugins of one kind.
	ID string `json:"id"`
	// Version is the plugin's own, such as "0.1.0".
	Version string `json:"version"`
	// Summary says in one line what the plugin is for.
	Summary string `json:"summary"`
	// API is the version of the contract that the plugin was made for. A [Factory] sets it.
	API Version `json:"api"`
	// Features names what the plugin can do beyond its API. Who does not know a name ignores it.
	Features []string `json:"features,omitempty"`
	// Stability says how finished the plugin is.
	Stability Stability `json:"stability,omitempty"`
}

// String returns kind and id, such as "scheduler.serial".
func (i Info) String() string { return string(i.Kind) + "." + i.ID }

// Factory makes instances of one plugin. Make it with [ForScheduler], [ForVM] or [ForStore].
type Factory struct {
	Info Info
	// defaults returns a pointer to a new config with every key at its default.
	defaults func() any
	// open makes an instance from a section of a configuration.
	open func(ctx context.Context, section map[string]any) (any, error)
}

// ForScheduler returns the factory of a scheduler. C is its config: a struct whose fields carry `koanf` tags;
// defaults holds the default of every key. If *C has a method Validate() error, open gets only what passes it.
func ForScheduler[C any](info Info, defaults C, open func(context.Context, C) (framework.Scheduler, error)) Factory {
	return newFactory(Scheduler, info, defaults, open)
}

// ForVM returns the factory of a VM; see [ForScheduler].
func ForVM[C any](info Info, defaults C, open func(context.Context, C) (framework.VM, error)) Factory {
	return newFactory(VM, info, defaults, open)
}

// ForStore returns the factory of a store; see [ForScheduler].
func ForStore[C any](info Info, defaults C, open func(context.Context, C) (framework.Store, error)) Factory {
	return newFactory(Store, info, defaults, open)
}

func newFactory[C, P any](kind Kind, info Info, defaults C, open func(context.Context, C) (P, error)) Factory {
	info.Kind, info.API = kind, API(kind)
	return Factory{
		Info:     info,
		defaults: func() any { return Clone(&defaults) },
		open: func(ctx context.Context, section map[string]any) (any, error) {
			config, _ := Clone(&defaults).(*C) // a clone has the type of its original
			if err := Decode(section, config); err != nil {
				return nil, err
			}
			return open(ctx, *config)
		},
	}
}

// Defaults returns a pointer to a new config with every key at its default.
func (f Factory) Defaults() any { return f.defaults() }

// Configure returns the config that a section of a configuration file describes: the defaults with the keys of
// the section on top. The error is a [Diagnostics] that names every bad key.
func (f Factory) Configure(section map[string]any) (any, error) {
	config := f.defaults()
	if err := Decode(section, config); err != nil {
		return nil, err
	}
	return config, nil
}

// OpenScheduler makes a scheduler. A panic in one of its calls becomes a [framework.Fault], but not one in a goroutine
// that it started: that ends the program.
func (f Factory) OpenScheduler(ctx context.Context, section map[string]any) (framework.Scheduler, error) {
	s, err := open[framework.Scheduler](ctx, f, Scheduler, section)
	if err != nil {
		return nil, err
	}
	return guardScheduler(f.Info, s), nil
}

// OpenVM makes a VM. A panic in one of its calls becomes a [framework.Fault].
func (f Factory) OpenVM(ctx context.Context, section map[string]any) (framework.VM, error) {
	vm, err := open[framework.VM](ctx, f, VM, section)
	if err != nil {
		return nil, err
	}
	return guardVM(f.Info, vm), nil
}

// OpenStore makes a store. A panic in one of its calls becomes a [framework.Fault].
func (f Factory) OpenStore(ctx context.Context, section map[string]any) (framework.Store, error) {
	s, err := open[framework.Store](ctx, f, Store, section)
	if err != nil {
		return nil, err
	}
	return guardStore(f.Info, s), nil
}

func open[P any](ctx context.Context, f Factory, kind Kind, section map[string]any) (p P, err error) {
	if f.Info.Kind != kind {
		return p, fmt.Errorf("%v is not a %s", f.Info, kind)
	}
	defer recoverFault(f.Info, noAttempt(framework.AtEmpty), &err)
	made, err := f.open(ctx, section)
	var diags Diagnostics
	if errors.As(err, &diags) {
		return p, diags
	}
	if err != nil {
		return p, fmt.Errorf("open %v: %w", f.Info, err)
	}
	p, ok := made.(P)
	if !ok {
		return p, fmt.Errorf("open %v: it made a %T", f.Info, made)
	}
	return p, nil
}
