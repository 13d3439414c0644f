package trie_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/framework/storetest"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// TestMain is the main of a plugin if a host has started this program, that of the process that [TestKill] kills, and
// that of the tests otherwise.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		serve.Main(trie.Factory())
	}
	if args := os.Getenv(crashEnv); args != "" {
		crashChild(args)
	}
	// Pebble leaves this one behind when it cannot open a damaged database.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2.(*ConcurrencyLimitScheduler).periodicGranter"))
}

// open opens a store in a folder.
func open(t testing.TB, path, backend string, last int) *trie.Store {
	t.Helper()
	c := trie.DefaultConfig()
	c.Path, c.Backend, c.Last = path, backend, last
	s, err := trie.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// backends are the names of all.
var backends = []string{trie.BackendPebble, trie.BackendLog}

func TestConformance(t *testing.T) {
	for i, backend := range backends {
		if raceEnabled && backend == trie.BackendLog {
			continue // the store is the same, and package kv runs races on both
		}
		last := 8 * i // one of them keeps all blocks
		t.Run(fmt.Sprintf("%s, last %d", backend, last), func(t *testing.T) {
			fs := vfs.NewMem() // the same as on disk, but for the time that it takes
			subject := subject(last)
			subject.Open = func(t conform.T, dir string) framework.Store {
				s, err := trie.OpenFS(fs, trie.Config{Path: dir, Backend: backend, Last: last})
				if err != nil {
					t.Fatalf("open: %v", err)
				}
				t.Cleanup(func() { s.Close() })
				return s
			}
			storetest.Run(conform.Testing(t), subject)
		})
	}
}

// subject is what the conformance suite has to know of the store.
func subject(last int) storetest.Subject {
	return storetest.Subject{
		Durable:  true,
		Retain:   last,
		Protocol: "0.14.0",
		Key:      testKey,
		Value:    testValue,
		Declare: func(class framework.Word) []framework.Write {
			return []framework.Write{
				{Key: starknet.CompiledClassKey(felt.Felt(class)), Value: framework.Word{7}},
				{Key: starknet.DeclaredKey(felt.Felt(class)), Value: framework.Word{1}},
			}
		},
		Refused: []framework.Write{
			{Key: framework.Key{Space: 5}, Value: framework.Word{1}},
			{Key: framework.Key{Space: 0x80, Owner: framework.Word{1}}, Value: framework.Word{1}},
			{Key: framework.Key{Space: starknet.SpaceNonce, Slot: framework.Word{1}}, Value: framework.Word{1}},
			{Key: framework.Key{Slot: framework.Word{3: 1 << 59}}, Value: framework.Word{1}},
			{Key: framework.Key{Owner: framework.Word{3: 1 << 59}}, Value: framework.Word{1}},
			{Key: framework.Key{}, Value: framework.Word{3: 1 << 60}},
			{Key: starknet.DeclaredKey(felt.One), Value: framework.Word{2}},
		},
		Verify: proof.Check,
	}
}

// testKey returns the i-th of a series of cells of all kinds.
func testKey(i int) framework.Key {
	owner := spread("owner", i/5)
	switch i % 5 {
	case 0:
		return starknet.NonceKey(owner)
	case 1:
		return starknet.ClassHashKey(owner)
	case 2:
		return starknet.CompiledClassKey(owner)
	}
	return starknet.StorageKey(owner, spread("slot", i))
}

func testValue(i int) framework.Word { return framework.Word(spread("value", i)) }

// spread returns a number below 2^251 that looks random.
func spread(what string, i int) (f felt.Felt) {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %d", what, i))
	for l := range f {
		f[l] = binary.LittleEndian.Uint64(h[8*l:])
	}
	f[3] &= 1<<59 - 1
	return f
}
