package gateway

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// ParseTransaction parses a transaction, and returns the hash that the text says it has: 0 if it says none.
func ParseTransaction(data []byte) (t starknet.Transaction, hash felt.Felt, err error) {
	r := strictjson.NewReader(data)
	t, hash = readTransaction(r)
	if err := r.Finish(); err != nil {
		return nil, felt.Felt{}, err
	}
	return t, hash, nil
}

// head is what decides on the other fields of a transaction.
type head struct {
	name       string
	version    starknet.TxVersion
	entryPoint string
}

func readHead(r *strictjson.Reader) (h head) {
	r.Ahead(func() {
		r.Map(func(key []byte) {
			switch string(key) {
			case "type":
				h.name = r.Text()
			case "version":
				h.version = readVersion(r)
			case "entry_point_type":
				h.entryPoint = r.Text()
			default:
				r.Raw()
			}
		})
		if r.Err() == nil && h.name == "" {
			r.FailAt("type", "missing")
		}
	})
	return h
}

func readVersion(r *strictjson.Reader) starknet.TxVersion {
	v, ok := starknet.TxVersionFromFelt(r.Felt())
	if !ok {
		r.Failf("not a transaction version")
	}
	return v
}

func readTransaction(r *strictjson.Reader) (t starknet.Transaction, hash felt.Felt) {
	h := readHead(r)
	f := &txFields{Reader: r, version: h.version, fields: []strictjson.Field{
		strictjson.Optional(r.FeltField("transaction_hash", &hash)),
		r.Ignored("type"),
		r.Ignored("version"), // the oldest blocks leave it out where it is 0
	}}
	switch h.name {
	case "INVOKE_FUNCTION", "INVOKE":
		f.add(r.Ignored("entry_point_type"))
		if h.entryPoint == "L1_HANDLER" { // how messages were shown before they had a type of their own
			f.add(r.Ignored("max_fee"), r.Ignored("signature"))
			t = f.l1Handler()
			break
		}
		t = f.invoke()
	case "DECLARE":
		t = f.declare()
	case "DEPLOY":
		t = f.deploy()
	case "DEPLOY_ACCOUNT":
		t = f.deployAccount()
	case "L1_HANDLER":
		t = f.l1Handler()
	default:
		r.FailAt("type", "unknown type %q", h.name)
		return nil, hash
	}
	if !slices.Contains(t.Kind().Versions(), h.version&^starknet.Query) {
		r.FailAt("version", "no version %d of %v", h.version.Number(), t.Kind())
	}
	return t, hash
}

// txFields collects the fields that a transaction has.
type txFields struct {
	*strictjson.Reader
	version starknet.TxVersion
	fields  []strictjson.Field
}

func (f *txFields) add(fields ...strictjson.Field) { f.fields = append(f.fields, fields...) }

// read reads the object with the fields added so far.
func (f *txFields) read() { f.Object(f.fields...) }

// fee adds max_fee to the fields, or from version 3 on what replaced it.
func (f *txFields) fee(maxFee *starknet.Uint128, v3 *starknet.V3Fields) {
	if f.version.Number() < 3 {
		f.add(f.Field("max_fee", func() { maxFee.Hi, maxFee.Lo = f.HexUint128() }))
		return
	}
	f.add(
		f.Field("resource_bounds", func() { readBounds(f.Reader, &v3.Bounds) }),
		f.Field("tip", func() { v3.Tip = f.HexUint64() }),
		f.FeltsField("paymaster_data", &v3.PaymasterData),
		f.Field("nonce_data_availability_mode", func() { v3.NonceDA = readDAMode(f.Reader) }),
		f.Field("fee_data_availability_mode", func() { v3.FeeDA = readDAMode(f.Reader) }),
	)
}

func readBounds(r *strictjson.Reader, b *starknet.ResourceBounds) {
	r.Object(
		r.Field("L1_GAS", func() { readBound(r, &b.L1Gas) }),
		r.Field("L2_GAS", func() { readBound(r, &b.L2Gas) }),
		strictjson.Optional(r.Field("L1_DATA_GAS", func() {
			b.L1DataGas = new(starknet.ResourceBound)
			readBound(r, b.L1DataGas)
		})),
	)
}

func readBound(r *strictjson.Reader, b *starknet.ResourceBound) {
	r.Object(
		r.Field("max_amount", func() { b.MaxAmount = r.HexUint64() }),
		r.Field("max_price_per_unit", func() { b.MaxPrice.Hi, b.MaxPrice.Lo = r.HexUint128() }),
	)
}

func readDAMode(r *strictjson.Reader) starknet.DAMode {
	v := r.Uint64()
	if v > uint64(starknet.DAL2) {
		r.Failf("no data availability mode %d", v)
		return 0
	}
	return starknet.DAMode(v)
}

func (f *txFields) invoke() starknet.Transaction {
	t := &starknet.Invoke{Version: f.version}
	f.add(
		strictjson.Alias(f.FeltField("sender_address", &t.Sender), "contract_address"),
		f.FeltsField("calldata", &t.Calldata),
		f.FeltsField("signature", &t.Signature),
	)
	f.fee(&t.MaxFee, &t.V3)
	switch t.Version.Number() {
	case 0:
		f.add(f.FeltField("entry_point_selector", &t.Selector))
	case 1:
		f.add(f.FeltField("nonce", &t.Nonce))
	default:
		f.add(
			f.FeltField("nonce", &t.Nonce),
			f.FeltsField("account_deployment_data", &t.AccountDeploymentData),
			strictjson.Optional(f.FeltsField("proof_facts", &t.ProofFacts)),
		)
	}
	f.read()
	return t
}

func (f *txFields) declare() starknet.Transaction {
	t := &starknet.Declare{Version: f.version}
	f.add(
		f.FeltField("sender_address", &t.Sender),
		f.FeltField("class_hash", &t.ClassHash),
		f.FeltField("nonce", &t.Nonce),
		strictjson.Optional(f.FeltsField("signature", &t.Signature)),
	)
	f.fee(&t.MaxFee, &t.V3)
	if t.Version.Number() >= 2 {
		f.add(f.FeltField("compiled_class_hash", &t.CompiledClassHash))
	}
	if t.Version.Number() >= 3 {
		f.add(f.FeltsField("account_deployment_data", &t.AccountDeploymentData))
	}
	f.read()
	return t
}

// created adds the fields of a contract that comes into being, and returns a check of its address.
func (f *txFields) created(class, salt *felt.Felt, calldata *[]felt.Felt) (check func(computed func() felt.Felt)) {
	var address *felt.Felt
	f.add(
		f.FeltField("class_hash", class),
		f.FeltField("contract_address_salt", salt),
		f.FeltsField("constructor_calldata", calldata),
		strictjson.Optional(strictjson.Alias(f.Field("contract_address", func() {
			address = new(felt.Felt)
			*address = f.Felt()
		}), "sender_address")),
	)
	return func(computed func() felt.Felt) {
		if f.Err() == nil && address != nil && computed() != *address {
			f.FailAt("contract_address", "is %v, but class, salt and calldata give %v", *address, computed())
		}
	}
}

func (f *txFields) deploy() starknet.Transaction {
	t := &starknet.Deploy{Version: f.version}
	check := f.created(&t.ClassHash, &t.Salt, &t.ConstructorCalldata)
	f.read()
	check(t.Address)
	return t
}

func (f *txFields) deployAccount() starknet.Transaction {
	t := &starknet.DeployAccount{Version: f.version}
	check := f.created(&t.ClassHash, &t.Salt, &t.ConstructorCalldata)
	f.add(f.FeltsField("signature", &t.Signature), f.FeltField("nonce", &t.Nonce))
	f.fee(&t.MaxFee, &t.V3)
	f.read()
	check(t.Address)
	return t
}

func (f *txFields) l1Handler() starknet.Transaction {
	t := &starknet.L1Handler{Version: f.version}
	f.add(
		f.FeltField("contract_address", &t.Contract),
		f.FeltField("entry_point_selector", &t.Selector),
		f.FeltsField("calldata", &t.Calldata),
		strictjson.Optional(f.FeltField("nonce", &t.Nonce)),
	)
	f.read()
	return t
}
