package genesis

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

//go:embed contracts/account.json
var accountFile []byte

//go:embed contracts/token.json
var tokenFile []byte

//go:embed contracts/deployer.json
var deployerFile []byte

//go:embed contracts/exchange.json
var exchangeFile []byte

//go:embed contracts/nft.json
var nftFile []byte

//go:embed contracts/bridge.json
var bridgeFile []byte

//go:embed contracts/counter.sierra.json
var counterFile []byte

//go:embed contracts/counter.casm.json
var counterCode []byte

// contracts are the classes of a new chain, and the counter, which its accounts declare.
type contracts struct {
	account, token, deployer, exchange, nft, bridge framework.Class

	counter     class.Compiled
	counterHash felt.Felt // of its code
}

// loadContracts parses the classes, once.
var loadContracts = sync.OnceValues(func() (*contracts, error) {
	c := &contracts{}
	for _, f := range []struct {
		name string
		text []byte
		into *framework.Class
	}{
		{"account", accountFile, &c.account}, {"token", tokenFile, &c.token}, {"deployer", deployerFile, &c.deployer},
		{"exchange", exchangeFile, &c.exchange}, {"nft", nftFile, &c.nft}, {"bridge", bridgeFile, &c.bridge},
	} {
		k, err := class.ParseCairo0(f.text)
		if err != nil {
			return nil, fmt.Errorf("genesis: %s: %w", f.name, err)
		}
		*f.into = framework.Class{Hash: framework.Word(k.Hash()), Body: class.Append(nil, k)}
	}
	var err error
	if c.counter.Sierra, err = class.ParseSierra(counterFile); err == nil {
		c.counter.Casm, err = class.ParseCasm(counterCode)
	}
	if err != nil {
		return nil, fmt.Errorf("genesis: counter: %w", err)
	}
	c.counterHash = c.counter.Casm.HashV2()
	return c, nil
})

// all returns the classes that the chain begins with.
func (c *contracts) all() []framework.Class {
	return []framework.Class{c.account, c.token, c.deployer, c.exchange, c.nft, c.bridge}
}

// edition returns the counter as a class that no other edition is: its ABI names the edition, which changes the hash of the class
// and nothing of its code.
func (c *contracts) edition(name string) *class.Compiled {
	sierra := *c.counter.Sierra
	sierra.ABI = strings.TrimSuffix(sierra.ABI, "]") + `,{"type":"struct","name":"` + name + `","members":[]}]`
	return &class.Compiled{Sierra: &sierra, Casm: c.counter.Casm}
}

// hash returns the hash of a class as a felt.
func hash(c *framework.Class) felt.Felt { return felt.Felt(c.Hash) }
