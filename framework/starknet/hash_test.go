package starknet_test

import (
	"fmt"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
)

// The answers in this file were published by StarkWare's sequencer and by Pathfinder, or computed by hand from
// the formulas.

func checkFelt(t *testing.T, what string, got felt.Felt, want string) {
	t.Helper()
	if got != felt.MustParse(want) {
		t.Errorf("%s = %v, want %s", what, got, want)
	}
}

func TestSelector(t *testing.T) {
	for name, want := range map[string]string{
		"transfer":                   "0x83afd3f4caedc6eebf44246fe54e38c95e3179a5ec9ea81740eca5b482d12e",
		"constructor":                "0x28ffe4ff0f226a9107253e17a904099aa4f63a02a5621de0576e5aa71bc5194",
		"__execute__":                "0x15d40a3d6ca2ac30f4031e42be28da9b056fef9bb7357ac5e85627ee876e5ad",
		"__validate__":               "0x162da33a4585851fe8d3af3c2a9c60b557814e221e0d4f30ff0b2189d9c7775",
		"__validate_declare__":       "0x289da278a8dc833409cabfdad1581e8e7d40e42dcaed693fa4008dcdb4963b3",
		"__validate_deploy__":        "0x36fcbf06cd96843058359e1a75928beacfac10727dab22a3972f0af8aa92895",
		starknet.DefaultEntryPoint:   "0x0",
		starknet.DefaultL1EntryPoint: "0x0",
	} {
		checkFelt(t, "Selector("+name+")", starknet.Selector(name), want)
	}
}

func TestStorageVar(t *testing.T) {
	checkFelt(t, "StorageVar(Account_public_key)", starknet.StorageVar("Account_public_key"),
		"0x1379ac0624b939ceb9dede92211d7db5ee174fe28be72245b0a1a2abd81c98f")
	// The balance of the sequencer of Sepolia.
	checkFelt(t, "StorageVar(ERC20_balances, sequencer)", starknet.StorageVar("ERC20_balances",
		felt.MustParse("0x1176a1bd84444c89232ec27754698e5d2e7e1a7f1539f12027f28b23ec9f3d8")),
		"0x5496768776e3db30053404f18067d81a6e06f5a2b0de326e21298fd9d569a9a")
}

func TestContractAddressIsReduced(t *testing.T) {
	// What is below the bound is taken as it is, the rest less the bound.
	got := starknet.ContractAddress(sample.Num(0), sample.Num(0), sample.Num(0), nil)
	bound := felt.MustParse("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00")
	if !got.Less(&bound) {
		t.Errorf("ContractAddress = %v, want below %v", got, bound)
	}
}

func TestRoot64(t *testing.T) {
	for _, c := range []struct {
		leaves             []felt.Felt
		poseidon, pedersen string
	}{
		{nil, "0x0", "0x0"},
		{sample.Nums(1), "0x7752582c54a42fe0fa35c40f07293bb7d8efe90e21d8d2c06a7db52d7d9b7e1",
			"0x268a9d47dde48af4b6e2c33932ed1c13adec25555abaa837c376af4ea2f8ad4"},
		{sample.Nums(1, 2), "0x1c1ba983ee0a0de87d87d67ea3cbee7023aa65f6b7bcf71259f122ea3af80bf",
			"0x599927f1181d5633c6f680dbf039534de49c44e0b9903c5305b2582dfd6a56a"},
		{sample.Nums(1, 2, 3), "0x3b5cc7f1292eb3847c3f902d048a7e5dc7702d1c191ccd17c2d33f797e6fc32",
			"0x231e110514ca3a27707cd6c365e00685142d43b03d26f6274db51cbfa91aa1c"},
		{sample.Nums(1, 2, 3, 4), "", "0x1a0e579b6b444769e4626331230b5ae39bd880f47e703b73fa56bf77e52e461"},
	} {
		if c.poseidon != "" {
			checkFelt(t, "root by Poseidon", starknet.Root64(c.leaves, crypto.PoseidonBatch), c.poseidon)
		}
		checkFelt(t, "root by Pedersen", starknet.Root64(c.leaves, crypto.PedersenBatch), c.pedersen)
	}
}

// trie returns the root of a trie over leaves at keys 0.. of that height, straight from its definition.
func trie(leaves []felt.Felt, height int) felt.Felt {
	root, length := trieNode(leaves, height)
	return closed(root, length)
}

// trieNode returns a subtree as a node with an edge of that length above it.
func trieNode(leaves []felt.Felt, height int) (node felt.Felt, length int) {
	if height == 0 {
		return leaves[0], 0
	}
	half := len(leaves)
	if height-1 < 30 {
		half = min(half, 1<<(height-1))
	}
	left, l := trieNode(leaves[:half], height-1)
	if half == len(leaves) {
		return left, l + 1
	}
	right, r := trieNode(leaves[half:], height-1)
	return crypto.Poseidon(closed(left, l), closed(right, r)), 0
}

func closed(node felt.Felt, length int) felt.Felt {
	if length == 0 {
		return node
	}
	h, n := crypto.Poseidon(node, felt.Felt{}), sample.Num(uint64(length))
	return *h.Add(&h, &n)
}

func TestRoot64IsTheTrie(t *testing.T) {
	var leaves []felt.Felt
	for i := range uint64(70) {
		leaves = append(leaves, sample.Num(i+1))
		if got, want := starknet.Root64(leaves, crypto.PoseidonBatch), trie(leaves, 64); got != want {
			t.Errorf("root of %d leaves = %v, want %v", len(leaves), got, want)
		}
	}
}

func TestStateDiffHash(t *testing.T) {
	d := sample.Diff()
	d.Deployed[0], d.Deployed[2] = d.Deployed[2], d.Deployed[0] // the order does not matter
	d.Storage = append(d.Storage, starknet.ContractStorage{Contract: sample.Num(99)})
	checkFelt(t, "Hash", d.Hash(), "0x281f5966e49ad7dad9323826d53d1d27c0c4e6ebe5525e2e2fbca549bfa0a67")
	if got := d.Len(); got != 10 {
		t.Errorf("Len = %d, want 10", got)
	}
	// Replaced classes count like deployed ones, migrated classes like declared ones.
	d.Replaced, d.Deployed = d.Deployed[:1], d.Deployed[1:]
	d.Migrated, d.Declared = d.Declared[1:], d.Declared[:1]
	checkFelt(t, "Hash of replaced and migrated", d.Hash(), "0x281f5966e49ad7dad9323826d53d1d27c0c4e6ebe5525e2e2fbca549bfa0a67")
}

func TestTransactionCommitment(t *testing.T) {
	signed := &starknet.Invoke{Version: 1, Signature: sample.Nums(2, 3)}
	checkFelt(t, "of two with signature [2, 3]", starknet.TransactionCommitment(starknet.V0_13_4,
		[]starknet.Transaction{signed, signed}, sample.Nums(1, 1)),
		"0x282b635972328bd1cfa86496fe920d20bd9440cd78ee8dc90ae2b383d664dcf")

	leaf := func(h felt.Felt) felt.Felt { return starknet.Root64([]felt.Felt{h}, crypto.PoseidonBatch) }
	oldLeaf := func(h felt.Felt) felt.Felt { return starknet.Root64([]felt.Felt{h}, crypto.PedersenBatch) }
	unsigned, declare := &starknet.L1Handler{}, &starknet.Declare{Version: 1, Signature: sample.Nums(2, 3)}
	none, two := crypto.PedersenChain(), crypto.PedersenChain(sample.Nums(2, 3)...)
	for _, c := range []struct {
		name    string
		version string
		tx      starknet.Transaction
		want    felt.Felt
	}{
		{"signature, 0.13.2", "0.13.2", signed, leaf(crypto.PoseidonMany(sample.Nums(1, 2, 3)...))},
		{"no signature, 0.13.3", "0.13.3", unsigned, leaf(crypto.PoseidonMany(sample.Nums(1, 0)...))},
		{"no signature, 0.13.4", "0.13.4", unsigned, leaf(crypto.PoseidonMany(sample.Nums(1)...))},
		{"signed declare, 0.11.0", "0.11.0", declare, oldLeaf(crypto.Pedersen(sample.Num(1), none))},
		{"signed declare, no version", "", declare, oldLeaf(crypto.Pedersen(sample.Num(1), none))},
		{"signed declare, 0.11.1", "0.11.1", declare, oldLeaf(crypto.Pedersen(sample.Num(1), two))},
		{"signed declare, 0.13.1.1", "0.13.1.1", declare, oldLeaf(crypto.Pedersen(sample.Num(1), two))},
		{"signed invoke, 0.11.0", "0.11.0", signed, oldLeaf(crypto.Pedersen(sample.Num(1), two))},
	} {
		v, err := starknet.ParseVersion(c.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := starknet.TransactionCommitment(v, []starknet.Transaction{c.tx}, sample.Nums(1)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestEventCommitment(t *testing.T) {
	c := starknet.Receipt{TransactionHash: sample.Num(0x1234)}
	for s := range uint64(3) {
		c.Events = append(c.Events, starknet.Event{From: sample.Num(s + 8), Keys: sample.Nums(s, s+1), Data: sample.Nums(s+2, s+3, s+4)})
	}
	checkFelt(t, "of three events", starknet.EventCommitment(starknet.V0_13_2, []starknet.Receipt{c}),
		"0x69bb140ddbbeb01d81c7201ecfb933031306e45dab9c77ff9f9ba3cd4c2b9c3")

	// The rule before: the hash of this event was made by cairo-lang.
	old := starknet.Receipt{Events: []starknet.Event{
		{From: sample.Num(0xdeadbeef), Keys: sample.Nums(1, 2, 3, 4), Data: sample.Nums(5, 6, 7, 8, 9)},
	}}
	leaf := felt.MustParse("0xdb96455b3a61f9139f7921667188d31d1e1d49fb60a1aa3dbf3756dbe3a9b4")
	want := starknet.Root64([]felt.Felt{leaf}, crypto.PedersenBatch)
	if got := starknet.EventCommitment(starknet.V0_11_1, []starknet.Receipt{old}); got != want {
		t.Errorf("EventCommitment by the old rule = %v, want %v", got, want)
	}
}

// publishedReceipt is the receipt whose commitment is published.
func publishedReceipt(hash felt.Felt) starknet.Receipt {
	message := func(s uint64) starknet.MessageToL1 {
		return starknet.MessageToL1{From: sample.Num(s), To: sample.Num(s + 1), Payload: sample.Nums(s+2, s+3)}
	}
	return starknet.Receipt{
		TransactionHash: hash, ActualFee: starknet.Uint128{Lo: 99804}, Reverted: true, RevertReason: "aborted",
		Messages:  []starknet.MessageToL1{message(34), message(56)},
		Resources: starknet.Resources{Gas: &starknet.Gas{L1: 16580, L1Data: 32, L2: 4}},
	}
}

func TestReceiptCommitment(t *testing.T) {
	c := publishedReceipt(sample.Num(1234))
	checkFelt(t, "of one receipt", starknet.ReceiptCommitment([]starknet.Receipt{c}),
		"0x31963cb891ebb825e83514deb748c89b6967b5368cbc48a9b56193a1464ca87")

	succeeded, reverted := starknet.Receipt{}, starknet.Receipt{Reverted: true}
	a, b := starknet.ReceiptCommitment([]starknet.Receipt{succeeded}), starknet.ReceiptCommitment([]starknet.Receipt{reverted})
	if a == b {
		t.Errorf("an empty revert reason hashes like none: %v", a)
	}
}

func TestBlockHash(t *testing.T) {
	h := starknet.Header{
		Number: 1, StateRoot: sample.Num(2), Sequencer: sample.Num(3), Timestamp: 4, Parent: sample.Num(11), L1DA: starknet.Blob,
		L1Gas:     starknet.GasPrice{Fri: starknet.Uint128{Lo: 6}, Wei: starknet.Uint128{Lo: 7}},
		L1DataGas: starknet.GasPrice{Fri: starknet.Uint128{Lo: 10}, Wei: starknet.Uint128{Lo: 9}},
		L2Gas:     starknet.GasPrice{Fri: starknet.Uint128{Lo: 11}, Wei: starknet.Uint128{Lo: 12}},
	}
	txs := []starknet.Transaction{&starknet.Invoke{Version: 1, Signature: sample.Nums(2, 3)}}
	receipts := []starknet.Receipt{publishedReceipt(sample.Num(1))}
	for version, want := range map[string]string{
		"0.13.4": "0x3d6174623c812f5dc03fa3faa07c42c06fd90ad425629ee5f39e149df65c3ca",
		"0.13.2": "0xe248d6ce583f8fa48d1d401d4beb9ceced3733e38d8eacb0d8d3669a7d901c",
	} {
		h.Protocol = version
		if err := h.Commit(txs, receipts, sample.Diff()); err != nil {
			t.Fatal(err)
		}
		got, err := starknet.BlockHash(&h, starknet.Mainnet)
		if err != nil {
			t.Fatal(err)
		}
		checkFelt(t, "BlockHash at "+version, got, want)

		partial, err := starknet.PartialBlockHash(&h, starknet.Mainnet)
		p := h
		p.StateRoot, p.Parent = felt.Felt{}, felt.Felt{}
		if want, _ := starknet.BlockHash(&p, starknet.Mainnet); err != nil || partial != want {
			t.Errorf("PartialBlockHash = %v, %v, want %v", partial, err, want)
		}
	}
}

func TestRegimeOf(t *testing.T) {
	for _, c := range []struct {
		number   framework.BlockNumber
		protocol string
		chain    starknet.ChainID
		want     starknet.Regime
	}{
		{832, "", starknet.Mainnet, starknet.Pre0_7},
		{833, "", starknet.Mainnet, starknet.From0_7},
		{0, "0.12.3", starknet.Sepolia, starknet.From0_7},
		{1, "0.13.1.1", starknet.Mainnet, starknet.From0_7},
		{1, "0.13.2", starknet.Mainnet, starknet.From0_13_2},
		{1, "0.13.2.1", starknet.Mainnet, starknet.From0_13_2},
		{1, "0.13.3", starknet.Mainnet, starknet.From0_13_2},
		{1, "0.13.4", starknet.Mainnet, starknet.From0_13_4},
		{1, "0.14.2", starknet.Mainnet, starknet.From0_13_4},
		{47027, "", starknet.Goerli, starknet.Pre0_7},
	} {
		h := starknet.Header{Number: c.number, Protocol: c.protocol}
		got, err := starknet.RegimeOf(&h, c.chain)
		if err != nil || got != c.want {
			t.Errorf("RegimeOf(%d, %q, %v) = %d, %v, want %d", c.number, c.protocol, c.chain, got, err, c.want)
		}
	}
}

func TestMessageHash(t *testing.T) {
	// A deposit of ether on Mainnet.
	deposit := starknet.L1Handler{
		Contract: felt.MustParse("0x73314940630fd6dcda0d772d4c972c4e0a9946bef9dabf4ef84eda8ef542b82"),
		Selector: starknet.Selector("handle_deposit"),
		Nonce:    sample.Num(0x17824b),
		Calldata: []felt.Felt{
			felt.MustParse("0xae0ee0a63a2ce6baeeffe56e7714fb4efe48d419"),
			felt.MustParse("0x2c63ec1313901744d1321b93bda51418cc18998a1562d368960711367f7530f"),
			sample.Num(0x11e14e1039c000), sample.Num(0),
		},
	}
	checkFelt(t, "Hash of the deposit", deposit.Hash(starknet.Mainnet),
		"0x63f36452a4255a9d3f06def95a08bbc295f0de0515adefbf04ee795ed4c3f12")
	if m, ok := deposit.Message(); !ok || fmt.Sprintf("%x", m.Hash()) !=
		"573aeff3cf703775e8a76a27adee9e80f2ce558a6a38ec87e0249a8b175e5c1a" {
		t.Errorf("Hash of the deposit's message = %x, %t", m.Hash(), ok)
	}

	m := starknet.MessageToL1{From: sample.Num(1), To: sample.Num(2), Payload: sample.Nums(3)}
	var data []byte
	for _, w := range sample.Nums(1, 2, 1, 3) {
		data = w.AppendBytes(data)
	}
	if got, want := m.Hash(), crypto.Keccak256(data); got != want {
		t.Errorf("MessageToL1.Hash = %x, want %x", got, want)
	}
	l1 := starknet.MessageToL2{From: starknet.EthAddress{19: 1}, To: sample.Num(2), Selector: sample.Num(3), Payload: sample.Nums(4, 5), Nonce: sample.Num(6)}
	data = nil
	for _, w := range sample.Nums(1, 2, 6, 3, 2, 4, 5) {
		data = w.AppendBytes(data)
	}
	if got, want := l1.Hash(), crypto.Keccak256(data); got != want {
		t.Errorf("MessageToL2.Hash = %x, want %x", got, want)
	}
	handler := starknet.L1Handler{Contract: sample.Num(2), Selector: sample.Num(3), Nonce: sample.Num(6), Calldata: sample.Nums(1, 4, 5)}
	if m, ok := handler.Message(); !ok || m.Hash() != l1.Hash() {
		t.Errorf("Message = %+v, %t, want %+v", m, ok, l1)
	}
	handler.Calldata[0] = sample.Large
	if _, ok := handler.Message(); ok {
		t.Error("Message from a sender that is no address of Ethereum")
	}
}
