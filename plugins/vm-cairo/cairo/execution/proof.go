package execution

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Names that proof facts begin with.
var (
	factSnos     = felt.MustShortString("VIRTUAL_SNOS")
	factSnos0    = felt.MustShortString("VIRTUAL_SNOS0")
	tagConfig3   = felt.MustShortString("StarknetOsConfig3")
	tagConfig4   = felt.MustShortString("StarknetOsConfig4")
	sinceConfig4 = starknet.Version{0, 14, 3}
)

// minFacts is how many felts proof facts begin with.
const minFacts = 7

// checkProofFacts checks that what a transaction claims of the chain is so.
//
// Source: crates/blockifier/src/transaction/account_transaction.rs, validate_proof_facts.
func (a *attempt) checkProofFacts() error {
	f := a.info.proofFacts
	if len(f) == 0 {
		return nil
	}
	no := func(text string) error { return &rejection{"Invalid proof facts: " + text} }
	switch {
	case !a.all:
		return no("the transaction has a bound for L1 gas alone.")
	case len(f) < minFacts:
		return no("too few felts.")
	case !slices.Contains(a.rules.Proofs.Versions, f[0]):
		return no("proof version " + f[0].Hex() + " is not allowed.")
	case f[1] != factSnos || f[3] != factSnos0:
		return no("unknown kind of proof.")
	case !slices.Contains(a.rules.Proofs.Programs, f[2]):
		return no("virtual OS program hash " + f[2].Hex() + " is not allowed.")
	case !f[4].IsUint64() || a.number < hashBuffer || f[4][0] > a.number-hashBuffer:
		return no("block number " + f[4].Hex() + " is too recent.")
	}
	hash := a.st.storage(blockHashes, f[4])
	if f[5].IsZero() || f[5] != hash {
		return no("block hash mismatch for block " + f[4].Hex() + ".")
	}
	if want := a.configHash(); f[6] != want {
		return no("OS config hash is " + f[6].Hex() + ", want " + want.Hex() + ".")
	}
	return nil
}

// configHash returns the hash that stands for the chain.
func (a *attempt) configHash() felt.Felt {
	chain := felt.Felt(a.env.Chain)
	if v, err := starknet.ParseVersion(a.rules.Version); err == nil && v.Less(sinceConfig4) {
		return crypto.PedersenChain(tagConfig3, chain, a.env.FeeTokens.STRK)
	}
	return crypto.Blake2s(tagConfig4, chain, a.env.FeeTokens.STRK)
}
