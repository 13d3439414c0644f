package synthetic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// The encoding: cost and the three numbers of steps as uvarints, then the steps. A step is its operation, a
// byte that says which fields follow, and these. A field that is zero (a position: the same as before) is left out.
const (
	hasPosition = 1 << iota // one byte
	hasKey                  // space, owner, slot
	hasTo
	hasValue
	hasSpan // uvarint
	hasMod  // two uvarints
	hasThen // one byte
	hasBody // length, bytes
)

// minStep is the length of the shortest step.
const minStep = 2

// These errors say why bytes are not a program.
var (
	errShort     = errors.New("ends too early")
	errTrailing  = errors.New("bytes after the end")
	errCanonical = errors.New("not the shortest form")
	errRange     = errors.New("number out of range")
)

// Encode returns the program as the body of a transaction. Equal programs give equal bytes.
func (p *Program) Encode() []byte { return p.AppendTo(nil) }

// AppendTo appends what Encode returns to dst.
func (p *Program) AppendTo(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(p.Cost)) //nolint:gosec // Validate refuses a negative cost
	sections := [...][]Step{p.Before, p.Steps, p.After}
	for _, s := range sections {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
	}
	at := uint8(0)
	for _, section := range sections {
		for i := range section {
			dst = section[i].appendTo(dst, at)
			at = section[i].Position
		}
	}
	return dst
}

// fields says which fields of a step are written, after a step at position at.
func (s *Step) fields(at uint8) (f byte) {
	for i, has := range [...]bool{
		s.Position != at, s.Key != framework.Key{}, s.To != framework.Key{}, s.Value != framework.Word{},
		s.Span != 0, s.Mod != 0, s.Then != 0, len(s.Body) > 0,
	} {
		if has {
			f |= 1 << i
		}
	}
	return f
}

func (s *Step) appendTo(dst []byte, at uint8) []byte {
	f := s.fields(at)
	dst = append(dst, byte(s.Op), f)
	if f&hasPosition != 0 {
		dst = append(dst, s.Position)
	}
	if f&hasKey != 0 {
		dst = appendKey(dst, &s.Key)
	}
	if f&hasTo != 0 {
		dst = appendKey(dst, &s.To)
	}
	if f&hasValue != 0 {
		dst = appendWord(dst, &s.Value)
	}
	if f&hasSpan != 0 {
		dst = binary.AppendUvarint(dst, uint64(s.Span))
	}
	if f&hasMod != 0 {
		dst = binary.AppendUvarint(dst, uint64(s.Mod))
		dst = binary.AppendUvarint(dst, uint64(s.Rem))
	}
	if f&hasThen != 0 {
		dst = append(dst, byte(s.Then))
	}
	if f&hasBody != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(s.Body)))
		dst = append(dst, s.Body...)
	}
	return dst
}

func appendKey(dst []byte, k *framework.Key) []byte {
	dst = append(dst, k.Space)
	dst = appendWord(dst, &k.Owner)
	return appendWord(dst, &k.Slot)
}

// appendWord appends the number of bytes of w and these, the lowest first.
func appendWord(dst []byte, w *framework.Word) []byte {
	n := 0
	for i, limb := range w {
		if limb != 0 {
			n = 8*i + (bits.Len64(limb)+7)/8
		}
	}
	dst = append(dst, byte(n))
	for i := range n {
		dst = append(dst, byte(w[i/8]>>(i%8*8)))
	}
	return dst
}

// Decode reads a program. It accepts exactly what Encode returns for a valid program. The program shares
// no memory with b.
func Decode(b []byte) (*Program, error) {
	var d decoder
	if err := d.decode(b); err != nil {
		return nil, err
	}
	p := &Program{Cost: d.cost}
	for i, to := range [...]*[]Step{&p.Before, &p.Steps, &p.After} {
		if section := d.section(i); len(section) > 0 {
			*to = slices.Clone(section)
		}
		for j := range *to {
			(*to)[j].Body = slices.Clone((*to)[j].Body)
		}
	}
	return p, nil
}

// decoder holds one decoded program and reuses its memory for the next. The bodies of classes are parts of
// what was decoded.
type decoder struct {
	cost  time.Duration
	ends  [3]int // where each section ends in steps
	steps []Step

	// b is what is left to be read, n how long it all was, err the first error.
	b   []byte
	n   int
	err error
}

// section returns the steps of section i: Before, Steps or After.
func (d *decoder) section(i int) []Step {
	start := 0
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.steps[start:d.ends[i]]
}

func (d *decoder) decode(b []byte) error {
	d.b, d.n, d.err = b, len(b), nil
	d.cost = time.Duration(d.uvarint(math.MaxInt64)) //nolint:gosec // bounded by the argument
	total := 0
	for i := range d.ends {
		// No count can make us allocate more than the bytes that are there pay for.
		total += int(d.uvarint(uint64(len(d.b) / minStep))) //nolint:gosec // bounded by the argument
		d.ends[i] = total
	}
	if total > len(d.b)/minStep {
		d.fail(errShort)
	}
	if d.err != nil {
		return fmt.Errorf("synthetic: program at byte %d: %w", d.n-len(d.b), d.err)
	}
	d.steps = slices.Grow(d.steps[:0], total)[:total]
	at := uint8(0)
	for i := range d.steps {
		s := &d.steps[i]
		d.step(s, at)
		if d.err == nil {
			d.err = s.check(at)
		}
		if d.err != nil {
			return fmt.Errorf("synthetic: step %d at byte %d: %w", i, d.n-len(d.b), d.err)
		}
		at = s.Position
	}
	if len(d.b) > 0 {
		return fmt.Errorf("synthetic: program at byte %d: %w", d.n-len(d.b), errTrailing)
	}
	return nil
}

func (d *decoder) step(s *Step, at uint8) {
	*s = Step{Op: Op(d.byte()), Position: at}
	f := d.byte()
	if f&hasPosition != 0 {
		s.Position = d.byte()
		d.canonical(s.Position != at)
	}
	if f&hasKey != 0 {
		d.key(&s.Key)
	}
	if f&hasTo != 0 {
		d.key(&s.To)
	}
	if f&hasValue != 0 {
		d.word(&s.Value)
		d.canonical(s.Value != framework.Word{})
	}
	if f&^(hasPosition|hasKey|hasTo|hasValue) != 0 {
		d.rest(s, f)
	}
}

// rest reads the fields that few steps have.
func (d *decoder) rest(s *Step, f byte) {
	if f&hasSpan != 0 {
		s.Span = uint32(d.uvarint(math.MaxUint32)) //nolint:gosec // bounded by the argument
		d.canonical(s.Span != 0)
	}
	if f&hasMod != 0 {
		s.Mod = uint32(d.uvarint(math.MaxUint32)) //nolint:gosec // bounded by the argument
		s.Rem = uint32(d.uvarint(math.MaxUint32)) //nolint:gosec // bounded by the argument
		d.canonical(s.Mod != 0)
	}
	if f&hasThen != 0 {
		s.Then = Failure(d.byte())
		d.canonical(s.Then != 0)
	}
	if f&hasBody != 0 {
		n := int(d.uvarint(uint64(len(d.b)))) //nolint:gosec // bounded by the argument
		if n > len(d.b) {
			d.fail(errShort)
			return
		}
		d.canonical(n > 0)
		s.Body = d.b[:n:n]
		d.b = d.b[n:]
	}
}

func (d *decoder) key(k *framework.Key) {
	k.Space = d.byte()
	d.word(&k.Owner)
	d.word(&k.Slot)
	d.canonical(*k != framework.Key{})
}

// word reads into w, which is zero.
func (d *decoder) word(w *framework.Word) {
	n := int(d.byte())
	if n > 32 {
		d.fail(errRange)
		return
	}
	if n > len(d.b) {
		d.fail(errShort)
		return
	}
	if n == 0 {
		return
	}
	d.canonical(d.b[n-1] != 0)
	b := d.b
	d.b = d.b[n:]
	if n <= 8 && len(b) >= 8 {
		w[0] = binary.LittleEndian.Uint64(b) & (math.MaxUint64 >> (64 - 8*n))
		return
	}
	for i := range n {
		w[i/8] |= uint64(b[i]) << (i % 8 * 8)
	}
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail(errShort)
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

// uvarint reads a number of at most limit.
func (d *decoder) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	switch {
	case n == 0:
		d.fail(errShort)
		return 0
	case n < 0 || v > limit:
		d.fail(errRange)
		return 0
	}
	d.canonical(n == 1 || d.b[n-1] != 0)
	d.b = d.b[n:]
	return v
}

func (d *decoder) canonical(ok bool) {
	if !ok {
		d.fail(errCanonical)
	}
}

// fail keeps the first error, and ends the input, so that nothing more is read.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}
