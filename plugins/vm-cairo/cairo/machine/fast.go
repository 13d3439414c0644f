package machine

import "math/bits"

// fast executes up to budget instructions, and returns early when pc leaves the program, when the
// fast path may not go on (see fastReady), or after a step that took long. Forms of instruction
// that it has no case for, and operands that it does not expect, are left to slowStep: a case
// either executes its instruction whole and continues the loop, or has changed nothing.
//
// The registers and the stack are in local variables; whatever calls out has to store and reload
// them.
//
//nolint:funlen // one dense switch over the forms of instruction is what makes it fast
func (m *Machine) fast(budget uint64) error {
	ops, code := m.ops, m.code.cells
	stack := m.segs[StackSegment].cells
	pc, ap, fp := m.pc.Offset, m.ap, m.fp
	n := uint64(0)
	var v Cell
	for n < budget && pc < uint64(len(ops)) {
		o := &ops[pc]
		k := o.kind
	again:
		switch k {
		case kindImm:
			v = code[pc+1]
			goto assign

		case kindCopy:
			if i := pick(ap, fp, o.use2) + uint64(int64(o.Off2)); i < uint64(len(stack)) {
				if v = stack[i]; v.live() {
					goto assign
				}
				if v.top != 0 {
					v = use(&stack[i])
					goto assign
				}
			}

		case kindDeref:
			if i := pick(ap, fp, o.use1) + uint64(int64(o.Off1)); i < uint64(len(stack)) {
				p := stack[i]
				if p.top&(rel|hosted) != rel || p.w1 >= uint64(len(m.segs)) {
					break
				}
				from, rule := stack, NoRule
				if p.w1 != StackSegment {
					from, rule = m.segs[p.w1].cells, m.segs[p.w1].rule
				}
				i := p.w0 + uint64(int64(o.Off2))
				if i >= uint64(len(from)) {
					break
				}
				if v = from[i]; v.live() {
					goto assign
				}
				if v.top != 0 {
					v = use(&from[i])
					goto assign
				}
				if rule >= BitwiseRule && !isInput(rule, i) {
					var heavy, ok bool
					if v, heavy, ok = m.output(p.w1, i); !ok {
						break
					}
					if heavy {
						budget = n + 1 // time to ask whether to stop
					}
					goto assign
				}
				// The cell is empty: it takes the value of dst.
				d := pick(ap, fp, o.use0) + uint64(int64(o.Off0))
				if d >= uint64(len(stack)) {
					break
				}
				if v = stack[d]; !v.live() || !rule.accepts(&v) {
					break
				}
				from[i] = v
				ap += uint64(o.inc)
				pc++
				n++
				continue
			}

		case kindAddImm, kindAdd:
			if i := pick(ap, fp, o.use1) + uint64(int64(o.Off1)); i < uint64(len(stack)) {
				x, y, j := stack[i], Cell{}, i
				if k == kindAddImm {
					y = code[pc+1]
				} else if j = pick(ap, fp, o.use2) + uint64(int64(o.Off2)); j < uint64(len(stack)) {
					y = stack[j]
				}
				if (x.top|y.top)&hosted != 0 {
					x = use(&stack[i])
					if k == kindAdd && j < uint64(len(stack)) {
						y = use(&stack[j])
					}
				}
				if (x.top&y.top)&known == 0 {
					// One of them is empty: it becomes the difference of dst and the other.
					if x.top == 0 {
						x, j = y, i
					}
					d := pick(ap, fp, o.use0) + uint64(int64(o.Off0))
					if d >= uint64(len(stack)) || j >= uint64(len(stack)) || !x.Known() {
						break
					}
					var ok bool
					if v, ok = difference(use(&stack[d]), x); !ok {
						break
					}
					stack[j] = v
					ap += uint64(o.inc)
					pc += o.size()
					n++
					continue
				}
				if (x.top|y.top)&rel == 0 {
					var c uint64
					v.w0, c = bits.Add64(x.w0, y.w0, 0)
					v.w1, c = bits.Add64(x.w1, y.w1, c)
					v.w2, c = bits.Add64(x.w2, y.w2, c)
					if v.top = x.top + y.top + c; v.top < prime3 { // the two flags known cancel each other
						v.top |= known
						goto assign
					}
					v = addFelts(x, y)
					goto assign
				}
				var ok bool
				if v, ok = moveAddress(x, y); ok {
					goto assign
				}
			}

		case kindMulImm, kindMul:
			if i := pick(ap, fp, o.use1) + uint64(int64(o.Off1)); i < uint64(len(stack)) {
				x, y := use(&stack[i]), Cell{}
				if k == kindMulImm {
					y = code[pc+1]
				} else if j := pick(ap, fp, o.use2) + uint64(int64(o.Off2)); j < uint64(len(stack)) {
					y = use(&stack[j])
				}
				if (x.top&y.top)&known == 0 || (x.top|y.top)&rel != 0 {
					break
				}
				a, b := x.felt(), y.felt()
				v = FeltCell(*a.Mul(&a, &b))
				goto assign
			}

		case kindJump:
			pc = o.target
			ap += uint64(o.inc)
			n++
			continue

		case kindJnz:
			if i := pick(ap, fp, o.use0) + uint64(int64(o.Off0)); i < uint64(len(stack)) {
				c := &stack[i]
				if c.top&hosted != 0 {
					c.top &^= hosted
				}
				if c.top == 0 {
					break
				}
				if c.w0|c.w1|c.w2|(c.top^known) == 0 {
					pc += 2
				} else {
					pc = o.target
				}
				ap += uint64(o.inc)
				n++
				continue
			}

		case kindAddAP:
			ap += o.target
			pc += 2
			n++
			continue

		case kindCall, kindCallMem, kindCallAbs:
			if ap+1 >= uint64(len(stack)) {
				break
			}
			to, back := o.target, pc+2
			if k != kindCall {
				i := pick(ap, fp, o.use2) + uint64(int64(o.Off2))
				if i >= uint64(len(stack)) {
					break
				}
				var ok bool
				if to, ok = callTarget(stack[i], k, pc); !ok {
					break
				}
				back = pc + 1
			}
			retFP, retPC := &stack[ap], &stack[ap+1]
			oldFP, oldPC := Cell{fp, StackSegment, 0, known | rel}, Cell{back, ProgramSegment, 0, known | rel}
			if retFP.top != 0 && *retFP != oldFP || retPC.top != 0 && *retPC != oldPC {
				break
			}
			*retFP, *retPC = oldFP, oldPC
			ap += 2
			fp = ap
			pc = to
			n++
			continue

		case kindRet:
			if fp-2 >= uint64(len(stack)) || fp-1 >= uint64(len(stack)) {
				break
			}
			toFP, toPC := &stack[fp-2], &stack[fp-1]
			if toFP.top != known|rel || toPC.top != known|rel || toPC.w1 != ProgramSegment {
				break
			}
			pc, fp = toPC.w0, toFP.w0
			n++
			if fp-1 < uint64(len(stack)) && stack[fp-1].live() {
				continue
			}
			m.save(pc, ap, fp, n)
			return nil

		case kindHint:
			k = o.under
			if m.config.Host == nil {
				goto again
			}
			m.save(pc, ap, fp, n)
			budget -= n
			n = 0
			if budget > hintCost {
				budget -= hintCost
			}
			if err := m.config.Host.Hint(int(o.hint)); err != nil {
				return &RunError{PC: m.pc, Hint: true, Err: err}
			}
			budget = min(budget, m.limit-min(m.limit, m.steps))
			stack = m.segs[StackSegment].cells
			if len(m.moves) != 0 {
				k = kindSlow
			}
			goto again

		case kindStop:
			m.save(pc, ap, fp, n)
			return nil
		}

		// Whatever broke out of the switch:
		m.save(pc, ap, fp, n)
		budget -= n
		n = 0
		if err := m.slowStep(); err != nil {
			return err
		}
		if budget <= 1 || m.busy || !m.fastReady() {
			m.busy = false
			return nil
		}
		budget--
		stack = m.segs[StackSegment].cells
		pc, ap, fp = m.pc.Offset, m.ap, m.fp
		continue

	assign: // dst = v
		if d := pick(ap, fp, o.use0) + uint64(int64(o.Off0)); d < uint64(len(stack)) {
			c := &stack[d]
			if c.top == 0 {
				*c = v
			} else if c.top &^= hosted; *c != v {
				k = kindSlow
				goto again
			}
			ap += uint64(o.inc)
			pc += o.size()
			n++
			continue
		}
		k = kindSlow
		goto again
	}
	m.save(pc, ap, fp, n)
	if pc >= uint64(len(ops)) && n == 0 {
		return m.slowStep() // behind the program: it fails, or there is code that the host put there
	}
	return nil
}

// hintCost is how many steps a hint is taken for when it is time to ask whether to stop.
const hintCost = 128

// save stores the registers and counts n steps.
func (m *Machine) save(pc, ap, fp, n uint64) {
	m.pc.Offset, m.ap, m.fp = pc, ap, fp
	m.steps += n
}

// pick returns ap if use is all ones and fp if it is 0, without a branch.
func pick(ap, fp uint64, use int8) uint64 { return fp + (ap-fp)&uint64(int64(use)) }

// live reports whether c is known and was used by an instruction before, so that it takes no more
// than a look.
func (c *Cell) live() bool { return c.top&(known|hosted) == known }

// use marks c as accessed and returns its content. That the instruction may fail yet does no harm: the run is over then.
func use(c *Cell) Cell {
	c.top &^= hosted
	return *c
}

// accepts reports whether a cell with this rule can take v without further ado.
func (r Rule) accepts(v *Cell) bool {
	switch r {
	case NoRule, BitwiseRule, PedersenRule, EcOpRule, KeccakRule, PoseidonRule:
		return true
	case RangeCheckRule:
		return v.w2|(v.top^known) == 0
	case RangeCheck96Rule:
		return v.w1>>32|v.w2|(v.top^known) == 0
	}
	return false
}

// isInput reports whether the cell at off is an input of its instance.
func isInput(r Rule, off uint64) bool { return off%shapes[r].cells < shapes[r].inputs }

// output writes what the rule of a segment knows for the empty cell at off, and returns it; ok is false, and nothing
// changed, if it knows nothing. Heavy tells that it took long.
func (m *Machine) output(seg, off uint64) (v Cell, heavy, ok bool) {
	s := &m.segs[seg]
	v, err := m.deduce(Address{int(seg), off}) //nolint:gosec // an index of segs
	if err != nil || !v.Known() {
		return v, false, false
	}
	s.cells[off] = v
	s.state.setDeduced(off)
	return v, s.rule != BitwiseRule, true
}

// difference returns x - y where that is a felt or an address.
func difference(x, y Cell) (Cell, bool) {
	switch {
	case (x.top|y.top)&rel == 0:
		return subFelts(x, y), x.Known()
	case x.top&y.top&rel != 0:
		return subFelts(Cell{x.w0, 0, 0, known}, Cell{y.w0, 0, 0, known}), x.w1 == y.w1
	case x.top&rel != 0:
		y = subFelts(UintCell(0), y)
		return moveAddress(x, y)
	}
	return Cell{}, false
}

// size is Size without a branch for the compiler to guess wrong.
func (o *op) size() uint64 { return 1 + uint64(o.Op1&1) }

// moveAddress returns the sum of an address and a felt where that is plain.
func moveAddress(x, y Cell) (Cell, bool) {
	if y.top&rel != 0 {
		x, y = y, x
	}
	if y.top&rel != 0 {
		return Cell{}, false
	}
	f := y.felt()
	off, ok := f.AddOffset(x.w0)
	return Cell{off, x.w1, 0, known | rel}, ok
}

// callTarget returns where a call goes that takes its target from the cell c.
func callTarget(c Cell, k kind, pc uint64) (uint64, bool) {
	if !c.live() {
		return 0, false
	}
	if k == kindCallAbs {
		return c.w0, c.top&rel != 0 && c.w1 == ProgramSegment
	}
	f := c.felt()
	to, ok := f.AddOffset(pc)
	return to, ok && c.top&rel == 0
}
