package jsonrpc

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/chain"
)

// The flags of simulations.
const (
	skipValidate = "SKIP_VALIDATE"
	skipFee      = "SKIP_FEE_CHARGE"
)

// maxSimulated is how many transactions are simulated at once at most.
const maxSimulated = 100

// simulate tries the transactions that a call carries.
func (s *Server) simulate(ctx context.Context, a *arguments, name string, mode framework.Mode) (*starknet.Header, []chain.Trial, error) {
	list, err := openrpc.ParseBroadcasts(a.raw(name))
	switch {
	case err != nil:
		a.fail(name, "%v", err)
	case len(list) > maxSimulated:
		a.fail(name, "%d transactions, want at most %d", len(list), maxSimulated)
	}
	if a.err != nil {
		return nil, nil, a.err
	}
	r, err := a.block(s.chain)
	if err != nil {
		return nil, nil, err
	}
	inputs := make([]*starknet.Input, len(list))
	for i, b := range list {
		if inputs[i], err = s.admission.Input(ctx, b); err != nil {
			return nil, nil, err
		}
	}
	h, trials, err := s.chain.Simulate(ctx, r, inputs, mode)
	if err != nil {
		return nil, nil, err
	}
	for i := range trials {
		if why := trials[i].Refused; why != "" {
			return nil, nil, failedAt(i, why)
		}
	}
	return h, trials, nil
}

// failedAt says which of several transactions failed, and why.
func failedAt(i int, why string) *Error {
	return errExecution.with(map[string]any{"transaction_index": i, "execution_error": why})
}

// mode returns the mode that flags ask for.
func mode(flags []string) (m framework.Mode) {
	if slices.Contains(flags, skipValidate) {
		m |= framework.SkipValidate
	}
	if slices.Contains(flags, skipFee) {
		m |= framework.SkipFee
	}
	return m
}

func (s *Server) estimateFee(ctx context.Context, a *arguments) ([]byte, error) {
	h, trials, err := s.simulate(ctx, a, "request", mode(a.flags("simulation_flags", skipValidate))|framework.SkipFee)
	if err != nil {
		return nil, err
	}
	for i := range trials {
		if r := trials[i].Receipt; r.Reverted {
			return nil, failedAt(i, r.RevertReason)
		}
	}
	return list(trials, func(dst []byte, t *chain.Trial) []byte { return estimate(dst, t, h) }), nil
}

func (s *Server) simulateTransactions(ctx context.Context, a *arguments) ([]byte, error) {
	h, trials, err := s.simulate(ctx, a, "transactions", mode(a.flags("simulation_flags", skipValidate, skipFee)))
	if err != nil {
		return nil, err
	}
	return list(trials, func(dst []byte, t *chain.Trial) []byte {
		dst = openrpc.AppendTrace(append(dst, `{"transaction_trace":`...), t.Transaction.Kind(), t.Receipt)
		return append(estimate(append(dst, `,"fee_estimation":`...), t, h), '}')
	}), nil
}

func (s *Server) traceTransaction(ctx context.Context, a *arguments) ([]byte, error) {
	hash := a.felt("transaction_hash")
	if a.err != nil {
		return nil, a.err
	}
	t, err := s.chain.TraceOf(ctx, hash)
	if err != nil {
		return nil, err
	}
	return openrpc.AppendTrace(nil, t.Transaction.Kind(), t.Receipt), nil
}

func (s *Server) traceBlock(ctx context.Context, a *arguments) ([]byte, error) {
	a.flags("trace_flags")
	r, err := a.block(s.chain)
	if err == nil {
		err = a.err
	}
	if err != nil {
		return nil, err
	}
	if r.PreConfirmed {
		return nil, invalidParams("block_id: the block that is being made cannot be traced")
	}
	trials, err := s.chain.Trace(ctx, r)
	if err != nil {
		return nil, err
	}
	return list(trials, func(dst []byte, t *chain.Trial) []byte {
		dst = append(append(append(dst, `{"transaction_hash":"`...), t.Hash.Hex()...), `","trace_root":`...)
		return append(openrpc.AppendTrace(dst, t.Transaction.Kind(), t.Receipt), '}')
	}), nil
}

// estimate appends what a transaction has taken and what that costs.
func estimate(dst []byte, t *chain.Trial, h *starknet.Header) []byte {
	gas := t.Receipt.Resources.Gas
	if gas == nil {
		gas = new(starknet.Gas)
	}
	return openrpc.AppendFeeEstimate(dst, gas, h)
}

// list appends a list in which each trial has an element.
func list(trials []chain.Trial, element func(dst []byte, t *chain.Trial) []byte) []byte {
	dst := []byte{'['}
	for i := range trials {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(dst, &trials[i])
	}
	return append(dst, ']')
}
