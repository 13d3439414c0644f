package genesis

import (
	_ "embed"
	"fmt"
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

// contracts are the classes of a new chain.
type contracts struct{ account, token, deployer, exchange, nft framework.Class }

// loadContracts parses the classes, once.
var loadContracts = sync.OnceValues(func() (*contracts, error) {
	c := &contracts{}
	for _, f := range []struct {
		name string
		text []byte
		into *framework.Class
	}{
		{"account", accountFile, &c.account}, {"token", tokenFile, &c.token}, {"deployer", deployerFile, &c.deployer},
		{"exchange", exchangeFile, &c.exchange}, {"nft", nftFile, &c.nft},
	} {
		k, err := class.ParseCairo0(f.text)
		if err != nil {
			return nil, fmt.Errorf("genesis: %s: %w", f.name, err)
		}
		*f.into = framework.Class{Hash: framework.Word(k.Hash()), Body: class.Append(nil, k)}
	}
	return c, nil
})

// all returns the classes.
func (c *contracts) all() []framework.Class {
	return []framework.Class{c.account, c.token, c.deployer, c.exchange, c.nft}
}

// hash returns the hash of a class as a felt.
func hash(c *framework.Class) felt.Felt { return felt.Felt(c.Hash) }
