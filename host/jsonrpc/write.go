package jsonrpc

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// add puts the transaction that a call carries into the mempool, and answers with more than its hash if more says so.
func (s *Server) add(ctx context.Context, a *arguments, name string, kind starknet.Kind, more func(starknet.Transaction, map[string]felt.Felt)) ([]byte, error) {
	b, err := openrpc.ParseBroadcast(a.raw(name))
	if err != nil {
		return nil, invalidParams("%s: %v", name, err)
	}
	if b.Transaction.Kind() != kind {
		return nil, invalidParams("%s: type is %v, want %v", name, b.Transaction.Kind(), kind)
	}
	hash, err := s.admission.Add(ctx, b)
	if err != nil {
		return nil, err
	}
	result := map[string]felt.Felt{"transaction_hash": hash}
	if more != nil {
		more(b.Transaction, result)
	}
	return marshal(result)
}

func (s *Server) addInvoke(ctx context.Context, a *arguments) ([]byte, error) {
	return s.add(ctx, a, "invoke_transaction", starknet.KindInvoke, nil)
}

func (s *Server) addDeclare(ctx context.Context, a *arguments) ([]byte, error) {
	return s.add(ctx, a, "declare_transaction", starknet.KindDeclare, func(t starknet.Transaction, result map[string]felt.Felt) {
		if d, ok := t.(*starknet.Declare); ok {
			result["class_hash"] = d.ClassHash
		}
	})
}

func (s *Server) addDeployAccount(ctx context.Context, a *arguments) ([]byte, error) {
	return s.add(ctx, a, "deploy_account_transaction", starknet.KindDeployAccount, func(t starknet.Transaction, result map[string]felt.Felt) {
		if d, ok := t.(*starknet.DeployAccount); ok {
			result["contract_address"] = d.Address()
		}
	})
}
