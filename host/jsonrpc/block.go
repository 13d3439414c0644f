package jsonrpc

import (
	"context"
	"errors"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/chain"
)

func (s *Server) specVersion(context.Context, *arguments) ([]byte, error) {
	return marshal(SpecVersion)
}

func (s *Server) chainID(context.Context, *arguments) ([]byte, error) {
	return marshal(felt.Felt(s.chain.ID()))
}

// syncing answers false: what makes the blocks has them all.
func (s *Server) syncing(context.Context, *arguments) ([]byte, error) { return marshal(false) }

// latest returns the header of the last block.
func (s *Server) latest() (*starknet.Header, error) {
	r, err := s.chain.Latest()
	if errors.Is(err, chain.ErrNoBlock) {
		return nil, &errNoBlocks
	}
	if err != nil {
		return nil, err
	}
	return s.chain.Header(r)
}

func (s *Server) blockNumber(context.Context, *arguments) ([]byte, error) {
	h, err := s.latest()
	if err != nil {
		return nil, err
	}
	return marshal(h.Number)
}

func (s *Server) blockHashAndNumber(context.Context, *arguments) ([]byte, error) {
	h, err := s.latest()
	if err != nil {
		return nil, err
	}
	return marshal(map[string]any{"block_hash": h.Hash, "block_number": h.Number})
}

// block returns the block that a call names, with all that is in it.
func (s *Server) block(a *arguments) (*openrpc.Block, error) {
	r, err := a.block(s.chain)
	if err == nil {
		err = a.err
	}
	if err != nil {
		return nil, err
	}
	return s.chain.Block(r)
}

// proofFacts is the flag of methods that show transactions. They show proof facts anyway.
const proofFacts = "INCLUDE_PROOF_FACTS"

func (s *Server) blockWithTxHashes(_ context.Context, a *arguments) ([]byte, error) {
	b, err := s.block(a)
	if err != nil {
		return nil, err
	}
	return openrpc.AppendBlockWithTxHashes(nil, b), nil
}

func (s *Server) blockWithTxs(_ context.Context, a *arguments) ([]byte, error) {
	a.flags("response_flags", proofFacts)
	b, err := s.block(a)
	if err != nil {
		return nil, err
	}
	return openrpc.AppendBlockWithTxs(nil, b), nil
}

func (s *Server) blockWithReceipts(_ context.Context, a *arguments) ([]byte, error) {
	a.flags("response_flags", proofFacts)
	b, err := s.block(a)
	if err != nil {
		return nil, err
	}
	return openrpc.AppendBlockWithReceipts(nil, b), nil
}

func (s *Server) transactionCount(_ context.Context, a *arguments) ([]byte, error) {
	r, err := a.block(s.chain)
	if err != nil {
		return nil, err
	}
	if r.PreConfirmed {
		b, err := s.chain.Block(r)
		if err != nil {
			return nil, err
		}
		return marshal(len(b.Transactions))
	}
	h, err := s.chain.Header(r)
	if err != nil {
		return nil, err
	}
	return marshal(h.TransactionCount)
}

func (s *Server) stateUpdate(ctx context.Context, a *arguments) ([]byte, error) {
	r, err := a.block(s.chain)
	if err != nil {
		return nil, err
	}
	var only []felt.Felt
	if a.read("contract_addresses", &only); a.err != nil {
		return nil, a.err
	}
	u, err := s.chain.Update(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(only) > 0 {
		restrict(&u.Diff, only)
	}
	if r.PreConfirmed {
		return openrpc.AppendPreConfirmedUpdate(nil, u), nil
	}
	return openrpc.AppendStateUpdate(nil, u), nil
}

// restrict leaves in a diff of contracts only those that are asked for; classes stay.
func restrict(d *starknet.StateDiff, contracts []felt.Felt) {
	other := func(c felt.Felt) bool { return !slices.Contains(contracts, c) }
	d.Storage = slices.DeleteFunc(d.Storage, func(c starknet.ContractStorage) bool { return other(c.Contract) })
	d.Nonces = slices.DeleteFunc(d.Nonces, func(c starknet.ContractNonce) bool { return other(c.Contract) })
	d.Deployed = slices.DeleteFunc(d.Deployed, func(c starknet.ContractClass) bool { return other(c.Contract) })
	d.Replaced = slices.DeleteFunc(d.Replaced, func(c starknet.ContractClass) bool { return other(c.Contract) })
}
