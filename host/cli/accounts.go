package cli

import (
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// printAccounts prints what a chain of its own begins with, to who wants to send transactions to it.
func printAccounts(w io.Writer, src source) {
	chain, ok := src.(*genesis.Workload)
	if !ok {
		return
	}
	n, spare := len(chain.Accounts()), chain.Spare()
	fmt.Fprintf(w, "chain %v: accounts begin with %s units of STRK and ETH each; %d send transactions by themselves, and these are yours:\n",
		genesis.Chain, genesis.Funds.Decimal(), n)
	for i := range spare {
		a := &spare[i]
		fmt.Fprintf(w, "account %-2d %v  private key %v\n", i, a.Address, a.Key)
	}
	fmt.Fprintf(w, "STRK %v\nETH  %v\ndeployer %v and %v\n",
		starknet.PublicFeeTokens.STRK, starknet.PublicFeeTokens.ETH, genesis.Deployer, genesis.FirstDeployer)
}
