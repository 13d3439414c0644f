package cases

import (
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// next returns the next transaction on a state.
func (d *dice) next(s *snapshot) (starknet.Transaction, framework.Mode) {
	var mode framework.Mode
	for _, flag := range []framework.Mode{framework.SkipValidate, framework.SkipFee, framework.Query} {
		if d.IntN(25) == 0 {
			mode |= flag
		}
	}
	d.truth = d.surroundings(mode)
	switch n := d.IntN(20); {
	case n < 5:
		return d.invokeOld(), mode
	case n < 15:
		return d.invoke(s), mode
	case n < 17:
		return d.l1Handler(), mode &^ (framework.SkipValidate | framework.SkipFee | framework.Query)
	case n < 18:
		return d.deployAccount(s), mode
	default:
		return d.declare(s), mode
	}
}

func (d *dice) invokeOld() starknet.Transaction {
	c, t := d.aim()
	tx := &starknet.Invoke{Sender: c.address, Signature: d.signature()}
	if t.f != nil {
		tx.Selector = t.f.selector
	}
	if d.IntN(4) == 0 {
		tx.MaxFee = d.maxFee()
	}
	d.know(tx.Version, tx.Sender, tx.MaxFee, tx.Signature, felt.Felt{})
	tx.Calldata = d.calldata(t, 0)
	return tx
}

func (d *dice) invoke(s *snapshot) starknet.Transaction {
	from := d.account()
	tx := &starknet.Invoke{
		Version: starknet.TxVersion(1 + 2*d.IntN(2)), //nolint:gosec // 1 or 3
		Sender:  from.address, Nonce: d.nonce(s, from.address), Signature: d.signature(),
	}
	d.pay(tx.Version, &tx.MaxFee, &tx.V3)
	if tx.Version == 3 {
		tx.AccountDeploymentData = d.list(3)
	}
	if tx.V3.Bounds.L1DataGas != nil { // others cannot claim anything
		tx.ProofFacts = d.proofFacts()
	}
	d.know(tx.Version, tx.Sender, tx.MaxFee, tx.Signature, tx.Nonce)
	d.knowV3(tx)
	for i := range from.external {
		if from.external[i].name == "__execute__" {
			tx.Calldata = d.calldata(callee{kind: from.kind, f: &from.external[i], at: from.address}, 0)
		}
	}
	return tx
}

func (d *dice) declare(s *snapshot) starknet.Transaction {
	from := d.account()
	k := pick(d, d.w.declarable())
	if d.IntN(5) == 0 {
		k = pick(d, d.w.kinds)
	}
	tx := &starknet.Declare{ClassHash: k.hash, Sender: from.address, Nonce: d.nonce(s, from.address), Signature: d.signature()}
	if k.cairo0 {
		tx.Version = starknet.TxVersion(d.IntN(2)) //nolint:gosec // 0 or 1
	} else {
		tx.Version, tx.CompiledClassHash = starknet.TxVersion(2+d.IntN(2)), k.compiled //nolint:gosec // 2 or 3
	}
	if tx.Version == 3 && d.IntN(6) == 0 {
		tx.Sender, tx.Nonce = bootstrapper, felt.Felt{} // who pays nothing, and whom nobody asks
		return tx
	}
	if tx.Version == 0 {
		tx.Nonce, tx.Sender, tx.Signature = felt.Felt{}, felt.One, nil
		return tx
	}
	d.pay(tx.Version, &tx.MaxFee, &tx.V3)
	return tx
}

func (d *dice) deployAccount(s *snapshot) starknet.Transaction {
	k := pick(d, d.w.kinds)
	for !k.has("__validate_deploy__") {
		k = pick(d, d.w.kinds)
	}
	salt := d.Uint64N(newAccounts)
	tx := &starknet.DeployAccount{
		Version:   starknet.TxVersion(1 + 2*d.IntN(2)), //nolint:gosec // 1 or 3
		ClassHash: k.hash, Salt: felt.FromUint64(salt), ConstructorCalldata: newAccountData(k, salt), Signature: d.signature(),
	}
	tx.Nonce = d.nonce(s, tx.Address())
	d.pay(tx.Version, &tx.MaxFee, &tx.V3)
	return tx
}

func (d *dice) l1Handler() starknet.Transaction {
	c := pick(d, d.w.contracts)
	for len(c.l1) == 0 {
		c = pick(d, d.w.contracts)
	}
	f := &c.l1[d.IntN(len(c.l1))]
	tx := &starknet.L1Handler{Contract: c.address, Selector: f.selector, Nonce: felt.FromUint64(d.Uint64N(9))}
	d.know(0, tx.Contract, starknet.Uint128{}, nil, tx.Nonce)
	tx.Calldata = d.calldata(callee{kind: c.kind, f: f, at: c.address}, 0)
	if len(tx.Calldata) == 0 {
		tx.Calldata = []felt.Felt{felt.FromUint64(0xe7)}
	}
	return tx
}

// bootstrapper is the sender of declarations on a chain that has no accounts.
var bootstrapper = felt.MustShortString("BOOTSTRAP")

// account returns a sender: half of the time one that accepts everything.
func (d *dice) account() contract {
	for {
		a := pick(d, d.w.accounts)
		if d.IntN(2) == 0 || strings.HasPrefix(a.name, "account_with_dummy_validate") {
			return a
		}
	}
}

// nonce returns that of the account, or now and then another.
func (d *dice) nonce(s *snapshot, account felt.Felt) felt.Felt {
	n := felt.Felt(s.cells[starknet.NonceKey(account)])
	if d.IntN(30) == 0 {
		n.Add(&n, &felt.One)
	}
	return n
}

// signature returns what tells the accounts that fail on purpose how to.
func (d *dice) signature() []felt.Felt {
	out := []felt.Felt{{}, d.value(), d.value()}
	if d.IntN(3) == 0 {
		out[0] = felt.FromUint64(d.Uint64N(10))
		switch d.IntN(4) {
		case 0:
			out[1] = pick(d, d.w.contracts).address
		case 1:
			out[1] = felt.FromUint64(2000)
		case 2:
			out[1] = felt.FromUint64(1_069_200)
		}
	}
	return out
}

func (d *dice) maxFee() starknet.Uint128 {
	return starknet.Uint128{Lo: pick(d, []uint64{1000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 1 << 40, 1 << 61, 1 << 63})}
}

// pay sets what a transaction offers for its execution.
func (d *dice) pay(version starknet.TxVersion, old *starknet.Uint128, v3 *starknet.V3Fields) {
	if d.IntN(6) == 0 {
		if version == 3 {
			v3.Bounds.L1DataGas = new(starknet.ResourceBound)
		}
		return
	}
	if version < 3 {
		*old = d.maxFee()
		return
	}
	if d.IntN(3) == 0 {
		v3.PaymasterData = d.list(3)
		v3.NonceDA, v3.FeeDA = starknet.DAMode(d.IntN(2)), starknet.DAMode(d.IntN(2)) //nolint:gosec // 0 or 1
	}
	b := &d.w.header.Block
	bound := func(p Price, amounts ...uint64) starknet.ResourceBound {
		price := p.Fri[0] * pick(d, []uint64{1, 1, 1, 2})
		if d.IntN(40) == 0 {
			price--
		}
		return starknet.ResourceBound{MaxAmount: pick(d, amounts), MaxPrice: starknet.Uint128{Lo: price}}
	}
	if d.IntN(3) == 0 {
		v3.Bounds.L1Gas = bound(b.L1, 10, 3000, 6000, 20_000, 200_000, 1<<20)
		return
	}
	v3.Tip = pick(d, []uint64{0, 0, 1, 1000, 1 << 43})
	v3.Bounds.L1Gas = bound(b.L1, 0, 20_000, 200_000, 1<<20)
	v3.Bounds.L2Gas = bound(b.L2, 1_000_000, 1_200_000, 2_000_000, 5_000_000, 100_000_000, 1_000_000_000, 1_200_000_000, 20_000_000_000)
	data := bound(b.L1Data, 0, 128, 192, 256, 1000, 10_000, 10_000, 10_000)
	v3.Bounds.L1DataGas = &data
}
