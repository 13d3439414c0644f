package execution

import (
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// l1Handler executes a message from L1.
//
// Source: crates/blockifier/src/transaction/l1_handler_transaction.rs.
func (a *attempt) l1Handler(tx *starknet.L1Handler) (*receipt, error) {
	if len(tx.Calldata) == 0 {
		return nil, &rejection{"An L1 handler has the address of its sender in its calldata."}
	}
	r := &receipt{l1Payload: len(tx.Calldata) - 1}
	mark := a.st.mark()
	bounds := &a.rules.L1HandlerBounds
	x := a.newScope(executing, a.rules.ExecuteSteps)
	res, err := x.mustCall(&call{
		storage: tx.Contract, kind: l1Handler, selector: tx.Selector, calldata: tx.Calldata, gas: bounds.L2,
	})
	why := ""
	if err != nil {
		if ends(err) {
			return nil, err
		}
		why = reason(headExecution, err)
	} else {
		r.add(x)
		r.trace.Execute = x.tree
		r.spend(res.gas)
		a.count(r)
		why = exceeded(r.gas, *bounds)
	}
	switch {
	case why == "" && a.in.PaidFee.IsZero():
		return nil, &rejection{"Insufficient fee: the message paid no fee on L1."}
	case why == "":
		r.fee = starknet.Uint128{}
		return r, nil
	case !a.rules.Switches.RevertL1Handlers:
		return nil, &rejection{why}
	}
	a.st.undo(mark)
	r = &receipt{l1Payload: len(tx.Calldata) - 1, reverted: true, reason: why}
	a.count(r)
	r.fee = starknet.Uint128{}
	return r, nil
}

// exceeded returns the text for the first bound that the gas exceeds, "" if none.
func exceeded(used, bounds starknet.Gas) string {
	switch {
	case used.L1 > bounds.L1:
		return tooMuch("L1Gas", bounds.L1, used.L1)
	case used.L2 > bounds.L2:
		return tooMuch("L2Gas", bounds.L2, used.L2)
	case used.L1Data > bounds.L1Data:
		return tooMuch("L1DataGas", bounds.L1Data, used.L1Data)
	}
	return ""
}
