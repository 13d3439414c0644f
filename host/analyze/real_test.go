package analyze_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/analyze"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// recordedBlock is a block of the chain as its gateway told it.
type recordedBlock struct {
	Sequencer    string `json:"sequencer_address"`
	Transactions []struct {
		Sender string `json:"sender_address"`
	} `json:"transactions"`
	Receipts []struct {
		Resources struct {
			Steps int `json:"n_steps"`
		} `json:"execution_resources"`
		Events []struct {
			From string   `json:"from_address"`
			Keys []string `json:"keys"`
			Data []string `json:"data"`
		} `json:"events"`
	} `json:"transaction_receipts"`
}

const transferEvent = "0x99cd8bde557814842a3121e8ddfd433a539b8c9f14bf31ebf108d12e6196e9"

// works returns what the receipts tell of who touched what: the sender's nonce, and the balances that transfers name. All
// are read at the start and written. The fee recipient's is one of them, or is added to.
func (b *recordedBlock) works(t *testing.T, added, steps bool) []trace.Work {
	works := make([]trace.Work, len(b.Receipts))
	for i := range works {
		w, r := &works[i], &b.Receipts[i]
		w.Cost = time.Microsecond
		if steps {
			w.Cost = time.Duration(r.Resources.Steps) * 10
		}
		keys := map[framework.Key]bool{}
		if s := b.Transactions[i].Sender; s != "" {
			keys[framework.Key{Space: 1, Owner: word(t, s)}] = true
		}
		for _, e := range r.Events {
			if len(e.Keys) == 0 || e.Keys[0] != transferEvent {
				continue
			}
			for _, holder := range append(e.Keys[1:], e.Data...)[:2] {
				if h := word(t, holder); h != (framework.Word{}) && !(added && holder == b.Sequencer) {
					keys[framework.Key{Owner: word(t, e.From), Slot: h}] = true
				}
			}
		}
		for k := range keys {
			w.Reads = append(w.Reads, trace.Access{Key: k})
			w.Writes = append(w.Writes, k)
		}
	}
	return works
}

func word(t *testing.T, hex string) (w framework.Word) {
	t.Helper()
	n, ok := new(big.Int).SetString(hex, 0)
	if !ok {
		t.Fatalf("%q is no number", hex)
	}
	for i := range w {
		w[i] = new(big.Int).Rsh(n, uint(64*i)).Uint64() //nolint:gosec // small
	}
	return w
}

// TestRealBlocks holds the bounds of blocks of the chain against figures that were computed elsewhere: with the fee
// recipient's balance as a cell like any other they allow nothing, with additions they do.
func TestRealBlocks(t *testing.T) {
	for _, c := range []struct {
		file                                       string
		txs                                        int
		keyCount, keySteps, addedCount, addedSteps string
	}{
		{"mainnet_65000__0.11.1", 236, "1.02", "1.01", "26.2", "10.8"},
		{"mainnet_550000__0.13.0", 121, "1.00", "1.00", "6.05", "2.45"},
		{"mainnet_2238855__0.14.0", 20, "1.00", "1.00", "20.0", "4.7"},
	} {
		t.Run(c.file, func(t *testing.T) {
			var b recordedBlock
			if err := json.Unmarshal(realdata.Read(t, "chain/blocks/"+c.file+".json"), &b); err != nil {
				t.Fatal(err)
			}
			if len(b.Receipts) != c.txs {
				t.Fatalf("%d transactions, want %d", len(b.Receipts), c.txs)
			}
			for _, k := range []struct {
				added, steps bool
				want         string
			}{{false, false, c.keyCount}, {false, true, c.keySteps}, {true, false, c.addedCount}, {true, true, c.addedSteps}} {
				block := recorded(t, b.works(t, k.added, k.steps), trace.Scenario{Policy: "push", Workers: 1})
				r, err := analyze.Block(t.Context(), block, analyze.Config{})
				if err != nil {
					t.Fatal(err)
				}
				digits := len(k.want) - 1
				for i, d := range k.want {
					if d == '.' {
						digits = len(k.want) - i - 1
					}
				}
				if got := fmt.Sprintf("%.*f", digits, r.Bounds.AnyTx); got != k.want {
					t.Errorf("recipient added to %t, by steps %t: bound %s, want %s", k.added, k.steps, got, k.want)
				}
			}
		})
	}
}
