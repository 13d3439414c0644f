package execution

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// bootstrapper is the sender of declarations on a chain that has no accounts yet.
var bootstrapper = felt.MustShortString("BOOTSTRAP")

// account executes a transaction of an account: it checks, validates, executes, and takes the fee.
//
// Source: crates/blockifier/src/transaction/account_transaction.rs, execute_raw.
func (a *attempt) account() (*receipt, error) {
	if err := a.checkVersion(); err != nil {
		return nil, err
	}
	if d, ok := a.in.Transaction.(*starknet.Declare); ok && a.bootstraps(d) {
		r := &receipt{empty: true}
		return r, a.declare(d, r)
	}
	if err := a.prevalidate(); err != nil {
		return nil, err
	}
	r, err := a.runAccount()
	if err != nil || a.mode.Kind() == framework.Validate {
		return r, err
	}
	return r, a.pay(r)
}

// checkVersion refuses versions that the block does not know.
func (a *attempt) checkVersion() error {
	versions := a.in.Transaction.Kind().Versions()
	if a.rules.LegacyFee {
		versions = slices.DeleteFunc(slices.Clone(versions), func(v starknet.TxVersion) bool { return v == 3 })
	}
	if slices.Contains(versions, a.info.version&^starknet.Query) {
		return nil
	}
	return &rejection{fmt.Sprintf("Transaction version %v is not supported. Supported versions: %v.", a.info.version.Felt(), versions)}
}

// bootstraps reports whether d declares a class on a chain without accounts.
func (a *attempt) bootstraps(d *starknet.Declare) bool {
	return a.info.v3 != nil && d.Sender == bootstrapper && d.Nonce.IsZero() && !a.charge
}

// runAccount validates and executes.
func (a *attempt) runAccount() (*receipt, error) {
	r := &receipt{gasLeft: a.initialGas()}
	switch tx := a.in.Transaction.(type) {
	case *starknet.Invoke:
		if a.info.version.Number() == 0 {
			return r, a.invokeOld(tx, r)
		}
		return r, a.invoke(tx, r)
	case *starknet.Declare:
		return r, a.declareByAccount(tx, r)
	case *starknet.DeployAccount:
		return r, a.deployAccount(tx, r)
	}
	return nil, &rejection{"unknown transaction"}
}

// validate calls the account's entry point of that selector to ask whether it wants the transaction.
func (a *attempt) validate(r *receipt, selector felt.Felt, calldata []felt.Felt) error {
	if !a.validates() {
		return nil
	}
	x := a.newScope(validating, a.stepLimit(a.rules.ValidateSteps, true))
	c := &call{
		storage: a.info.sender, kind: external, selector: selector, calldata: calldata,
		gas: min(r.gasLeft, a.rules.ValidateGas),
	}
	res, err := x.call(c)
	r.add(x)
	if err != nil {
		return a.invalid(err)
	}
	r.trace.Validate = x.tree
	r.spend(res.gas)
	class := a.st.classOf(a.info.sender)
	k, err := x.contract(class)
	switch {
	case err != nil:
		return err
	case k.cairo0:
		return nil
	case res.failed:
		return &rejection{x.panicked("The `validate` entry point panicked with:", c, class, res.retdata, x.failed)}
	case len(res.retdata) != 1 || res.retdata[0] != textValid:
		return &rejection{"The `validate` entry point should return `VALID`. Got " + panicText(res.retdata) + "."}
	}
	return nil
}

// invalid makes a rejection of a failure in validation.
func (a *attempt) invalid(err error) error {
	if ends(err) {
		return err
	}
	return &rejection{reason(headValidation, err)}
}

// validates reports whether the account is asked.
func (a *attempt) validates() bool {
	return a.mode&framework.SkipValidate == 0 && a.info.version.Number() != 0
}

// invokeOld calls any entry point, without validation.
func (a *attempt) invokeOld(tx *starknet.Invoke, r *receipt) error {
	if a.mode.Kind() == framework.Validate {
		return nil
	}
	x := a.newScope(executing, a.stepLimit(a.rules.ExecuteSteps, false))
	res, err := x.mustCall(&call{
		storage: tx.Sender, kind: external, selector: tx.Selector, calldata: tx.Calldata, gas: min(r.gasLeft, a.rules.ExecuteGas),
	})
	r.add(x)
	if err != nil {
		if ends(err) {
			return err
		}
		return &rejection{reason(headExecution, err)}
	}
	r.trace.Execute = x.tree
	r.spend(res.gas)
	return a.settleOrReject(r)
}

// settleOrReject computes the fee of a transaction that cannot be reverted.
func (a *attempt) settleOrReject(r *receipt) error {
	a.count(r)
	if text := a.check(r); text != nil {
		return &rejection{text.reason}
	}
	return nil
}

// invoke validates and calls __execute__; what that does can be reverted.
func (a *attempt) invoke(tx *starknet.Invoke, r *receipt) error {
	if err := a.validate(r, selectorValidate, tx.Calldata); err != nil {
		return err
	}
	if a.mode.Kind() == framework.Validate {
		return a.settleOrReject(r)
	}
	a.count(r)
	validated := *r
	validated.keepBefore(a)
	mark := a.st.mark()
	steps := a.stepLimit(a.rules.ExecuteSteps, false)
	overhead := a.overhead()
	x := a.newScope(executing, steps-min(steps, r.cost.Steps+overhead.Steps))
	gas := min(r.gasLeft, a.rules.ExecuteGas)
	x.lastGas = gas
	res, err := x.mustCall(&call{
		storage: tx.Sender, kind: external, selector: selectorExecute, calldata: tx.Calldata, gas: gas,
	})
	if err != nil {
		if ends(err) {
			return err
		}
		a.revert(r, &validated, mark, x, gas, reason(headExecution, err))
		return nil
	}
	r.add(x)
	r.trace.Execute = x.tree
	r.spend(res.gas)
	r.before = validated.before
	a.count(r)
	if text := a.check(r); text != nil {
		a.revert(r, &validated, mark, x, gas, text.reason)
		r.fee = text.fee
	}
	return nil
}

// revert makes r the receipt of a transaction of which only validation remains.
func (a *attempt) revert(r, validated *receipt, mark int, x *scope, gas uint64, why string) {
	a.st.undo(mark)
	*r = *validated
	r.before = nil
	r.reverted, r.reason = true, why
	r.revertedSteps = x.used()
	r.revertedGas = gas - min(gas, x.lastGas)
	a.count(r)
	if text := a.check(r); text != nil {
		r.fee = text.fee
	}
}

// declareByAccount validates and declares.
func (a *attempt) declareByAccount(tx *starknet.Declare, r *receipt) error {
	if err := a.validate(r, selectorValidateDeclare, []felt.Felt{tx.ClassHash}); err != nil {
		return err
	}
	if a.mode.Kind() == framework.Validate {
		return a.settleOrReject(r)
	}
	if err := a.declare(tx, r); err != nil {
		return err
	}
	return a.settleOrReject(r)
}

// declare adds the class to the state.
func (a *attempt) declare(tx *starknet.Declare, r *receipt) error {
	c, err := class.Decode(a.in.Class)
	if err != nil {
		return &rejection{"Class of the declaration: " + err.Error()}
	}
	v := tx.Version.Number()
	switch k := c.(type) {
	case *class.Cairo0:
		if v > 1 {
			return &rejection{"A class of Cairo 0 is declared with version 0 or 1."}
		}
		r.codeBytes = uint64(len(k.Data))*felt.Size + uint64(len(k.ABI))
	case *class.Compiled:
		if v < 2 {
			return &rejection{"A class of Cairo 1 is declared with version 2 or 3."}
		}
		r.codeBytes = uint64(len(k.Casm.Bytecode)+len(k.Sierra.Program))*felt.Size + uint64(len(k.Sierra.ABI))
		if err := a.checkCompiled(tx, k.Casm); err != nil {
			return err
		}
	default:
		return errNoCode
	}
	if a.st.declared(tx.ClassHash) {
		if v > 1 || a.rules.Switches.DeclareOnce {
			return &rejection{"Class with hash " + hex64(tx.ClassHash) + " is already declared."}
		}
		return nil
	}
	a.st.write(starknet.DeclaredKey(tx.ClassHash), felt.One)
	if v > 1 {
		a.st.write(starknet.CompiledClassKey(tx.ClassHash), tx.CompiledClassHash)
	}
	r.declared = &tx.ClassHash
	return nil
}

// checkCompiled checks the hash of the code that a declaration carries.
func (a *attempt) checkCompiled(tx *starknet.Declare, casm *class.Casm) error {
	want := casm.HashV1()
	if a.rules.Switches.BlakeDeclares {
		want = casm.HashV2()
	}
	if tx.Version.Number() < 3 || tx.CompiledClassHash == want {
		return nil
	}
	return &rejection{"Mismatch between the compiled class hash of the transaction, " + hex64(tx.CompiledClassHash) +
		", and that of the class, " + hex64(want) + "."}
}

// deployAccount deploys the account, which then validates.
func (a *attempt) deployAccount(tx *starknet.DeployAccount, r *receipt) error {
	x := a.newScope(executing, a.stepLimit(a.rules.ValidateSteps, true))
	x.restricted = true
	res, err := x.deploy(&deployment{
		address: a.info.sender, class: tx.ClassHash, calldata: tx.ConstructorCalldata, gas: min(r.gasLeft, a.rules.ValidateGas),
	})
	r.add(x)
	if err != nil {
		if ends(err) {
			return err
		}
		return &rejection{reason(headConstructor, err)}
	}
	r.trace.Constructor = x.tree
	r.spend(res.gas)
	calldata := append([]felt.Felt{tx.ClassHash, tx.Salt}, tx.ConstructorCalldata...)
	if err := a.validate(r, selectorValidateDeploy, calldata); err != nil {
		return err
	}
	return a.settleOrReject(r)
}
