package starknet_test

import (
	"fmt"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
)

// benchBlock returns a block of n transfers, with three events each.
func benchBlock(n int) *starknet.Block {
	b := &starknet.Block{Header: *sample.Header()}
	for i := range uint64(n) {
		tx := &starknet.Invoke{
			Version: 3, Sender: sample.Num(i), Nonce: sample.Num(i), Signature: []felt.Felt{sample.Large, sample.Large},
			Calldata: []felt.Felt{sample.Num(1), sample.Large, sample.Large, sample.Num(3), sample.Large, sample.Num(i), {}},
			V3:       starknet.V3Fields{Bounds: starknet.ResourceBounds{L1DataGas: new(starknet.ResourceBound)}},
		}
		c := starknet.Receipt{TransactionHash: tx.Hash(starknet.Sepolia), Resources: starknet.Resources{Gas: new(starknet.Gas)}}
		for range 3 {
			c.Events = append(c.Events, starknet.Event{From: sample.Large, Keys: sample.Nums(1), Data: sample.Nums(1, 2, 3, 0)})
		}
		b.Transactions, b.Receipts = append(b.Transactions, tx), append(b.Receipts, c)
	}
	return b
}

func BenchmarkTransactionHash(b *testing.B) {
	seen := map[string]bool{}
	for _, tx := range sample.Transactions() {
		name := fmt.Sprintf("%v/v%d", tx.Kind(), tx.TxVersion().Number())
		if seen[name] {
			continue
		}
		seen[name] = true
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tx.Hash(starknet.Sepolia)
			}
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	const n = 1000
	block := benchBlock(n)
	for _, protocol := range []string{"0.13.1", "0.14.0"} {
		b.Run(fmt.Sprintf("protocol=%s/txs=%d", protocol, n), func(b *testing.B) {
			h := starknet.Header{Protocol: protocol}
			b.ReportAllocs()
			for b.Loop() {
				if err := h.Commit(block.Transactions, block.Receipts, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}

func BenchmarkBlockEncoding(b *testing.B) {
	block := benchBlock(1000)
	data := starknet.AppendBlock(nil, block)
	b.Run("append", func(b *testing.B) {
		buf := make([]byte, 0, len(data))
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			buf = starknet.AppendBlock(buf[:0], block)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := starknet.DecodeBlock(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTransactionEncoding(b *testing.B) {
	tx := benchBlock(1).Transactions[0]
	data := starknet.AppendTransaction(nil, tx)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := starknet.DecodeTransaction(data); err != nil {
			b.Fatal(err)
		}
	}
}
