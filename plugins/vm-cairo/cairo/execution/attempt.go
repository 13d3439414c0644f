package execution

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// attempt is one execution of a transaction.
type attempt struct {
	*block

	vm   *VM
	st   state
	in   *starknet.Input
	mode framework.Mode
	info txInfo
	// charge says that the transaction pays a fee.
	charge bool
	// token is what it pays with, and all says that it has bounds for all three resources.
	token felt.Felt
	all   bool

	// calls counts the calls that have begun. records are those that are over, and over those of an attempt before that need
	// not run again, by their numbers; see [memory].
	calls   int
	records []record
	over    map[int]*record
}

// reset makes a the attempt of a transaction.
func (a *attempt) reset(ctx context.Context, e *executor, m *memory, view framework.View) {
	a.block, a.vm, a.in, a.mode = &e.block, e.vm, m.in, m.mode
	a.st.reset(ctx, view)
	if a.over == nil {
		a.over = map[int]*record{}
	}
	clear(a.over)
	clear(a.records)
	a.calls, a.records = 0, a.records[:0]
	a.prepare(m.hash)
}

// prepare finds out what the transaction is.
func (a *attempt) prepare(hash felt.Felt) {
	a.info = newTxInfo(a.in.Transaction, hash, a.mode)
	a.token = a.env.FeeTokens.ETH
	if a.info.v3 != nil {
		a.token = a.env.FeeTokens.STRK
	}
	a.all = a.info.l1 || a.info.v3 != nil && a.info.v3.Bounds.L1DataGas != nil
	a.charge = a.mode&framework.SkipFee == 0 && !a.maxFee().IsZero()
	if a.mode.Kind() == framework.Call {
		a.info, a.charge = txInfo{}, false
	}
}

// rejection is the reason why a transaction does not enter the block.
type rejection struct{ text string }

func (r *rejection) Error() string { return r.text }

// execute executes the transaction and fills out.
func (a *attempt) execute(out *framework.Outcome) error {
	r, err := a.run()
	if a.st.err != nil {
		return a.st.err
	}
	if err == nil && a.mode.Kind() == framework.Execute {
		err = a.fit(r)
	}
	if err == nil {
		return a.fill(out, r)
	}
	return a.reject(out, err)
}

// run does what the mode asks for.
func (a *attempt) run() (*receipt, error) {
	invoke, _ := a.in.Transaction.(*starknet.Invoke)
	l1, _ := a.in.Transaction.(*starknet.L1Handler)
	_, old := a.in.Transaction.(*starknet.Deploy)
	kind := a.mode.Kind()
	switch {
	case kind == framework.Call && invoke != nil:
		return a.view(invoke)
	case kind == framework.Call:
		return nil, &rejection{"Only an invocation can be a read-only call."}
	case old:
		return nil, &rejection{"Transactions of type DEPLOY are no longer executed."}
	case l1 != nil && kind == framework.Validate:
		return nil, &rejection{"An L1 handler has no sender who could be asked."}
	case l1 != nil:
		return a.l1Handler(l1)
	}
	return a.account()
}

// reject fills out for a transaction that may not enter the block; an error that is none of the transaction it returns.
func (a *attempt) reject(out *framework.Outcome, err error) error {
	var no *rejection
	if !errors.As(err, &no) {
		if ends(err) {
			return err
		}
		no = &rejection{reason(headExecution, err)}
	}
	out.Status = framework.Rejected
	out.Receipt = starknet.AppendReceipt(out.Receipt, &starknet.Receipt{
		TransactionHash: a.info.hash, Reverted: true, RevertReason: no.text,
	})
	return nil
}

// load returns a class made ready, of which a has read that it is declared.
func (a *attempt) load(hash felt.Felt) (*contract, error) {
	c, err := a.vm.classes.of(hash, func() (*framework.Class, error) {
		return a.st.view.Class(a.st.ctx, framework.Word(hash))
	})
	if err != nil {
		a.st.err = err
	}
	return c, err
}

// takeStage returns a machine for a frame, and giveStage gives it back.
func (a *attempt) takeStage() *stage {
	t, _ := a.vm.stages.Get().(*stage)
	return t
}

func (a *attempt) giveStage(t *stage) { a.vm.stages.Put(t) }

// machineConfig returns how frames run.
func (a *attempt) machineConfig() machine.Config {
	return machine.Config{MaxCells: a.vm.config.MaxMemory, Aborted: a.aborted, Pedersen: a.vm.memo.Hash}
}

// aborted reports whether the attempt has to stop.
func (a *attempt) aborted() bool { return a.st.view.Aborted() || a.st.ctx.Err() != nil }
