package execution

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// selectors that the protocol knows.
var (
	selectorExecute         = starknet.Selector("__execute__")
	selectorValidate        = starknet.Selector("__validate__")
	selectorValidateDeclare = starknet.Selector("__validate_declare__")
	selectorValidateDeploy  = starknet.Selector("__validate_deploy__")
	selectorConstructor     = starknet.Selector("constructor")
	selectorTransfer        = starknet.Selector("transfer")
)

// txInfo is what contracts can ask of the transaction.
type txInfo struct {
	version   starknet.TxVersion
	l1        bool
	sender    felt.Felt
	maxFee    starknet.Uint128
	signature []felt.Felt
	hash      felt.Felt
	nonce     felt.Felt
	// v3 are the fields of version 3, nil in older ones.
	v3             *starknet.V3Fields
	deploymentData []felt.Felt
	proofFacts     []felt.Felt
}

// newTxInfo returns what contracts see of a transaction.
func newTxInfo(tx starknet.Transaction, hash felt.Felt, mode framework.Mode) txInfo {
	i := txInfo{version: tx.TxVersion(), hash: hash, signature: tx.Signatures()}
	if mode&framework.Query != 0 {
		i.version |= starknet.Query
	}
	switch t := tx.(type) {
	case *starknet.Invoke:
		i.sender, i.maxFee, i.nonce = t.Sender, t.MaxFee, t.Nonce
		i.v3, i.deploymentData, i.proofFacts = &t.V3, t.AccountDeploymentData, t.ProofFacts
	case *starknet.Declare:
		i.sender, i.maxFee, i.nonce = t.Sender, t.MaxFee, t.Nonce
		i.v3, i.deploymentData = &t.V3, t.AccountDeploymentData
	case *starknet.DeployAccount:
		i.sender, i.maxFee, i.nonce = t.Address(), t.MaxFee, t.Nonce
		i.v3 = &t.V3
	case *starknet.L1Handler:
		i.sender, i.nonce, i.l1 = t.Contract, t.Nonce, true
	}
	if i.version.Number() < 3 {
		i.v3 = nil
	}
	return i
}

// tip returns the tip for a unit of L2 gas that the sender offers.
func (i *txInfo) tip() uint64 {
	if i.v3 == nil {
		return 0
	}
	return i.v3.Tip
}

// shownVersion returns the version that contracts of a class see, and whether it is another than that of the
// transaction.
func (i *txInfo) shownVersion(r *rules.Rules, list []felt.Felt, class felt.Felt) (felt.Felt, bool) {
	v := i.version
	if i.v3 == nil || i.v3.Tip > r.Accounts.MaxTip || !slices.Contains(list, class) {
		return v.Felt(), false
	}
	v = v&starknet.Query | 1
	return v.Felt(), true
}

// shownNumber and shownTime return number and time of the block as the scope may see them.
func (x *scope) shownNumber() uint64 { return x.round(x.number, x.rules.RoundNumber) }

func (x *scope) shownTime() uint64 { return x.round(x.env.Header.Timestamp, x.rules.RoundTime) }

func (x *scope) round(n, unit uint64) uint64 {
	if x.restricted {
		n -= n % unit
	}
	return n
}

// addressLimit is 2^251: addresses and storage keys are below it.
var addressLimit = felt.Felt{0, 0, 0, 1 << 59}

// checkAddress returns a failure unless an address or a storage key is in range.
func checkAddress(a felt.Felt) error {
	if !a.Less(&addressLimit) {
		return fail("Out of range [0x0, %s).", addressLimit.Hex())
	}
	return nil
}

// unauthorized returns the failure of a system call that validation may not make.
func unauthorized(name string) error {
	return fail("Unauthorized syscall %s in execution mode Validate.", name)
}

// loadSlot reads a slot of the contract that runs.
func (f *frame) loadSlot(slot felt.Felt) (felt.Felt, error) {
	if err := checkAddress(slot); err != nil {
		return slot, err
	}
	i := f.st.find(starknet.StorageKey(f.call.storage, slot))
	c := &f.st.cells[i]
	c.touched |= 1 << f.phase
	return felt.Felt(c.value), f.st.err
}

// storeSlot writes a slot of the contract that runs.
func (f *frame) storeSlot(slot, v felt.Felt) error {
	if err := checkAddress(slot); err != nil {
		return err
	}
	key := starknet.StorageKey(f.call.storage, slot)
	f.st.write(key, v)
	f.st.cells[f.st.find(key)].touched |= 1 << f.phase
	return f.st.err
}
