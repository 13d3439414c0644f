package hint

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// scopeHints are those of alloc, memcpy and memset, and those about scopes, segments and signatures.
var scopeHints = map[string]Func{
	"ADD_SEGMENT": func(c *Call) { c.SetAP(c.VM().AddSegment(machine.NoRule).Cell()) },
	"TEMPORARY_ARRAY": func(c *Call) {
		c.Set("temporary_array", c.VM().AddTemporary().Cell())
	},
	"RELOCATE_SEGMENT": func(c *Call) {
		from, to := c.Pointer("src_ptr"), c.Pointer("dest_ptr")
		if !c.Failed() {
			c.fail(c.VM().Relocate(from, to))
		}
	},
	"VM_ENTER_SCOPE":          func(c *Call) { c.enter() },
	"VM_EXIT_SCOPE":           (*Call).Exit,
	"MEMCPY_ENTER_SCOPE":      func(c *Call) { enterLoop(c, "len") },
	"MEMSET_ENTER_SCOPE":      func(c *Call) { enterLoop(c, "n") },
	"MEMCPY_CONTINUE_COPYING": func(c *Call) { countDown(c, "continue_copying") },
	"MEMSET_CONTINUE_LOOP":    func(c *Call) { countDown(c, "continue_loop") },
	"VERIFY_ECDSA_SIGNATURE":  registerSignature,
}

// enterLoop enters a scope with a counter.
func enterLoop(c *Call, last string) {
	n := c.Felt(last)
	s := c.enter()
	s.counts, s.n = true, n
}

// countDown takes 1 off n and says whether something is left. n is a felt: 0 - 1 is large, and so is left.
func countDown(c *Call, flag string) {
	s := c.scope()
	if !s.counts {
		c.missing("n")
		return
	}
	s.n.Sub(&s.n, &felt.One)
	c.SetBool(flag, !s.n.IsZero())
}

func registerSignature(c *Call) {
	r, s, at := c.Felt("signature_r"), c.Felt("signature_s"), c.Pointer("ecdsa_ptr")
	switch {
	case c.Failed():
	case c.run.builtins.Ecdsa < 0:
		c.Failf("Expected ecdsa builtin to be present")
	case at.Segment != c.run.builtins.Ecdsa:
		c.Failf("Signature hint must point to the signature builtin segment, not %v.", at)
	case at.Offset%2 != 0:
		c.Failf("Signature hint must point to the public key cell, not %v.", at)
	default:
		c.VM().AddSignature(at, crypto.Signature{R: r, S: s})
	}
}
