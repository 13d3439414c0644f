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

// contracts are the classes of a new chain.
type contracts struct{ account, token framework.Class }

// loadContracts parses the classes, once.
var loadContracts = sync.OnceValues(func() (c contracts, err error) {
	if c.account, err = parse(accountFile); err != nil {
		return c, fmt.Errorf("genesis: account: %w", err)
	}
	if c.token, err = parse(tokenFile); err != nil {
		return c, fmt.Errorf("genesis: token: %w", err)
	}
	return c, nil
})

func parse(text []byte) (framework.Class, error) {
	k, err := class.ParseCairo0(text)
	if err != nil {
		return framework.Class{}, err
	}
	return framework.Class{Hash: framework.Word(k.Hash()), Body: class.Append(nil, k)}, nil
}

// hash returns the hash of a class as a felt.
func hash(c *framework.Class) felt.Felt { return felt.Felt(c.Hash) }
