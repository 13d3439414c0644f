package mempool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/compile"
)

// Chain is what admission has to know of the chain. It is safe for concurrent use.
type Chain interface {
	// Read fills out with the values of cells after the last block.
	Read(ctx context.Context, keys []framework.Key, out []framework.Word) error
	// Next returns what the transactions of the next block will see of it.
	Next() (*starknet.Environment, error)
	// Included reports whether a block has a transaction.
	Included(hash felt.Felt) (bool, error)
	// Try returns what would come of a transaction after the last block, with a trace of its calls.
	Try(ctx context.Context, tx framework.Tx) (*framework.Final, error)
}

// Compiler compiles classes of Sierra.
type Compiler interface {
	// Compile returns the code of a class, whose hash is want. Its errors are those of package compile.
	Compile(ctx context.Context, sierra *class.Sierra, want felt.Felt) (*class.Casm, error)
}

// Admission decides which transactions may wait in a pool. It is safe for concurrent use.
type Admission struct {
	pool     *Pool
	chain    Chain
	compiler Compiler
	trying   chan struct{} // one element for each transaction that is being tried
}

// NewAdmission returns the admission to a pool. Without a compiler, nil, no class can be declared.
func NewAdmission(p *Pool, c Chain, compiler Compiler) *Admission {
	return &Admission{pool: p, chain: c, compiler: compiler, trying: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Add puts a transaction into the pool, or says in a [Refusal] why not. Any other error is none of the transaction. It returns
// the hash of the transaction, also if that is refused for the state.
//
// Source of the rules: starkware-libs/sequencer, crates/apollo_gateway.
func (a *Admission) Add(ctx context.Context, b *openrpc.Broadcast) (felt.Felt, error) {
	s, err := checkShape(b)
	if err != nil {
		return felt.Felt{}, err
	}
	env, err := a.chain.Next()
	if err != nil {
		return felt.Felt{}, err
	}
	hash := b.Transaction.Hash(env.Chain)
	nonce, err := a.checkState(ctx, b, s, env)
	if err != nil {
		return hash, err
	}
	in, err := a.Input(ctx, b)
	if err != nil {
		return hash, err
	}
	tx := in.ToTx(hash)
	if err := a.try(ctx, tx, b.Transaction, nonce); err != nil {
		return hash, err
	}
	return hash, a.pool.Add(newTx(tx, b.Transaction, s), nonce)
}

// Input returns a transaction with what it takes to execute it: the code of the class that it declares.
func (a *Admission) Input(ctx context.Context, b *openrpc.Broadcast) (*starknet.Input, error) {
	in := &starknet.Input{Transaction: b.Transaction}
	d, ok := b.Transaction.(*starknet.Declare)
	if !ok {
		return in, nil
	}
	var err error
	if b.Class == nil {
		return nil, refuse(Malformed, "A declaration needs a class of Sierra.")
	}
	in.Class, err = a.compile(ctx, b.Class, d)
	return in, err
}

// newTx returns a transaction as a pool knows it.
func newTx(tx framework.Tx, t starknet.Transaction, s *shape) *Tx {
	_, deploys := t.(*starknet.DeployAccount)
	return &Tx{Tx: tx, Sender: s.sender, Nonce: s.nonce[0], Tip: s.v3.Tip, Price: s.v3.Bounds.L2Gas.MaxPrice, Deploys: deploys}
}

// checkState checks a transaction against the state, and returns the nonce of its sender.
func (a *Admission) checkState(ctx context.Context, b *openrpc.Broadcast, s *shape, env *starknet.Environment) (uint64, error) {
	if price := env.Header.L2Gas.Fri; s.v3.Bounds.L2Gas.MaxPrice.Cmp(price) < 0 {
		return 0, refuse(FeeTooLow, "The most that is paid for L2 gas is %v, the price is %v.", s.v3.Bounds.L2Gas.MaxPrice, price)
	}
	keys := []framework.Key{starknet.NonceKey(s.sender), starknet.ClassHashKey(s.sender)}
	switch t := b.Transaction.(type) {
	case *starknet.Declare:
		keys = append(keys, starknet.DeclaredKey(t.ClassHash))
	case *starknet.DeployAccount:
		keys = append(keys, starknet.DeclaredKey(t.ClassHash))
	}
	cells := make([]framework.Word, len(keys))
	if err := a.chain.Read(ctx, keys, cells); err != nil {
		return 0, fmt.Errorf("state: %w", err)
	}
	nonce, deployed := cells[0][0], cells[1] != framework.Word{}
	wrong := refuse(WrongNonce, "Invalid transaction nonce of contract at address %v. Account nonce: %d; got: %v.", s.sender, nonce, s.nonce)
	switch b.Transaction.(type) {
	case *starknet.Declare:
		if cells[2] != (framework.Word{}) {
			return 0, refuse(Declared, "The class is declared already.")
		}
	case *starknet.DeployAccount:
		switch {
		case !s.nonce.IsZero() || nonce != 0:
			return 0, wrong
		case deployed:
			return 0, refuse(Invalid, "There is a contract at %v already.", s.sender)
		case cells[2] == framework.Word{}:
			return 0, refuse(NoClass, "The class of the account is not declared.")
		}
		return nonce, nil
	}
	if s.nonce[0] < nonce || s.nonce[0]-nonce > a.pool.limits.Gap {
		return 0, wrong
	}
	if !deployed && !(s.nonce.IsOne() && a.pool.Deploying(s.sender)) {
		return 0, refuse(NoAccount, "There is no contract at %v.", s.sender)
	}
	return nonce, nil
}

// compile returns the class of a declaration as its body has it.
func (a *Admission) compile(ctx context.Context, sierra *class.Sierra, d *starknet.Declare) ([]byte, error) {
	if a.compiler == nil {
		return nil, refuse(CompileFailed, "No class can be declared here.")
	}
	casm, err := a.compiler.Compile(ctx, sierra, d.CompiledClassHash)
	switch {
	case err == nil:
		return class.Append(nil, &class.Compiled{Sierra: sierra, Casm: casm}), nil
	case ctx.Err() != nil:
		return nil, err
	case errors.Is(err, compile.ErrMismatch):
		return nil, refuse(CompiledMismatch, "%v", err)
	case errors.Is(err, compile.ErrTooLarge):
		return nil, refuse(ClassTooLarge, "%v", err)
	}
	return nil, refuse(CompileFailed, "%v", err)
}

// try asks the account. One that is about to be deployed cannot be asked.
func (a *Admission) try(ctx context.Context, tx framework.Tx, t starknet.Transaction, nonce uint64) error {
	invoke, ok := t.(*starknet.Invoke)
	if ok && nonce == 0 && invoke.Nonce.IsOne() && a.pool.Deploying(invoke.Sender) {
		return nil
	}
	select {
	case a.trying <- struct{}{}:
		defer func() { <-a.trying }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx.Mode = trying(t, nonce)
	f, err := a.chain.Try(ctx, tx)
	switch {
	case err != nil:
		return fmt.Errorf("validate %v: %w", felt.Felt(tx.ID), err)
	case f.Fault != nil:
		return refuse(Internal, "The transaction cannot be executed: %s.", firstLine(f.Fault.Error()))
	}
	r, err := starknet.DecodeReceipt(f.Outcome.Receipt)
	if err != nil {
		return fmt.Errorf("validate %v: receipt: %w", felt.Felt(tx.ID), err)
	}
	if f.Outcome.Status != framework.Succeeded {
		return &Refusal{Reason: classify(r.RevertReason), Text: r.RevertReason}
	}
	if r.Trace != nil && r.Trace.Validate != nil && r.Trace.Validate.Failed { // contracts of Cairo 0 can fail without being invalid
		return refuse(NoAccount, "The entry point that validates is not found, or fails, in the contract of the sender.")
	}
	return nil
}

// trying returns how a transaction is tried when its sender has that nonce: a block leaves out deployments of accounts and
// declarations that fail in any part, so they are executed whole, unless others come before.
func trying(t starknet.Transaction, nonce uint64) framework.Mode {
	switch t := t.(type) {
	case *starknet.DeployAccount:
		return framework.Execute
	case *starknet.Declare:
		if t.Nonce == felt.FromUint64(nonce) {
			return framework.Execute
		}
	}
	return framework.Validate
}

// firstLine returns a text without the stack of a panic.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// classify returns the reason that a VM's text gives: clients tell them apart by number.
func classify(text string) Reason {
	for _, c := range []struct {
		part string
		why  Reason
	}{
		{"Invalid transaction nonce", WrongNonce},
		{"exceed balance", Unaffordable},
		{"is lower than the minimal gas amount", BoundsTooLow},
		{"is lower than the actual gas price", FeeTooLow},
		{"ENTRYPOINT_NOT_FOUND", NoAccount},
		{"not found in contract", NoAccount},
	} {
		if strings.Contains(text, c.part) {
			return c.why
		}
	}
	return Invalid
}

// AddMessage puts a message from L1 into the pool, for which so much was paid there, and returns its hash.
func (a *Admission) AddMessage(t *starknet.L1Handler, paid starknet.Uint128) (felt.Felt, error) {
	switch {
	case len(t.Calldata) == 0 || len(t.Calldata) > maxCalldata:
		return felt.Felt{}, refuse(Malformed, "The message has %d felts, want 1 to %d.", len(t.Calldata), maxCalldata)
	case paid.IsZero():
		return felt.Felt{}, refuse(FeeTooLow, "The message has paid no fee on L1.")
	}
	if _, ok := starknet.EthAddressFromFelt(t.Calldata[0]); !ok {
		return felt.Felt{}, refuse(Malformed, "The first felt of the message must be an address on L1.")
	}
	env, err := a.chain.Next()
	if err != nil {
		return felt.Felt{}, err
	}
	hash := t.Hash(env.Chain)
	switch included, err := a.chain.Included(hash); {
	case err != nil:
		return hash, err
	case included:
		return hash, refuse(Duplicate, "Message %v is in a block already.", hash)
	}
	in := &starknet.Input{Transaction: t, PaidFee: paid}
	return hash, a.pool.AddMessage(in.ToTx(hash))
}
