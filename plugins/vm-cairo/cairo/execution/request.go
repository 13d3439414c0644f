package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// request reads the arguments of a system call from memory, one after the other. After the first error it returns zero values.
// The texts of its errors stand in reasons of reverts.
type request struct {
	m   *machine.Machine
	at  machine.Address
	err error
}

func (r *request) cell() machine.Cell {
	if r.err != nil {
		return machine.Cell{}
	}
	c := r.m.Read(r.at)
	if !c.Known() {
		r.err = fail("Unknown memory cell at address %v", r.at)
	}
	r.at = r.at.Plus(1)
	return c
}

func (r *request) felt() felt.Felt {
	at := r.at
	x, ok := r.cell().Felt()
	if !ok && r.err == nil {
		r.err = fail("Expected integer at address %v", at)
	}
	return x
}

func (r *request) uint64() uint64 {
	x := r.felt()
	if !x.IsUint64() && r.err == nil {
		r.err = fail("Conversion to u64 failed for Felt252 %s", x.Decimal())
	}
	return x[0]
}

func (r *request) pointer() machine.Address {
	at := r.at
	p, ok := r.cell().Address()
	if !ok && r.err == nil {
		r.err = fail("Expected relocatable at address %v", at)
	}
	return p
}

// bounds returns where an array begins and how long it is.
func (r *request) bounds() (machine.Address, uint64) {
	start, end := r.pointer(), r.pointer()
	switch {
	case r.err != nil:
	case start.Segment != end.Segment:
		r.err = fail("Operation failed: %v - %v, can't subtract two relocatable values with different segment indexes", end, start)
	case end.Offset < start.Offset:
		r.err = fail("Operation failed: %v - %v, offsets cant be negative", end, start)
	}
	return start, end.Offset - start.Offset
}

// array reads the felts of an array of Cairo 1, which is where it begins and ends.
func (r *request) array() []felt.Felt {
	start, n := r.bounds()
	return r.felts(start, n)
}

// counted reads the felts of an array of Cairo 0, which is how long it is and where it begins.
func (r *request) counted() []felt.Felt {
	size := r.felt()
	start := r.pointer()
	if r.err == nil && !size.IsUint64() {
		r.err = fail("out of range conversion regarding big integer attempted")
	}
	return r.felts(start, size[0])
}

func (r *request) felts(start machine.Address, n uint64) (xs []felt.Felt) {
	if r.err == nil {
		xs, r.err = readFelts(r.m, start, n)
	}
	return xs
}

// flag reads 0 or 1.
func (r *request) flag(what string) bool {
	x := r.felt()
	if r.err == nil && (!x.IsUint64() || x[0] > 1) {
		r.err = fail("Invalid syscall input: %s; %s", x.Hex(), what)
	}
	return x[0] == 1
}

// fromZero reads whether a contract is deployed as if by nobody.
func (r *request) fromZero() bool {
	return r.flag("The deploy_from_zero field in the deploy system call must be 0 or 1.")
}

// address reads an address or a storage key.
func (r *request) address() felt.Felt {
	x := r.felt()
	if r.err == nil {
		r.err = checkAddress(x)
	}
	return x
}

// domain reads the address domain of a storage cell, of which there is one.
func (r *request) domain() {
	if d := r.felt(); r.err == nil && !d.IsZero() {
		r.err = fail("Invalid address domain: %s.", d.Hex())
	}
}
