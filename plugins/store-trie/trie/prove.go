package trie

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"
)

// prover makes a proof of the state after one block.
type prover struct {
	view      *view
	block     *record
	committer *committer
	changed   []change   // from the head back to the block
	contracts []contract // the same, grouped
	buf       []byte
}

// prove makes a proof. All of it is read from one view.
func prove(ctx context.Context, v *view, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
	r, err := v.block(n)
	if err != nil {
		return nil, err
	}
	request, err := proof.NewRequest(q)
	if err != nil {
		return nil, fmt.Errorf("trie: prove block %d: %w", n, errors.Join(err, framework.ErrUnsupported))
	}
	back, err := v.rewind(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("trie: prove block %d: %w", n, err)
	}
	p := &prover{view: v, block: r, committer: newCommitter(1, 0), changed: changesTo(back.writes)}
	p.contracts = contracts(p.changed)
	out := &proof.Proof{ContractsRoot: r.contracts, ClassesRoot: r.classes}
	if err := errors.Join(p.addClasses(out, request), p.addContracts(out, request), p.addStorage(out, request)); err != nil {
		return nil, fmt.Errorf("trie: prove block %d: %w", n, err)
	}
	return &framework.Proof{Root: r.root(), Body: proof.Append(nil, out)}, nil
}

// trie returns a trie as it was after the block, given what was changed in it since.
func (p *prover) trie(name []byte, since []patricia.Update, batch patricia.BatchHash, root felt.Felt) (*patricia.Trie, error) {
	t, err := patricia.Open(name, p.view)
	if err != nil {
		return nil, err
	}
	if err := t.Apply(since, 1); err != nil {
		return nil, err
	}
	patricia.NewHasher(batch, 1).Run(t)
	if t.Root() != root {
		return nil, fmt.Errorf("%w: trie %x had the root %v, undoing later blocks gives %v", ErrDamaged, name, root, t.Root())
	}
	return t, nil
}

// path adds the nodes on the way to keys, each once.
func path(t *patricia.Trie, keys []felt.Felt) ([]proof.Node, error) {
	nodes, seen := []proof.Node{}, map[felt.Felt]bool{}
	for _, key := range keys {
		_, err := t.Walk(key, func(n patricia.Node) {
			if !seen[n.Hash] {
				seen[n.Hash] = true
				nodes = append(nodes, proof.Node(n))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (p *prover) addClasses(out *proof.Proof, request proof.Request) error {
	since := updates(compiledClasses(p.changed), byOwner)
	for i := range since {
		since[i].Value = starknet.ClassLeaf(since[i].Value)
	}
	t, err := p.trie(classesName(), since, crypto.PoseidonBatch, p.block.classes)
	if err != nil {
		return err
	}
	out.Classes, err = path(t, request.Classes)
	return err
}

// cell returns a cell after the block.
func (p *prover) cell(k framework.Key) (w felt.Felt, err error) {
	var word framework.Word
	word, p.buf, err = p.view.cell(p.buf, k, p.block.number)
	return felt.Felt(word), err
}

// state returns a contract after the block.
func (p *prover) state(address felt.Felt) (*starknet.ContractState, error) {
	class, err := p.cell(starknet.ClassHashKey(address))
	nonce, err2 := p.cell(starknet.NonceKey(address))
	root, err3 := p.cell(rootKey(framework.Word(address)))
	return &starknet.ContractState{ClassHash: class, Nonce: nonce, StorageRoot: root}, errors.Join(err, err2, err3)
}

func (p *prover) addContracts(out *proof.Proof, request proof.Request) error {
	leaves := make([]patricia.Update, len(p.contracts))
	states := make([]*starknet.ContractState, len(p.contracts))
	for i := range p.contracts {
		leaves[i].Key = felt.Felt(p.contracts[i].address)
		var err error
		if states[i], err = p.state(leaves[i].Key); err != nil {
			return err
		}
	}
	p.committer.leaf(leaves, states)
	t, err := p.trie(contractsName(), leaves, crypto.PedersenBatch, p.block.contracts)
	if err != nil {
		return err
	}
	for _, address := range request.Contracts {
		s, err := p.state(address)
		if err != nil {
			return err
		}
		out.Leaves = append(out.Leaves, *s)
	}
	out.Contracts, err = path(t, request.Contracts)
	return err
}

func (p *prover) addStorage(out *proof.Proof, request proof.Request) error {
	for _, s := range request.Storage {
		address := framework.Word(s.Contract)
		root, err := p.cell(rootKey(address))
		if err != nil {
			return err
		}
		t, err := p.trie(storageName(address), updates(of(p.contracts, address), bySlot), crypto.PedersenBatch, root)
		if err != nil {
			return err
		}
		nodes, err := path(t, s.Keys)
		if err != nil {
			return err
		}
		out.Storage = append(out.Storage, nodes)
	}
	return nil
}
