package txjson

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Parse parses a transaction, and returns the hash that the text says it has: 0 if it says none.
func (d *Dialect) Parse(data []byte) (t starknet.Transaction, hash felt.Felt, err error) {
	r := strictjson.NewReader(data)
	t, hash = d.Read(r)
	if err := r.Finish(); err != nil {
		return nil, felt.Felt{}, err
	}
	return t, hash, nil
}

// head is what decides on the other fields of a transaction.
type head struct {
	name       string
	version    starknet.TxVersion
	versioned  bool
	entryPoint string
}

func readHead(r *strictjson.Reader) (h head) {
	r.Ahead(func() {
		r.Map(func(key []byte) {
			switch string(key) {
			case "type":
				h.name = r.Text()
			case "version":
				h.version, h.versioned = readVersion(r), true
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

// Read reads a transaction, with the hash that the text says it has.
func (d *Dialect) Read(r *strictjson.Reader) (t starknet.Transaction, hash felt.Felt) {
	f := d.fields(r)
	f.add(strictjson.Optional(r.FeltField("transaction_hash", &hash)))
	return f.transaction(), hash
}

// ReadBroadcast reads a transaction on its way to a node. In place of the hash of a class it has the class, which
// class reads, to return its hash; an invoke may have the field proof. Only version 3 is accepted today.
func (d *Dialect) ReadBroadcast(
	r *strictjson.Reader, class func() felt.Felt, proof strictjson.Field,
) starknet.Transaction {
	f := d.fields(r)
	f.class = class
	switch f.name {
	case "INVOKE":
		f.add(strictjson.Optional(proof))
	case "DECLARE", "DEPLOY_ACCOUNT":
	default:
		r.FailAt("type", "%s cannot be sent", f.name)
	}
	if f.version.Number() != 3 {
		r.FailAt("version", "version %d cannot be sent", f.version.Number())
	}
	return f.transaction()
}

// txFields collects the fields that a transaction has.
type txFields struct {
	*strictjson.Reader
	*Dialect
	head
	all   []strictjson.Field
	class func() felt.Felt // reads the class of a declaration on its way to a node
}

// fields returns the fields that all transactions have.
func (d *Dialect) fields(r *strictjson.Reader) *txFields {
	f := &txFields{Reader: r, Dialect: d, head: readHead(r)}
	if !f.versioned && !d.Feeder { // the oldest blocks of the feeder gateway leave it out where it is 0
		r.FailAt("version", "missing")
	}
	f.add(r.Ignored("type"), r.Ignored("version"))
	return f
}

func (f *txFields) transaction() starknet.Transaction {
	switch {
	case f.name == f.Invoke && f.entryPoint == "L1_HANDLER" && f.Feeder:
		// How messages were shown before they had a type of their own.
		f.add(f.Ignored("entry_point_type"), f.Ignored("max_fee"), f.Ignored("signature"))
		return f.l1Handler()
	case f.name == f.Invoke:
		return f.invoke()
	case f.name == "DECLARE":
		return f.declare()
	case f.name == "DEPLOY":
		return f.deploy()
	case f.name == "DEPLOY_ACCOUNT":
		return f.deployAccount()
	case f.name == "L1_HANDLER":
		return f.l1Handler()
	}
	f.FailAt("type", "unknown type %q", f.name)
	return nil
}

func (f *txFields) add(fields ...strictjson.Field) { f.all = append(f.all, fields...) }

// read reads the object with the fields added so far.
func (f *txFields) read(k starknet.Kind) {
	if !slices.Contains(k.Versions(), f.version&^starknet.Query) {
		f.FailAt("version", "no version %d of %v", f.version.Number(), k)
	}
	f.Object(f.all...)
}

// fee adds max_fee to the fields, or from version 3 on what replaced it.
func (f *txFields) fee(maxFee *starknet.Uint128, v3 *starknet.V3Fields) {
	if f.version.Number() < 3 {
		f.add(f.Field("max_fee", func() { maxFee.Hi, maxFee.Lo = f.HexUint128() }))
		return
	}
	f.add(
		f.Field("resource_bounds", func() { f.readBounds(&v3.Bounds) }),
		f.Field("tip", func() { v3.Tip = f.HexUint64() }),
		f.FeltsField("paymaster_data", &v3.PaymasterData),
		f.Field("nonce_data_availability_mode", func() { v3.NonceDA = f.readDAMode() }),
		f.Field("fee_data_availability_mode", func() { v3.FeeDA = f.readDAMode() }),
	)
}

func (f *txFields) readBounds(b *starknet.ResourceBounds) {
	f.Object(
		f.Field(f.Bounds[0], func() { readBound(f.Reader, &b.L1Gas) }),
		f.Field(f.Bounds[1], func() { readBound(f.Reader, &b.L2Gas) }),
		strictjson.Optional(f.Field(f.Bounds[2], func() {
			b.L1DataGas = new(starknet.ResourceBound)
			readBound(f.Reader, b.L1DataGas)
		})),
	)
}

func readBound(r *strictjson.Reader, b *starknet.ResourceBound) {
	r.Object(
		r.Field("max_amount", func() { b.MaxAmount = r.HexUint64() }),
		r.Field("max_price_per_unit", func() { b.MaxPrice.Hi, b.MaxPrice.Lo = r.HexUint128() }),
	)
}

func (f *txFields) readDAMode() starknet.DAMode {
	text := string(f.Raw())
	for i, m := range f.DAModes {
		if m == text {
			return starknet.DAMode(i)
		}
	}
	f.Failf("want %s or %s", f.DAModes[0], f.DAModes[1])
	return 0
}

func (f *txFields) invoke() starknet.Transaction {
	t := &starknet.Invoke{Version: f.version}
	sender := f.FeltField("sender_address", &t.Sender)
	if t.Version.Number() == 0 {
		sender = f.FeltField("contract_address", &t.Sender)
		if f.Feeder { // it has used both names
			sender = strictjson.Alias(sender, "sender_address")
			f.add(f.Ignored("entry_point_type"))
		}
	}
	f.add(
		sender,
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
	f.read(starknet.KindInvoke)
	return t
}

func (f *txFields) declare() starknet.Transaction {
	t := &starknet.Declare{Version: f.version}
	signature := f.FeltsField("signature", &t.Signature)
	signature.Optional = f.Feeder
	f.add(f.FeltField("sender_address", &t.Sender), signature)
	if f.class == nil {
		f.add(f.FeltField("class_hash", &t.ClassHash))
	} else {
		f.add(f.Field("contract_class", func() { t.ClassHash = f.class() }))
	}
	if t.Version.Number() > 0 || f.Feeder {
		f.add(f.FeltField("nonce", &t.Nonce))
	}
	f.fee(&t.MaxFee, &t.V3)
	if t.Version.Number() >= 2 {
		f.add(f.FeltField("compiled_class_hash", &t.CompiledClassHash))
	}
	if t.Version.Number() >= 3 {
		f.add(f.FeltsField("account_deployment_data", &t.AccountDeploymentData))
	}
	f.read(starknet.KindDeclare)
	return t
}

// created adds the fields of a contract that comes into being, and returns a check of its address.
func (f *txFields) created(class, salt *felt.Felt, calldata *[]felt.Felt) (check func(computed func() felt.Felt)) {
	var address *felt.Felt
	f.add(
		f.FeltField("class_hash", class),
		f.FeltField("contract_address_salt", salt),
		f.FeltsField("constructor_calldata", calldata),
	)
	if f.Feeder {
		f.add(strictjson.Optional(strictjson.Alias(f.Field("contract_address", func() {
			address = new(felt.Felt)
			*address = f.Felt()
		}), "sender_address")))
	}
	return func(computed func() felt.Felt) {
		if f.Err() == nil && address != nil && computed() != *address {
			f.FailAt("contract_address", "is %v, but class, salt and calldata give %v", *address, computed())
		}
	}
}

func (f *txFields) deploy() starknet.Transaction {
	t := &starknet.Deploy{Version: f.version}
	check := f.created(&t.ClassHash, &t.Salt, &t.ConstructorCalldata)
	f.read(starknet.KindDeploy)
	check(t.Address)
	return t
}

func (f *txFields) deployAccount() starknet.Transaction {
	t := &starknet.DeployAccount{Version: f.version}
	check := f.created(&t.ClassHash, &t.Salt, &t.ConstructorCalldata)
	f.add(f.FeltsField("signature", &t.Signature), f.FeltField("nonce", &t.Nonce))
	f.fee(&t.MaxFee, &t.V3)
	f.read(starknet.KindDeployAccount)
	check(t.Address)
	return t
}

func (f *txFields) l1Handler() starknet.Transaction {
	t := &starknet.L1Handler{Version: f.version}
	nonce := f.FeltField("nonce", &t.Nonce)
	nonce.Optional = f.Feeder // the oldest ones have none
	f.add(
		f.FeltField("contract_address", &t.Contract),
		f.FeltField("entry_point_selector", &t.Selector),
		f.FeltsField("calldata", &t.Calldata),
		nonce,
	)
	f.read(starknet.KindL1Handler)
	return t
}
