// Package txjson is what the two JSON forms of transactions have in common: the feeder gateway's and that of the
// JSON-RPC specification. A [Dialect] says where they differ.
package txjson

// Dialect is one of the forms.
type Dialect struct {
	// Feeder is true for the feeder gateway, which shows addresses of deployed contracts, and in which old
	// transactions lack some fields.
	Feeder bool
	// Invoke is the type of an invoke transaction.
	Invoke string
	// Bounds are the names of the bounds of L1 gas, L2 gas and L1 data gas.
	Bounds [3]string
	// DAModes are the texts of the two data availability modes.
	DAModes [2]string
}

// Gateway is the form of the feeder gateway.
var Gateway = &Dialect{
	Feeder:  true,
	Invoke:  "INVOKE_FUNCTION",
	Bounds:  [3]string{"L1_GAS", "L2_GAS", "L1_DATA_GAS"},
	DAModes: [2]string{"0", "1"},
}

// RPC is the form of the JSON-RPC specification.
var RPC = &Dialect{
	Invoke:  "INVOKE",
	Bounds:  [3]string{"l1_gas", "l2_gas", "l1_data_gas"},
	DAModes: [2]string{`"L1"`, `"L2"`},
}
