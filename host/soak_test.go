package host_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// soakEnv has a [soakNode] as JSON for a test program that is to be one.
const soakEnv = "SWITCHYARD_SOAK_NODE"

// soakNode is a node in a process of its own, with scheduler and VM in another one and the store in a third. It kills itself at a
// point of the order in which a block is sealed, if there is one.
type soakNode struct {
	Dir   string
	Point string // where, if anywhere: executed, pending, sealed or complete
	After int    // how many blocks come before
}

// soakSpec is what the blocks of the chain are like.
func soakSpec() genesis.Spec {
	return genesis.Spec{Name: genesis.Mix, Transactions: 40, Accounts: 60, Pools: 2, Collections: 2, Seed: 8, FailPct: 5}
}

// run makes blocks until it is killed, and prints each when it is complete.
func (n *soakNode) run() error {
	cfg, err := config.Load(config.Sources{Program: config.Program{Plugins: catalog()}, Set: []string{
		"scheduler.use=blockstm", "scheduler.place=shared:core", "vm.use=cairo", "vm.place=shared:core",
		"store.use=trie", "store.place=process", "store.config.path=" + filepath.Join(n.Dir, "state"),
		"ledger.path=" + filepath.Join(n.Dir, "ledger"), "rpc.listen=", "monitor.listen=", "block.interval=500ms", "restart.budget=1000",
	}})
	if err != nil {
		return err
	}
	w, err := genesis.New(soakSpec())
	if err != nil {
		return err
	}
	chain := host.Starknet{
		Chain: genesis.Chain, Genesis: w.Genesis, Header: genesis.Environment, Workload: w,
		Refused: func(err error) { fmt.Fprintln(os.Stderr, "refused:", err) },
	}
	watch := fx.Invoke(func(p *sequencer.Producer, l *ledger.Ledger, v *sequencer.Preview) {
		p.Keep(&dying{l, n.Point, n.After}, v)
		p.Each(func(b *sequencer.Sealed) { fmt.Printf("complete %d %v\n", b.Number, felt.Felt(b.Root)) })
	})
	pace := sequencer.Pace{Interval: cfg.Block.Interval, Transactions: w.Size()}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	return host.Run(context.Background(), log, host.StarknetNode(catalog(), cfg, chain, pace, watch))
}

// dying is a journal whose process dies at a point.
type dying struct {
	sequencer.Journal
	point string
	left  int // blocks to pend before
}

// at kills the process if this is the point.
func (d *dying) at(point string) {
	if d.point == point && d.left < 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// Pend implements [sequencer.Journal].
func (d *dying) Pend(ctx context.Context, b *sequencer.Block, before framework.State) error {
	d.left--
	d.at("executed")
	err := d.Journal.Pend(ctx, b, before)
	d.at("pending")
	return err
}

// Complete implements [sequencer.Journal].
func (d *dying) Complete(ctx context.Context, n framework.BlockNumber, root framework.Root) error {
	d.at("sealed")
	err := d.Journal.Complete(ctx, n, root)
	d.at("complete")
	return err
}

// TestSoak has a node make blocks of a mix of signed transactions and kills it again and again: the host or one of its plugins at any
// moment, and the host at every point of the order in which a block is sealed. No block that was complete is lost or changed, and
// in the end all of them, executed again one after the other, have the same roots and receipts. It takes some deaths, or with
// SWITCHYARD_LONG=1 half an hour of them; SWITCHYARD_SOAK says another time.
func TestSoak(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil || raceEnabled {
		t.Skip("SKIP: it looks for the processes of plugins in /proc, and takes too long under the race detector")
	}
	deaths := []string{"plugin", "sealed"}
	var lasts time.Duration
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		deaths = []string{"host", "plugin", "executed", "plugin", "pending", "host", "sealed", "plugin", "complete"}
		lasts = 30 * time.Minute
		if other, err := time.ParseDuration(os.Getenv("SWITCHYARD_SOAK")); err == nil {
			lasts = other
		}
	} else {
		t.Log("SKIP: all but two deaths, without SWITCHYARD_LONG=1")
	}
	s := &soak{dir: t.TempDir(), roots: map[framework.BlockNumber]string{}, dice: rand.New(rand.NewPCG(1, 2))}
	begun := time.Now()
	for i := 0; i < len(deaths) || time.Since(begun) < lasts; i++ {
		s.round(t, deaths[i%len(deaths)])
		if t.Failed() {
			t.Fatalf("after %d deaths, %v and %d blocks", i+1, time.Since(begun), len(s.roots))
		}
	}
	txs := s.replay(t)
	t.Logf("%d hosts and %d plugins died in %v; %d blocks of %d transactions are all there", s.hosts, s.plugins, time.Since(begun), len(s.roots), txs)
}

// soak is what the test knows of the chain.
type soak struct {
	dir            string
	roots          map[framework.BlockNumber]string // of the blocks that were said to be complete
	head           framework.BlockNumber
	dice           *rand.Rand
	hosts, plugins int
}

// round starts a node, lets it die in some way, and looks at what it left.
func (s *soak) round(t *testing.T, death string) {
	t.Helper()
	n := soakNode{Dir: s.dir, After: s.dice.IntN(4)}
	if death != "host" && death != "plugin" {
		n.Point = death
	}
	p := startSoak(t, n)
	if n.Point == "" {
		p.next(t, s, 1+s.dice.IntN(3))
		if death == "plugin" {
			for range 1 + s.dice.IntN(3) {
				p.killPlugin(t, s.dice)
				s.plugins++
				p.next(t, s, 2) // one may have been complete already
			}
		}
		timer := time.NewTimer(time.Duration(s.dice.IntN(100)) * time.Millisecond)
		<-timer.C
		p.kill(t)
	}
	p.end(t, s)
	s.hosts++
	s.look(t)
}

// soakProcess is the process of a node.
type soakProcess struct {
	cmd     *exec.Cmd
	printed *bufio.Scanner
	plugins []int // all that it had
}

func startSoak(t *testing.T, n soakNode) *soakProcess {
	t.Helper()
	text, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(n.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := &soakProcess{cmd: exec.CommandContext(t.Context(), os.Args[0])} //nolint:gosec // it starts itself
	p.cmd.Env = append(os.Environ(), soakEnv+"="+string(text))
	p.cmd.Stderr = file
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.printed = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// next waits for more blocks.
func (p *soakProcess) next(t *testing.T, s *soak, blocks int) {
	t.Helper()
	for range blocks {
		if !p.printed.Scan() {
			t.Fatalf("the node ended by itself:\n%s", s.lastWords())
		}
		s.note(t, p.printed.Text())
	}
	p.plugins = append(p.plugins, children(p.cmd.Process.Pid)...)
}

// end reads what is left of what the node printed, and waits until nothing of it is left.
func (p *soakProcess) end(t *testing.T, s *soak) {
	t.Helper()
	for p.printed.Scan() {
		s.note(t, p.printed.Text())
	}
	if err := p.cmd.Wait(); err == nil || p.cmd.ProcessState.String() != "signal: killed" {
		t.Fatalf("the node ended with %v, want that it was killed:\n%s", err, s.lastWords())
	}
	late := time.Now().Add(20 * time.Second)
	for _, pid := range p.plugins {
		for syscall.Kill(pid, 0) == nil && !zombie(pid) {
			if time.Now().After(late) {
				t.Fatalf("plugin %d outlives its host", pid)
			}
			<-time.NewTimer(time.Millisecond).C
		}
	}
}

func (p *soakProcess) kill(t *testing.T) {
	t.Helper()
	p.plugins = append(p.plugins, children(p.cmd.Process.Pid)...)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
}

// killPlugin kills one of the processes that the node has started.
func (p *soakProcess) killPlugin(t *testing.T, dice *rand.Rand) {
	t.Helper()
	all := children(p.cmd.Process.Pid)
	if len(all) == 0 {
		t.Fatal("the node has no plugins")
	}
	_ = syscall.Kill(all[dice.IntN(len(all))], syscall.SIGKILL) // it may be gone already
}

// children returns the processes that one has started.
func children(pid int) []int {
	var all []int
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		for _, word := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				all = append(all, n)
			}
		}
	}
	slices.Sort(all)
	return all
}

// zombie reports whether a process is dead, and only not yet waited for by whoever inherited it.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(text), ") Z ")
}

// note remembers a block that is complete.
func (s *soak) note(t *testing.T, line string) {
	t.Helper()
	var n framework.BlockNumber
	var root string
	if _, err := fmt.Sscanf(line, "complete %d %s", &n, &root); err != nil {
		t.Fatalf("the node printed %q", line)
	}
	if old, ok := s.roots[n]; ok {
		t.Errorf("block %d was complete with root %s, and is made again, with %s", n, old, root)
	}
	s.roots[n], s.head = root, max(s.head, n)
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
		h, err := l.Header(n)
		if err != nil {
			t.Fatal(err)
		}
		if root, ok := s.roots[n]; ok && h.StateRoot.String() != root {
			t.Errorf("block %d has the root %v, and was complete with %s", n, h.StateRoot, root)
		}
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

// lastWords returns the end of what the nodes have logged.
func (s *soak) lastWords() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text[max(0, len(text)-4000):])
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
	for n := framework.BlockNumber(1); n <= head; n++ {
		txs += again(t, q, l, n)
	}
	return txs
}

// again executes a block of the ledger again, and compares what comes out.
func again(t *testing.T, q *sequencer.Sequencer, l *ledger.Ledger, n framework.BlockNumber) int {
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
	var all []framework.Tx
	for _, tx := range kept.Transactions {
		in := &starknet.Input{Transaction: tx}
		all = append(all, in.ToTx(tx.Hash(genesis.Chain)))
	}
	feed := framework.NewQueue(all...)
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
	return len(all)
}
