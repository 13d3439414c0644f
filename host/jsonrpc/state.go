package jsonrpc

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/chain"
)

// cell returns a cell of a contract, and the contract's class, which must not be 0, in the block that a call names.
func (s *Server) cell(ctx context.Context, a *arguments, key func(contract felt.Felt) framework.Key) (chain.Ref, felt.Felt, error) {
	contract := a.felt("contract_address")
	r, err := a.block(s.chain)
	if err == nil {
		err = a.err
	}
	if err != nil {
		return r, felt.Felt{}, err
	}
	var out [2]framework.Word
	if err := s.chain.Cells(ctx, r, []framework.Key{starknet.ClassHashKey(contract), key(contract)}, out[:]); err != nil {
		return r, felt.Felt{}, err
	}
	if out[0] == (framework.Word{}) && contract != felt.One && contract != felt.FromUint64(2) { // these two have no code
		return r, felt.Felt{}, &errContractNotFound
	}
	return r, felt.Felt(out[1]), nil
}

func (s *Server) nonce(ctx context.Context, a *arguments) ([]byte, error) {
	_, v, err := s.cell(ctx, a, starknet.NonceKey)
	if err != nil {
		return nil, err
	}
	return marshal(v)
}

func (s *Server) classHashAt(ctx context.Context, a *arguments) ([]byte, error) {
	_, v, err := s.cell(ctx, a, starknet.ClassHashKey)
	if err != nil {
		return nil, err
	}
	return marshal(v)
}

func (s *Server) storageAt(ctx context.Context, a *arguments) ([]byte, error) {
	slot := a.felt("key")
	if len(a.flags("response_flags", "INCLUDE_LAST_UPDATE_BLOCK")) > 0 {
		a.fail("response_flags", "INCLUDE_LAST_UPDATE_BLOCK is not supported")
	}
	_, v, err := s.cell(ctx, a, func(c felt.Felt) framework.Key { return starknet.StorageKey(c, slot) })
	if err != nil {
		return nil, err
	}
	return marshal(v)
}

func (s *Server) class(ctx context.Context, a *arguments) ([]byte, error) {
	hash := a.felt("class_hash")
	r, err := a.block(s.chain)
	if err == nil {
		err = a.err
	}
	if err != nil {
		return nil, err
	}
	return s.classOf(ctx, r, hash)
}

func (s *Server) classAt(ctx context.Context, a *arguments) ([]byte, error) {
	r, hash, err := s.cell(ctx, a, starknet.ClassHashKey)
	if err != nil {
		return nil, err
	}
	return s.classOf(ctx, r, hash)
}

// classOf returns a class as it was declared.
func (s *Server) classOf(ctx context.Context, r chain.Ref, hash felt.Felt) ([]byte, error) {
	k, err := s.chain.Class(ctx, r, hash)
	if err != nil {
		return nil, err
	}
	if both, ok := k.(*class.Compiled); ok {
		k = both.Sierra
	}
	return openrpc.AppendClass(nil, k)
}

func (s *Server) callContract(ctx context.Context, a *arguments) ([]byte, error) {
	var q struct {
		Contract *felt.Felt  `json:"contract_address"`
		Selector *felt.Felt  `json:"entry_point_selector"`
		Calldata []felt.Felt `json:"calldata"`
	}
	a.read("request", &q)
	if q.Contract == nil || q.Selector == nil || q.Calldata == nil {
		a.fail("request", "want contract_address, entry_point_selector and calldata")
	}
	if a.err != nil {
		return nil, a.err
	}
	r, err := a.block(s.chain)
	if err != nil {
		return nil, err
	}
	c, err := s.chain.Call(ctx, r, *q.Contract, *q.Selector, q.Calldata)
	switch {
	case err != nil:
		return nil, err
	case c.NoContract:
		return nil, &errContractNotFound
	case c.NoEntry:
		return nil, &errEntryPointNotFound
	case c.Reason != "":
		return nil, errContract.with(map[string]any{"revert_error": c.Reason})
	}
	return marshal(append([]felt.Felt{}, c.Result...)) // an empty list, not null
}
