package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// Transaction is one of *[Invoke], *[Declare], *[Deploy], *[DeployAccount] and *[L1Handler].
type Transaction interface {
	// Kind returns which of them it is.
	Kind() Kind
	// TxVersion returns the version of its form, with the query flag.
	TxVersion() TxVersion
	// Hash returns the hash that names it on the chain, in the present form; see [OldHashes] for the
	// others. It takes the transaction as it is and checks nothing.
	Hash(chain ChainID) felt.Felt
	// Signatures returns the signature, nil for the kinds that have none. It belongs to the transaction.
	Signatures() []felt.Felt

	appendBody(dst []byte) []byte
	readBody(r *wire.Reader)
}

var (
	_ Transaction = (*Invoke)(nil)
	_ Transaction = (*Declare)(nil)
	_ Transaction = (*Deploy)(nil)
	_ Transaction = (*DeployAccount)(nil)
	_ Transaction = (*L1Handler)(nil)
)

// Kind says which of the five a transaction is.
type Kind uint8

// The kinds of transactions.
const (
	KindInvoke Kind = iota
	KindDeclare
	KindDeploy
	KindDeployAccount
	KindL1Handler
	kinds
)

// String returns the name that the JSON-RPC specification gives k.
func (k Kind) String() string {
	switch k {
	case KindInvoke:
		return "INVOKE"
	case KindDeclare:
		return "DECLARE"
	case KindDeploy:
		return "DEPLOY"
	case KindDeployAccount:
		return "DEPLOY_ACCOUNT"
	case KindL1Handler:
		return "L1_HANDLER"
	}
	return "UNKNOWN"
}

// Versions returns the versions that transactions of this kind may have, without the query flag.
func (k Kind) Versions() []TxVersion {
	switch k {
	case KindInvoke:
		return []TxVersion{0, 1, 3}
	case KindDeclare:
		return []TxVersion{0, 1, 2, 3}
	case KindDeploy:
		return []TxVersion{0, 1}
	case KindDeployAccount:
		return []TxVersion{1, 3}
	case KindL1Handler:
		return []TxVersion{0}
	}
	return nil
}

// TxVersion is the version of a transaction's form, and whether it is only a query.
type TxVersion uint8

// Query marks a transaction that was signed to be simulated, and that no block accepts. On the chain it is
// 2^128 added to the version.
const Query TxVersion = 1 << 7

// Number returns v without the flag.
func (v TxVersion) Number() uint8 { return uint8(v &^ Query) }

// IsQuery reports whether the flag is set.
func (v TxVersion) IsQuery() bool { return v&Query != 0 }

// Felt returns v as contracts and hashes see it.
func (v TxVersion) Felt() felt.Felt {
	z := felt.Felt{uint64(v.Number())}
	if v.IsQuery() {
		z[2] = 1
	}
	return z
}

// TxVersionFromFelt returns the version that v is, and whether it is one.
func TxVersionFromFelt(v felt.Felt) (TxVersion, bool) {
	t := TxVersion(v[0] & 0x7f)
	if v[2] == 1 {
		t |= Query
	}
	return t, t.Felt() == v
}

// DAMode says which state a nonce or a fee balance is kept in. Only L1 is in use.
type DAMode uint8

// The data availability modes.
const (
	DAL1 DAMode = iota
	DAL2
	daModes
)

// String returns the name that the JSON-RPC specification gives m.
func (m DAMode) String() string {
	switch m {
	case DAL1:
		return "L1"
	case DAL2:
		return "L2"
	}
	return "UNKNOWN"
}

// ResourceBound is how much of a resource a transaction may take, and what it pays for a unit at most.
type ResourceBound struct {
	MaxAmount uint64
	MaxPrice  Uint128
}

// ResourceBounds are the limits that a transaction of version 3 sets for its fee.
type ResourceBounds struct {
	L1Gas, L2Gas ResourceBound
	// L1DataGas is nil in the form that came before it (until 0.13.4), which hashes differently even from
	// a bound of zero.
	L1DataGas *ResourceBound
}

// V3Fields are the fields that came with version 3 and that all kinds of it share. They are zero in other
// versions.
type V3Fields struct {
	Bounds  ResourceBounds
	Tip     uint64
	NonceDA DAMode
	FeeDA   DAMode
	// Paymaster data is reserved: empty on the public networks.
	PaymasterData []felt.Felt
}

// Invoke calls an account, or in version 0 any entry point of any contract.
type Invoke struct {
	Version TxVersion // 0, 1 or 3
	// Sender is the account; in version 0 the contract that is called.
	Sender felt.Felt
	// Selector names the entry point. Version 0 only.
	Selector  felt.Felt
	Calldata  []felt.Felt
	Signature []felt.Felt
	MaxFee    Uint128   // before version 3
	Nonce     felt.Felt // from version 1
	V3        V3Fields
	// AccountDeploymentData is reserved: empty on the public networks. Version 3 only.
	AccountDeploymentData []felt.Felt
	// ProofFacts are claims about the chain that a proof sent along supports. Version 3 only.
	ProofFacts []felt.Felt
}

// Declare adds a class to the state.
type Declare struct {
	Version TxVersion // 0 and 1 for Cairo 0 classes, 2 and 3 for Sierra
	// ClassHash is the hash of the class, which is not part of the transaction.
	ClassHash felt.Felt
	// CompiledClassHash is the hash of the code that the class compiles to. From version 2.
	CompiledClassHash     felt.Felt
	Sender                felt.Felt
	Signature             []felt.Felt
	MaxFee                Uint128 // before version 3
	Nonce                 felt.Felt
	V3                    V3Fields
	AccountDeploymentData []felt.Felt // version 3
}

// Deploy deploys a contract on behalf of nobody. It was removed with 0.11.
type Deploy struct {
	Version             TxVersion // 0 or 1
	ClassHash           felt.Felt
	Salt                felt.Felt
	ConstructorCalldata []felt.Felt
}

// DeployAccount deploys an account that pays for it.
type DeployAccount struct {
	Version             TxVersion // 1 or 3
	ClassHash           felt.Felt
	Salt                felt.Felt
	ConstructorCalldata []felt.Felt
	Signature           []felt.Felt
	MaxFee              Uint128 // before version 3
	Nonce               felt.Felt
	V3                  V3Fields
}

// L1Handler is a message from L1 on its way into a contract.
type L1Handler struct {
	Version  TxVersion // 0
	Contract felt.Felt
	Selector felt.Felt
	// Nonce counts the messages from L1; the oldest ones have none, and 0 here.
	Nonce felt.Felt
	// Calldata starts with the address of the sender on L1.
	Calldata []felt.Felt
}

// Kind implements [Transaction].
func (*Invoke) Kind() Kind { return KindInvoke }

// Kind implements [Transaction].
func (*Declare) Kind() Kind { return KindDeclare }

// Kind implements [Transaction].
func (*Deploy) Kind() Kind { return KindDeploy }

// Kind implements [Transaction].
func (*DeployAccount) Kind() Kind { return KindDeployAccount }

// Kind implements [Transaction].
func (*L1Handler) Kind() Kind { return KindL1Handler }

// TxVersion implements [Transaction].
func (t *Invoke) TxVersion() TxVersion { return t.Version }

// TxVersion implements [Transaction].
func (t *Declare) TxVersion() TxVersion { return t.Version }

// TxVersion implements [Transaction].
func (t *Deploy) TxVersion() TxVersion { return t.Version }

// TxVersion implements [Transaction].
func (t *DeployAccount) TxVersion() TxVersion { return t.Version }

// TxVersion implements [Transaction].
func (t *L1Handler) TxVersion() TxVersion { return t.Version }

// Signatures implements [Transaction].
func (t *Invoke) Signatures() []felt.Felt { return t.Signature }

// Signatures implements [Transaction].
func (t *Declare) Signatures() []felt.Felt { return t.Signature }

// Signatures implements [Transaction]: nil.
func (*Deploy) Signatures() []felt.Felt { return nil }

// Signatures implements [Transaction].
func (t *DeployAccount) Signatures() []felt.Felt { return t.Signature }

// Signatures implements [Transaction]: nil.
func (*L1Handler) Signatures() []felt.Felt { return nil }
