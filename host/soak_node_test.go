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
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/jsonrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/mempool"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// soakEnv has a [soakNode] as JSON for a test program that is to be one.
const soakEnv = "SWITCHYARD_SOAK_NODE"

// soakNode is a node in a process of its own. It kills itself at a point of the order in which a block is sealed, if there is one.
type soakNode struct {
	Dir   string
	Set   []string // where its parts run
	Point string   // where it dies, if anywhere: executed, pending, sealed or complete
	After int      // how many blocks come before
	// Served says that transactions come by JSON-RPC, and not from a workload.
	Served bool
}

// soakSpec is what the blocks of the chain are like: small ones, or full-grown with SWITCHYARD_LONG=1.
func soakSpec() genesis.Spec {
	s := genesis.Spec{Name: genesis.Mix, Transactions: 40, Accounts: 60, Pools: 3, Collections: 3, Seed: 8, FailPct: 5}
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		s.Transactions, s.Accounts = 300, 200
	}
	return s
}

// latest closes blocks that do not become full.
const latest = 3 * time.Second

// run makes blocks until it is killed, and prints each when it is complete.
func (n *soakNode) run() error {
	listen := ""
	if n.Served {
		listen = "127.0.0.1:0"
	}
	cfg, err := config.Load(config.Sources{Program: config.Program{Plugins: catalog()}, Set: append([]string{
		"scheduler.use=blockstm", "vm.use=cairo", "store.use=trie", "store.config.path=" + filepath.Join(n.Dir, "state"),
		"ledger.path=" + filepath.Join(n.Dir, "ledger"), "rpc.listen=" + listen, "monitor.listen=", "block.interval=0s", "restart.budget=1000",
	}, n.Set...)})
	if err != nil {
		return err
	}
	w, err := genesis.New(soakSpec())
	if err != nil {
		return err
	}
	chain := host.Starknet{
		Chain: genesis.Chain, Genesis: w.Genesis, Header: genesis.Environment, Code: w.Code(),
		Refused: func(err error) { fmt.Fprintln(os.Stderr, "refused:", err) },
	}
	if !n.Served {
		chain.Workload = w
	}
	watch := fx.Invoke(func(p *sequencer.Producer, l *ledger.Ledger, v *sequencer.Preview, pool *mempool.Pool, rpc *jsonrpc.Listener) {
		p.Keep(&dying{l, n.Point, n.After}, v)
		p.Before(func(context.Context) error {
			fmt.Println("ready", rpc.Address())
			return nil
		})
		p.Each(func(b *sequencer.Sealed) {
			fmt.Printf("complete %d %v %d %d\n", b.Number, felt.Felt(b.Root), len(b.Finals), pool.Stats().Transactions)
		})
	})
	pace := sequencer.Pace{Interval: latest, Transactions: w.Size()}
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
func (d *dying) at(point string, n framework.BlockNumber) {
	if d.point == point && d.left < 0 {
		fmt.Println("dies", point, n)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// Pend implements [sequencer.Journal].
func (d *dying) Pend(ctx context.Context, b *sequencer.Block, before framework.State) error {
	d.left--
	d.at("executed", b.Number)
	err := d.Journal.Pend(ctx, b, before)
	d.at("pending", b.Number)
	return err
}

// Complete implements [sequencer.Journal].
func (d *dying) Complete(ctx context.Context, n framework.BlockNumber, root framework.Root) error {
	d.at("sealed", n)
	err := d.Journal.Complete(ctx, n, root)
	d.at("complete", n)
	return err
}

// soakProcess is the process of a node.
type soakProcess struct {
	cmd     *exec.Cmd
	log     string
	printed *bufio.Scanner
	plugins []int // all that it had
}

func startSoak(t *testing.T, n soakNode) *soakProcess {
	t.Helper()
	text, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	p := &soakProcess{cmd: exec.CommandContext(t.Context(), os.Args[0]), log: filepath.Join(n.Dir, "log")} //nolint:gosec // it starts itself
	file, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
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

// line returns the next line that the node prints.
func (p *soakProcess) line(t *testing.T) string {
	t.Helper()
	if !p.printed.Scan() {
		t.Fatalf("the node ended by itself:\n%s", p.lastWords())
	}
	return p.printed.Text()
}

// lastWords returns the end of what the nodes have logged.
func (p *soakProcess) lastWords() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-4000):])
}

// kill kills the node.
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

// end reads what is left of what the node printed, and waits until nothing of it is left.
func (p *soakProcess) end(t *testing.T, note func(line string)) {
	t.Helper()
	for p.printed.Scan() {
		note(p.printed.Text())
	}
	if err := p.cmd.Wait(); err == nil || p.cmd.ProcessState.String() != "signal: killed" {
		t.Fatalf("the node ended with %v, want that it was killed:\n%s", err, p.lastWords())
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
