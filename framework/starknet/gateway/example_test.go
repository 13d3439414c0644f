package gateway_test

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
)

// A recorded transaction is parsed, hashed and encoded.
func Example() {
	tx, want, err := gateway.ParseTransaction([]byte(`{
		"transaction_hash": "0x656e113cb27707d2147c271a79c51d1069b0273ae447b965e15154a17b3ec01",
		"version": "0x0",
		"max_fee": "0x0",
		"signature": [],
		"nonce": "0x0",
		"class_hash": "0x5c478ee27f2112411f86f207605b2e2c58cdb647bac0df27f660ef2252359c6",
		"sender_address": "0x1",
		"type": "DECLARE"
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tx.Kind(), tx.Hash(starknet.Sepolia) == want)
	fmt.Println(len(starknet.AppendTransaction(nil, tx)), "bytes encoded")

	_, _, err = gateway.ParseTransaction([]byte(`{"type": "L1_HANDLER", "contract_address": "0x1", "calldata": ["0x2", 3]}`))
	fmt.Println(err)
	// Output:
	// DECLARE true
	// 41 bytes encoded
	// calldata[1]: want a string, have a number (malformed JSON at byte 70)
}
