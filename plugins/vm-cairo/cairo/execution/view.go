package execution

import (
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// view makes a read-only call: an entry point called by nobody, in no transaction, with all the gas and steps there are. What it
// returned stands in the trace of the receipt. If it failed softly, its call is there too.
func (a *attempt) view(tx *starknet.Invoke) (*receipt, error) {
	x := a.newScope(executing, a.rules.ExecuteSteps)
	_, err := x.mustCall(&call{
		storage: tx.Sender, kind: external, selector: tx.Selector, calldata: tx.Calldata, gas: a.rules.InitialGas,
	})
	if ends(err) {
		return nil, err
	}
	r := &receipt{empty: true}
	r.add(x)
	r.trace.Execute = x.tree
	if err != nil {
		r.reverted, r.reason = true, reason(headExecution, err)
	}
	return r, nil
}
