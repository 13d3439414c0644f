package plugin

import "fmt"

// Version is one of the contract of a kind, as package framework states it. Parts with the same major number
// understand each other: a minor number only ever adds, and the lower of two is in force.
type Version struct {
	Major int `json:"major"`
	Minor int `json:"minor"`
}

// String returns "1.0".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Common returns the version in force between v and w, and false if there is none.
func (v Version) Common(w Version) (Version, bool) {
	return Version{v.Major, min(v.Minor, w.Minor)}, v.Major == w.Major
}

// API returns the version of the contract of a kind that this module holds; the zero Version for an unknown kind.
func API(kind Kind) Version {
	switch kind {
	case Scheduler, VM, Store:
		return Version{1, 0}
	}
	return Version{}
}

// Stability says how finished a plugin is.
type Stability string

// The steps on the way of a plugin. The zero value does not say.
const (
	Experimental Stability = "experimental" // anything may change
	Beta         Stability = "beta"         // it works; names may change
	Stable       Stability = "stable"       // its configuration and its data stay readable
)
