package vmlink

import (
	"context"
	"errors"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// compare decodes the log that a message begins with, makes the calls of the view that the run has made, in the same
// order, and compares the answers with what the run has seen. It returns false if they differ or the view does not answer. Once that has happened, logs are passed over.
func (a *attempt) compare(ctx context.Context) bool {
	eachCall(&a.d, &a.call, func() bool {
		if a.stale || a.failed != nil {
			return false
		}
		if a.call.class {
			return a.compareClass(ctx)
		}
		return a.compareReads(ctx)
	})
	return a.d.Err() == nil && !a.stale && a.failed == nil
}

// compareReads makes one call of View.Read.
func (a *attempt) compareReads(ctx context.Context) bool {
	a.keys = a.keys[:0]
	for i := range a.call.reads {
		a.keys = append(a.keys, a.call.reads[i].Key)
	}
	next := len(a.known.log)
	if !a.read(ctx) {
		return false
	}
	for i := range a.call.reads {
		n := next + i // as long as all of them are new, and they nearly always are
		if n >= len(a.known.log) || a.known.log[n].Key != a.call.reads[i].Key {
			n, _ = a.known.find(&a.call.reads[i].Key)
		}
		if a.known.log[n].Value != a.call.reads[i].Value {
			a.agreed, a.stale = n, true
			return false
		}
		a.agreed = max(a.agreed, n+1)
	}
	return true
}

// read asks the view for those of a.keys that are new, and notes the answers.
func (a *attempt) read(ctx context.Context) bool {
	a.keys = slices.DeleteFunc(a.keys, func(k framework.Key) bool {
		_, ok := a.known.find(&k)
		return ok
	})
	if len(a.keys) == 0 {
		return true
	}
	a.values = slices.Grow(a.values[:0], len(a.keys))[:len(a.keys)]
	if err := a.view.Read(ctx, a.keys, a.values); err != nil {
		a.failed = err
		return false
	}
	for i := range a.keys {
		if _, ok := a.known.find(&a.keys[i]); !ok { // a key may be asked for twice in one call
			a.known.add(&a.keys[i], &a.values[i])
		}
	}
	return true
}

// compareClass makes the call of View.Class for a class that the run has found by itself. A class is found by
// content, so only whether it is there can differ.
func (a *attempt) compareClass(ctx context.Context) bool {
	if slices.Contains(a.classes, a.call.hash) {
		return true
	}
	_, err := a.view.Class(ctx, a.call.hash)
	switch {
	case errors.Is(err, framework.ErrNoClass):
		a.stale = true
		a.order.flags |= orderDirect
		return false
	case err != nil:
		a.failed = err
		return false
	}
	a.classes = append(a.classes, a.call.hash)
	return true
}

// answer answers a miss: the view is asked for the keys.
func (a *attempt) answer(ctx context.Context) error {
	good := a.compare(ctx)
	ask := a.d.Uint32()
	a.asked = a.d.Keys(a.asked)
	if err := a.d.End(); err != nil {
		return err
	}
	a.keys = append(a.keys[:0], a.asked...)
	if !good || !a.read(ctx) {
		a.refuse(ask)
		return nil
	}
	a.agreed = len(a.known.log)
	a.values = a.values[:0]
	for i := range a.asked {
		n, _ := a.known.find(&a.asked[i])
		a.values = append(a.values, a.known.log[n].Value)
	}
	b := le.AppendUint32(a.buf[:0], ask)
	b = codec.AppendBool(b, true)
	a.buf = codec.AppendWords(b, a.values)
	a.reply(tagValues)
	a.s.out.flush()
	return nil
}

// answerClass answers the question for a class.
func (a *attempt) answerClass(ctx context.Context) error {
	good := a.compare(ctx)
	ask, hash, only := a.d.Uint32(), a.d.Word(), a.d.Bool()
	if err := a.d.End(); err != nil {
		return err
	}
	if !good {
		a.refuse(ask)
		return nil
	}
	c, err := a.view.Class(ctx, hash)
	if err != nil {
		a.failed = err
		a.refuse(ask)
		if errors.Is(err, framework.ErrNoClass) {
			a.failed = nil // an answer like any other
		}
		return nil
	}
	a.classes = append(a.classes, hash)
	b := codec.AppendBool(le.AppendUint32(a.buf[:0], ask), !only)
	if !only {
		b = codec.AppendClass(b, c)
	}
	a.buf = b
	if len(b) > largeMessage {
		a.buf = nil
		a.s.replied(a)
		a.s.out.sendApart(appendMessage(nil, tagClass, a.id, b))
		return nil
	}
	a.reply(tagClass)
	a.s.out.flush()
	return nil
}

// refuse answers with the error that the view has returned, or stops a run that is stale.
func (a *attempt) refuse(ask uint32) {
	if a.failed == nil {
		a.stop(stopAborted)
		return
	}
	a.given = a.failed
	a.buf = codec.AppendError(le.AppendUint32(a.buf[:0], ask), a.failed)
	a.reply(tagRefuse)
	a.s.out.flush()
}

// reply adds the answer in a.buf.
func (a *attempt) reply(t tag) {
	a.s.replied(a)
	a.s.out.add(0, func(dst []byte) []byte { return appendMessage(dst, t, a.id, a.buf) })
}
