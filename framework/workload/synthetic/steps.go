package synthetic

import (
	"bytes"
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// step takes the step at m.at, which is s. It returns a reason if the step fails.
func (m *machine) step(ctx context.Context, s *Step, end int) (Reason, error) {
	switch s.Op {
	case OpRead:
		return None, m.read(ctx, s, end)
	case OpWrite:
		return None, m.write(s)
	case OpSet:
		m.acc = s.Value
	case OpMix:
		m.acc = m.digest.spread()
	case OpTransfer:
		return m.transfer(ctx, s)
	case OpNonce:
		return m.nonce(ctx, s)
	case OpAdd:
		return m.add(ctx, s)
	case OpFail:
		return m.failStep(s)
	case OpDeclare:
		return m.declare(ctx, s)
	case OpDeploy:
		return m.deploy(ctx, s)
	case OpCall:
		return m.call(ctx, s)
	case OpEqual:
		return None, m.equal(ctx, s)
	}
	return None, nil
}

// read takes the Read at m.at and those that directly follow and can be answered by the same call: at the same
// position, unconditional, and with keys that do not depend on what the ones before them have read. Unlike
// get it asks for a cell again that was read before.
func (m *machine) read(ctx context.Context, s *Step, end int) error {
	key := s.Key
	if s.Span != 0 {
		key = Derive(key, s.Span, m.acc)
	}
	if m.added(&key) {
		return errExact
	}
	if v, ok := m.own(&key); ok {
		m.load(v)
		return nil
	}
	first := len(m.log.keys)
	m.log.keys = append(m.log.keys, key)
	for m.at+1 < end && m.joins(&m.steps[m.at+1], s.Position) {
		m.at++
		m.taken++
		m.log.keys = append(m.log.keys, m.steps[m.at].Key)
	}
	if err := m.ask(ctx, first); err != nil {
		return err
	}
	for _, v := range m.vals[first:] {
		m.load(v)
	}
	return nil
}

// joins reports whether a step can be read together with the Read before it.
func (m *machine) joins(s *Step, position uint8) bool {
	if s.Op != OpRead || s.Position != position || s.Span != 0 || s.Mod != 0 || m.added(&s.Key) {
		return false
	}
	_, own := m.own(&s.Key)
	return !own
}

// load takes a value that was read.
func (m *machine) load(v framework.Word) {
	m.acc = v
	m.digest.word(&v)
}

func (m *machine) write(s *Step) error {
	sum, _ := plus(&m.acc, &s.Value)
	if s.Span != 0 {
		key := Derive(s.Key, s.Span, m.acc)
		return m.put(&key, &sum)
	}
	return m.put(&s.Key, &sum)
}

func (m *machine) transfer(ctx context.Context, s *Step) (Reason, error) {
	from, to, err := m.pair(ctx, &s.Key, &s.To)
	if err != nil {
		return None, err
	}
	rest, low := minus(&from, &s.Value)
	if low {
		return LowBalance, nil
	}
	if s.Key == s.To {
		return None, nil
	}
	sum, over := plus(&to, &s.Value)
	if over {
		return Overflow, nil
	}
	if err := m.put(&s.Key, &rest); err != nil {
		return None, err
	}
	return None, m.put(&s.To, &sum)
}

func (m *machine) nonce(ctx context.Context, s *Step) (Reason, error) {
	have, err := m.get(ctx, &s.Key)
	if err != nil {
		return None, err
	}
	if have != s.Value {
		return WrongNonce, nil
	}
	next, _ := plus(&have, &framework.Word{1})
	return None, m.put(&s.Key, &next)
}

// add adds without looking, unless it must look or anything else in the transaction has.
func (m *machine) add(ctx context.Context, s *Step) (Reason, error) {
	a := framework.Add{Low: s.Key, High: s.To, Amount: s.Value}
	if m.exact || a.Low == a.High {
		return m.addExactly(ctx, &a)
	}
	for i := range m.out.Adds {
		o := &m.out.Adds[i]
		if o.Low != a.Low || o.High != a.High {
			continue
		}
		sum, over := plus(&o.Amount, &a.Amount)
		if over {
			return None, errExact
		}
		o.Amount = sum
		return None, nil
	}
	// This sends overlapping pairs, too, the exact way: a cell that was added to is known.
	if m.known(&a.Low) || m.known(&a.High) {
		return m.addExactly(ctx, &a)
	}
	m.out.Adds = append(m.out.Adds, a)
	return None, nil
}

func (m *machine) addExactly(ctx context.Context, a *framework.Add) (Reason, error) {
	low, err := m.peek(ctx, &a.Low)
	if err != nil {
		return None, err
	}
	high, err := m.peek(ctx, &a.High)
	if err != nil {
		return None, err
	}
	newLow, newHigh, ok := a.Fold(low, high)
	if !ok || a.Low == a.High {
		return Overflow, nil
	}
	if err := m.put(&a.Low, &newLow); err != nil {
		return None, err
	}
	return None, m.put(&a.High, &newHigh)
}

func (m *machine) failStep(s *Step) (Reason, error) {
	switch s.Then {
	case Revert:
		return FailedStep, nil
	case Reject:
		return RejectedStep, nil
	}
	return None, fmt.Errorf("synthetic: step %d: fault", m.at)
}

func (m *machine) declare(ctx context.Context, s *Step) (Reason, error) {
	have, err := m.get(ctx, &s.Key)
	if err != nil {
		return None, err
	}
	if have != (framework.Word{}) {
		return AlreadyDeclared, nil
	}
	m.out.Classes = append(m.out.Classes, framework.Class{Hash: s.Value, Body: bytes.Clone(s.Body)})
	return None, m.put(&s.Key, &framework.Word{1})
}

func (m *machine) deploy(ctx context.Context, s *Step) (Reason, error) {
	declared, class, err := m.pair(ctx, &s.To, &s.Key)
	switch {
	case err != nil:
		return None, err
	case declared == framework.Word{}:
		return NotDeclared, nil
	case class != framework.Word{}:
		return AlreadyDeployed, nil
	}
	return None, m.put(&s.Key, &s.Value)
}

func (m *machine) call(ctx context.Context, s *Step) (Reason, error) {
	hash, err := m.get(ctx, &s.Key)
	if err != nil {
		return None, err
	}
	if hash == (framework.Word{}) {
		return NotDeployed, nil
	}
	key := Declared(hash)
	declared, err := m.get(ctx, &key)
	if err != nil {
		return None, err
	}
	if declared == (framework.Word{}) {
		return NotDeclared, nil
	}
	class, err := m.class(ctx, hash)
	if err != nil {
		return None, err
	}
	m.digest.bytes(class.Body)
	charge := framework.Charge{Counter: CounterExecuted, Key: key, Amount: uint64(len(class.Body))}
	if !slices.Contains(m.out.Usage.Once, charge) {
		m.out.Usage.Once = append(m.out.Usage.Once, charge)
	}
	if m.executor.block.Trace {
		m.receipt.Calls = append(m.receipt.Calls, s.Key.Owner)
	}
	return None, nil
}

// class returns a class that the attempt itself has declared, or else asks the view.
func (m *machine) class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	for i := range m.out.Classes {
		if m.out.Classes[i].Hash == hash {
			return &m.out.Classes[i], nil
		}
	}
	return m.logClass(ctx, hash)
}

func (m *machine) equal(ctx context.Context, s *Step) error {
	a, err := m.get(ctx, &s.Key)
	if err != nil {
		return err
	}
	b, err := m.get(ctx, &s.To)
	if err != nil || a == b {
		return err
	}
	return m.misbehave(ctx, m.executor.config.Impossible)
}

// plus returns a + b modulo 2^256, and whether that overflowed.
func plus(a, b *framework.Word) (sum framework.Word, over bool) {
	var c uint64
	for i := range sum {
		sum[i], c = bits.Add64(a[i], b[i], c)
	}
	return sum, c != 0
}

// minus returns a - b modulo 2^256, and whether b is above a.
func minus(a, b *framework.Word) (diff framework.Word, below bool) {
	var c uint64
	for i := range diff {
		diff[i], c = bits.Sub64(a[i], b[i], c)
	}
	return diff, c != 0
}
