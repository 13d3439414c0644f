package host_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// TestWaiting kills a node that has accepted transactions which cannot be executed yet. What was accepted a while ago is there again,
// and of the rest at most the last is not; once what was missing is sent, all are executed.
func TestWaiting(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip("SKIP: it looks for the processes of plugins in /proc")
	}
	spec := soakSpec()
	spec.Name = genesis.Transfers
	w, err := genesis.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	n := soakNode{Dir: t.TempDir(), Served: true}
	_, txs := w.Block(1)
	_, more := w.Block(2)
	var firsts, rest []*starknet.Invoke // of each sender
	for _, tx := range append(txs, more...) {
		in, err := starknet.DecodeInput(tx.Body)
		if err != nil {
			t.Fatal(err)
		}
		x, ok := in.Transaction.(*starknet.Invoke)
		switch {
		case !ok:
			t.Fatalf("%T", in.Transaction)
		case x.Nonce.IsZero():
			firsts = append(firsts, x)
		default:
			rest = append(rest, x)
		}
	}
	if len(rest) < 8 {
		t.Fatalf("%d transactions have to wait", len(rest))
	}
	p := startSoak(t, n)
	rpc := served(t, p)
	half := len(rest) / 2
	for i, x := range rest {
		if i == half { // much longer than it takes to make the others lasting
			<-time.NewTimer(time.Second).C
		}
		rpc.send(x)
	}
	p.kill(t)
	p.end(t, func(string) {})

	p = startSoak(t, n)
	rpc = served(t, p)
	for lost, i := false, 0; i < len(rest); i++ {
		there := rpc.status(rest[i]) == "RECEIVED"
		if !there && i < half || there && lost {
			t.Errorf("transaction %d of %d is there: %v, want what was accepted first", i, len(rest), there)
		}
		if lost = !there; lost {
			rpc.send(rest[i])
		}
	}
	for _, x := range firsts {
		rpc.send(x)
	}
	for _, x := range rest {
		for status := ""; status != "ACCEPTED_ON_L2"; status = rpc.status(x) {
			if status != "" {
				<-time.NewTimer(5 * time.Millisecond).C
			}
		}
	}
	p.kill(t)
	p.end(t, func(string) {})
}

// server is the JSON-RPC of a node.
type server struct {
	t   *testing.T
	url string
}

// served waits until a node has its JSON-RPC, and all that waited.
func served(t *testing.T, p *soakProcess) *server {
	t.Helper()
	address, ok := strings.CutPrefix(p.line(t), "ready ")
	if !ok {
		t.Fatalf("the node printed %q", p.printed.Text())
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return &server{t, "http://" + address + "/rpc"}
}

// ask calls a method and reads its result.
func (s *server) ask(method, params string, result any) {
	s.t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"starknet_%s","params":%s}`, method, params)
	r, err := http.Post(s.url, "application/json", bytes.NewReader([]byte(body))) //nolint:noctx // the node answers
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	answer := struct{ Result json.RawMessage }{}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Result == nil {
		s.t.Fatalf("%s: %s", method, text)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		s.t.Fatalf("%s: %s", method, text)
	}
}

// send has a transaction accepted.
func (s *server) send(x *starknet.Invoke) {
	s.t.Helper()
	var got struct {
		Hash felt.Felt `json:"transaction_hash"`
	}
	s.ask("addInvokeTransaction", `[`+string(openrpc.AppendTransactionBody(nil, x))+`]`, &got)
	if want := x.Hash(genesis.Chain); got.Hash != want {
		s.t.Fatalf("transaction_hash is %v, want %v", got.Hash, want)
	}
}

// status asks how far a transaction has come.
func (s *server) status(x *starknet.Invoke) string {
	s.t.Helper()
	hash := x.Hash(genesis.Chain)
	body := `{"jsonrpc":"2.0","id":1,"method":"starknet_getTransactionStatus","params":["` + hash.Hex() + `"]}`
	r, err := http.Post(s.url, "application/json", strings.NewReader(body)) //nolint:noctx // the node answers
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		Result struct {
			Finality string `json:"finality_status"`
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	if answer.Result.Finality == "" {
		return "unknown"
	}
	return answer.Result.Finality
}
