package cli

import (
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// shownAccounts is how many accounts are printed: enough to play with.
const shownAccounts = 10

// printAccounts prints what a chain of its own begins with, to who wants to send transactions to it.
func printAccounts(w io.Writer, src source) {
	chain, ok := src.(*genesis.Workload)
	if !ok {
		return
	}
	accounts := chain.Accounts()
	fmt.Fprintf(w, "chain %v: %d accounts, which begin with %s units of STRK and ETH each\n", genesis.Chain, len(accounts), genesis.Funds.Decimal())
	for i := range min(shownAccounts, len(accounts)) {
		a := &accounts[i]
		fmt.Fprintf(w, "account %-2d %v  private key %v\n", i, a.Address, a.Key)
	}
	fmt.Fprintf(w, "STRK %v\nETH  %v\ndeployer %v and %v\n",
		starknet.PublicFeeTokens.STRK, starknet.PublicFeeTokens.ETH, genesis.Deployer, genesis.FirstDeployer)
}
