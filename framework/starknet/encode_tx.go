package starknet

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// encodingV1 is the first byte of every encoding.
const encodingV1 = 1

// AppendTransaction appends the encoding of t: version, kind, and its fields.
func AppendTransaction(dst []byte, t Transaction) []byte {
	return t.appendBody(append(dst, encodingV1, byte(t.Kind())))
}

// DecodeTransaction decodes what AppendTransaction made. All errors wrap ErrEncoding.
func DecodeTransaction(data []byte) (Transaction, error) {
	r := wire.NewReader(data, "transaction")
	r.Version(encodingV1)
	t := readTransaction(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return t, nil
}

// readTransaction reads kind and fields.
func readTransaction(r *wire.Reader) Transaction {
	var t Transaction
	switch Kind(r.Below(byte(kinds))) {
	case KindInvoke:
		t = new(Invoke)
	case KindDeclare:
		t = new(Declare)
	case KindDeploy:
		t = new(Deploy)
	case KindDeployAccount:
		t = new(DeployAccount)
	default:
		t = new(L1Handler)
	}
	t.readBody(r)
	return t
}

func readTxVersion(r *wire.Reader, k Kind) TxVersion {
	v := TxVersion(r.Byte())
	if !slices.Contains(k.Versions(), v&^Query) {
		r.Failf("%v of version %d", k, v.Number())
	}
	return v
}

func (t *Invoke) appendBody(dst []byte) []byte {
	dst = append(dst, byte(t.Version))
	dst = wire.AppendFelt(dst, t.Sender)
	dst = wire.AppendFelts(dst, t.Calldata)
	dst = wire.AppendFelts(dst, t.Signature)
	switch t.Version.Number() {
	case 0:
		return appendUint128(wire.AppendFelt(dst, t.Selector), t.MaxFee)
	case 1:
		return appendUint128(wire.AppendFelt(dst, t.Nonce), t.MaxFee)
	}
	dst = t.V3.append(wire.AppendFelt(dst, t.Nonce))
	return wire.AppendFelts(wire.AppendFelts(dst, t.AccountDeploymentData), t.ProofFacts)
}

func (t *Invoke) readBody(r *wire.Reader) {
	t.Version = readTxVersion(r, KindInvoke)
	t.Sender, t.Calldata, t.Signature = r.Felt(), r.Felts(), r.Felts()
	switch t.Version.Number() {
	case 0:
		t.Selector, t.MaxFee = r.Felt(), readUint128(r)
	case 1:
		t.Nonce, t.MaxFee = r.Felt(), readUint128(r)
	default:
		t.Nonce = r.Felt()
		t.V3.read(r)
		t.AccountDeploymentData, t.ProofFacts = r.Felts(), r.Felts()
	}
}

func (t *Declare) appendBody(dst []byte) []byte {
	dst = append(dst, byte(t.Version))
	dst = wire.AppendFelt(dst, t.Sender)
	dst = wire.AppendFelt(dst, t.ClassHash)
	dst = wire.AppendFelts(dst, t.Signature)
	dst = wire.AppendFelt(dst, t.Nonce)
	if t.Version.Number() >= 2 {
		dst = wire.AppendFelt(dst, t.CompiledClassHash)
	}
	if t.Version.Number() < 3 {
		return appendUint128(dst, t.MaxFee)
	}
	return wire.AppendFelts(t.V3.append(dst), t.AccountDeploymentData)
}

func (t *Declare) readBody(r *wire.Reader) {
	t.Version = readTxVersion(r, KindDeclare)
	t.Sender, t.ClassHash, t.Signature, t.Nonce = r.Felt(), r.Felt(), r.Felts(), r.Felt()
	if t.Version.Number() >= 2 {
		t.CompiledClassHash = r.Felt()
	}
	if t.Version.Number() < 3 {
		t.MaxFee = readUint128(r)
		return
	}
	t.V3.read(r)
	t.AccountDeploymentData = r.Felts()
}

func (t *Deploy) appendBody(dst []byte) []byte {
	dst = append(dst, byte(t.Version))
	dst = wire.AppendFelt(dst, t.ClassHash)
	dst = wire.AppendFelt(dst, t.Salt)
	return wire.AppendFelts(dst, t.ConstructorCalldata)
}

func (t *Deploy) readBody(r *wire.Reader) {
	t.Version = readTxVersion(r, KindDeploy)
	t.ClassHash, t.Salt, t.ConstructorCalldata = r.Felt(), r.Felt(), r.Felts()
}

func (t *DeployAccount) appendBody(dst []byte) []byte {
	dst = append(dst, byte(t.Version))
	dst = wire.AppendFelt(dst, t.ClassHash)
	dst = wire.AppendFelt(dst, t.Salt)
	dst = wire.AppendFelts(dst, t.ConstructorCalldata)
	dst = wire.AppendFelts(dst, t.Signature)
	dst = wire.AppendFelt(dst, t.Nonce)
	if t.Version.Number() < 3 {
		return appendUint128(dst, t.MaxFee)
	}
	return t.V3.append(dst)
}

func (t *DeployAccount) readBody(r *wire.Reader) {
	t.Version = readTxVersion(r, KindDeployAccount)
	t.ClassHash, t.Salt, t.ConstructorCalldata = r.Felt(), r.Felt(), r.Felts()
	t.Signature, t.Nonce = r.Felts(), r.Felt()
	if t.Version.Number() < 3 {
		t.MaxFee = readUint128(r)
		return
	}
	t.V3.read(r)
}

func (t *L1Handler) appendBody(dst []byte) []byte {
	dst = append(dst, byte(t.Version))
	dst = wire.AppendFelt(dst, t.Contract)
	dst = wire.AppendFelt(dst, t.Selector)
	dst = wire.AppendFelt(dst, t.Nonce)
	return wire.AppendFelts(dst, t.Calldata)
}

func (t *L1Handler) readBody(r *wire.Reader) {
	t.Version = readTxVersion(r, KindL1Handler)
	t.Contract, t.Selector, t.Nonce, t.Calldata = r.Felt(), r.Felt(), r.Felt(), r.Felts()
}

func (f *V3Fields) append(dst []byte) []byte {
	dst = f.Bounds.L1Gas.append(dst)
	dst = f.Bounds.L2Gas.append(dst)
	dst = wire.AppendBool(dst, f.Bounds.L1DataGas != nil)
	if f.Bounds.L1DataGas != nil {
		dst = f.Bounds.L1DataGas.append(dst)
	}
	dst = wire.AppendUint(dst, f.Tip)
	dst = append(dst, byte(f.NonceDA), byte(f.FeeDA))
	return wire.AppendFelts(dst, f.PaymasterData)
}

func (f *V3Fields) read(r *wire.Reader) {
	f.Bounds.L1Gas.read(r)
	f.Bounds.L2Gas.read(r)
	if r.Bool() {
		f.Bounds.L1DataGas = new(ResourceBound)
		f.Bounds.L1DataGas.read(r)
	}
	f.Tip = r.Uint()
	f.NonceDA, f.FeeDA = DAMode(r.Below(byte(daModes))), DAMode(r.Below(byte(daModes)))
	f.PaymasterData = r.Felts()
}

func (b *ResourceBound) append(dst []byte) []byte {
	return appendUint128(wire.AppendUint(dst, b.MaxAmount), b.MaxPrice)
}

func (b *ResourceBound) read(r *wire.Reader) { b.MaxAmount, b.MaxPrice = r.Uint(), readUint128(r) }

func appendUint128(dst []byte, v Uint128) []byte { return wire.AppendUint128(dst, v.Hi, v.Lo) }

func readUint128(r *wire.Reader) Uint128 {
	hi, lo := r.Uint128()
	return Uint128{Hi: hi, Lo: lo}
}
