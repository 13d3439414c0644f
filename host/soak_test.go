package host_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// soakPlaces are where the parts of the nodes run, by turns.
func soakPlaces() [][]string {
	place := func(scheduler, vm, store string) []string {
		return []string{"scheduler.place=" + scheduler, "vm.place=" + vm, "store.place=" + store}
	}
	return [][]string{
		place("process", "process", "process"),
		place("shared:core", "shared:core", "process"),
		place("process", "process", "process"),
		place("process", "shared:data", "shared:data"),
		place("shared:all", "shared:all", "shared:all"),
		place("builtin", "builtin", "process"),
	}
}

// points are those of the order in which a block is sealed.
var points = []string{"executed", "pending", "sealed", "complete"}

// TestSoak has a node make full blocks of a mix of signed transactions and kills it again and again: the host or one of its plugins
// at any moment, and the host at every point of the order in which a block is sealed; the parts have a process each, or share some. No
// block that was complete is lost or changed, and in the end all of them, executed again one after the other, have the same roots and
// receipts. It takes some deaths, or with SWITCHYARD_LONG=1 half an hour of them; SWITCHYARD_SOAK says another time.
func TestSoak(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil || raceEnabled {
		t.Skip("SKIP: it looks for the processes of plugins in /proc, and takes too long under the race detector")
	}
	deaths := []string{"plugin", "sealed"}
	var lasts time.Duration
	long := os.Getenv("SWITCHYARD_LONG") == "1"
	if long {
		deaths = []string{"host", "plugin", "executed", "plugin", "pending", "host", "sealed", "plugin", "complete", "plugin", "plugin"}
		lasts = 30 * time.Minute
		if other, err := time.ParseDuration(os.Getenv("SWITCHYARD_SOAK")); err == nil {
			lasts = other
		}
	} else {
		t.Log("SKIP: all but two deaths, without SWITCHYARD_LONG=1")
	}
	s := &soak{dir: t.TempDir(), roots: map[framework.BlockNumber]string{}, dice: rand.New(rand.NewPCG(1, 2)), deaths: map[string]int{}}
	begun := time.Now()
	places := soakPlaces()
	for i := 0; i < len(deaths) || time.Since(begun) < lasts; i++ {
		s.round(t, deaths[i%len(deaths)], places[i%len(places)])
		if t.Failed() {
			t.Fatalf("after %d deaths, %v and %d blocks", i+1, time.Since(begun), len(s.roots))
		}
		if i%20 == 19 {
			t.Logf("%v: %v", time.Since(begun).Round(time.Second), s)
		}
	}
	lasted := time.Since(begun)
	txs := s.replay(t)
	t.Logf("%v: %v; all %d transactions of the ledger were executed again", lasted.Round(time.Second), s, txs)
	for _, point := range points {
		if long && s.deaths[point] == 0 {
			t.Errorf("nobody died when a block was %s", point)
		}
	}
}

// soak is what the test knows of the chain.
type soak struct {
	dir   string
	roots map[framework.BlockNumber]string // of the blocks that were said to be complete
	head  framework.BlockNumber
	dice  *rand.Rand
	// deaths counts what was killed: host, plugin, or the host at a point.
	deaths map[string]int
	// full and busy count the blocks that had as many transactions as they may, and those at whose end others waited.
	full, busy int
}

// String says what has happened so far.
func (s *soak) String() string {
	killed := []string{fmt.Sprintf("%d plugins and %d hosts were killed at any moment", s.deaths["plugin"], s.deaths["host"])}
	for _, p := range points {
		killed = append(killed, fmt.Sprintf("%d hosts when a block was %s", s.deaths[p], p))
	}
	return fmt.Sprintf("%s; %d blocks were complete, %d full, and others waited at the end of %d",
		strings.Join(killed, ", "), len(s.roots), s.full, s.busy)
}

// round starts a node, lets it die in some way, and looks at what it left.
func (s *soak) round(t *testing.T, death string, places []string) {
	t.Helper()
	n := soakNode{Dir: s.dir, Set: places, After: s.dice.IntN(4)}
	if slices.Contains(points, death) {
		n.Point = death
	}
	p := startSoak(t, n)
	if n.Point == "" {
		s.wait(t, p, 1+s.dice.IntN(3))
		if death == "plugin" {
			for range 1 + s.dice.IntN(3) {
				p.killPlugin(t, s.dice)
				s.deaths["plugin"]++
				s.wait(t, p, 2) // one may have been complete already
			}
		}
		timer := time.NewTimer(time.Duration(s.dice.IntN(100)) * time.Millisecond)
		<-timer.C
		p.kill(t)
		s.deaths["host"]++
	}
	p.end(t, func(line string) { s.note(t, line) })
	s.look(t)
}

// wait waits for more blocks.
func (s *soak) wait(t *testing.T, p *soakProcess, blocks int) {
	t.Helper()
	for had := len(s.roots); len(s.roots) < had+blocks; {
		s.note(t, p.line(t))
	}
	p.plugins = append(p.plugins, children(p.cmd.Process.Pid)...)
}

// note remembers what a node has printed.
func (s *soak) note(t *testing.T, line string) {
	t.Helper()
	var n framework.BlockNumber
	var txs, waiting int
	var root string
	if _, err := fmt.Sscanf(line, "dies %s %d", &root, &n); err == nil {
		s.deaths[root]++
		return
	}
	if strings.HasPrefix(line, "ready") {
		return
	}
	if _, err := fmt.Sscanf(line, "complete %d %s %d %d", &n, &root, &txs, &waiting); err != nil {
		t.Fatalf("the node printed %q", line)
	}
	if old, ok := s.roots[n]; ok {
		t.Errorf("block %d was complete with root %s, and is made again, with %s", n, old, root)
	}
	s.roots[n], s.head = root, max(s.head, n)
	if txs == soakSpec().Transactions {
		s.full++
	}
	if waiting > 0 {
		s.busy++
	}
}

// look compares the last blocks of the ledger with those that were complete.
func (s *soak) look(t *testing.T) {
	t.Helper()
	l := s.ledger(t)
	defer l.Close()
	last, err := l.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The last one may be pending for the ledger, and sealed for the store: the next start completes it.
	if last.Number < s.head {
		t.Errorf("the ledger ends with block %d, and block %d was complete", last.Number, s.head)
		return
	}
	head, _, _ := l.Head()
	for n := max(1, head-20); n <= head; n++ {
		s.compare(t, l, n)
	}
}

// compare compares a block of the ledger with what it was when it was complete.
func (s *soak) compare(t *testing.T, l *ledger.Ledger, n framework.BlockNumber) {
	t.Helper()
	h, err := l.Header(n)
	if err != nil {
		t.Fatal(err)
	}
	if root, ok := s.roots[n]; ok && h.StateRoot.String() != root {
		t.Errorf("block %d has the root %v, and was complete with %s", n, h.StateRoot, root)
	}
}

func (s *soak) ledger(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(ledger.Options{Path: filepath.Join(s.dir, "ledger"), Chain: genesis.Chain})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// replay executes all blocks of the ledger again, and returns how many transactions they have.
func (s *soak) replay(t *testing.T) (txs int) {
	t.Helper()
	l := s.ledger(t)
	defer l.Close()
	w, err := genesis.New(soakSpec())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := host.AssembleStore(t.Context(), catalog(), load(t, "", "store.use=trie", "store.config.path="+filepath.Join(s.dir, "state")))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	a, err := host.Assemble(t.Context(), catalog(), load(t, "", "vm.use=cairo", "store.use=trie", "store.config.path="+t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	q := a.Sequencer()
	if _, err := q.Start(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	head, _, _ := l.Head()
	classes, err := kept.Store.At(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	defer classes.Close()
	for n := framework.BlockNumber(1); n <= head; n++ {
		s.compare(t, l, n)
		txs += again(t, q, l, n, classes)
	}
	return txs
}

// again executes a block of the ledger again, and compares what comes out. The classes are those of some later state.
func again(t *testing.T, q *sequencer.Sequencer, l *ledger.Ledger, n framework.BlockNumber, classes framework.State) int {
	t.Helper()
	kept, err := l.Block(n)
	if err != nil {
		t.Fatal(err)
	}
	start, err := l.Start(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	env := &starknet.Environment{Chain: genesis.Chain, FeeTokens: starknet.PublicFeeTokens, Header: kept.Header}
	feed := framework.NewQueue(inputs(t, kept.Transactions, classes)...)
	feed.Close()
	b, err := q.Execute(t.Context(), &framework.Block{
		Number: n, Protocol: kept.Header.Protocol, Header: starknet.AppendEnvironment(nil, env), Start: start,
	}, feed)
	if err != nil {
		t.Fatal(err)
	}
	root, err := q.Seal(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if felt.Felt(root) != kept.Header.StateRoot {
		t.Fatalf("block %d has the root %v, and %v when executed again", n, kept.Header.StateRoot, felt.Felt(root))
	}
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		if r.ActualFee != kept.Receipts[i].ActualFee || r.RevertReason != kept.Receipts[i].RevertReason {
			t.Errorf("block %d, transaction %d: fee %v, %q, and %v, %q when executed again",
				n, i, kept.Receipts[i].ActualFee, kept.Receipts[i].RevertReason, r.ActualFee, r.RevertReason)
		}
	}
	return len(b.Finals)
}

// inputs returns transactions with what it takes to execute them.
func inputs(t *testing.T, txs []starknet.Transaction, classes framework.State) []framework.Tx {
	t.Helper()
	var all []framework.Tx
	for _, tx := range txs {
		in := &starknet.Input{Transaction: tx, PaidFee: starknet.Uint128{Lo: 1}} // nobody keeps what was paid on L1
		if d, ok := tx.(*starknet.Declare); ok {
			c, err := classes.Class(t.Context(), framework.Word(d.ClassHash))
			if err != nil {
				t.Fatal(err)
			}
			in.Class = c.Body
		}
		all = append(all, in.ToTx(tx.Hash(genesis.Chain)))
	}
	return all
}
