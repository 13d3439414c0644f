package toy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// These end a script; every other error ends the attempt.
var (
	errReverted = errors.New("reverted")
	errRejected = errors.New("rejected")
)

// maxDepth is how deep calls may nest.
const maxDepth = 8

// read is one entry of the log of an attempt.
type read struct {
	key   framework.Key
	value framework.Word
}

// effects are what a script has done. A copy of them is what keep keeps.
type effects struct {
	writes  map[framework.Key]framework.Word
	adds    map[framework.Word]framework.Word // the slot of a balance, and how much to add
	classes []framework.Class
}

func (f *effects) clone() effects {
	return effects{maps.Clone(f.writes), maps.Clone(f.adds), slices.Clone(f.classes)}
}

// machine is one attempt.
type machine struct {
	ctx    context.Context
	view   framework.View
	exact  bool
	header framework.Word
	replay []read // answers the first reads in the place of view

	acc   framework.Word
	steps uint64
	log   []read
	done  effects
	kept  effects
}

// script runs a script; depth counts the calls around it.
func (m *machine) script(text string, depth int) error {
	for _, in := range parse(text) {
		m.steps++
		if err := m.step(in, depth); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) step(in instruction, depth int) (err error) {
	switch in.op {
	case "load":
		m.acc, err = m.cell(Cell(in.args))
	case "follow":
		m.acc, err = m.cell(framework.Key{Space: Cells, Slot: m.acc})
	case "store":
		m.write(Cell(in.args), m.acc)
	case "point":
		m.acc = Name(in.args)
	case "header":
		m.acc = m.header
	case "hash":
		m.acc = word(sha256.Sum256(bytes(m.acc)))
	case "keep":
		m.kept = m.done.clone()
	case "pay":
		return m.pay(in.args)
	case "balance":
		return m.balance(in.args)
	case "declare":
		return m.declare(in.args)
	case "call":
		return m.call(Name(in.args), depth)
	case "reject":
		return errRejected
	default:
		return m.arithmetic(in)
	}
	return err
}

// arithmetic runs the instructions that take a number.
func (m *machine) arithmetic(in instruction) error {
	n := m.acc
	if in.op != "spin" || in.args != "" {
		var err error
		if n, err = number(in.args); err != nil {
			return fmt.Errorf("%w: %s: %w", errRejected, in.op, err)
		}
	}
	switch in.op {
	case "set":
		m.acc = n
	case "plus":
		m.acc = plus(m.acc, n)
	case "minus":
		m.acc = minus(m.acc, n)
	case "need":
		if m.acc.Compare(n) < 0 {
			return fmt.Errorf("%w: accumulator below %s", errReverted, in.args)
		}
	case "spin":
		return m.spin(n[0])
	default:
		return fmt.Errorf("%w: unknown instruction %q", errRejected, in.op)
	}
	return nil
}

// spin is the loop that reads nothing: it has to ask whether anybody still wants the result.
func (m *machine) spin(n uint64) error {
	for i := range n {
		if i%256 == 0 {
			if m.view.Aborted() {
				return framework.ErrAborted
			}
			if err := m.ctx.Err(); err != nil {
				return err
			}
		}
		m.acc = word(sha256.Sum256(bytes(m.acc)))
		m.steps++
	}
	return nil
}

// pay adds to a balance, without reading it if it can.
func (m *machine) pay(args string) error {
	name, amount, _ := strings.Cut(args, " ")
	n, err := number(amount)
	if err != nil {
		return fmt.Errorf("%w: pay: %w", errRejected, err)
	}
	low, high := Balance(name)
	_, written := m.done.writes[low]
	if m.exact || written {
		return m.fold(&framework.Add{Low: low, High: high, Amount: n})
	}
	sum := plus(m.done.adds[low.Slot], n)
	if sum.Compare(n) < 0 {
		return fmt.Errorf("%w: payments of more than 256 bits", errReverted)
	}
	if m.done.adds == nil {
		m.done.adds = make(map[framework.Word]framework.Word)
	}
	m.done.adds[low.Slot] = sum
	return nil
}

// fold makes an addition by reading and writing.
func (m *machine) fold(a *framework.Add) error {
	low, err := m.cell(a.Low)
	if err != nil {
		return err
	}
	high, err := m.cell(a.High)
	if err != nil {
		return err
	}
	low, high, ok := a.Fold(low, high)
	if !ok {
		return fmt.Errorf("%w: balance of more than 256 bits", errReverted)
	}
	m.write(a.Low, low)
	m.write(a.High, high)
	return nil
}

// balance reads a balance, what was paid to it just now included.
func (m *machine) balance(name string) error {
	low, high := Balance(name)
	if n, ok := m.done.adds[low.Slot]; ok {
		delete(m.done.adds, low.Slot)
		if err := m.fold(&framework.Add{Low: low, High: high, Amount: n}); err != nil {
			return err
		}
	}
	w, err := m.cell(low)
	m.acc = w
	return err
}

func (m *machine) declare(args string) error {
	name, script, _ := strings.Cut(args, " ")
	hash := Name(name)
	known, err := m.cell(Declared(hash))
	if err != nil {
		return err
	}
	if known != (framework.Word{}) {
		return fmt.Errorf("%w: class %s is declared", errReverted, name)
	}
	m.write(Declared(hash), framework.Word{1})
	body := strings.ReplaceAll(script, "|", ";")
	m.done.classes = append(m.done.classes, framework.Class{Hash: hash, Body: []byte(body)})
	return nil
}

func (m *machine) call(hash framework.Word, depth int) error {
	known, err := m.cell(Declared(hash))
	if err != nil {
		return err
	}
	if known == (framework.Word{}) || depth == maxDepth {
		return fmt.Errorf("%w: no class to call, or calls nest too deep", errReverted)
	}
	for _, c := range m.done.classes {
		if c.Hash == hash {
			return m.script(string(c.Body), depth+1)
		}
	}
	c, err := m.view.Class(m.ctx, hash)
	if err != nil {
		return err
	}
	return m.script(string(c.Body), depth+1)
}

// cell returns what the attempt has written to a cell, or what it reads there. A key is asked of the view once.
func (m *machine) cell(k framework.Key) (framework.Word, error) {
	if w, ok := m.done.writes[k]; ok {
		return w, nil
	}
	for _, r := range m.log {
		if r.key == k {
			return r.value, nil
		}
	}
	if n := len(m.log); n < len(m.replay) {
		m.log = append(m.log, m.replay[n])
		return m.replay[n].value, nil
	}
	var out [1]framework.Word
	if err := m.view.Read(m.ctx, []framework.Key{k}, out[:]); err != nil {
		return out[0], err
	}
	m.log = append(m.log, read{k, out[0]})
	return out[0], nil
}

func (m *machine) write(k framework.Key, w framework.Word) {
	if m.done.writes == nil {
		m.done.writes = make(map[framework.Key]framework.Word)
	}
	m.done.writes[k] = w
}
