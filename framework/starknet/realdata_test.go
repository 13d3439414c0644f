package starknet_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// vector is a transaction with its hashes. Those of queries are missing in some.
type vector struct {
	Block       uint64          `json:"block_number"` // 2^64-1 where it is not known
	Chain       string          `json:"chain_id"`
	Transaction json.RawMessage `json:"transaction"`
	Hash        felt.Felt       `json:"transaction_hash"`
	QueryHash   *felt.Felt      `json:"only_query_transaction_hash"`
}

func vectors(t testing.TB) (all []vector) {
	t.Helper()
	for _, name := range realdata.Glob(t, "vectors/*transaction_hash*.json") {
		var file []vector
		if err := json.Unmarshal(realdata.Read(t, name), &file); err != nil {
			t.Fatal(err)
		}
		all = append(all, file...)
	}
	return all
}

func TestRealVectors(t *testing.T) {
	old, queries := 0, 0
	all := vectors(t)
	for _, v := range all {
		tx := realdata.SequencerTransaction(t, v.Transaction)
		chain, err := starknet.ParseChainID(v.Chain)
		if err != nil {
			t.Fatal(err)
		}
		if !starknet.HasHash(tx, v.Hash, chain, framework.BlockNumber(v.Block)) {
			t.Errorf("%v version %v: Hash = %v, OldHashes = %v, want %v", tx.Kind(), tx.TxVersion(),
				tx.Hash(chain), starknet.OldHashes(tx, chain), v.Hash)
		}
		if tx.Hash(chain) != v.Hash {
			old++
			if starknet.HasHash(tx, v.Hash, chain, 1471) {
				t.Errorf("an old form of %v is accepted in block 1471 of Mainnet", tx.Kind())
			}
		}
		if v.QueryHash == nil {
			continue
		}
		queries++
		if got := asQuery(tx).Hash(chain); got != *v.QueryHash {
			t.Errorf("%v version %v: Hash as query = %v, want %v", tx.Kind(), tx.TxVersion(), got, *v.QueryHash)
		}
	}
	t.Logf("%d vectors, %d queries, %d in old forms", len(all), queries, old)
}

func asQuery(tx starknet.Transaction) starknet.Transaction {
	switch t := tx.(type) {
	case *starknet.Invoke:
		c := *t
		c.Version |= starknet.Query
		return &c
	case *starknet.Declare:
		c := *t
		c.Version |= starknet.Query
		return &c
	case *starknet.Deploy:
		c := *t
		c.Version |= starknet.Query
		return &c
	case *starknet.DeployAccount:
		c := *t
		c.Version |= starknet.Query
		return &c
	case *starknet.L1Handler:
		c := *t
		c.Version |= starknet.Query
		return &c
	}
	return nil
}

// A whole block of 0.14.2: its transactions, and the classes that it runs.
func TestRealBlock8894544(t *testing.T) {
	var file struct {
		Before struct {
			Classes map[string]json.RawMessage `json:"contract_class_mapping"`
		} `json:"serializable_data_prev_block"`
		Block struct {
			Transactions [][2]json.RawMessage `json:"transactions_next_block"`
		} `json:"serializable_data_next_block"`
	}
	if err := json.Unmarshal(realdata.Read(t, "chain/sepolia-8894544.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Block.Transactions) != 5 || len(file.Before.Classes) != 5 {
		t.Fatalf("%d transactions and %d classes, want 5 and 5", len(file.Block.Transactions), len(file.Before.Classes))
	}
	for i, pair := range file.Block.Transactions {
		tx := realdata.SequencerTransaction(t, pair[0])
		var want felt.Felt
		if err := json.Unmarshal(pair[1], &want); err != nil {
			t.Fatal(err)
		}
		if got := tx.Hash(starknet.Sepolia); got != want {
			t.Errorf("transaction %d: Hash = %v, want %v", i, got, want)
		}
	}
	for want, text := range file.Before.Classes {
		c, err := class.ParseSierra(text)
		if err != nil {
			t.Fatalf("class %s: %v", want, err)
		}
		if got := c.Hash(); got != felt.MustParse(want) {
			t.Errorf("class %s: Hash = %v", want, got)
		}
	}
}

func TestRealVectorsRoundTrip(t *testing.T) {
	for _, v := range vectors(t) {
		tx := realdata.SequencerTransaction(t, v.Transaction)
		data := starknet.AppendTransaction(nil, tx)
		got, err := starknet.DecodeTransaction(data)
		if diff := cmp.Diff(tx, got); err != nil || diff != "" {
			t.Errorf("DecodeTransaction(AppendTransaction) = %v (-want +got):\n%s", err, diff)
		}
		if again := starknet.AppendTransaction(nil, got); !slices.Equal(data, again) {
			t.Errorf("encoded again to %x, want %x", again, data)
		}
	}
}
