package starknet

import "github.com/switchyard-dev/switchyard/framework/felt"

// ChainID names a network inside of hashes: its name as a short string.
type ChainID felt.Felt

// The public networks.
var (
	Mainnet            = ChainID(felt.MustShortString("SN_MAIN"))
	Sepolia            = ChainID(felt.MustShortString("SN_SEPOLIA"))
	SepoliaIntegration = ChainID(felt.MustShortString("SN_INTEGRATION_SEPOLIA"))
	Goerli             = ChainID(felt.MustShortString("SN_GOERLI"))
	Goerli2            = ChainID(felt.MustShortString("SN_GOERLI2"))
)

// ParseChainID returns the chain of that name, at most 31 ASCII characters.
func ParseChainID(name string) (ChainID, error) {
	var z felt.Felt
	err := z.SetShortString(name)
	return ChainID(z), err
}

// String returns the name of the chain, or a number if it is none that can be shown.
func (c ChainID) String() string {
	z := felt.Felt(c)
	if s, ok := z.ShortString(); ok {
		return s
	}
	return z.Hex()
}
