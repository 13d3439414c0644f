package execution

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

var _ framework.Predictor = (*executor)(nil)

// The rules of guesses; see [framework.Predicted]. Those of calls follow, by selector.
const (
	ruleCertain uint64 = iota
	ruleCode
	ruleHigh
	firstCallRule
)

// Predict implements [framework.Predictor]. Certain are the nonce of the sender and, if it pays, the lower half of its
// balance. Guesses are the code that will be called, the balances that a transfer of a token names, wherever the token keeps
// balances as Starknet's fee tokens do, and what transactions and calls of the same entry point have touched before.
func (e *executor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		return dst
	}
	var a attempt
	a.block, a.vm, a.in, a.mode = &e.block, e.vm, in, tx.Mode
	a.prepare(felt.Felt(tx.ID))
	if a.info.l1 || a.info.version.Number() == 0 {
		return dst
	}
	begin := len(dst)
	guess := func(k framework.Key, access framework.Access, rule uint64) {
		if !slices.ContainsFunc(dst[begin:], func(p framework.Predicted) bool { return p.Key == k }) {
			dst = append(dst, framework.Predicted{Key: k, Access: access, Rule: rule})
		}
	}
	guess(starknet.NonceKey(a.info.sender), framework.AccessWrite, ruleCertain)
	guess(starknet.ClassHashKey(a.info.sender), framework.AccessRead, ruleCode)
	if a.charge {
		low, high := a.balanceKeys(a.info.sender)
		guess(low, framework.AccessWrite, ruleCertain)
		guess(high, framework.AccessRead, ruleHigh)
		guess(starknet.ClassHashKey(a.token), framework.AccessRead, ruleCode)
	}
	g := words{sender: a.info.sender}
	e.vm.habits.guess(called{}, &g, &e.vm.memo, guess)
	for _, c := range callsIn(in.Transaction) {
		guess(starknet.ClassHashKey(c.to), framework.AccessRead, ruleCode)
		for _, owner := range c.moved(a.info.sender) {
			slot := starknet.ReduceAddress(e.vm.memo.Hash(balances, owner))
			guess(starknet.StorageKey(c.to, slot), framework.AccessWrite, firstCallRule+c.selector[0])
			slot.Add(&slot, &felt.One)
			guess(starknet.StorageKey(c.to, slot), framework.AccessRead, ruleHigh)
		}
		g.to, g.calldata = c.to, c.calldata
		e.vm.habits.guess(called{c.to, c.selector}, &g, &e.vm.memo, guess)
	}
	return dst
}

// Learn implements [framework.Predictor]. What all transactions touch is a habit of theirs; the rest one of the calls.
func (e *executor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		return
	}
	info := newTxInfo(in.Transaction, felt.Felt(tx.ID), tx.Mode)
	if info.l1 {
		return
	}
	calls := callsIn(in.Transaction)
	names := make([]called, 0, 4)
	for _, c := range calls {
		names = append(names, called{c.to, c.selector})
	}
	if len(calls) == 0 {
		names = append(names, called{})
	}
	if !e.vm.habits.due(names) {
		return
	}
	cells := make([]touch, 0, len(reads))
	for _, k := range reads {
		cells = append(cells, touch{k, slices.Contains(writes, k)})
	}
	g := words{sender: info.sender}
	cells = e.vm.habits.learn(called{}, &g, cells, &e.vm.memo)
	for i, c := range calls {
		g.to, g.calldata = c.to, c.calldata
		cells = e.vm.habits.learn(names[i], &g, cells, &e.vm.memo)
	}
}

// callsIn returns the calls that an account is asked to make by a transaction.
func callsIn(tx starknet.Transaction) []madeCall {
	invoke, ok := tx.(*starknet.Invoke)
	if !ok {
		return nil
	}
	return callsOf(invoke.Calldata)
}

// madeCall is a call that an account is asked to make.
type madeCall struct {
	to, selector felt.Felt
	calldata     []felt.Felt
}

var selectorTransferFrom = starknet.Selector("transferFrom")

// moved returns whose balances a call changes, as far as its name tells.
func (c *madeCall) moved(sender felt.Felt) []felt.Felt {
	switch {
	case c.selector == selectorTransfer && len(c.calldata) == 3:
		return []felt.Felt{sender, c.calldata[0]}
	case c.selector == selectorTransferFrom && len(c.calldata) == 4:
		return []felt.Felt{c.calldata[0], c.calldata[1]}
	}
	return nil
}

// callsOf returns the calls in the calldata of an account, in either of the two forms that accounts have agreed on; nil if it
// has neither.
func callsOf(calldata []felt.Felt) []madeCall {
	if len(calldata) == 0 || !calldata[0].IsUint64() || calldata[0][0] > uint64(len(calldata))/3 {
		return nil
	}
	n, rest := int(calldata[0][0]), calldata[1:] //nolint:gosec // at most the length
	if calls, ok := listedCalls(rest, n); ok {
		return calls
	}
	calls, _ := inlineCalls(rest, n)
	return calls
}

// listedCalls reads n times {to, selector, offset, length}, and the calldata of all calls behind the list.
func listedCalls(list []felt.Felt, n int) ([]madeCall, bool) {
	const fields = 4
	if len(list) <= fields*n {
		return nil, false
	}
	data := list[fields*n+1:]
	if list[fields*n] != felt.FromUint64(uint64(len(data))) {
		return nil, false
	}
	calls := make([]madeCall, n)
	for i := range calls {
		f := list[fields*i:]
		offset, length := f[2], f[3]
		size := uint64(len(data))
		if !offset.IsUint64() || !length.IsUint64() || offset[0] > size || length[0] > size-offset[0] {
			return nil, false
		}
		calls[i] = madeCall{f[0], f[1], data[offset[0] : offset[0]+length[0]]}
	}
	return calls, true
}

// inlineCalls reads n times {to, selector, length, calldata}.
func inlineCalls(rest []felt.Felt, n int) ([]madeCall, bool) {
	const fields = 3
	calls := make([]madeCall, n)
	for i := range calls {
		if len(rest) < fields || !rest[2].IsUint64() || rest[2][0] > uint64(len(rest)-fields) {
			return nil, false
		}
		end := fields + int(rest[2][0]) //nolint:gosec // at most the length
		calls[i] = madeCall{rest[0], rest[1], rest[fields:end]}
		rest = rest[end:]
	}
	return calls, len(rest) == 0
}
