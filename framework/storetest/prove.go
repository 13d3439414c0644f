package storetest

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var proveTests = []test{
	{"not supported", (*rig).proveUnsupported},
	{"verifies", (*rig).proveVerifies},
	{"other values do not verify", (*rig).proveRejects},
	{"no such block", (*rig).proveNoBlock},
}

func (r *rig) proveUnsupported(t conform.T) {
	if r.Verify != nil {
		t.Skipf("the store makes proofs")
	}
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1})
	_, err := s.Prove(t.Context(), 0, framework.ProofQuery{Keys: []framework.Key{r.key(1)}})
	fails(t, "Prove", err, framework.ErrUnsupported)
}

// proven is a chain with the roots of its blocks.
type proven struct {
	store framework.Store
	roots []framework.Root
}

const provenLength = 4

func (r *rig) provable(t conform.T) proven {
	t.Helper()
	if r.Verify == nil {
		t.Skipf("the store makes no proofs")
	}
	s := r.open(t)
	return proven{s, r.chain(t, s, provenLength)}
}

// prove asks for a proof of the cells, which must work.
func (r *rig) prove(t conform.T, p proven, n int, c cells) (framework.ProofQuery, []framework.Word, *framework.Proof) {
	t.Helper()
	var q framework.ProofQuery
	var values []framework.Word
	for k, v := range c {
		q.Keys = append(q.Keys, r.key(k))
		values = append(values, r.value(v))
	}
	proof, err := p.store.Prove(t.Context(), framework.BlockNumber(n), q)
	if err != nil {
		t.Fatalf("Prove(%d): %v", n, err)
	}
	if proof.Root != p.roots[n] {
		t.Errorf("Prove(%d) is of root %x, sealed with %x", n, proof.Root, p.roots[n])
	}
	return q, values, proof
}

func (r *rig) proveVerifies(t conform.T) {
	p := r.provable(t)
	r.stage(t, p.store, provenLength, cells{0: 90})
	for n := range provenLength {
		all := chained(n, provenLength+3) // present and absent ones
		for _, c := range []cells{all, {0: n + 1}, {n + 2: 0}, {}} {
			q, values, proof := r.prove(t, p, n, c)
			if err := r.Verify(p.roots[n], q, values, proof); err != nil {
				t.Errorf("proof of %v after block %d does not verify: %v", c, n, err)
			}
		}
	}
}

func (r *rig) proveRejects(t conform.T) {
	p := r.provable(t)
	for n := range provenLength {
		for _, c := range []cells{{0: n + 1}, {n + 2: 0}} {
			q, values, proof := r.prove(t, p, n, c)
			values[0] = r.value(99)
			if r.Verify(p.roots[n], q, values, proof) == nil {
				t.Errorf("proof of %v after block %d verifies for another value too", c, n)
			}
		}
		q, values, proof := r.prove(t, p, n, cells{0: n + 1})
		if r.Verify(p.roots[(n+1)%provenLength], q, values, proof) == nil {
			t.Errorf("proof after block %d verifies against the root of another block", n)
		}
	}
}

func (r *rig) proveNoBlock(t conform.T) {
	p := r.provable(t)
	r.stage(t, p.store, provenLength, cells{0: 90})
	for _, n := range []framework.BlockNumber{provenLength, provenLength + 1, framework.AtEmpty - 1} {
		_, err := p.store.Prove(t.Context(), n, framework.ProofQuery{Keys: []framework.Key{r.key(0)}})
		fails(t, fmt.Sprintf("Prove(%d), which is not sealed", n), err, framework.ErrNoBlock)
	}
}
