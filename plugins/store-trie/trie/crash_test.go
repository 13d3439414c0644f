package trie_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// crashEnv tells this program to be the one that is killed: backend and folder.
const crashEnv = "SWITCHYARD_TEST_CRASH"

// crashDiff is what block n of the chain of the crash test changes.
func crashDiff(n framework.BlockNumber) *framework.Diff {
	return randomDiff(rand.New(rand.NewPCG(uint64(n), 11)), 80)
}

// crashChild seals blocks without end and prints each number once it is durable.
func crashChild(args string) {
	backend, path, _ := strings.Cut(args, " ")
	if err := crashSeal(backend, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func crashSeal(backend, path string) error {
	ctx := context.Background()
	c := trie.DefaultConfig()
	c.Path, c.Backend, c.Last = path, backend, 4
	s, err := trie.Open(ctx, c)
	if err != nil {
		return err
	}
	head, err := s.Head(ctx)
	if errors.Is(err, framework.ErrEmpty) {
		head.Number, err = framework.AtEmpty, nil
	}
	fmt.Println("ready")
	for n := head.Number + 1; err == nil; n++ {
		if err = s.Stage(ctx, n, "", crashDiff(n)); err == nil {
			if _, err = s.Seal(ctx, n); err == nil {
				fmt.Println(n)
			}
		}
	}
	return err
}

// TestKill kills processes at random moments of their commits: the store is then at the last block that was
// acknowledged, or at the one above, with the root of that block.
func TestKill(t *testing.T) {
	kills := 4
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		kills = 200
	}
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			twin, err := trie.OpenFS(vfs.NewMem(), trie.Config{Path: "db", Backend: trie.BackendLog})
			if err != nil {
				t.Fatal(err)
			}
			defer twin.Close()
			roots := map[framework.BlockNumber]framework.Root{}
			rng := rand.New(rand.NewPCG(1, 3))
			dir, moments := t.TempDir(), 0
			for kill := range kills {
				last := runAndKill(t, backend, dir, rng.IntN(4), time.Duration(rng.IntN(8000))*time.Microsecond)
				c := trie.DefaultConfig()
				c.Path, c.Backend, c.Last = dir, backend, 4
				s, err := trie.Open(t.Context(), c)
				if err != nil {
					t.Fatalf("kill %d: open: %v", kill, err)
				}
				head, err := s.Head(t.Context())
				if errors.Is(err, framework.ErrEmpty) {
					head, err = framework.Head{Number: framework.AtEmpty}, nil
				}
				if err != nil {
					t.Fatalf("kill %d: %v", kill, err)
				}
				for n := framework.BlockNumber(len(roots)); n <= head.Number; n++ {
					roots[n] = add(t, twin, n, crashDiff(n))
				}
				if last.known && (head.Number < last.number || head.Number > last.number+1) || head.Root != roots[head.Number] {
					t.Fatalf("kill %d: head %d of root %v, want %d or the one above, of root %v",
						kill, head.Number, felt.Felt(head.Root), last.number, felt.Felt(roots[head.Number]))
				}
				if last.known && head.Number == last.number {
					moments++
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d kills, %d of them with the last acknowledged block as head", kills, moments)
		})
	}
}

// acknowledged is the last block that a process said to be sealed, if it did.
type acknowledged struct {
	number framework.BlockNumber
	known  bool
}

// runAndKill starts a process, lets it seal some blocks and kills it a moment later.
func runAndKill(t *testing.T, backend, dir string, blocks int, later time.Duration) (last acknowledged) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+backend+" "+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 0; lines.Scan(); i++ {
		if lines.Text() != "ready" {
			if _, err := fmt.Sscan(lines.Text(), &last.number); err != nil {
				t.Fatalf("the process says %q", lines.Text())
			}
			last.known = true
		}
		if i == blocks { // what it prints until it is dead still counts
			time.AfterFunc(later, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatalf("the process ended by itself: %v\n%s", err, stderr.String())
	}
	return last
}
