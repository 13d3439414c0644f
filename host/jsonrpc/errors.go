package jsonrpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/chain"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

// Error is why a call failed, as clients see it.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Error implements [error].
func (e *Error) Error() string {
	if e.Data == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Data)
}

// The codes of JSON-RPC itself.
const (
	codeParse    = -32700
	codeRequest  = -32600
	codeNoMethod = -32601
	codeParams   = -32602
	codeInternal = -32603
)

func parseError(err error) *Error {
	return &Error{Code: codeParse, Message: "Parse error", Data: err.Error()}
}

func invalidRequest(format string, args ...any) *Error {
	return &Error{Code: codeRequest, Message: "Invalid Request", Data: fmt.Sprintf(format, args...)}
}

func invalidParams(format string, args ...any) *Error {
	return &Error{Code: codeParams, Message: "Invalid params", Data: fmt.Sprintf(format, args...)}
}

// The errors of the specification.
var (
	errContractNotFound   = Error{Code: 20, Message: "Contract not found"}
	errEntryPointNotFound = Error{Code: 21, Message: "Requested entry point does not exist in the contract"}
	errBlockNotFound      = Error{Code: 24, Message: "Block not found"}
	errIndex              = Error{Code: 27, Message: "Invalid transaction index in a block"}
	errClassNotFound      = Error{Code: 28, Message: "Class hash not found"}
	errTxNotFound         = Error{Code: 29, Message: "Transaction hash not found"}
	errPageTooBig         = Error{Code: 31, Message: "Requested page size is too big"}
	errToken              = Error{Code: 33, Message: "The supplied continuation token is invalid or unknown"}
	errTooManyKeys        = Error{Code: 34, Message: "Too many keys provided in a filter"}
	errNoBlocks           = Error{Code: 32, Message: "There are no blocks"}
	errNoTrace            = Error{Code: 10, Message: "No trace available for transaction"}
	errExecution          = Error{Code: 41, Message: "Transaction execution error"}
	errContract           = Error{Code: 40, Message: "Contract error"}
)

// refusals are what a refused transaction is answered with.
var refusals = map[mempool.Reason]Error{
	mempool.Duplicate:        {Code: 59, Message: "A transaction with the same hash already exists in the mempool"},
	mempool.WrongNonce:       {Code: 52, Message: "Invalid transaction nonce"},
	mempool.Underpriced:      {Code: 64, Message: "Replacement transaction is underpriced"},
	mempool.FeeTooLow:        {Code: 65, Message: "Transaction fee below minimum"},
	mempool.Unaffordable:     {Code: 54, Message: "Account balance is smaller than the transaction's maximal fee (calculated as the sum of each resource's limit x max price)"},
	mempool.BoundsTooLow:     {Code: 53, Message: "The transaction's resources don't cover validation or the minimal transaction fee"},
	mempool.Invalid:          {Code: 55, Message: "Account validation failed"},
	mempool.NoAccount:        {Code: 58, Message: "Sender address is not an account contract"},
	mempool.Declared:         {Code: 51, Message: "Class already declared"},
	mempool.Unsupported:      {Code: 61, Message: "the transaction version is not supported"},
	mempool.ClassTooLarge:    {Code: 57, Message: "Contract class size is too large"},
	mempool.ClassUnsupported: {Code: 62, Message: "the contract class version is not supported"},
	mempool.CompileFailed:    {Code: 56, Message: "Compilation failed"},
	mempool.CompiledMismatch: {Code: 60, Message: "the compiled class hash did not match the one supplied in the transaction"},
	mempool.BadProof:         {Code: 69, Message: "The proof field in the invoke v3 transaction is invalid"},
	mempool.NoClass:          errClassNotFound,
}

// unexpected is for refusals without a number of their own.
var unexpected = Error{Code: 63, Message: "An unexpected error occurred"}

// with returns e with data that says more.
func (e Error) with(data any) *Error {
	e.Data = data
	return &e
}

// toError returns what a client is told of an error. What is nobody's fault but the node's goes into the log.
func (s *Server) toError(ctx context.Context, method string, err error) *Error {
	var own *Error
	var no *mempool.Refusal
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &no):
		e, ok := refusals[no.Reason]
		if !ok {
			e = unexpected
		}
		return e.with(no.Text)
	case errors.Is(err, chain.ErrNoBlock):
		return &errBlockNotFound
	case errors.Is(err, chain.ErrNoTransaction):
		return &errTxNotFound
	case errors.Is(err, chain.ErrNoTrace):
		return errNoTrace.with(map[string]any{"status": "RECEIVED"})
	case errors.Is(err, framework.ErrNoClass):
		return &errClassNotFound
	}
	if ctx.Err() == nil {
		s.log.Error("request failed", "method", method, "error", err)
	}
	return &Error{Code: codeInternal, Message: "Internal error"}
}
