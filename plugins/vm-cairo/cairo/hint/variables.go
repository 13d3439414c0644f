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
	// scalar has so many digits left to be written.
	hasNibbles bool
	nibbles    int
	scalar     wide.Int
	squash     squash
	sort       sort
	// manager is the number of the set of dictionaries that are known here, 0 if there is none.
	manager int
	// initial is what the next dictionary begins with.
	hasInitial bool
	initial    values
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

// enter enters a new scope without variables.
func (c *Call) enter() *scope {
	r := c.run
	if n := len(r.scopes); n < cap(r.scopes) {
		r.scopes = r.scopes[:n+1]
	} else {
		r.scopes = append(r.scopes, scope{})
	}
	s := c.scope()
	s.vars, s.numbers, s.counts, s.longest, s.hasNibbles, s.manager, s.hasInitial = nil, s.numbers[:0], false, 0, false, 0, false
	s.squash.clear()
	s.sort.clear()
	return s
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
