package vmtest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var openTests = []test{
	{"unknown protocol", (*rig).unknownProtocol},
	{"bad header", (*rig).badHeader},
	{"two blocks at once", (*rig).twoBlocks},
	{"cancelled context", (*rig).openCancelled},
}

func (r *rig) unknownProtocol(t conform.T) {
	if r.UnknownProtocol == "" {
		t.Skipf("the VM takes any protocol")
	}
	b := r.Block
	b.Protocol = r.UnknownProtocol
	r.refuses(t, &b)
}

func (r *rig) badHeader(t conform.T) {
	if r.BadHeader == nil {
		t.Skipf("the VM takes any header")
	}
	b := r.Block
	b.Header = r.BadHeader
	r.refuses(t, &b)
}

func (r *rig) refuses(t conform.T, b *framework.Block) {
	t.Helper()
	ex, err := r.VM(t).Open(t.Context(), b)
	if err == nil {
		ex.Close()
		t.Errorf("Open(protocol %q, header %q) succeeds, want an error", b.Protocol, b.Header)
	}
}

// twoBlocks lets two executors of one VM take turns, then closes the first.
func (r *rig) twoBlocks(t conform.T) {
	vm := r.VM(t)
	var executors [2]framework.Executor
	for i := range executors {
		b := r.Block
		b.Header = slices.Clone(b.Header)
		ex, err := vm.Open(t.Context(), &b)
		if err != nil {
			t.Fatalf("Open of block %d: %v", i, err)
		}
		defer ex.Close()
		executors[i] = ex
	}
	for i := range r.steps {
		r.expect(t, executors[0], &r.steps[i])
		r.expect(t, executors[1], &r.steps[len(r.steps)-1-i])
	}
	if err := executors[0].Close(); err != nil {
		t.Errorf("Close of the first block: %v", err)
	}
	for i := range r.steps {
		r.expect(t, executors[1], &r.steps[i])
	}
}

func (r *rig) openCancelled(t conform.T) {
	vm := r.VM(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ex, err := vm.Open(ctx, &r.Block)
	if err == nil {
		ex.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Open with a cancelled context: %v, want %v", err, context.Canceled)
	}
}

var closeTests = []test{
	{"later calls", (*rig).useAfterClose},
	{"running calls", (*rig).closeWhileRunning},
}

func (r *rig) useAfterClose(t conform.T) {
	ex := r.open(t)
	r.expect(t, ex, &r.steps[0])
	for range 2 {
		if err := ex.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	s := &r.steps[0]
	closed := func(call string, err error) {
		if !errors.Is(err, framework.ErrClosed) {
			t.Errorf("%s after Close: %v, want %v", call, err, framework.ErrClosed)
		}
	}
	_, err := r.attempt(t, ex, s, r.view(s.pre))
	closed("Execute", err)
	_, err = r.finish(t, ex, r.view(r.end), r.finals())
	closed("Finish", err)
	if rw, ok := ex.(framework.Rewinder); ok {
		rs := &resumption{step: s, from: s.version(0), to: s.version(1), view: r.view(s.pre)}
		closed("Resume", r.resume(t, rw, rs))
		rw.Forget(s.index)
	}
	if p, ok := ex.(framework.Predictor); ok {
		p.Learn(s.tx, nil, nil)
		p.Predict(s.tx, nil)
	}
}

// closeWhileRunning closes the executor while attempts wait for their first answer.
func (r *rig) closeWhileRunning(t conform.T) {
	ex := r.open(t)
	closing := make(chan struct{})
	var waiting, ended sync.WaitGroup
	for i := range r.steps {
		s := &r.steps[i]
		if s.calls == 0 {
			continue
		}
		vw := r.view(s.pre)
		waiting.Add(1)
		arrived := sync.OnceFunc(waiting.Done)
		vw.hook = func(n int) error {
			arrived()
			<-closing
			return nil
		}
		ended.Go(func() {
			defer arrived()
			got, err := r.attempt(t, ex, s, vw)
			if err == nil || !errors.Is(err, framework.ErrClosed) {
				r.same(t, s, s.want, got, err)
			}
		})
	}
	waiting.Wait()
	closed := make(chan error, 1)
	go func() { closed <- ex.Close() }()
	close(closing)
	ended.Wait()
	if err := <-closed; err != nil {
		t.Errorf("Close while attempts run: %v", err)
	}
}
