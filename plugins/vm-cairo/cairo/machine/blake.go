package machine

import "github.com/switchyard-dev/switchyard/framework/crypto"

// blake executes the rest of a Blake instruction: compress the 16 words at op1 into the state of
// 8 words at op0 and write it to the address in [ap]. dst is the number of bytes so far.
func (m *Machine) blake(o *operands, final bool) error {
	counter, err := m.readU32(o.dst)
	if err != nil {
		return err
	}
	var state [8]uint32
	if err := m.readWords(o.op0, state[:]); err != nil {
		return err
	}
	var message [16]uint32
	if err := m.readWords(o.op1, message[:]); err != nil {
		return err
	}
	out, err := m.readAddress(Address{StackSegment, m.ap})
	if err != nil {
		return err
	}
	crypto.Blake2sCompress(&state, &message, uint64(counter), final)
	for i, w := range state {
		at, err := offset(out, int16(i))
		if err != nil {
			return err
		}
		if err := m.write(at, UintCell(uint64(w))); err != nil {
			return err
		}
		m.mark(at)
	}
	m.blakes++
	return nil
}

// readWords reads len(w) words of 32 bits from where the address in the cell at a points to.
func (m *Machine) readWords(a Address, w []uint32) error {
	from, err := m.readAddress(a)
	if err != nil {
		return err
	}
	for i := range w {
		at, err := offset(from, int16(i))
		if err != nil {
			return err
		}
		if w[i], err = m.readU32(at); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) readU32(a Address) (uint32, error) {
	c := m.Read(a)
	x, ok := c.Felt()
	switch {
	case !c.Known():
		return 0, failUnknown(a)
	case !ok:
		return 0, failInteger(a)
	case x.BitLen() > 32:
		return 0, failU32(x)
	}
	return uint32(x[0]), nil
}

func (m *Machine) readAddress(a Address) (Address, error) {
	c := m.Read(a)
	to, ok := c.Address()
	switch {
	case !c.Known():
		return to, failUnknown(a)
	case !ok:
		return to, fail(ExpectedRelocatable, "Expected relocatable at address %v", a)
	}
	return to, nil
}
