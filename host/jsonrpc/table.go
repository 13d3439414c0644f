package jsonrpc

import "encoding/json"

// table returns the methods by name.
func (s *Server) table() map[string]method {
	block := param{name: "block_id"}
	needs := func(names ...string) (params []param) {
		for _, n := range names {
			params = append(params, param{name: n})
		}
		return params
	}
	may := func(params []param, names ...string) []param {
		for _, n := range names {
			params = append(params, param{name: n, optional: true})
		}
		return params
	}
	at := func(names ...string) []param { return append([]param{block}, needs(names...)...) }
	return map[string]method{
		"starknet_specVersion":                     {nil, s.specVersion},
		"starknet_chainId":                         {nil, s.chainID},
		"starknet_blockNumber":                     {nil, s.blockNumber},
		"starknet_blockHashAndNumber":              {nil, s.blockHashAndNumber},
		"starknet_syncing":                         {nil, s.syncing},
		"starknet_getBlockWithTxHashes":            {at(), s.blockWithTxHashes},
		"starknet_getBlockWithTxs":                 {may(at(), "response_flags"), s.blockWithTxs},
		"starknet_getBlockWithReceipts":            {may(at(), "response_flags"), s.blockWithReceipts},
		"starknet_getBlockTransactionCount":        {at(), s.transactionCount},
		"starknet_getStateUpdate":                  {may(at(), "contract_addresses"), s.stateUpdate},
		"starknet_getTransactionStatus":            {needs("transaction_hash"), s.transactionStatus},
		"starknet_getTransactionByHash":            {may(needs("transaction_hash"), "response_flags"), s.transactionByHash},
		"starknet_getTransactionByBlockIdAndIndex": {may(at("index"), "response_flags"), s.transactionByIndex},
		"starknet_getTransactionReceipt":           {needs("transaction_hash"), s.transactionReceipt},
		"starknet_getNonce":                        {at("contract_address"), s.nonce},
		"starknet_getClassHashAt":                  {at("contract_address"), s.classHashAt},
		"starknet_getStorageAt":                    {may(append(needs("contract_address", "key"), block), "response_flags"), s.storageAt},
		"starknet_getClass":                        {at("class_hash"), s.class},
		"starknet_getClassAt":                      {at("contract_address"), s.classAt},
		"starknet_call":                            {append(needs("request"), block), s.callContract},
		"starknet_getEvents":                       {needs("filter"), s.events},
		"starknet_estimateFee":                     {append(needs("request", "simulation_flags"), block), s.estimateFee},
		"starknet_simulateTransactions":            {at("transactions", "simulation_flags"), s.simulateTransactions},
		"starknet_traceTransaction":                {needs("transaction_hash"), s.traceTransaction},
		"starknet_traceBlockTransactions":          {may(at(), "trace_flags"), s.traceBlock},
		"starknet_addInvokeTransaction":            {needs("invoke_transaction"), s.addInvoke},
		"starknet_addDeclareTransaction":           {needs("declare_transaction"), s.addDeclare},
		"starknet_addDeployAccountTransaction":     {needs("deploy_account_transaction"), s.addDeployAccount},
	}
}

// marshal returns a value as JSON, which it can be.
func marshal(v any) ([]byte, error) { return json.Marshal(v) }
