package proof_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
)

// leaf is an entry of a trie.
type leaf struct{ key, value felt.Felt }

// tree is the recursive definition of a trie. It returns the root of the leaves, which are sorted and agree above
// depth, and appends to list the nodes on the way to the keys of want.
func tree(leaves []leaf, depth int, hash func(a, b felt.Felt) felt.Felt, want []felt.Felt, list *[]proof.Node) felt.Felt {
	switch {
	case len(leaves) == 0:
		return felt.Felt{}
	case depth == proof.Height:
		return leaves[0].value
	}
	at := depth // where the leaves part
	bit := func(l leaf) uint64 { return l.key.Bit(uint(proof.Height - 1 - at)) }
	for at < proof.Height && bit(leaves[0]) == bit(leaves[len(leaves)-1]) {
		at++
	}
	var n proof.Node
	if at > depth {
		for i := depth; i < at; i++ {
			n.Path.Add(&n.Path, &n.Path)
			b := felt.FromUint64(leaves[0].key.Bit(uint(proof.Height - 1 - i)))
			n.Path.Add(&n.Path, &b)
		}
		n.Length = uint8(at - depth)
		n.Child = tree(leaves, at, hash, below(want, leaves[0].key, depth, at), list)
		length := felt.FromUint64(uint64(n.Length))
		n.Hash = hash(n.Child, n.Path)
		n.Hash.Add(&n.Hash, &length)
	} else {
		split := slices.IndexFunc(leaves, func(l leaf) bool { return bit(l) == 1 })
		n.Left = tree(leaves[:split], depth+1, hash, below(want, leaves[0].key, depth, depth+1), list)
		n.Right = tree(leaves[split:], depth+1, hash, below(want, leaves[split].key, depth, depth+1), list)
		n.Hash = hash(n.Left, n.Right)
	}
	if len(want) > 0 && !slices.Contains(*list, n) {
		*list = append(*list, n)
	}
	return n.Hash
}

// below returns the keys that agree with key in the bits from one depth to another.
func below(keys []felt.Felt, key felt.Felt, from, to int) []felt.Felt {
	return slices.DeleteFunc(slices.Clone(keys), func(k felt.Felt) bool {
		for i := from; i < to; i++ {
			if b := uint(proof.Height - 1 - i); k.Bit(b) != key.Bit(b) {
				return true
			}
		}
		return false
	})
}

func num(n uint64) felt.Felt { return felt.FromUint64(n) }

// Keys that make every kind of node: low ones that part at the end, and one that parts from them at the top.
var (
	high  = felt.MustParse("0x7" + "55555555" + "00000000000000000000000000000000000000000000000000000f")
	other = felt.MustParse("0x7" + "55555555" + "00000000000000000000000000000000000000000000000000001f")
)

// world is a state and the proof of a part of it.
type world struct {
	proof   *proof.Proof
	cells   map[framework.Key]felt.Felt // what the proof shows, absent cells with 0
	beyond  []framework.Key             // what it does not show
	never   []framework.Key             // what no proof can show
	leafOf2 starknet.ContractState
}

// newWorld has contracts 2, 3 and high, with storage in 2, nothing but a nonce in 3, and one slot in high; and classes.
func newWorld() *world {
	storage2 := []leaf{{num(4), num(40)}, {num(5), num(50)}, {num(7), num(70)}, {num(9), num(90)}, {high, num(80)}}
	storageHigh := []leaf{{num(1), num(1)}}
	p := new(proof.Proof)
	var nodes2, nodesHigh []proof.Node
	root2 := tree(storage2, 0, crypto.Pedersen, []felt.Felt{num(4), num(6), high, other}, &nodes2)
	rootHigh := tree(storageHigh, 0, crypto.Pedersen, []felt.Felt{num(1), num(9)}, &nodesHigh)
	l2 := starknet.ContractState{Nonce: num(1), ClassHash: num(1000), StorageRoot: root2}
	l3 := starknet.ContractState{Nonce: num(7)}
	lHigh := starknet.ContractState{ClassHash: num(1001), StorageRoot: rootHigh}
	contracts := []leaf{{num(2), l2.Hash()}, {num(3), l3.Hash()}, {num(12), num(99)}, {high, lHigh.Hash()}}
	p.ContractsRoot = tree(contracts, 0, crypto.Pedersen, []felt.Felt{num(2), num(3), num(8), high, other}, &p.Contracts)
	classes := []leaf{{num(1000), starknet.ClassLeaf(num(2000))}, {high, starknet.ClassLeaf(num(2001))}}
	p.ClassesRoot = tree(classes, 0, crypto.Poseidon, []felt.Felt{num(1000), num(1001)}, &p.Classes)
	p.Leaves = []starknet.ContractState{l2, l3, {}, lHigh, {}}
	p.Storage = [][]proof.Node{nodes2, nil, nil, nodesHigh, nil}
	return &world{proof: p, leafOf2: l2, cells: map[framework.Key]felt.Felt{
		starknet.StorageKey(num(2), num(4)):  num(40),
		starknet.StorageKey(num(2), num(6)):  {},
		starknet.StorageKey(num(2), high):    num(80),
		starknet.StorageKey(num(2), other):   {},
		starknet.StorageKey(num(3), num(4)):  {},
		starknet.StorageKey(num(8), num(4)):  {},
		starknet.StorageKey(other, num(4)):   {},
		starknet.StorageKey(high, num(1)):    num(1),
		starknet.StorageKey(high, num(9)):    {},
		starknet.NonceKey(num(2)):            num(1),
		starknet.NonceKey(num(3)):            num(7),
		starknet.NonceKey(high):              {},
		starknet.NonceKey(other):             {},
		starknet.ClassHashKey(num(2)):        num(1000),
		starknet.ClassHashKey(num(3)):        {},
		starknet.ClassHashKey(num(8)):        {},
		starknet.CompiledClassKey(num(1000)): num(2000),
		starknet.CompiledClassKey(num(1001)): {},
	}, beyond: []framework.Key{
		starknet.StorageKey(num(2), num(9)), starknet.NonceKey(num(12)), starknet.CompiledClassKey(high),
	}, never: []framework.Key{
		starknet.DeclaredKey(num(1001)), {Space: 200},
		starknet.NonceKey(felt.MustParse("0x800000000000000000000000000000000000000000000000000000000000000")),
	}}
}

// disprove returns an error unless the facts show that a cell holds v, or show nothing and may.
func disprove(f *proof.Facts, k framework.Key, v felt.Felt, may bool) error {
	if k.Space == starknet.SpaceCompiledClass {
		v = starknet.ClassLeaf(v)
	}
	got, err := f.Value(k)
	switch {
	case may && (errors.Is(err, proof.ErrInvalid) || errors.Is(err, proof.ErrQuery)):
		return nil
	case err != nil || got != v:
		return fmt.Errorf("%s is %v, %w, want %v", starknet.CellName(k), got, err, v)
	}
	return nil
}

func TestFacts(t *testing.T) {
	w := newWorld()
	f, err := w.proof.Facts()
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range w.cells {
		if err := disprove(f, k, v, false); err != nil {
			t.Error(err)
		}
	}
	for _, k := range w.beyond {
		if v, err := f.Value(k); !errors.Is(err, proof.ErrUnproven) {
			t.Errorf("%s, which is not proven, is %v, %v, want ErrUnproven", starknet.CellName(k), v, err)
		}
	}
	for _, k := range w.never {
		if v, err := f.Value(k); !errors.Is(err, proof.ErrQuery) {
			t.Errorf("%s, which cannot be proven, is %v, %v, want ErrQuery", starknet.CellName(k), v, err)
		}
	}
}

// TestCheck proves the cells of the world to the strict verifier, and nothing else.
func TestCheck(t *testing.T) {
	w := newWorld()
	var q framework.ProofQuery
	var values []framework.Word
	for _, contract := range []felt.Felt{num(2), num(3), num(8), high, other} { // the order of the proof
		for k, v := range w.cells {
			if felt.Felt(k.Owner) == contract {
				q.Keys, values = append(q.Keys, k), append(values, framework.Word(v))
			}
		}
	}
	for _, class := range []felt.Felt{num(1000), num(1001)} {
		k := starknet.CompiledClassKey(class)
		q.Keys, values = append(q.Keys, k), append(values, framework.Word(w.cells[k]))
	}
	root := framework.Root(starknet.StateRoot(starknet.V0_14_0, w.proof.ContractsRoot, w.proof.ClassesRoot))
	p := &framework.Proof{Root: root, Body: proof.Append(nil, w.proof)}
	if err := proof.Check(root, q, values, p); err != nil {
		t.Fatal(err)
	}
	for i := range values {
		right := values[i]
		values[i] = framework.Word{4711}
		if err := proof.Check(root, q, values, p); !errors.Is(err, proof.ErrInvalid) {
			t.Errorf("Check() with another value of %s = %v, want ErrInvalid", starknet.CellName(q.Keys[i]), err)
		}
		values[i] = right
	}
	if err := proof.Check(framework.Root{1}, q, values, p); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("Check() against another root = %v, want ErrInvalid", err)
	}
	if _, err := proof.Verify(root, framework.ProofQuery{Keys: w.never[:1]}, p.Body); !errors.Is(err, proof.ErrQuery) {
		t.Errorf("Verify() of what cannot be proven = %v, want ErrQuery", err)
	}
}

func TestShown(t *testing.T) {
	w := newWorld()
	f, err := w.proof.Facts()
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Shown()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Contracts) != 4 || got.Contracts[0].ContractState != w.leafOf2 || got.Contracts[2].Known {
		t.Errorf("Shown() has contracts %+v", got.Contracts)
	}
	// The leaves of slots 5 and 7 stand in nodes on the way to 4 and 6, so they are shown too.
	slots := []proof.ShownSlot{
		{Contract: num(2), Slot: num(4), Value: num(40)}, {Contract: num(2), Slot: num(5), Value: num(50)},
		{Contract: num(2), Slot: num(7), Value: num(70)},
		{Contract: num(2), Slot: high, Value: num(80)}, {Contract: high, Slot: num(1), Value: num(1)},
	}
	classes := []proof.ShownClass{{Class: num(1000), Leaf: starknet.ClassLeaf(num(2000))}}
	if diff := cmp.Diff(slots, got.Slots); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(classes, got.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

// TestWrongStorageRoot checks that a storage root that no hash binds changes nothing.
func TestWrongStorageRoot(t *testing.T) {
	w := newWorld()
	for i := range w.proof.Leaves {
		w.proof.Leaves[i].StorageRoot = w.proof.ContractsRoot
	}
	f, err := w.proof.Facts()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Contract(num(2)); err != nil || got != w.leafOf2 {
		t.Errorf("Contract(2) = %+v, %v, want %+v", got, err, w.leafOf2)
	}
	// Contract 3 has no storage, hence no list that would show its root.
	if _, err := f.Contract(num(3)); !errors.Is(err, proof.ErrUnproven) {
		t.Errorf("Contract(3) = %v, want ErrUnproven", err)
	}
}

func TestEmptyState(t *testing.T) {
	f, err := new(proof.Proof).Facts()
	if err != nil {
		t.Fatal(err)
	}
	for k := range newWorld().cells {
		if err := disprove(f, k, felt.Felt{}, false); err != nil {
			t.Error(err)
		}
	}
}

func TestForged(t *testing.T) {
	forge := map[string]func(p *proof.Proof){
		"node hash":   func(p *proof.Proof) { p.Contracts[0].Hash = num(1) },
		"left child":  func(p *proof.Proof) { binary(p.Contracts).Left = num(1) },
		"no child":    func(p *proof.Proof) { binary(p.Contracts).Right = felt.Felt{} },
		"edge length": func(p *proof.Proof) { edge(p.Storage[0]).Length++ },
		"edge path":   func(p *proof.Proof) { edge(p.Storage[0]).Path[0] ^= 1 },
		"long path":   func(p *proof.Proof) { *edge(p.Storage[0]) = proof.Node{Length: 1, Path: num(2), Child: num(1)} },
		"long edge":   func(p *proof.Proof) { *edge(p.Storage[0]) = proof.Node{Length: 252, Child: num(1)} },
		"edge to none": func(p *proof.Proof) {
			*edge(p.Storage[0]) = proof.Node{Length: 1, Hash: crypto.Pedersen(num(0), num(0))}
		},
		"class's child": func(p *proof.Proof) { edge(p.Classes).Child = num(1) },
		"not a felt":    func(p *proof.Proof) { p.Classes[0].Hash = felt.Felt{0, 0, 0, 1 << 63} },
	}
	for name, do := range forge {
		p := newWorld().proof
		do(p)
		if _, err := p.Facts(); !errors.Is(err, proof.ErrInvalid) {
			t.Errorf("%s: Verify() = %v, want ErrInvalid", name, err)
		}
	}
}

func binary(list []proof.Node) *proof.Node {
	return &list[slices.IndexFunc(list, func(n proof.Node) bool { return n.Length == 0 })]
}

func edge(list []proof.Node) *proof.Node {
	return &list[slices.IndexFunc(list, func(n proof.Node) bool { return n.Length > 0 })]
}

// TestMissingNodes checks that what a proof lacks is not taken for empty.
func TestMissingNodes(t *testing.T) {
	w := newWorld()
	for name, cut := range map[string]func(p *proof.Proof){
		"contracts": func(p *proof.Proof) { p.Contracts = p.Contracts[:len(p.Contracts)-1] },
		"leaves":    func(p *proof.Proof) { p.Leaves = nil },
		"storage":   func(p *proof.Proof) { p.Storage = nil },
	} {
		p := newWorld().proof
		cut(p)
		f, err := p.Facts()
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range w.cells {
			if err := disprove(f, k, v, true); err != nil {
				t.Errorf("without %s: %v", name, err)
			}
		}
	}
}

// TestBush checks that a proof whose few nodes stand for very many places ends soon.
func TestBush(t *testing.T) {
	p, at := new(proof.Proof), num(1)
	for range proof.Height {
		h := crypto.Pedersen(at, at)
		p.Contracts = append(p.Contracts, proof.Node{Hash: h, Left: at, Right: at})
		at = h
	}
	p.ContractsRoot = at
	f, err := p.Facts()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Shown(); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("Shown() = %v, want ErrInvalid", err)
	}
}

func TestJSON(t *testing.T) {
	want := newWorld().proof
	text := proof.Append(nil, want)
	got, err := proof.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse(Append) (-want +got):\n%s", diff)
	}
	got, err = proof.Parse(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":1,"result":%s}`, text))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Parse of a response: %v (-want +got):\n%s", err, diff)
	}
}

func TestParseRefuses(t *testing.T) {
	frame := func(node string) string {
		return `{"classes_proof":[{"node_hash":"0x1","node":` + node + `}],"contracts_proof":{"nodes":[],"contract_leaves_data":[null]},` +
			`"contracts_storage_proofs":[],"global_roots":{"contracts_tree_root":"0x0","classes_tree_root":"0x0","block_hash":"0x0"}}`
	}
	if _, err := proof.Parse([]byte(frame(`{"left":"0x1","right":"0x2"}`))); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for _, bad := range []string{
		"", "[]", "{}", `{"result":{}}`,
		frame(`{}`), frame(`{"left":"0x1"}`), frame(`{"left":"0x1","right":"0x2","path":"0x0"}`),
		frame(`{"path":"0x0","length":0,"child":"0x1"}`), frame(`{"path":"0x0","length":252,"child":"0x1"}`),
		frame(`{"path":"0x2","length":1,"child":"0x1"}`), frame(`{"left":"1","right":"0x2"}`),
	} {
		if _, err := proof.Parse([]byte(bad)); !errors.Is(err, starknet.ErrJSON) {
			t.Errorf("Parse(%s) = %v, want ErrJSON", bad, err)
		}
	}
}

// FuzzParse checks that what is parsed is written as it was.
func FuzzParse(f *testing.F) {
	f.Add(proof.Append(nil, newWorld().proof))
	f.Add([]byte(`{"classes_proof":[],"contracts_proof":{"nodes":[],"contract_leaves_data":[null]},"contracts_storage_proofs":[[]],` +
		`"global_roots":{"contracts_tree_root":"0x0","classes_tree_root":"0x0","block_hash":"0x0"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := proof.Parse(text)
		if err != nil {
			return
		}
		again, err := proof.Parse(proof.Append(nil, p))
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Errorf("Parse(Append) of %s: %v (-want +got):\n%s", text, err, diff)
		}
	})
}

// forge changes p as the bytes of edits say, four a time: a node, a field of it, and where its new value comes from;
// with a hash that fits, or without.
func forge(p *proof.Proof, edits []byte) {
	lists := [][]proof.Node{p.Contracts, p.Classes, p.Storage[0], p.Storage[3]}
	pool := []felt.Felt{{}, num(1), num(4711), p.Leaves[0].StorageRoot, p.ContractsRoot, p.ClassesRoot}
	for _, list := range lists {
		for _, n := range list {
			pool = append(pool, n.Hash, n.Left, n.Right, n.Child, n.Path)
		}
	}
	for ; len(edits) >= 4; edits = edits[4:] {
		which := int(edits[0]) % len(lists)
		n := &lists[which][int(edits[0]>>2)%len(lists[which])]
		l := &p.Leaves[int(edits[0])%len(p.Leaves)]
		value := pool[int(edits[2])%len(pool)]
		fields := []*felt.Felt{&n.Hash, &n.Left, &n.Right, &n.Child, &n.Path, &l.Nonce, &l.ClassHash, &l.StorageRoot}
		if i := int(edits[1]) % (len(fields) + 1); i < len(fields) {
			*fields[i] = value
		} else {
			n.Length = edits[2]
		}
		if edits[3]%2 == 0 {
			continue
		}
		hash, length := crypto.Pedersen, felt.FromUint64(uint64(n.Length))
		if which == 1 {
			hash = crypto.Poseidon
		}
		if n.Hash = hash(n.Left, n.Right); n.Length > 0 {
			n.Hash = hash(n.Child, n.Path)
			n.Hash.Add(&n.Hash, &length)
		}
	}
}

// FuzzForged forges proofs. Whatever they become, as long as the roots are the true ones they show the truth or nothing.
func FuzzForged(f *testing.F) {
	w := newWorld()
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{1, 1, 9, 1, 2, 8, 17, 1})
	f.Fuzz(func(t *testing.T, edits []byte) {
		p := newWorld().proof
		forge(p, edits[:min(len(edits), 64)])
		p.ContractsRoot, p.ClassesRoot = w.proof.ContractsRoot, w.proof.ClassesRoot
		facts, err := p.Facts()
		if err != nil {
			return
		}
		for k, v := range w.cells {
			if err := disprove(facts, k, v, true); err != nil {
				t.Errorf("a forged proof shows that %v", err)
			}
		}
		_, _ = facts.Shown()
	})
}
