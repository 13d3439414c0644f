package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// scope has the variables of a scope of the prover's. Those of the library's hints stand in fields, which keep their memory when the
// scope is left and another one is entered in its place; what other hints set is in vars.
type scope struct {
	vars    map[string]any
	numbers []number
	// n is the counter of a loop, which counts says is there.
	counts bool
	n      felt.Felt
	// longest is the number of the longest arc of a comparison, from 1 on.
	longest int
	// manager is the number of the set of dictionaries that are known here, 0 if there is none.
	manager int
	// large is what few scopes have; nil until it is asked for.
	large *large
}

// large are the variables of a scope that need much room.
type large struct {
	squash squash
	sort   sort
	// initial is what the next dictionary begins with.
	hasInitial bool
	initial    values
	// scalar has so many digits left to be written.
	hasNibbles bool
	nibbles    int
	scalar     wide.Int
}

// clear forgets the variables, and keeps their memory.
func (l *large) clear() {
	l.hasInitial, l.hasNibbles = false, false
	l.squash.ready, l.squash.begun = false, false
	l.sort.ready, l.sort.begun = false, false
}

// number is a variable that is a number.
type number struct {
	name string
	x    wide.Int
}

// values is the content of a dictionary.
type values = keyed.Map[machine.Cell, machine.Cell]

// scope returns the scope that the hint is in, up to the next that is entered.
func (c *Call) scope() *scope { return &c.run.scopes[len(c.run.scopes)-1] }

// large returns the large variables of the scope, up to the next that is entered.
func (c *Call) large() *large {
	s := c.scope()
	if s.large == nil {
		s.large = new(large)
	}
	return s.large
}

// maxScopes bounds how deep scopes may be nested.
const maxScopes = 1 << 20

// enter enters a new scope without variables.
func (c *Call) enter() *scope {
	r := c.run
	switch n := len(r.scopes); {
	case n == maxScopes:
		c.Failf("More than %d scopes", maxScopes)
		return c.scope()
	case n < cap(r.scopes):
		r.scopes = r.scopes[:n+1]
	default:
		r.scopes = append(r.scopes, scope{})
	}
	s := c.scope()
	*s = scope{numbers: s.numbers[:0], large: s.large}
	if s.large != nil {
		s.large.clear()
	}
	return s
}

// Numbers of scopes and dictionaries whose memory is kept from run to run.
const (
	scopesKept = 64
	dictsKept  = 1 << 12
)

// trim drops memory of earlier runs, if it is more than a run should keep.
func (r *Run) trim() {
	scopes, dicts, room := r.scopes[:cap(r.scopes)], r.dicts[:cap(r.dicts)], 0
	if len(scopes) <= scopesKept && len(dicts) <= dictsKept {
		for i := range scopes {
			if l := scopes[i].large; l != nil {
				room += l.squash.places.Room() + l.sort.places.Room() + l.initial.Room()
			}
		}
		for i := range dicts {
			room += dicts[i].values.Room()
		}
		if room <= keyed.Most {
			return
		}
	}
	r.scopes, r.dicts, r.bytes = nil, nil, nil
}

// Enter enters a new scope with these variables; those of the outer one are not visible in it.
func (c *Call) Enter(vars map[string]any) { c.enter().vars = vars }

// Exit leaves the scope.
func (c *Call) Exit() {
	n := len(c.run.scopes) - 1
	if n == 0 {
		c.Failf("Cannot exit main scope.")
		return
	}
	c.run.scopes = c.run.scopes[:n]
}

// SetVar sets a variable of the scope.
func (c *Call) SetVar(last string, v any) {
	s := c.scope()
	if s.vars == nil {
		s.vars = make(map[string]any)
	}
	s.vars[last] = v
}

// Var returns a variable of the scope that was set by [Call.SetVar], which has to be a T.
func Var[T any](c *Call, last string) T {
	v, ok := c.scope().vars[last].(T)
	if !ok {
		c.missing(last)
	}
	return v
}

// missing fails because a variable is not there.
func (c *Call) missing(name string) {
	c.Failf("Variable %s not present in current execution scope", name)
}

// atMost fails if the scope has a limit of that name, a felt, and n is above it.
func (c *Call) atMost(n felt.Felt, variable, format string) {
	limit, ok := c.scope().vars[variable].(felt.Felt)
	if ok && limit.Less(&n) {
		c.Failf(format, limit.Decimal(), n.Decimal())
	}
}
