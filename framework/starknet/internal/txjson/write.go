package txjson

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Write appends t with its hash.
func (d *Dialect) Write(w *strictjson.Writer, t starknet.Transaction, hash felt.Felt) {
	w.Object(func() {
		w.FeltField("transaction_hash", hash)
		d.WriteFields(w, t)
	})
}

// WriteFields appends the fields of t to the object that is being written.
func (d *Dialect) WriteFields(w *strictjson.Writer, t starknet.Transaction) {
	name := t.Kind().String()
	if t.Kind() == starknet.KindInvoke {
		name = d.Invoke
	}
	w.TextField("type", name)
	w.FeltField("version", t.TxVersion().Felt())
	switch t := t.(type) {
	case *starknet.Invoke:
		d.writeInvoke(w, t)
	case *starknet.Declare:
		d.writeDeclare(w, t)
	case *starknet.Deploy:
		if d.Feeder {
			w.FeltField("contract_address", t.Address())
		}
		writeCreated(w, t.ClassHash, t.Salt, t.ConstructorCalldata)
	case *starknet.DeployAccount:
		d.writeDeployAccount(w, t)
	case *starknet.L1Handler:
		w.FeltField("contract_address", t.Contract)
		w.FeltField("entry_point_selector", t.Selector)
		w.FeltField("nonce", t.Nonce)
		w.FeltsField("calldata", t.Calldata)
	}
}

func (d *Dialect) writeInvoke(w *strictjson.Writer, t *starknet.Invoke) {
	d.writeFee(w, t.Version, t.MaxFee, &t.V3)
	w.FeltsField("signature", t.Signature)
	sender := "sender_address"
	if t.Version.Number() == 0 {
		w.FeltField("entry_point_selector", t.Selector)
		if !d.Feeder {
			sender = "contract_address"
		}
	} else {
		w.FeltField("nonce", t.Nonce)
	}
	w.FeltField(sender, t.Sender)
	w.FeltsField("calldata", t.Calldata)
	if t.Version.Number() < 3 {
		return
	}
	w.FeltsField("account_deployment_data", t.AccountDeploymentData)
	if len(t.ProofFacts) > 0 {
		w.FeltsField("proof_facts", t.ProofFacts)
	}
}

func (d *Dialect) writeDeclare(w *strictjson.Writer, t *starknet.Declare) {
	d.writeFee(w, t.Version, t.MaxFee, &t.V3)
	w.FeltsField("signature", t.Signature)
	if t.Version.Number() > 0 || d.Feeder {
		w.FeltField("nonce", t.Nonce)
	}
	w.FeltField("class_hash", t.ClassHash)
	if t.Version.Number() >= 2 {
		w.FeltField("compiled_class_hash", t.CompiledClassHash)
	}
	w.FeltField("sender_address", t.Sender)
	if t.Version.Number() >= 3 {
		w.FeltsField("account_deployment_data", t.AccountDeploymentData)
	}
}

func (d *Dialect) writeDeployAccount(w *strictjson.Writer, t *starknet.DeployAccount) {
	d.writeFee(w, t.Version, t.MaxFee, &t.V3)
	w.FeltsField("signature", t.Signature)
	w.FeltField("nonce", t.Nonce)
	if d.Feeder {
		key := "contract_address"
		if t.Version.Number() >= 3 {
			key = "sender_address"
		}
		w.FeltField(key, t.Address())
	}
	writeCreated(w, t.ClassHash, t.Salt, t.ConstructorCalldata)
}

func writeCreated(w *strictjson.Writer, class, salt felt.Felt, calldata []felt.Felt) {
	w.FeltField("contract_address_salt", salt)
	w.FeltField("class_hash", class)
	w.FeltsField("constructor_calldata", calldata)
}

func (d *Dialect) writeFee(
	w *strictjson.Writer, v starknet.TxVersion, maxFee starknet.Uint128, v3 *starknet.V3Fields,
) {
	if v.Number() < 3 {
		w.FeltField("max_fee", maxFee.Felt())
		return
	}
	w.Key("nonce_data_availability_mode")
	w.Raw([]byte(d.DAModes[v3.NonceDA]))
	w.Key("fee_data_availability_mode")
	w.Raw([]byte(d.DAModes[v3.FeeDA]))
	w.ObjectField("resource_bounds", func() {
		writeBound(w, d.Bounds[0], &v3.Bounds.L1Gas)
		writeBound(w, d.Bounds[1], &v3.Bounds.L2Gas)
		switch {
		case v3.Bounds.L1DataGas != nil:
			writeBound(w, d.Bounds[2], v3.Bounds.L1DataGas)
		case !d.Feeder: // the specification wants it
			writeBound(w, d.Bounds[2], new(starknet.ResourceBound))
		}
	})
	w.HexField("tip", v3.Tip)
	w.FeltsField("paymaster_data", v3.PaymasterData)
}

func writeBound(w *strictjson.Writer, key string, b *starknet.ResourceBound) {
	w.ObjectField(key, func() {
		w.HexField("max_amount", b.MaxAmount)
		w.FeltField("max_price_per_unit", b.MaxPrice.Felt())
	})
}
