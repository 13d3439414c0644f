package host_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// TestLargeBlock makes one block of signed transfers, with no limits and every part in a process of its own, seals it, and
// executes it again in this process, one transaction after the other: receipts, diff and root are the same. It has 500 of
// them, or 50,000 with SWITCHYARD_LONG=1, and reports the memory that the host takes for each.
func TestLargeBlock(t *testing.T) {
	n := 500
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		n = 50_000
	} else {
		t.Log("SKIP: a block of 50,000 transfers, without SWITCHYARD_LONG=1")
	}
	w, err := genesis.New(genesis.Spec{Transactions: n, Accounts: n / 10, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	w.Block(1) // what it allocates is not what the block takes
	before := peak(t)
	apart, took := large(t, w, "scheduler.use=blockstm", "scheduler.place=process", "vm.place=process", "store.place=process")
	t.Logf("%d transfers in %v; %d bytes of the host's memory each, at most", n, took, (peak(t)-before)*1024/n)
	if got := apart.Included(); got != n || apart.Full {
		t.Errorf("the block has %d transactions, full: %v, want all %d", got, apart.Full, n)
	}
	again, _ := large(t, w, "scheduler.use=serial")
	if apart.Root != again.Root {
		t.Errorf("root %v, and %v when executed again", apart.Root, again.Root)
	}
	if d := cmp.Diff(again.Diff, apart.Diff); d != "" {
		t.Errorf("diff (-again +first):\n%.2000s", d)
	}
	for i := range apart.Finals {
		one, other := apart.Finals[i].Outcome, again.Finals[i].Outcome
		if one.Status != framework.Succeeded || string(one.Receipt) != string(other.Receipt) {
			t.Fatalf("transaction %d: %v, and %v when executed again, or another receipt", i, one.Status, other.Status)
		}
	}
}

// large makes and seals block 1 of a workload in an assembly.
func large(t *testing.T, w *genesis.Workload, set ...string) (*sequencer.Sealed, time.Duration) {
	t.Helper()
	set = append(set, "vm.use=cairo", "store.use=trie", "store.config.path="+t.TempDir())
	a, err := host.Assemble(t.Context(), catalog(), load(t, "", set...))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := a.Sequencer()
	if _, err := s.Start(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	b, err := s.Next(t.Context(), w, 1)
	if err != nil {
		t.Fatal(err)
	}
	return b, time.Since(start)
}

// peak returns how many kilobytes of memory this process has had at most, 0 where the system does not tell.
func peak(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb int
	for _, line := range strings.Split(string(text), "\n") {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return kb
		}
	}
	return 0
}
