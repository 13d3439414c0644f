package jsonrpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/compile"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

const addInvoke = "starknet_addInvokeTransaction"

// TestBadTransactions sends transactions that cannot be: each sender is told what is wrong, and a good transaction is executed as
// if there were no others.
func TestBadTransactions(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	good := n.transfer(0, 0, 1)
	text := params("invoke_transaction", good)
	change := func(f func(tx *starknet.Invoke)) string {
		tx := n.transfer(0, 0, 1)
		f(tx)
		n.sign(0, tx)
		return params("invoke_transaction", tx)
	}
	for _, tt := range []struct {
		name, params string
		code         int
		want         string
	}{
		{"no object", `[7]`, -32602, "invoke_transaction: "},
		{"field missing", strings.Replace(text, `"nonce":`, `"once":`, 1), -32602, "once"},
		{"field unknown", strings.Replace(text, `{"type"`, `{"x":1,"type"`, 1), -32602, "x"},
		{"field twice", strings.Replace(text, `"tip":"0x0"`, `"tip":"0x0","tip":"0x0"`, 1), -32602, "tip"},
		{"no felt", strings.Replace(text, `"nonce":"0x0"`, `"nonce":"zero"`, 1), -32602, "nonce"},
		{"old version", strings.Replace(text, `"version":"0x3"`, `"version":"0x1"`, 1), -32602, "version"},
		{"query version", strings.Replace(text, `"version":"0x3"`, `"version":"0x100000000000000000000000000000003"`, 1), 61, "cannot be sent"},
		{"other type", params("invoke_transaction", &starknet.DeployAccount{Version: 3, V3: bounds()}), -32602, "type is DEPLOY_ACCOUNT"},
		{"calldata too long", change(func(tx *starknet.Invoke) { tx.Calldata = make([]felt.Felt, 5001) }), 63, "5001 felts"},
		{"signature too long", strings.Replace(text, `"signature":[`, `"signature":["0x1"`+strings.Repeat(`,"0x1"`, 4000)+",", 1), 63, "signature has"},
		{"not signed", params("invoke_transaction", func() starknet.Transaction { tx := *good; tx.Signature = nil; return &tx }()), 55, "a signature has two felts"},
		{"signed by another", params("invoke_transaction", func() starknet.Transaction { tx := n.transfer(0, 0, 1); n.sign(1, tx); return tx }()), 55, "Signature"},
		{"nonce below", change(func(tx *starknet.Invoke) {
			tx.Sender = n.accounts[0].Address
			tx.Nonce = felt.MustParse("0x10000000000000000")
		}), 52, "nonce"},
		{"nonce far above", change(func(tx *starknet.Invoke) { tx.Nonce = felt.FromUint64(201) }), 52, "Account nonce: 0; got: 0xc9"},
		{"no contract", change(func(tx *starknet.Invoke) { tx.Sender = felt.FromUint64(0x12345) }), 58, "no contract"},
		{"no account", change(func(tx *starknet.Invoke) { tx.Sender = trap }), 58, "not found"},
		{"no address", change(func(tx *starknet.Invoke) { tx.Sender = felt.One }), 63, "not the address"},
		{"unaffordable", change(func(tx *starknet.Invoke) { tx.V3.Bounds.L2Gas.MaxPrice = starknet.Uint128{Hi: 1 << 40} }), 54, "exceed balance"},
		{"price too low", change(func(tx *starknet.Invoke) { tx.V3.Bounds.L2Gas.MaxPrice = starknet.Uint128{Lo: 1} }), 65, "the price is 100000"},
		{"other price too low", change(func(tx *starknet.Invoke) { tx.V3.Bounds.L1Gas.MaxPrice = starknet.Uint128{Lo: 1} }), 65, "L1_GAS"},
		{"amount too low", change(func(tx *starknet.Invoke) { tx.V3.Bounds.L2Gas.MaxAmount = 1 }), 53, "minimal gas amount"},
		{"too much gas", change(func(tx *starknet.Invoke) { tx.V3.Bounds.L2Gas.MaxAmount = math.MaxUint64 }), 63, "the most that can be asked for"},
		{"no fee", change(func(tx *starknet.Invoke) {
			tx.V3.Bounds = starknet.ResourceBounds{L1DataGas: new(starknet.ResourceBound)}
		}), 53, "all 0"},
		{"old bounds", strings.Replace(text, `,"l1_data_gas":{"max_amount":"0x2710","max_price_per_unit":"0x10000000000"}`, "", 1), 61, "l1_data_gas"},
		{"on L2", change(func(tx *starknet.Invoke) { tx.V3.NonceDA = starknet.DAL2 }), 63, "must be L1"},
		{"paymaster", change(func(tx *starknet.Invoke) { tx.V3.PaymasterData = []felt.Felt{felt.One} }), 63, "must be empty"},
		{"proof facts", change(func(tx *starknet.Invoke) { tx.ProofFacts = []felt.Felt{felt.One} }), 69, "proof"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := n.refused(tt.code, addInvoke, tt.params)
			if !strings.Contains(fmt.Sprint(data), tt.want) {
				t.Errorf("data %q, want it to say %q", data, tt.want)
			}
		})
	}
	if got := n.pool.Len(); got != 0 {
		t.Errorf("%d transactions wait", got)
	}
	n.until(n.send(good), "ACCEPTED_ON_L2")
}

// TestExpensiveTransactions sends transactions that run out of something while they are executed: they are reverted and paid for,
// and those of others are executed as usual.
func TestExpensiveTransactions(t *testing.T) {
	t.Parallel()
	n := start(t, 4, nil)
	self := n.accounts[2].Address
	for _, tt := range []struct {
		i    int
		tx   *starknet.Invoke
		want string
	}{
		{0, n.invoke(0, 0, trap, "endless"), ""},
		{1, n.invoke(1, 0, trap, "hog"), ""},
		{2, n.invoke(2, 0, self, "__execute__", felt.One, self, starknet.Selector("__execute__"), felt.Felt{}, felt.Felt{}, felt.Felt{}), "directly is not allowed"},
	} {
		hash := n.send(tt.tx)
		if s := n.until(hash, "PRE_CONFIRMED"); s.Execution != "REVERTED" || !strings.Contains(s.Reason, tt.want) {
			t.Errorf("transaction of account %d: %+v, want it reverted for %q", tt.i, s, tt.want)
		} else if s.Reason == "" {
			t.Errorf("transaction of account %d is reverted for no reason", tt.i)
		}
	}
	if s := n.until(n.send(n.transfer(3, 0, 1)), "ACCEPTED_ON_L2"); s.Execution != "SUCCEEDED" {
		t.Errorf("beside them a transfer is %+v", s)
	}
	b := n.block()
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil || r.ActualFee.IsZero() {
			t.Errorf("transaction %d pays %v, %v", i, r.ActualFee, err)
		}
	}
}

// TestMempool sends transactions that wait for each other.
func TestMempool(t *testing.T) {
	t.Parallel()
	n := start(t, 3, nil)
	second := n.send(n.transfer(0, 1, 2))
	third := n.send(n.transfer(0, 2, 3))
	if s := n.until(second, "RECEIVED"); s.Execution != "" {
		t.Errorf("status %+v before it is executed", s)
	}
	n.refused(29, "starknet_getTransactionReceipt", `["`+second.Hex()+`"]`)
	n.ask("starknet_getTransactionByHash", `["`+second.Hex()+`"]`)
	n.refused(59, addInvoke, params("invoke_transaction", n.transfer(0, 1, 2)))
	n.refused(64, addInvoke, params("invoke_transaction", n.transfer(0, 1, 7)))
	n.send(n.transfer(0, 0, 1))
	if b := n.block(); b.Included() != 3 {
		t.Errorf("block with %d transactions, want 3", b.Included())
	}
	n.until(third, "ACCEPTED_ON_L2")
	n.refused(52, addInvoke, params("invoke_transaction", n.transfer(0, 1, 2)))
}

// TestDeployAccount deploys an account and has it send something at once.
func TestDeployAccount(t *testing.T) {
	t.Parallel()
	n := start(t, 3, nil)
	const add = "starknet_addDeployAccountTransaction"
	var classHash felt.Felt
	n.result("starknet_getClassHashAt", `["latest","`+n.accounts[0].Address.Hex()+`"]`, &classHash)
	key := felt.FromUint64(77)
	public, err := crypto.PublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	deploy := &starknet.DeployAccount{
		Version: 3, ClassHash: classHash, Salt: felt.FromUint64(5), ConstructorCalldata: []felt.Felt{public}, V3: bounds(),
	}
	sign := func() {
		s, err := crypto.Sign(key, deploy.Hash(genesis.Chain))
		if err != nil {
			t.Fatal(err)
		}
		deploy.Signature = []felt.Felt{s.R, s.S}
	}
	sign()
	account := genesis.Account{Key: key, Public: public, Address: deploy.Address()}
	n.accounts = append(n.accounts, account)
	own := len(n.accounts) - 1
	n.refused(54, add, params("deploy_account_transaction", deploy))
	n.refused(58, addInvoke, params("invoke_transaction", n.transfer(own, 1, 1)))
	n.send(n.invoke(0, 0, starknet.PublicFeeTokens.STRK, "transfer", account.Address, felt.FromUint64(1<<62), felt.Felt{}))
	n.send(n.transfer(0, 1, 1))
	n.send(n.transfer(0, 2, 1))
	n.block()

	other := *deploy
	other.ClassHash = felt.FromUint64(0x777)
	n.refused(28, add, params("deploy_account_transaction", &other))
	deploy.Nonce = felt.One
	sign()
	n.refused(52, add, params("deploy_account_transaction", deploy))
	deploy.Nonce = felt.Felt{}
	deploy.V3.Bounds.L2Gas.MaxPrice = starknet.Uint128{Lo: 1 << 20}
	deploy.V3.Bounds.L1Gas.MaxPrice = starknet.Uint128{Lo: 1 << 32}
	deploy.V3.Bounds.L1DataGas = &starknet.ResourceBound{MaxAmount: 10_000, MaxPrice: starknet.Uint128{Lo: 1 << 20}}
	sign()
	var got struct {
		Hash    felt.Felt `json:"transaction_hash"`
		Address felt.Felt `json:"contract_address"`
	}
	n.result(add, params("deploy_account_transaction", deploy), &got)
	if got.Address != account.Address {
		t.Errorf("contract_address %v, want %v", got.Address, account.Address)
	}
	invoke := n.transfer(own, 1, 1) // before there is an account
	invoke.V3 = deploy.V3
	n.sign(own, invoke)
	hash := n.send(invoke)
	n.send(n.transfer(0, 3, 1))
	n.block()
	if s := n.until(hash, "ACCEPTED_ON_L2"); s.Execution != "SUCCEEDED" {
		t.Errorf("first transaction of the account: %+v", s)
	}
}

// TestMessage makes up messages from L1.
func TestMessage(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"no JSON", `{`, 400, "error"},
		{"nothing", `{}`, 400, "want from_address"},
		{"unknown", `{"x":1}`, 400, "x"},
		{"no address", `{"from_address":"0x10000000000000000000000000000000000000000","to_address":"0x5","entry_point_selector":"0x6"}`, 422, "address on L1"},
		{"nothing paid", `{"from_address":"0x1","to_address":"0x5","entry_point_selector":"0x6","paid_fee_on_l1":"0x0"}`, 422, "paid no fee"},
		{"good", `{"from_address":"0x1","to_address":"` + trap.Hex() + `","entry_point_selector":"0x6","payload":["0x1"],"nonce":"0x3"}`, 200, "transaction_hash"},
	} {
		if status, body := n.post("/admin/l1-message", tt.body); status != tt.status || !strings.Contains(string(body), tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, status, body, tt.status, tt.want)
		}
	}
	if b := n.block(); len(b.Finals) != 1 || b.Finals[0].Outcome.Status != framework.Reverted {
		t.Errorf("block with %d messages, %+v, want one that is reverted, as there is no handler", len(b.Finals), b.Finals[0].Outcome)
	}
	n.ask("starknet_getBlockWithReceipts", `["latest"]`)
}

// TestAdmit hands over the code of a class.
func TestAdmit(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	for _, tt := range []struct {
		body   string
		status int
		want   string
	}{{`7`, 200, `{"compiled_class_hash":"0x1"}`}, {``, 422, "nothing"}, {strings.Repeat("x", 1<<20+1), 413, "longer"}} {
		if status, body := n.post("/admin/casm", tt.body); status != tt.status || !strings.Contains(string(body), tt.want) {
			t.Errorf("%.10s: %d %s, want %d %s", tt.body, status, body, tt.status, tt.want)
		}
	}
}

// compiler knows what one class compiles to.
type compiler struct{ casm *class.Casm }

func (c compiler) Compile(_ context.Context, _ *class.Sierra, want felt.Felt) (*class.Casm, error) {
	if c.casm.HashV2() != want {
		return nil, compile.ErrMismatch
	}
	return c.casm, nil
}

// failing is a compiler that fails.
type failing struct{}

func (failing) Compile(context.Context, *class.Sierra, felt.Felt) (*class.Casm, error) {
	return nil, errors.New("out of memory")
}

// declaration returns a signed declaration by account 0.
func (n *node) declaration(t *testing.T, sierra *class.Sierra, compiled felt.Felt, v3 starknet.V3Fields) string {
	t.Helper()
	tx := &starknet.Declare{
		Version: 3, ClassHash: sierra.Hash(), CompiledClassHash: compiled, Sender: n.accounts[0].Address, V3: v3,
	}
	s, err := crypto.Sign(n.accounts[0].Key, tx.Hash(genesis.Chain))
	if err != nil {
		t.Fatal(err)
	}
	tx.Signature = []felt.Felt{s.R, s.S}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(openrpc.AppendTransactionBody(nil, tx), &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "class_hash")
	fields["contract_class"] = sierra.Text()
	text, err := json.Marshal(map[string]any{"declare_transaction": fields})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDeclare(t *testing.T) {
	t.Parallel()
	const add = "starknet_addDeclareTransaction"
	sierra, err := class.ParseSierra(realdata.Read(t, "classes/feature/cairo1/empty_contract.sierra.json"))
	if err != nil {
		t.Fatal(err)
	}
	casm, err := class.ParseCasm(realdata.Read(t, "classes/feature/cairo1/empty_contract.casm.json"))
	if err != nil {
		t.Fatal(err)
	}
	without := start(t, 1, nil)
	without.refused(56, add, without.declaration(t, sierra, casm.HashV2(), bounds()))
	if data := start(t, 1, failing{}).refused(56, add, without.declaration(t, sierra, casm.HashV2(), bounds())); data != "out of memory" {
		t.Errorf("data %v, want what the compiler says", data)
	}
	n := start(t, 1, compiler{casm})
	n.refused(60, add, n.declaration(t, sierra, felt.One, bounds()))
	old := *sierra
	old.Program = append([]felt.Felt{felt.One, {}}, old.Program[2:]...)
	n.refused(62, add, n.declaration(t, &old, casm.HashV2(), bounds()))
	var costs []estimate
	var asked struct {
		Tx json.RawMessage `json:"declare_transaction"`
	}
	if err := json.Unmarshal([]byte(n.declaration(t, sierra, casm.HashV2(), bounds())), &asked); err != nil {
		t.Fatal(err)
	}
	n.result("starknet_estimateFee", `[[`+string(asked.Tx)+`],[],"latest"]`, &costs)
	little := bounds()
	little.Bounds.L2Gas.MaxAmount = costs[0].L2[0] - 1 // the block would leave it out
	n.refused(55, add, n.declaration(t, sierra, casm.HashV2(), little))
	var got struct {
		Hash  felt.Felt `json:"transaction_hash"`
		Class felt.Felt `json:"class_hash"`
	}
	n.result(add, n.declaration(t, sierra, casm.HashV2(), bounds()), &got)
	if got.Class != sierra.Hash() {
		t.Errorf("class_hash %v, want %v", got.Class, sierra.Hash())
	}
	if s := n.until(got.Hash, "ACCEPTED_ON_L2"); s.Execution != "SUCCEEDED" {
		t.Errorf("declaration: %+v", s)
	}
	n.refused(51, add, n.declaration(t, sierra, casm.HashV2(), bounds()))
	n.ask("starknet_getClass", `["latest","`+got.Class.Hex()+`"]`)
	n.ask("starknet_getStateUpdate", `["latest"]`)
	n.ask("starknet_getBlockWithReceipts", `["latest"]`)
}
