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

	// b is what is decoded, pos how far we are, err the first error. (A position is cheaper to keep in a struct
	// than what is left of b, with a pointer in it.)
	b   []byte
	pos int
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
	d.b, d.pos, d.err = b, 0, nil
	d.cost = time.Duration(d.uvarint(math.MaxInt64)) //nolint:gosec // bounded by the argument
	total := 0
	for i := range d.ends {
		// No count can make us allocate more than the bytes that are there pay for.
		total += int(d.uvarint(uint64(d.left() / minStep))) //nolint:gosec // bounded by the argument
		d.ends[i] = total
	}
	if total > d.left()/minStep {
		d.fail(errShort)
	}
	if d.err != nil {
		return fmt.Errorf("synthetic: program at byte %d: %w", d.pos, d.err)
	}
	d.steps = slices.Grow(d.steps[:0], total)[:total]
	at := uint8(0)
	for i := range d.steps {
		s := &d.steps[i]
		d.step(s, at)
		if d.err == nil && !s.plain(at) {
			d.err = s.check(at)
		}
		if d.err != nil {
			return fmt.Errorf("synthetic: step %d at byte %d: %w", i, d.pos, d.err)
		}
		at = s.Position
	}
	if d.left() > 0 {
		return fmt.Errorf("synthetic: program at byte %d: %w", d.pos, errTrailing)
	}
	return nil
}

// plain is a quick test that most steps pass; check then finds nothing wrong with them.
func (s *Step) plain(at uint8) bool {
	return s.Op < OpFail && s.Position >= at && s.Position <= 100 && s.Mod|s.Rem|uint32(s.Then) == 0
}

// left is the number of bytes that are not read yet.
func (d *decoder) left() int { return len(d.b) - d.pos }

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
		start := d.pos
		d.word(&s.Value)
		d.canonical(d.pos-start != 1)
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
		n := int(d.uvarint(uint64(d.left()))) //nolint:gosec // bounded by the argument
		if n > d.left() {
			d.fail(errShort)
			return
		}
		d.canonical(n > 0)
		s.Body = d.b[d.pos : d.pos+n : d.pos+n]
		d.pos += n
	}
}

func (d *decoder) key(k *framework.Key) {
	start := d.pos
	k.Space = d.byte()
	d.word(&k.Owner)
	d.word(&k.Slot)
	// A key of three bytes has two empty words. (Looking at the words instead costs a tenth of all decoding.)
	d.canonical(d.pos-start != 3 || k.Space != 0)
}

// word reads into w, which is zero.
func (d *decoder) word(w *framework.Word) {
	b := d.b[d.pos:]
	if len(b) == 0 || int(b[0]) >= len(b) || b[0] > 32 {
		d.badWord()
		return
	}
	n := int(b[0])
	d.pos += 1 + n
	switch {
	case n == 0:
		return
	case n <= 8 && len(b) > 8:
		w[0] = binary.LittleEndian.Uint64(b[1:]) & (math.MaxUint64 >> (64 - 8*n))
	case n == 32:
		for i := range w {
			w[i] = binary.LittleEndian.Uint64(b[1+8*i:])
		}
	default:
		for i := range n {
			w[i/8] |= uint64(b[1+i]) << (i % 8 * 8)
		}
	}
	d.canonical(b[n] != 0)
}

// badWord says why no word can be read.
func (d *decoder) badWord() {
	if n := d.byte(); n > 32 {
		d.fail(errRange)
		return
	}
	d.fail(errShort)
}

func (d *decoder) byte() byte {
	if d.pos >= len(d.b) {
		d.fail(errShort)
		return 0
	}
	d.pos++
	return d.b[d.pos-1]
}

// uvarint reads a number of at most limit.
func (d *decoder) uvarint(limit uint64) uint64 {
	if d.pos < len(d.b) && d.b[d.pos] < 0x80 && uint64(d.b[d.pos]) <= limit {
		d.pos++
		return uint64(d.b[d.pos-1])
	}
	v, n := binary.Uvarint(d.b[d.pos:])
	switch {
	case n == 0:
		d.fail(errShort)
		return 0
	case n < 0 || v > limit:
		d.fail(errRange)
		return 0
	}
	d.pos += n
	d.canonical(n == 1 || d.b[d.pos-1] != 0)
	return v
}

func (d *decoder) canonical(ok bool) {
	if !ok {
		d.fail(errCanonical)
	}
}

// fail keeps the first error.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}
