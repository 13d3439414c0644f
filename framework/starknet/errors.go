package starknet

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// These errors can occur when a noun is parsed or decoded, here and in the packages below.
var (
	// ErrJSON is wrapped by all errors of the JSON parsers. Their text says where:
	// "transactions[3].sender_address: ...".
	ErrJSON = strictjson.ErrMalformed
	// ErrEncoding is wrapped by all errors of binary decoding.
	ErrEncoding = wire.ErrMalformed
)

// These errors can occur when a noun is looked at.
var (
	// ErrVersion says that a text is not a protocol version.
	ErrVersion = errors.New("starknet: not a protocol version")
	// ErrCell says that a key or a value of the state is none that Starknet has.
	ErrCell = errors.New("starknet: not a cell of the state")
	// ErrCount says that a block has not one receipt for each transaction.
	ErrCount = errors.New("starknet: transactions and receipts do not match")
	// ErrHash says that a hash is not that of what it stands for.
	ErrHash = errors.New("starknet: wrong hash")
	// ErrUnordered says that a list of a state diff is not sorted or names a thing twice.
	ErrUnordered = errors.New("starknet: state diff not in order")
)
