package blockstm

import "github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"

// named is a policy and what it is called.
type named struct {
	name   string
	policy core.Policy
}

// policies returns all policies, each of which adds to the one before.
func policies() []named {
	return []named{
		// The Block-STM paper: validation by a sweep, an attempt that reads an estimate is given up.
		{"paper", core.Policy{Estimates: true}},
		// Readers are compared by value when a cell is written; attempts park, and are stopped when invalid.
		{"push", core.Policy{Push: true, Estimates: true, Suspend: true, Stop: true}},
		// An attempt goes on from the first invalid read.
		{"resume", core.Policy{Push: true, Estimates: true, Suspend: true, Stop: true, Rewind: true}},
		// What a transaction will probably write is an estimate before it runs.
		{"hints", core.Policy{Push: true, Estimates: true, Suspend: true, Stop: true, Hints: true}},
		// Nor need it be predicted, where who reads a cell usually writes it.
		{"full", core.Policy{Push: true, Estimates: true, Suspend: true, Stop: true, Rewind: true, Hints: true, Rewrites: true}},
	}
}

// Policies returns the names of all policies.
func Policies() []string {
	var names []string
	for _, p := range policies() {
		names = append(names, p.name)
	}
	return names
}

// policy returns the abilities that are to be used. c must be valid.
func (c Config) policy(workers int) core.Policy {
	name := c.Policy
	if name == "" {
		name = "full"
	}
	var p core.Policy
	for _, n := range policies() {
		if n.name == name {
			p = n.policy
		}
	}
	for _, s := range []struct {
		value   string
		ability *bool
	}{
		{c.Push, &p.Push}, {c.Estimates, &p.Estimates}, {c.Suspend, &p.Suspend},
		{c.Stop, &p.Stop}, {c.Rewind, &p.Rewind}, {c.Hints, &p.Hints}, {c.Rewrites, &p.Rewrites},
	} {
		if s.value != "" {
			*s.ability = s.value == on
		}
	}
	p.Alone = true
	const windowPerWorker, leastWindow, parkedPerWorker = 32, 64, 4
	p.Window, p.Parked, p.Attempts = c.Window, c.Parked, c.Attempts
	if p.Window == 0 {
		p.Window = max(windowPerWorker*workers, leastWindow)
	}
	if p.Parked == 0 {
		p.Parked = parkedPerWorker * workers
	}
	return p
}
