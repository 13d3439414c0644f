package execution

import (
	"fmt"
	"math"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// balances is where the balances of a token begin.
var balances = starknet.StorageVar("ERC20_balances")

// balanceKeys returns the cells of a balance of the fee token: its lower and its upper 128 bits.
func (a *attempt) balanceKeys(owner felt.Felt) (low, high framework.Key) {
	slot := starknet.ReduceAddress(a.vm.memo.Hash(balances, owner))
	low = starknet.StorageKey(a.token, slot)
	slot.Add(&slot, &felt.One)
	return low, starknet.StorageKey(a.token, slot)
}

// maxFee returns the most that the transaction may cost.
func (a *attempt) maxFee() starknet.Uint128 {
	if a.info.v3 == nil {
		return a.info.maxFee
	}
	b := &a.info.v3.Bounds
	l2 := b.L2Gas.MaxPrice
	if a.rules.Switches.Tip {
		l2 = plus(l2, starknet.Uint128{Lo: a.info.v3.Tip})
	}
	fee := plus(times(b.L1Gas.MaxPrice, b.L1Gas.MaxAmount), times(l2, b.L2Gas.MaxAmount))
	if b.L1DataGas != nil {
		fee = plus(fee, times(b.L1DataGas.MaxPrice, b.L1DataGas.MaxAmount))
	}
	return fee
}

// initialGas returns what gas the calls of the transaction may use in all.
func (a *attempt) initialGas() uint64 {
	if a.all && a.info.v3 != nil {
		return a.info.v3.Bounds.L2Gas.MaxAmount
	}
	return a.rules.ExecuteGas + a.rules.ValidateGas
}

// stepLimit returns the budget of steps of a scope, of which the rules allow at most limit.
func (a *attempt) stepLimit(limit uint64, validation bool) uint64 {
	if !a.charge || a.rules.LegacyFee && validation {
		return limit
	}
	w := a.rules.Weights.Step
	switch {
	case a.info.v3 == nil:
		gas := over(a.info.maxFee, a.price(a.env.Header.L1Gas))
		return min(limit, stepsFor(gas, w.Num, w.Den))
	case a.all:
		return min(limit, a.info.v3.Bounds.L2Gas.MaxAmount/a.rules.StepGas)
	}
	return min(limit, stepsFor(a.info.v3.Bounds.L1Gas.MaxAmount, w.Num, w.Den))
}

// stepsFor returns how many steps at num / den of L1 gas each the gas pays for.
func stepsFor(gas, num, den uint64) uint64 {
	if gas > math.MaxUint64/den {
		return math.MaxUint64 / num
	}
	return gas * den / num
}

// prevalidate makes the checks before anything runs: nonce, bounds, balance, proof facts.
//
// Source: crates/blockifier/src/transaction/account_transaction.rs, perform_pre_validation_stage.
func (a *attempt) prevalidate() error {
	checks := []func() error{a.checkNonce, a.checkBounds, a.checkBalance, a.checkProofFacts}
	if a.rules.LegacyFee {
		checks = []func() error{a.checkBounds, a.checkBalance, a.checkNonce}
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
		if a.st.err != nil {
			return a.st.err
		}
	}
	return nil
}

// checkNonce checks the nonce and raises it.
func (a *attempt) checkNonce() error {
	if a.info.version.Number() == 0 {
		return nil
	}
	key := starknet.NonceKey(a.info.sender)
	nonce := a.st.read(key)
	relaxed := a.mode.Kind() == framework.Validate || a.mode&framework.Query != 0
	if nonce != a.info.nonce && (!relaxed || a.info.nonce.Less(&nonce)) {
		return &rejection{fmt.Sprintf("Invalid transaction nonce of contract at address %s. Account nonce: %s; got: %s.",
			hex64(a.info.sender), hex64(nonce), hex64(a.info.nonce))}
	}
	nonce.Add(&nonce, &felt.One)
	a.st.write(key, nonce)
	return nil
}

// checkBounds checks that the sender offers enough for the least that the transaction will take.
func (a *attempt) checkBounds() error {
	if !a.charge {
		return nil
	}
	least := a.minimal()
	if a.info.v3 == nil {
		if fee := a.cost(least); a.info.maxFee.Cmp(fee) < 0 {
			return &rejection{fmt.Sprintf("Max fee (%v) is too low. Minimum fee: %v.", a.info.maxFee, fee)}
		}
		return nil
	}
	b, h := &a.info.v3.Bounds, &a.env.Header
	type resource struct {
		name  string
		bound starknet.ResourceBound
		least uint64
		price starknet.Uint128
	}
	var list []resource
	if a.all {
		list = []resource{
			{"L1_GAS", b.L1Gas, least.L1, h.L1Gas.Fri}, {"L1_DATA_GAS", *b.L1DataGas, least.L1Data, h.L1DataGas.Fri},
			{"L2_GAS", b.L2Gas, least.L2, h.L2Gas.Fri},
		}
	} else {
		list = []resource{{"L1_GAS", b.L1Gas, a.discounted(least), h.L1Gas.Fri}}
	}
	var found []string
	for _, r := range list {
		if r.bound.MaxAmount < r.least {
			found = append(found, fmt.Sprintf("Max %s amount (%d) is lower than the minimal gas amount: %d.", r.name, r.bound.MaxAmount, r.least))
		}
		if r.bound.MaxPrice.Cmp(r.price) < 0 {
			found = append(found, fmt.Sprintf("Max %s price (%v) is lower than the actual gas price: %v.", r.name, r.bound.MaxPrice, r.price))
		}
	}
	if found != nil {
		return &rejection{"Resource bounds were not satisfied: " + strings.Join(found, "\n")}
	}
	return nil
}

// covers reports whether the sender has a fee, and what it has.
func (a *attempt) covers(fee starknet.Uint128) (ok bool, low, high felt.Felt) {
	l, h := a.balanceKeys(a.info.sender)
	low, high = a.st.read(l), a.st.read(h)
	need := fee.Felt()
	return !high.IsZero() || !low.Less(&need), low, high
}

// checkBalance checks that the sender has what it offers.
func (a *attempt) checkBalance() error {
	if !a.charge {
		return nil
	}
	fee := a.maxFee()
	if ok, low, high := a.covers(fee); !ok {
		return &rejection{fmt.Sprintf("Resources bounds (%v) exceed balance (low: %s, high: %s).", fee, low.Decimal(), high.Decimal())}
	}
	return nil
}

// excess says what a transaction exceeds, and what it is charged for if it is reverted for that.
type excess struct {
	reason string
	fee    starknet.Uint128
}

func tooMuch(what string, bound, used uint64) string {
	return fmt.Sprintf("Insufficient max %s: max amount: %d, actual used: %d.", what, bound, used)
}

func tooMuchFee(most, fee starknet.Uint128) string {
	return fmt.Sprintf("Insufficient max fee: max fee: %v, actual fee: %v.", most, fee)
}

// check checks what the transaction took against its bounds and the sender's balance; nil means that all is well.
//
// Source: crates/blockifier/src/fee/fee_checks.rs.
func (a *attempt) check(r *receipt) *excess {
	if !a.charge {
		return nil
	}
	if e := a.checkUsed(r); e != nil {
		return e
	}
	if ok, low, high := a.covers(r.fee); !ok {
		return &excess{
			fmt.Sprintf("Insufficient fee token balance. Fee: %v, balance: low/high %s/%s.", r.fee, low.Hex(), high.Hex()), r.fee,
		}
	}
	return nil
}

func (a *attempt) checkUsed(r *receipt) *excess {
	if a.info.v3 == nil {
		if r.fee.Cmp(a.info.maxFee) <= 0 {
			return nil
		}
		return &excess{tooMuchFee(a.info.maxFee, r.fee), a.info.maxFee}
	}
	b := &a.info.v3.Bounds
	if !a.all {
		used, most := a.discounted(r.gas), times(a.env.Header.L1Gas.Fri, b.L1Gas.MaxAmount)
		switch {
		case used > b.L1Gas.MaxAmount:
			return &excess{tooMuch("L1Gas", b.L1Gas.MaxAmount, used), most}
		case r.fee.Cmp(most) > 0: // new slots cost what is not counted as L1 gas; the source panics here
			return &excess{tooMuchFee(most, r.fee), most}
		}
		return nil
	}
	max := starknet.Gas{L1: b.L1Gas.MaxAmount, L1Data: b.L1DataGas.MaxAmount, L2: b.L2Gas.MaxAmount}
	why := exceeded(r.gas, max)
	if why == "" {
		return nil
	}
	return &excess{why, a.cost(starknet.Gas{
		L1: min(r.gas.L1, max.L1), L1Data: min(r.gas.L1Data, max.L1Data), L2: min(r.gas.L2, max.L2),
	})}
}

// pay transfers the fee to the sequencer.
func (a *attempt) pay(r *receipt) error {
	if !a.charge || r.fee.IsZero() {
		return nil
	}
	x := a.newScope(paying, a.stepLimit(a.rules.ExecuteSteps, false))
	x.restricted = false
	to := a.env.Header.Sequencer
	delta := a.shade(to)
	_, err := x.call(&call{
		storage: a.token, caller: a.info.sender, kind: external, selector: selectorTransfer,
		calldata: []felt.Felt{to, r.fee.Felt(), {}}, gas: a.rules.InitialGas,
	})
	if err != nil {
		if ends(err) {
			return err
		}
		return &rejection{reason(headExecution, err)}
	}
	r.events = append(r.events[:len(r.events):len(r.events)], x.events...)
	r.trace.FeeTransfer = x.tree
	r.phases |= 1 << paying
	r.noteExecuted(x)
	if delta {
		low, high := a.balanceKeys(to)
		r.addition = &framework.Add{Low: low, High: high, Amount: framework.Word(r.fee.Felt())}
	}
	return nil
}

// shade hides the sequencer's balance from the transfer of the fee, so that the transfer is an addition that depends on
// nothing, and reports whether it could.
func (a *attempt) shade(sequencer felt.Felt) bool {
	if a.mode&framework.Exact != 0 || a.info.sender == sequencer {
		return false
	}
	low, high := a.balanceKeys(sequencer)
	if _, used := a.st.index[low]; used {
		return false
	}
	return a.st.shade(high) && a.st.shade(low)
}
