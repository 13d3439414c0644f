package jsonrpc

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/chain"
)

// transaction returns the transaction that a call names.
func (s *Server) transaction(a *arguments) (*chain.Transaction, error) {
	hash := a.felt("transaction_hash")
	if a.err != nil {
		return nil, a.err
	}
	return s.chain.Transaction(hash)
}

func (s *Server) transactionStatus(_ context.Context, a *arguments) ([]byte, error) {
	t, err := s.transaction(a)
	if err != nil {
		return nil, err
	}
	status := struct {
		Finality  chain.Status `json:"finality_status"`
		Execution string       `json:"execution_status,omitempty"`
		Reason    string       `json:"failure_reason,omitempty"`
	}{Finality: t.Status}
	switch {
	case t.Receipt == nil:
	case t.Receipt.Reverted:
		status.Execution, status.Reason = "REVERTED", t.Receipt.RevertReason
	default:
		status.Execution = "SUCCEEDED"
	}
	return marshal(status)
}

func (s *Server) transactionByHash(_ context.Context, a *arguments) ([]byte, error) {
	a.flags("response_flags", proofFacts)
	hash := a.felt("transaction_hash")
	t, err := s.transaction(a)
	if err != nil {
		return nil, err
	}
	return openrpc.AppendTransaction(nil, t.Transaction, hash), nil
}

func (s *Server) transactionByIndex(_ context.Context, a *arguments) ([]byte, error) {
	a.flags("response_flags", proofFacts)
	i := a.index("index")
	b, err := s.block(a)
	if err != nil {
		return nil, err
	}
	if i >= len(b.Transactions) {
		return nil, &errIndex
	}
	return openrpc.AppendTransaction(nil, b.Transactions[i], b.Receipts[i].TransactionHash), nil
}

func (s *Server) transactionReceipt(_ context.Context, a *arguments) ([]byte, error) {
	t, err := s.transaction(a)
	if err != nil {
		return nil, err
	}
	if t.Receipt == nil { // there is none before it is executed
		return nil, &errTxNotFound
	}
	finality := openrpc.PreConfirmed
	if t.Status == chain.AcceptedOnL2 {
		finality = openrpc.AcceptedOnL2
	}
	return openrpc.AppendReceipt(nil, openrpc.NewReceipt(t.Transaction, t.Receipt, finality, &t.Block)), nil
}
