// Command store-trie is the store that commits to Starknet's state with Patricia tries, as a plugin in a process of
// its own.
package main

import (
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

func main() { serve.Main(trie.Factory()) }
