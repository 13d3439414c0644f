package mempool

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// What a transaction may be at most, whatever the state.
//
// Source: starkware-libs/sequencer, crates/apollo_gateway_config.
const (
	maxL2Amount  = 1_210_000_000
	maxCalldata  = 5_000
	maxSignature = 4_000
	maxProgram   = 81_920
)

// Bounds of addresses: what is below is reserved, what is above cannot be the address of a contract.
var (
	minAddress = felt.FromUint64(2)
	maxAddress = felt.Felt{^uint64(0) - 255, ^uint64(0), ^uint64(0), 1<<59 - 1} // 2^251 - 256
)

// Versions of Sierra that are declared.
var (
	minSierra = class.SierraVersion{Major: 1, Minor: 1}
	maxSierra = class.SierraVersion{Major: 1, Minor: 9, Patch: ^uint64(0)}
)

// shape is what the rules look at in a transaction of any kind.
type shape struct {
	sender     felt.Felt
	nonce      felt.Felt
	v3         *starknet.V3Fields
	calldata   int
	signature  []felt.Felt
	deployment []felt.Felt // account deployment data
	facts      int
}

func shapeOf(t starknet.Transaction) *shape {
	switch t := t.(type) {
	case *starknet.Invoke:
		return &shape{t.Sender, t.Nonce, &t.V3, len(t.Calldata), t.Signature, t.AccountDeploymentData, len(t.ProofFacts)}
	case *starknet.Declare:
		return &shape{t.Sender, t.Nonce, &t.V3, 0, t.Signature, t.AccountDeploymentData, 0}
	case *starknet.DeployAccount:
		return &shape{t.Address(), t.Nonce, &t.V3, len(t.ConstructorCalldata), t.Signature, nil, 0}
	}
	return nil
}

// checkShape checks what needs no state, in the order in which the public networks do.
//
// Source: starkware-libs/sequencer, crates/apollo_gateway/src/stateless_transaction_validator.rs.
func checkShape(b *openrpc.Broadcast) (*shape, error) {
	t := b.Transaction
	s := shapeOf(t)
	if s == nil || t.TxVersion() != 3 {
		return nil, refuse(Unsupported, "A transaction of type %v and version %v cannot be sent.", t.Kind(), t.TxVersion().Felt())
	}
	bounds := &s.v3.Bounds
	switch _, declares := t.(*starknet.Declare); {
	case s.sender.Less(&minAddress) || !s.sender.Less(&maxAddress):
		return nil, refuse(Malformed, "%v is not the address of a contract.", s.sender)
	case len(s.deployment) > 0 || len(s.v3.PaymasterData) > 0:
		return nil, refuse(Malformed, "account_deployment_data and paymaster_data must be empty.")
	case bounds.L1DataGas == nil:
		return nil, refuse(Unsupported, "resource_bounds must have l1_gas, l2_gas and l1_data_gas.")
	case noFee(bounds):
		return nil, refuse(BoundsTooLow, "The resource bounds are all 0.")
	case !declares && bounds.L2Gas.MaxAmount > maxL2Amount:
		return nil, refuse(Malformed, "The bound of L2 gas is %d, the most that can be asked for is %d.", bounds.L2Gas.MaxAmount, maxL2Amount)
	case s.calldata+s.facts > maxCalldata:
		return nil, refuse(Malformed, "The calldata has %d felts, the limit is %d.", s.calldata+s.facts, maxCalldata)
	case len(s.signature) > maxSignature:
		return nil, refuse(Malformed, "The signature has %d felts, the limit is %d.", len(s.signature), maxSignature)
	case s.v3.NonceDA != starknet.DAL1 || s.v3.FeeDA != starknet.DAL1:
		return nil, refuse(Malformed, "The data availability modes must be L1.")
	case s.facts > 0 || len(b.Proof) > 0:
		return nil, refuse(BadProof, "Proofs are not verified here, so proof facts cannot be sent.")
	case !s.nonce.IsUint64():
		return nil, refuse(WrongNonce, "Invalid transaction nonce: %v is too large.", s.nonce)
	case declares:
		return s, checkClass(b.Class)
	}
	return s, nil
}

// noFee reports whether a transaction offers nothing, its tip left out.
func noFee(b *starknet.ResourceBounds) bool {
	none := func(r *starknet.ResourceBound) bool { return r.MaxAmount == 0 || r.MaxPrice.IsZero() }
	return none(&b.L1Gas) && none(&b.L2Gas) && none(b.L1DataGas)
}

// checkClass checks the class of a declaration.
func checkClass(c *class.Sierra) error {
	if c == nil {
		return refuse(Malformed, "A declaration needs a class of Sierra.")
	}
	v, ok := c.Version()
	switch {
	case !ok || olderThan(v, minSierra) || olderThan(maxSierra, v):
		return refuse(ClassUnsupported, "Classes of Sierra 1.1.0 to 1.9 can be declared.")
	case len(c.Program) > maxProgram:
		return refuse(ClassTooLarge, "The program has %d felts, the limit is %d.", len(c.Program), maxProgram)
	}
	for _, list := range [][]class.SierraEntryPoint{c.EntryPoints.External, c.EntryPoints.L1Handler, c.EntryPoints.Constructor} {
		ascending := slices.IsSortedFunc(list, func(a, b class.SierraEntryPoint) int {
			if a.Selector == b.Selector {
				return 1 // which is no order
			}
			return a.Selector.Cmp(&b.Selector)
		})
		if !ascending {
			return refuse(Malformed, "The entry points of each kind must ascend by selector.")
		}
	}
	return nil
}

func olderThan(a, b class.SierraVersion) bool {
	return slices.Compare([]uint64{a.Major, a.Minor, a.Patch}, []uint64{b.Major, b.Minor, b.Patch}) < 0
}
