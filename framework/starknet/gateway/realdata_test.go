package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// recording is a recorded block and the diff that it makes, nil where that was not recorded.
type recording struct {
	*gateway.Block
	diff *starknet.StateDiff
}

// blocks returns all recorded blocks by file name.
func blocks(t testing.TB) map[string]recording {
	t.Helper()
	out := map[string]recording{}
	for _, name := range append(realdata.Glob(t, "chain/blocks/*.json"), realdata.Glob(t, "chain/sepolia-blocks/*.json")...) {
		data := realdata.Read(t, name)
		if strings.Contains(string(data[:20]), `"block":`) {
			c, err := gateway.ParseRecording(data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = recording{&c.Block, &c.StateUpdate.Diff}
			continue
		}
		b, err := gateway.ParseBlock(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = recording{b, nil}
	}
	for _, name := range append(realdata.Glob(t, "chain/state-updates/*.json"), realdata.Glob(t, "chain/sepolia-0-7/*.json")...) {
		u, err := gateway.ParseStateUpdate(realdata.Read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		of := strings.NewReplacer("state-updates", "blocks", "sepolia-0-7", "sepolia-blocks").Replace(name)
		c, ok := out[of]
		switch {
		case !ok:
			t.Logf("%s: no block recorded with it", name)
		case c.Header.Hash != u.BlockHash || c.Header.StateRoot != u.NewRoot:
			t.Errorf("%s is not of the block in %s", name, of)
		default:
			c.diff = &u.Diff
			out[of] = c
		}
	}
	return out
}

func chainOf(name string) starknet.ChainID {
	switch {
	case strings.Contains(name, "mainnet"):
		return starknet.Mainnet
	case strings.Contains(name, "integration"):
		return starknet.SepoliaIntegration
	}
	return starknet.Sepolia
}

func TestRealTransactionHashes(t *testing.T) {
	n := 0
	for name, b := range blocks(t) {
		for i, tx := range b.Transactions {
			n++
			if got, want := tx.Hash(chainOf(name)), b.Receipts[i].TransactionHash; got != want {
				t.Errorf("%s: Hash of transaction %d, %v version %v = %v, want %v", name, i, tx.Kind(), tx.TxVersion(), got, want)
			}
		}
	}
	t.Logf("%d transactions", n)
}

func TestRealBlockHashes(t *testing.T) {
	for name, b := range blocks(t) {
		t.Run(name, func(t *testing.T) {
			h := b.Header
			if err := h.Commit(b.Transactions, b.Receipts, b.diff); err != nil {
				t.Fatal(err)
			}
			if b.diff == nil { // take the word of the block for what cannot be computed
				h.StateDiff, h.StateDiffLength = b.Header.StateDiff, b.Header.StateDiffLength
			}
			if diff := cmp.Diff(b.Header.Commitments, h.Commitments); diff != "" {
				t.Errorf("Commit (-block +computed):\n%s", diff)
			}
			got, err := starknet.BlockHash(&h, chainOf(name))
			if err != nil || got != b.Header.Hash {
				t.Errorf("BlockHash = %v, %v, want %v", got, err, b.Header.Hash)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	for name, b := range blocks(t) {
		if err := starknet.Verify(&b.Block.Block, b.diff, chainOf(name)); err != nil {
			t.Errorf("%s: Verify = %v", name, err)
		}
		if len(b.Receipts) > 10 {
			continue
		}
		for what, change := range map[string]func(b *starknet.Block){
			"transaction": func(b *starknet.Block) { b.Transactions = b.Transactions[1:]; b.Receipts = b.Receipts[1:] },
			"hash": func(b *starknet.Block) {
				b.Receipts = slices.Clone(b.Receipts)
				b.Receipts[0].TransactionHash = felt.One
			},
			"commitment": func(b *starknet.Block) { b.Header.Transactions = felt.One },
			"parent":     func(b *starknet.Block) { b.Header.Parent = felt.One },
		} {
			c := b.Block.Block
			if change(&c); !errors.Is(starknet.Verify(&c, b.diff, chainOf(name)), starknet.ErrHash) {
				t.Errorf("%s: Verify with another %s = nil, want ErrHash", name, what)
			}
		}
	}
}

// The blocks before 0.13.2 were hashed again by the rule of 0.13.2; these are such hashes of Sepolia.
func TestNewRuleOnOldBlocks(t *testing.T) {
	want := []string{
		"0x700ba1092fcecd40cb6898b239a3a3e8bf017be9259088546e051303d951c81",
		"0x65f21e3bf9acb006889a6a0cfa53811204cb2a08e830bf61238547a454471af",
		"0x6a592792d61b9eddbf7686bff0cdc318b5875efcbb363fd0cd4308a1a07660d",
		"0xf8648fbf10da5adca08c3307dd221fa19da3fe8e339ade0452545e9e643c31",
		"0x5001dd2dd55c1cdfc347f7d353f63f245ad7dbba56b4bc720a6c80841156cb6",
		"0x58b18d1ff10100a677e324d1b26dc2aa07e07f8e0d44e18ea3fc3e8aec1e323",
		"0x14afe153151c592608d15d509d6dc632d685cb63d4740ca6aceecde3f839625",
	}
	all := blocks(t)
	for i, want := range want {
		b := all[fmt.Sprintf("chain/sepolia-blocks/%d.json", i)]
		h := b.Header
		h.Protocol = starknet.V0_13_2.String()
		if err := h.Commit(b.Transactions, b.Receipts, b.diff); err != nil {
			t.Fatal(err)
		}
		h.Protocol = b.Header.Protocol
		got, err := starknet.From0_13_2.Hash(&h, starknet.Sepolia)
		if err != nil || got != felt.MustParse(want) {
			t.Errorf("From0_13_2.Hash of block %d = %v, %v, want %s", i, got, err, want)
		}
	}
}

func TestRealRoundTrips(t *testing.T) {
	for name, b := range blocks(t) {
		again, err := gateway.ParseBlock(gateway.AppendBlock(nil, b.Block))
		if diff := cmp.Diff(b.Block, again); err != nil || diff != "" {
			t.Errorf("%s: ParseBlock(AppendBlock) = %v (-want +got):\n%s", name, err, diff)
		}
		data := starknet.AppendBlock(nil, &b.Block.Block)
		decoded, err := starknet.DecodeBlock(data)
		if diff := cmp.Diff(&b.Block.Block, decoded); err != nil || diff != "" {
			t.Errorf("%s: DecodeBlock(AppendBlock) = %v (-want +got):\n%s", name, err, diff)
		}
		t.Logf("%s: %d bytes of JSON, %d encoded", name, len(gateway.AppendBlock(nil, b.Block)), len(data))
		if b.diff == nil {
			continue
		}
		u := &gateway.StateUpdate{Diff: *b.diff}
		againU, err := gateway.ParseStateUpdate(gateway.AppendStateUpdate(nil, u))
		if diff := cmp.Diff(u, againU); err != nil || diff != "" {
			t.Errorf("%s: ParseStateUpdate(AppendStateUpdate) = %v (-want +got):\n%s", name, err, diff)
		}
		d, err := starknet.DecodeStateDiff(starknet.AppendStateDiff(nil, b.diff))
		if diff := cmp.Diff(b.diff, d); err != nil || diff != "" {
			t.Errorf("%s: DecodeStateDiff(AppendStateDiff) = %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// The first ten blocks of Mainnet come without their transactions, with the commitment to their diffs by the
// rule of 0.13.2.
func TestRealStateDiffs(t *testing.T) {
	for _, name := range realdata.Glob(t, "chain/mainnet-0-9/*.json") {
		var file struct {
			Diff       json.RawMessage `json:"state_diff"`
			Commitment felt.Felt       `json:"state_diff_commitment_0132"`
			Length     uint64          `json:"state_diff_length"`
		}
		if err := json.Unmarshal(realdata.Read(t, name), &file); err != nil {
			t.Fatal(err)
		}
		d, err := gateway.ParseStateDiff(file.Diff)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d.DeprecatedDeclared = nil // an artefact of the recording
		if got := d.Hash(); got != file.Commitment {
			t.Errorf("%s: Hash = %v, want %v", name, got, file.Commitment)
		}
		if got := d.Len(); got != file.Length {
			t.Errorf("%s: Len = %d, want %d", name, got, file.Length)
		}
	}
}
