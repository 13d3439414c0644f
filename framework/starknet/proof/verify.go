package proof

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Result is what a proof proves.
type Result struct {
	// Values are the values of the cells of the query, in its order. The value of a compiled class is not in the
	// state, only its leaf; see Verify.
	Values []framework.Word
	// Contracts are the contracts of the request, in its order, each with its leaf; see [NewRequest].
	Contracts []Contract
}

// Contract is the state of a contract.
type Contract struct {
	Address felt.Felt
	starknet.ContractState
	// StateHash is the leaf of the contract, 0 if there is none.
	StateHash felt.Felt
}

// Verify returns what body, a proof as JSON, proves of the cells of q in the state that root commits to. Whoever made
// body need not be trusted. An error wraps ErrInvalid, or ErrQuery where q asks for what cannot be proven.
//
// The classes trie holds hashes of the compiled classes, so their values cannot be read off a proof: for a cell of
// [starknet.SpaceCompiledClass] the value in Result is the leaf, to be compared with [starknet.ClassLeaf] of the
// value that is expected. [Check] does that.
func Verify(root framework.Root, q framework.ProofQuery, body []byte) (*Result, error) {
	request, err := NewRequest(q)
	if err != nil {
		return nil, err
	}
	p, err := Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return p.verify(root, request, q)
}

// Check verifies that p proves the values of the cells of q in the state that root commits to.
func Check(root framework.Root, q framework.ProofQuery, values []framework.Word, p *framework.Proof) error {
	if len(values) != len(q.Keys) {
		return fmt.Errorf("%w: %d values for %d cells", ErrInvalid, len(values), len(q.Keys))
	}
	if p.Root != root {
		return fmt.Errorf("%w: it is of root %v, want %v", ErrInvalid, felt.Felt(p.Root), felt.Felt(root))
	}
	r, err := Verify(root, q, p.Body)
	if err != nil {
		return err
	}
	for i, k := range q.Keys {
		want := felt.Felt(values[i])
		if k.Space == starknet.SpaceCompiledClass {
			want = starknet.ClassLeaf(want)
		}
		if got := felt.Felt(r.Values[i]); got != want {
			return fmt.Errorf("%w: %s is %v, want %v", ErrInvalid, starknet.CellName(k), got, want)
		}
	}
	return nil
}

func (p *Proof) verify(root framework.Root, request Request, q framework.ProofQuery) (*Result, error) {
	if err := p.checkRoot(root); err != nil {
		return nil, err
	}
	if len(p.Leaves) != len(request.Contracts) || len(p.Storage) != len(request.Storage) {
		return nil, fmt.Errorf("%w: %d contracts and %d storage tries, want %d and %d", ErrInvalid,
			len(p.Leaves), len(p.Storage), len(request.Contracts), len(request.Storage))
	}
	known := map[framework.Key]felt.Felt{}
	result := &Result{}
	if err := p.verifyContracts(request, known, result); err != nil {
		return nil, err
	}
	if err := p.verifyStorage(request, known, result); err != nil {
		return nil, err
	}
	t, err := newTrie(p.ClassesRoot, p.Classes, crypto.PoseidonBatch)
	if err != nil {
		return nil, fmt.Errorf("classes trie: %w", err)
	}
	for _, class := range request.Classes {
		leaf, err := t.leaf(&class)
		if err != nil {
			return nil, fmt.Errorf("class %v: %w", class, err)
		}
		known[starknet.CompiledClassKey(class)] = leaf
	}
	for _, k := range q.Keys {
		result.Values = append(result.Values, framework.Word(known[k]))
	}
	return result, nil
}

// checkRoot checks that root commits to the two tries, by the rules of some version.
func (p *Proof) checkRoot(root framework.Root) error {
	for _, v := range []starknet.Version{{}, starknet.V0_14_0} {
		if starknet.StateRoot(v, p.ContractsRoot, p.ClassesRoot) == felt.Felt(root) {
			return nil
		}
	}
	return fmt.Errorf("%w: the tries are not those of root %v", ErrInvalid, felt.Felt(root))
}

func (p *Proof) verifyContracts(request Request, known map[framework.Key]felt.Felt, result *Result) error {
	t, err := newTrie(p.ContractsRoot, p.Contracts, crypto.PedersenBatch)
	if err != nil {
		return fmt.Errorf("contracts trie: %w", err)
	}
	for i, address := range request.Contracts {
		c := Contract{Address: address, ContractState: p.Leaves[i], StateHash: p.Leaves[i].Hash()}
		leaf, err := t.leaf(&address)
		if err != nil {
			return fmt.Errorf("contract %v: %w", address, err)
		}
		if leaf != c.StateHash {
			return fmt.Errorf("%w: the leaf of contract %v is %v, its data hashes to %v", ErrInvalid, address, leaf, c.StateHash)
		}
		known[starknet.NonceKey(address)] = c.Nonce
		known[starknet.ClassHashKey(address)] = c.ClassHash
		result.Contracts = append(result.Contracts, c)
	}
	return nil
}

func (p *Proof) verifyStorage(request Request, known map[framework.Key]felt.Felt, result *Result) error {
	roots := make(map[felt.Felt]felt.Felt, len(result.Contracts))
	for i := range result.Contracts {
		roots[result.Contracts[i].Address] = result.Contracts[i].StorageRoot
	}
	for i, s := range request.Storage {
		t, err := newTrie(roots[s.Contract], p.Storage[i], crypto.PedersenBatch)
		if err != nil {
			return fmt.Errorf("storage trie of %v: %w", s.Contract, err)
		}
		for _, key := range s.Keys {
			value, err := t.leaf(&key)
			if err != nil {
				return fmt.Errorf("storage of %v at %v: %w", s.Contract, key, err)
			}
			known[starknet.StorageKey(s.Contract, key)] = value
		}
	}
	return nil
}
