package execution

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// names of resources as contracts see them.
var (
	nameL1Gas     = felt.MustShortString("L1_GAS")
	nameL2Gas     = felt.MustShortString("L2_GAS")
	nameL1DataGas = felt.MustShortString("L1_DATA")
)

// executionInfo answers with the address of what the contract is told of block, transaction and call; it is made once.
//
// Source: crates/blockifier/src/execution/syscalls/hint_processor.rs, allocate_execution_info_segment.
func (g handler1) executionInfo(*request) (serve, uint64) {
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		if g.made.info == nil {
			at, err := g.makeInfo()
			if err != nil {
				return nil, nil, err
			}
			g.made.info = &at
		}
		return []machine.Cell{g.made.info.Cell()}, nil, nil
	}, 0
}

func (g handler1) makeInfo() (at machine.Address, err error) {
	sequencer := g.env.Header.Sequencer
	if g.restricted {
		sequencer = felt.Felt{}
	}
	block, err := g.give([]machine.Cell{
		machine.UintCell(g.shownNumber()), machine.UintCell(g.shownTime()), machine.FeltCell(sequencer),
	})
	if err != nil {
		return at, err
	}
	tx, err := g.makeTxInfo()
	if err != nil {
		return at, err
	}
	return g.give([]machine.Cell{
		block.Cell(), tx.Cell(), machine.FeltCell(g.call.caller), machine.FeltCell(g.call.storage),
		machine.FeltCell(g.call.selector),
	})
}

// makeTxInfo makes what the contract is told of the transaction.
func (g handler1) makeTxInfo() (at machine.Address, err error) {
	i := g.scope.info
	signature, err := g.limits(i.signature)
	if err != nil {
		return at, err
	}
	tail, err := g.makeV3(i)
	if err != nil {
		return at, err
	}
	version, _ := i.shownVersion(g.rules, g.rules.Accounts.Version1Cairo1, g.class)
	cells := []machine.Cell{machine.FeltCell(version), machine.FeltCell(i.sender), machine.FeltCell(i.maxFee.Felt())}
	cells = append(cells, signature...)
	cells = append(cells, machine.FeltCell(i.hash), machine.FeltCell(felt.Felt(g.env.Chain)), machine.FeltCell(i.nonce))
	return g.give(append(cells, tail...))
}

// v3Cells is how many cells version 3 added to what contracts are told.
const v3Cells = 11

// makeV3 makes the cells of version 3; they are 0 in older ones.
func (g handler1) makeV3(i *txInfo) ([]machine.Cell, error) {
	if i.v3 == nil {
		return slices.Repeat([]machine.Cell{machine.UintCell(0)}, v3Cells), nil
	}
	bounds := g.bounds(i.v3)
	parts := make([][]machine.Cell, 0, 4)
	for _, data := range [][]felt.Felt{bounds, i.v3.PaymasterData, i.deploymentData, i.proofFacts} {
		part, err := g.limits(data)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return slices.Concat(
		parts[0], []machine.Cell{machine.UintCell(i.v3.Tip)},
		parts[1], []machine.Cell{machine.UintCell(uint64(i.v3.NonceDA)), machine.UintCell(uint64(i.v3.FeeDA))},
		parts[2], parts[3],
	), nil
}

// bounds returns the bounds of the transaction as the class may see them.
func (g handler1) bounds(v3 *starknet.V3Fields) []felt.Felt {
	b := &v3.Bounds
	out := []felt.Felt{
		nameL1Gas, felt.FromUint64(b.L1Gas.MaxAmount), b.L1Gas.MaxPrice.Felt(),
		nameL2Gas, felt.FromUint64(b.L2Gas.MaxAmount), b.L2Gas.MaxPrice.Felt(),
	}
	if b.L1DataGas == nil || slices.Contains(g.rules.Accounts.DataGas, g.class) {
		return out
	}
	return append(out, nameL1DataGas, felt.FromUint64(b.L1DataGas.MaxAmount), b.L1DataGas.MaxPrice.Felt())
}
