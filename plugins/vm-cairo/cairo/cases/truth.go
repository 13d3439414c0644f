package cases

import (
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Some functions of the test contracts compare what they are told of block, transaction and call with their arguments. They say
// something only if the arguments are mostly right.

// looks reports whether f is such a function.
func (f *function) looks() bool {
	return strings.HasPrefix(f.name, "test_get_") || f.name == "test_tx_version"
}

// surroundings begins what is true of a transaction: what is so of every one in the block.
func (d *dice) surroundings(mode framework.Mode) map[string][]felt.Felt {
	b := &d.w.header.Block
	return map[string][]felt.Felt{
		"block_number":      {felt.FromUint64(b.Number)},
		"block_timestamp":   {felt.FromUint64(b.Timestamp)},
		"sequencer_address": {b.Sequencer},
		"block_hash":        {oldHash},
		"chain_id":          {felt.Felt(d.w.env.Chain)},
		"transaction_hash":  {d.hash()},
		"query":             {felt.FromUint64(uint64(min(mode&framework.Query, 1)))},
	}
}

// hash returns the hash of the transaction in the making: any number, as nothing but contracts looks at it, and those that do
// could not have it in their calldata otherwise.
func (d *dice) hash() felt.Felt {
	return felt.Felt{d.Uint64(), d.Uint64(), d.Uint64(), d.Uint64() >> 5}
}

// know adds what is true of a transaction.
func (d *dice) know(version starknet.TxVersion, sender felt.Felt, fee starknet.Uint128, signature []felt.Felt, nonce felt.Felt) {
	if !d.truth["query"][0].IsZero() {
		version |= starknet.Query
	}
	d.truth["version"] = []felt.Felt{version.Felt()}
	d.truth["account_contract_address"], d.truth["account_address"] = []felt.Felt{sender}, []felt.Felt{sender}
	d.truth["max_fee"] = []felt.Felt{fee.Felt()}
	d.truth["signature"] = counted(signature)
	d.truth["nonce"] = []felt.Felt{nonce}
	none := counted(nil)
	for _, name := range []string{"resource_bounds", "paymaster_data", "account_deployment_data", "proof_facts"} {
		d.truth[name] = none
	}
	for _, name := range []string{"tip", "nonce_data_availability_mode", "fee_data_availability_mode"} {
		d.truth[name] = []felt.Felt{{}}
	}
}

// knowV3 adds what version 3 has.
func (d *dice) knowV3(tx *starknet.Invoke) {
	if tx.Version.Number() != 3 {
		return
	}
	b := &tx.V3.Bounds
	bounds := []felt.Felt{felt.FromUint64(2)}
	add := func(name string, r *starknet.ResourceBound) {
		bounds = append(bounds, felt.MustShortString(name), felt.FromUint64(r.MaxAmount), r.MaxPrice.Felt())
	}
	add("L1_GAS", &b.L1Gas)
	add("L2_GAS", &b.L2Gas)
	if b.L1DataGas != nil {
		bounds[0] = felt.FromUint64(3)
		add("L1_DATA", b.L1DataGas)
	}
	d.truth["max_fee"] = []felt.Felt{{}}
	d.truth["resource_bounds"] = bounds
	d.truth["tip"] = []felt.Felt{felt.FromUint64(tx.V3.Tip)}
	d.truth["paymaster_data"] = counted(tx.V3.PaymasterData)
	d.truth["account_deployment_data"] = counted(tx.AccountDeploymentData)
	d.truth["proof_facts"] = counted(tx.ProofFacts)
	d.truth["nonce_data_availability_mode"] = []felt.Felt{felt.FromUint64(uint64(tx.V3.NonceDA))}
	d.truth["fee_data_availability_mode"] = []felt.Felt{felt.FromUint64(uint64(tx.V3.FeeDA))}
}

// counted returns a list as calldata has it.
func counted(xs []felt.Felt) []felt.Felt {
	return append([]felt.Felt{felt.FromUint64(uint64(len(xs)))}, xs...)
}

// known returns what is true of an argument of call c, if the function asks for that and for once nothing else is to be tried.
func (d *dice) known(c *callee, name string) ([]felt.Felt, bool) {
	if !c.f.looks() || d.IntN(60) == 0 {
		return nil, false
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "expected_"), "_")
	switch name {
	case "caller_address":
		return []felt.Felt{c.from}, true
	case "contract_address":
		return []felt.Felt{c.at}, true
	case "address":
		if c.f.name == "test_get_caller_address" {
			return []felt.Felt{c.from}, true
		}
		return []felt.Felt{c.at}, true
	case "entry_point_selector":
		return []felt.Felt{c.f.selector}, true
	case "class_hash":
		return []felt.Felt{c.kind.hash}, true
	case "block_number":
		if c.f.name == "test_get_block_hash" {
			return []felt.Felt{felt.FromUint64(oldBlock)}, true
		}
	}
	v, ok := d.truth[name]
	if ok && c.kind.disguised && d.IntN(2) == 0 {
		v = d.disguise(name, v)
	}
	return v, ok
}

// disguise returns what the protocol tells some classes of accounts instead of the truth.
func (d *dice) disguise(name string, v []felt.Felt) []felt.Felt {
	switch {
	case name == "version":
		x := v[0]
		x[0] = 1
		return []felt.Felt{x}
	case name == "resource_bounds" && v[0] == felt.FromUint64(3):
		v = slices.Clone(v[:7])
		v[0] = felt.FromUint64(2)
	}
	return v
}

// proofFacts returns what a transaction claims of the chain: mostly nothing, else mostly the truth.
func (d *dice) proofFacts() []felt.Felt {
	p := &d.w.rules.Proofs
	if len(p.Versions) == 0 || d.IntN(6) > 0 {
		return nil
	}
	chain, strk := felt.Felt(d.w.env.Chain), d.w.env.FeeTokens.STRK
	configs := []felt.Felt{
		crypto.PedersenChain(felt.MustShortString("StarknetOsConfig3"), chain, strk),
		crypto.Blake2s(felt.MustShortString("StarknetOsConfig4"), chain, strk),
	}
	out := []felt.Felt{
		pick(d, p.Versions), felt.MustShortString("VIRTUAL_SNOS"), pick(d, p.Programs), felt.MustShortString("VIRTUAL_SNOS0"),
		felt.FromUint64(oldBlock), oldHash, pick(d, configs),
	}
	out = append(out, d.list(3)...)
	switch d.IntN(6) {
	case 0:
		out[d.IntN(len(out))] = d.value()
	case 1:
		out = out[:d.IntN(len(out))]
	}
	return out
}
