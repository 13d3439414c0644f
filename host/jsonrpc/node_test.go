package jsonrpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/chain"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/jsonrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/mempool"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/internal/rpcspec"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is a chain that is made, and its JSON-RPC.
type node struct {
	t        *testing.T
	url      string
	accounts []genesis.Account
	spec     *rpcspec.Spec // nil without the documents
	pool     *mempool.Pool
	chain    *chain.Chain
	sealed   chan *sequencer.Sealed
}

// parts is a sequencer whose parts are there.
type parts struct{ s sequencer.Sequencer }

func (p *parts) Sequencer() *sequencer.Sequencer {
	s := p.s
	return &s
}

// start starts a node whose blocks are closed when they have so many transactions.
func start(t *testing.T, perBlock int, compiler mempool.Compiler) *node {
	t.Helper()
	w, err := genesis.New(genesis.Spec{Accounts: 6, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	scheduler, err := blockstm.New(blockstm.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(ledger.Options{Chain: genesis.Chain})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{
		t: t, accounts: w.Accounts(), pool: mempool.New(mempool.Limits{}, time.Now, 1), sealed: make(chan *sequencer.Sealed, 1000),
	}
	if _, ok := realdata.Dir(); ok {
		n.spec = rpcspec.Load(t)
	}
	preview := new(sequencer.Preview)
	p := &parts{sequencer.Sequencer{
		Scheduler: scheduler, VM: execution.New(execution.Config{MaxMemory: 1 << 20}), Store: store, Journal: l, Preview: preview,
	}}
	opener := chain.NewOpener(func() *framework.Diff { return withTraps(w.Genesis()) }, genesis.Environment, l, time.Now)
	n.chain = chain.New(l, preview, n.pool, p, opener)
	supply := mempool.Supply{Opener: opener, Pool: n.pool}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	server := jsonrpc.New(n.chain, mempool.NewAdmission(n.pool, n.chain, compiler), jsonrpc.Limits{Body: 1 << 20, Batch: 5}, log)
	rpc := jsonrpc.NewListener(config.RPC{Listen: "127.0.0.1:0", Admin: true}, server, admit, log)
	ctx, stop := context.WithCancel(context.Background())
	if err := rpc.Start(ctx); err != nil {
		t.Fatal(err)
	}
	n.url = "http://" + rpc.Address()
	if _, err := p.Sequencer().Start(ctx, supply); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- p.Sequencer().Produce(ctx, supply, sequencer.Pace{Transactions: perBlock}, func(b *sequencer.Sealed) {
			supply.Sealed(b)
			n.sealed <- b
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, rpc.Stop(context.Background()), l.Close(), store.Close()); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return n
}

// admit takes any code but none.
func admit(text []byte) (felt.Felt, error) {
	if len(text) == 0 {
		return felt.Felt{}, errors.New("nothing")
	}
	return felt.One, nil
}

// trap is the address of a contract without end, and of one that needs all memory that there is.
var trap = felt.FromUint64(0x7247)

// withTraps adds the trap to a state: its entry point endless jumps on the spot, and hog fills its memory.
func withTraps(d *framework.Diff) *framework.Diff {
	jump := felt.MustParse("0x10780017fff7fff")                            // jmp rel
	push, back := felt.MustParse("0x480680017fff8000"), felt.FromUint64(2) // [ap] = , ap++
	back.Neg(&back)
	entry := func(name string, offset uint64) class.EntryPoint {
		return class.EntryPoint{Selector: starknet.Selector(name), Offset: offset}
	}
	k := &class.Cairo0{
		EntryPoints: class.EntryPoints[class.EntryPoint]{External: []class.EntryPoint{entry("endless", 0), entry("hog", 2)}},
		Data:        []felt.Felt{jump, {}, push, felt.One, jump, back}, MainScope: "__main__",
		ABI: json.RawMessage("[]"), Hints: json.RawMessage("{}"), Identifiers: json.RawMessage("{}"),
		ReferenceManager: json.RawMessage(`{"references": []}`), Attributes: json.RawMessage("[]"),
	}
	hash := k.Hash()
	d.Classes = append(d.Classes, framework.Class{Hash: framework.Word(hash), Body: class.Append(nil, k)})
	d.Writes = append(d.Writes,
		framework.Write{Key: starknet.DeclaredKey(hash), Value: framework.Word(felt.One)},
		framework.Write{Key: starknet.ClassHashKey(trap), Value: framework.Word(hash)},
		framework.Write{
			Key:   starknet.StorageKey(starknet.PublicFeeTokens.STRK, starknet.StorageVar("ERC20_balances", trap)),
			Value: framework.Word{0, 1 << 60},
		},
	)
	framework.SortWrites(d.Writes)
	return d
}

// answer is what a call is answered with.
type answer struct {
	Version string          `json:"jsonrpc"`
	ID      any             `json:"id"`
	Result  json.RawMessage `json:"result"`
	Error   *jsonrpc.Error  `json:"error"`
}

// post posts a text and returns what comes back.
func (n *node) post(path, text string) (status int, body []byte) {
	n.t.Helper()
	r, err := http.Post(n.url+path, "application/json", strings.NewReader(text)) //nolint:noctx // the node answers
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err = io.ReadAll(r.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return r.StatusCode, body
}

// ask calls a method with parameters, a JSON text, and checks the result against the specification.
func (n *node) ask(method, params string) *answer {
	n.t.Helper()
	_, body := n.post("/rpc", `{"jsonrpc":"2.0","id":7,"method":"`+method+`","params":`+params+`}`)
	a := new(answer)
	if err := json.Unmarshal(body, a); err != nil {
		n.t.Fatalf("%s: %v\n%s", method, err, body)
	}
	if a.Version != "2.0" || a.ID != 7.0 || (a.Error == nil) == (a.Result == nil) {
		n.t.Fatalf("%s answers %s", method, body)
	}
	if a.Error == nil && n.spec != nil {
		if err := n.spec.CheckResult(method, a.Result); err != nil {
			n.t.Errorf("%s(%s): %v\n%.2000s", method, params, err, a.Result)
		}
	}
	return a
}

// result calls a method that must have a result, and reads it.
func (n *node) result(method, params string, v any) {
	n.t.Helper()
	a := n.ask(method, params)
	if a.Error != nil {
		n.t.Fatalf("%s(%s): %v", method, params, a.Error)
	}
	if err := json.Unmarshal(a.Result, v); err != nil {
		n.t.Fatalf("%s(%s): %v\n%s", method, params, err, a.Result)
	}
}

// refused calls a method that must fail with this code, and returns what more it says.
func (n *node) refused(code int, method, params string) (data any) {
	n.t.Helper()
	a := n.ask(method, params)
	if a.Error == nil || a.Error.Code != code {
		n.t.Errorf("%s(%.300s) = %s, %+v, want error %d", method, params, a.Result, a.Error, code)
		return nil
	}
	return a.Error.Data
}

// bounds are what a transaction may take.
func bounds() starknet.V3Fields {
	bound := func(amount, price uint64) starknet.ResourceBound {
		return starknet.ResourceBound{MaxAmount: amount, MaxPrice: starknet.Uint128{Lo: price}}
	}
	data := bound(10_000, 1<<40)
	return starknet.V3Fields{Bounds: starknet.ResourceBounds{L1Gas: bound(10_000, 1<<40), L2Gas: bound(500_000_000, 1<<40), L1DataGas: &data}}
}

// invoke returns a signed call by account i.
func (n *node) invoke(i int, nonce uint64, to felt.Felt, selector string, calldata ...felt.Felt) *starknet.Invoke {
	length := felt.FromUint64(uint64(len(calldata)))
	tx := &starknet.Invoke{
		Version: 3, Sender: n.accounts[i].Address, Nonce: felt.FromUint64(nonce), V3: bounds(),
		Calldata: append([]felt.Felt{felt.One, to, starknet.Selector(selector), {}, length, length}, calldata...),
	}
	n.sign(i, tx)
	return tx
}

// sign signs a transaction with the key of account i.
func (n *node) sign(i int, tx *starknet.Invoke) {
	n.t.Helper()
	s, err := crypto.Sign(n.accounts[i].Key, tx.Hash(genesis.Chain))
	if err != nil {
		n.t.Fatal(err)
	}
	tx.Signature = []felt.Felt{s.R, s.S}
}

// transfer returns a signed transfer of account i.
func (n *node) transfer(i int, nonce, amount uint64) *starknet.Invoke {
	return n.invoke(i, nonce, starknet.PublicFeeTokens.STRK, "transfer", felt.FromUint64(0x99), felt.FromUint64(amount), felt.Felt{})
}

// params returns a transaction as the parameter of that name.
func params(name string, tx starknet.Transaction) string {
	return `{"` + name + `":` + string(openrpc.AppendTransactionBody(nil, tx)) + `}`
}

// send sends an invoke and returns its hash.
func (n *node) send(tx *starknet.Invoke) felt.Felt {
	n.t.Helper()
	var got struct {
		Hash felt.Felt `json:"transaction_hash"`
	}
	n.result("starknet_addInvokeTransaction", params("invoke_transaction", tx), &got)
	if want := tx.Hash(genesis.Chain); got.Hash != want {
		n.t.Errorf("transaction_hash is %v, want %v", got.Hash, want)
	}
	return got.Hash
}

// status is how far a transaction has come.
type status struct {
	Finality  string `json:"finality_status"`
	Execution string `json:"execution_status"`
	Reason    string `json:"failure_reason"`
}

// until asks for the status of a transaction until it is that, and returns it.
func (n *node) until(hash felt.Felt, finality string) (s status) {
	n.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		n.result("starknet_getTransactionStatus", `["`+hash.Hex()+`"]`, &s)
		if s.Finality == finality {
			return s
		}
	}
	n.t.Fatalf("transaction %v is %+v, want %s", hash, s, finality)
	return s
}

// block waits for the next block.
func (n *node) block() *sequencer.Sealed {
	n.t.Helper()
	select {
	case b := <-n.sealed:
		return b
	case <-time.After(time.Minute):
		n.t.Fatal("no block within a minute")
	}
	return nil
}
