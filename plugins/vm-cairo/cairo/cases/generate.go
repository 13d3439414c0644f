package cases

import (
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// Spec says what to make.
type Spec struct {
	// Files are the classes: folders cairo0 and cairo1 with what compilers wrote, and Tokens, two of its files without their
	// ends: what fees are paid in, ETH and STRK.
	Files  fs.FS
	Tokens [2]string
	// Protocol is the version of the rules.
	Protocol string
	Seed     uint64
	// Groups is how many groups there are, Size how many transactions each has.
	Groups, Size int
}

const (
	firstAddress = 0x10_000
	wealth       = 1 << 10 // in units of 2^64
	oldBlock     = 1991    // the last block whose hash contracts can ask for
)

// oldHash is the hash of that block.
var oldHash = felt.FromUint64(0xb10c)

// newWorld loads the classes, declares most of them, and deploys each of those twice.
func newWorld(s *Spec) (*world, error) {
	r0, err := rules.For(s.Protocol)
	if err != nil {
		return nil, err
	}
	w := &world{base: newSnapshot(), rules: r0}
	var list []string
	for _, dir := range []string{"feature/cairo0", "feature/cairo1"} {
		found, err := names(s.Files, dir)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	r := rand.New(rand.NewPCG(s.Seed, 1)) //nolint:gosec // repeatable, not secret
	w.setBlock(s, r)
	for _, name := range list {
		k, err := loadKind(s.Files, name, s.Protocol)
		if err != nil {
			return nil, err
		}
		k.declared = !strings.HasPrefix(k.name, "empty_contract") && k.name != "mock_staking"
		w.add(k, 2)
		w.addDisguised(k)
	}
	for i, name := range s.Tokens {
		k, err := loadKind(s.Files, name, s.Protocol)
		if err != nil {
			return nil, err
		}
		k.declared = true
		w.install(k)
		token := [...]felt.Felt{w.env.FeeTokens.ETH, w.env.FeeTokens.STRK}[i]
		w.base.cells[starknet.ClassHashKey(token)] = framework.Word(k.hash)
		w.contracts = append(w.contracts, contract{token, k})
	}
	for i := range w.accounts {
		if i%11 != 10 { // some are poor
			w.fund(w.accounts[i].address)
		}
	}
	w.fundNewAccounts()
	w.header.State = w.base.lines()
	return w, nil
}

func (w *world) setBlock(s *Spec, r *rand.Rand) {
	b := Block{
		Number: 2001, Timestamp: 1_072_023, Sequencer: felt.FromUint64(0x1000), Blobs: r.IntN(3) > 0,
		L1:     Price{felt.FromUint64(100 + r.Uint64N(100)), felt.FromUint64(1000 + r.Uint64N(1000))},
		L1Data: Price{felt.FromUint64(1 + r.Uint64N(200)), felt.FromUint64(1 + r.Uint64N(2000))},
		L2:     Price{felt.FromUint64(1 + r.Uint64N(3)), felt.FromUint64(1 + r.Uint64N(30))},
	}
	price := func(p Price) starknet.GasPrice {
		return starknet.GasPrice{Wei: starknet.Uint128{Lo: p.Wei[0]}, Fri: starknet.Uint128{Lo: p.Fri[0]}}
	}
	h := starknet.Header{
		Number: framework.BlockNumber(b.Number), Protocol: s.Protocol, Timestamp: b.Timestamp, Sequencer: b.Sequencer, //nolint:gosec // small
		L1Gas: price(b.L1), L1DataGas: price(b.L1Data), L2Gas: price(b.L2),
	}
	if b.Blobs {
		h.L1DA = starknet.Blob
	}
	w.env = starknet.Environment{Chain: starknet.Sepolia, FeeTokens: starknet.PublicFeeTokens, Header: h}
	w.header = Header{
		Protocol: s.Protocol, Chain: felt.Felt(w.env.Chain), ETH: w.env.FeeTokens.ETH, STRK: w.env.FeeTokens.STRK, Block: b,
	}
	hash := starknet.BlockHashWrite(oldBlock, oldHash)
	w.base.cells[hash.Key] = hash.Value
}

// install puts a class into the header, and into the state if it is declared.
func (w *world) install(k *kind) {
	k.line.Hash, k.line.Declared = k.hash, k.declared
	w.header.Classes = append(w.header.Classes, k.line)
	w.kinds = append(w.kinds, k)
	w.base.classes[framework.Word(k.hash)] = &framework.Class{Hash: framework.Word(k.hash), Body: k.body}
	if !k.declared {
		return
	}
	w.base.cells[starknet.DeclaredKey(k.hash)] = framework.Word{1}
	if !k.cairo0 {
		w.base.cells[starknet.CompiledClassKey(k.hash)] = framework.Word(k.compiled)
	}
	if !k.cairo0 && len(w.kinds)%2 == 0 {
		w.base.cells[starknet.CompiledClassKey(k.hash)] = framework.Word(k.older)
	}
}

// add installs a class and deploys n contracts of it.
func (w *world) add(k *kind, n int) {
	w.install(k)
	if !k.declared {
		return
	}
	for i := range n {
		c := contract{felt.FromUint64(uint64(firstAddress + len(w.contracts))), k}
		w.base.cells[starknet.ClassHashKey(c.address)] = framework.Word(k.hash)
		w.contracts = append(w.contracts, c)
		if i == 0 {
			for j := range k.external {
				w.targets = append(w.targets, target{c, &k.external[j]})
			}
		}
		if k.has("__execute__") && k.has("__validate__") {
			w.accounts = append(w.accounts, c)
		}
	}
}

// fraudulent is a class of which the protocol blocks calls of version 0.
var fraudulent = felt.MustParse("0x1a7820094feaf82d53f53f214b81292d717e7bb9a92bb2488092cd306f3993f")

// addDisguised deploys a class under the hashes of classes that the protocol treats in a way of their own, if its functions look
// at what is different for those.
func (w *world) addDisguised(k *kind) {
	a := &w.rules.Accounts
	var hashes []felt.Felt
	switch k.name {
	case "test_contract":
		hashes = slices.Concat(a.DataGas[:min(len(a.DataGas), 1)], a.Version1Cairo1[:min(len(a.Version1Cairo1), 1)])
	case "test_contract_compiled":
		hashes = slices.Concat(a.Version1Cairo0[:min(len(a.Version1Cairo0), 1)], []felt.Felt{fraudulent})
	}
	for _, h := range hashes {
		other := *k
		other.hash, other.disguised = h, true
		w.add(&other, 1)
	}
}

// fund gives an account some of both tokens.
func (w *world) fund(account felt.Felt) {
	for _, token := range []felt.Felt{w.env.FeeTokens.ETH, w.env.FeeTokens.STRK} {
		w.base.cells[starknet.StorageKey(token, starknet.StorageVar("ERC20_balances", account))] = framework.Word{0, wealth}
	}
}

// fundNewAccounts gives money to the accounts that transactions may make.
func (w *world) fundNewAccounts() {
	for _, k := range w.kinds {
		if !k.has("__validate_deploy__") {
			continue
		}
		for salt := range uint64(newAccounts) {
			w.fund(starknet.ContractAddress(felt.Felt{}, felt.FromUint64(salt), k.hash, newAccountData(k, salt)))
		}
	}
}

// newAccounts is how many accounts of each class transactions may make.
const newAccounts = 4

// newAccountData returns the arguments of the constructor of such an account.
func newAccountData(k *kind, salt uint64) []felt.Felt {
	if k.constructor == nil {
		return nil
	}
	data := make([]felt.Felt, len(k.constructor.inputs))
	for i := range data {
		data[i] = felt.FromUint64(salt / 2)
	}
	return data
}

// declarable returns the classes that are not declared.
func (w *world) declarable() (out []*kind) {
	for _, k := range w.kinds {
		if !k.declared {
			out = append(out, k)
		}
	}
	return out
}

// kindOf returns the class of that hash.
func (w *world) kindOf(hash felt.Felt) *kind {
	for _, k := range w.kinds {
		if k.hash == hash {
			return k
		}
	}
	return nil
}
