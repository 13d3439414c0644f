package starknet

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// Environment is what a VM that executes Starknet's transactions has to know of a block: the header bytes of a
// [framework.Block].
type Environment struct {
	Chain ChainID
	// FeeTokens are the contracts that fees are paid in.
	FeeTokens FeeTokens
	// Header is the block's as far as it is known before it is closed.
	Header Header
}

// FeeTokens are the token contracts of a chain: fees of transactions of version 3 are paid in STRK, others in ETH.
type FeeTokens struct{ ETH, STRK felt.Felt }

// PublicFeeTokens are the fee tokens of the public networks.
var PublicFeeTokens = FeeTokens{
	ETH:  felt.MustParse("0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7"),
	STRK: felt.MustParse("0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d"),
}

// Input is a transaction with all that executing it takes: the body of a [framework.Tx].
type Input struct {
	Transaction Transaction
	// Class is the body of the class that a [Declare] declares, as package class encodes it.
	Class []byte
	// PaidFee is what was paid on L1 for an [L1Handler]. Recorded blocks do not say it; any number above 0 will do.
	PaidFee Uint128
}

// AppendEnvironment appends the encoding of e.
func AppendEnvironment(dst []byte, e *Environment) []byte {
	dst = wire.AppendFelt(append(dst, encodingV1), felt.Felt(e.Chain))
	dst = wire.AppendFelt(wire.AppendFelt(dst, e.FeeTokens.ETH), e.FeeTokens.STRK)
	return e.Header.append(dst)
}

// DecodeEnvironment decodes what AppendEnvironment made. All errors wrap ErrEncoding.
func DecodeEnvironment(data []byte) (*Environment, error) {
	r := wire.NewReader(data, "environment")
	r.Version(encodingV1)
	e := &Environment{Chain: ChainID(r.Felt()), FeeTokens: FeeTokens{ETH: r.Felt(), STRK: r.Felt()}}
	e.Header.read(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return e, nil
}

// AppendInput appends the encoding of in.
func AppendInput(dst []byte, in *Input) []byte {
	dst = append(dst, encodingV1, byte(in.Transaction.Kind()))
	dst = in.Transaction.appendBody(dst)
	return appendUint128(wire.AppendBytes(dst, in.Class), in.PaidFee)
}

// DecodeInput decodes what AppendInput made. Class shares the memory of data. All errors wrap ErrEncoding.
func DecodeInput(data []byte) (*Input, error) {
	r := wire.NewReader(data, "transaction with its class")
	r.Version(encodingV1)
	in := &Input{Transaction: readTransaction(r), Class: r.Bytes()}
	in.PaidFee = readUint128(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return in, nil
}

// ToTx returns in as the transaction of that hash.
func (in *Input) ToTx(hash felt.Felt) framework.Tx {
	return framework.Tx{ID: framework.Word(hash), Body: AppendInput(nil, in)}
}
