package starknet

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Verify returns an error that wraps ErrHash and says what is wrong unless every hash in b follows from what b
// contains: those of its transactions, the commitments that its header states, and its own. diff is what b
// changes; without it, nil, the header is believed about that. Commitments of 0, as of blocks that were published
// without, are not compared but computed.
//
// Some blocks of 0.8.0 and 0.8.1 cannot be verified, see [UnpublishedSequencer].
func Verify(b *Block, diff *StateDiff, chain ChainID) error {
	h := b.Header
	if err := h.Commit(b.Transactions, b.Receipts, diff); err != nil {
		return err
	}
	for i, t := range b.Transactions {
		if want := b.Receipts[i].TransactionHash; !HasHash(t, want, chain, h.Number) {
			return fmt.Errorf("block %d: transaction %d: %w: %v, want %v", h.Number, i, ErrHash, t.Hash(chain), want)
		}
	}
	if diff == nil {
		h.StateDiff, h.StateDiffLength = b.Header.StateDiff, b.Header.StateDiffLength
	}
	for _, c := range []struct {
		name      string
		have, got felt.Felt
	}{
		{"transaction commitment", b.Header.Transactions, h.Transactions},
		{"event commitment", b.Header.Events, h.Events},
		{"receipt commitment", b.Header.Receipts, h.Receipts},
		{"state diff commitment", b.Header.StateDiff, h.StateDiff},
	} {
		if !c.have.IsZero() && c.have != c.got {
			return fmt.Errorf("block %d: %s: %w: %v, want %v", h.Number, c.name, ErrHash, c.got, c.have)
		}
	}
	got, err := BlockHash(&h, chain)
	if err != nil || got == h.Hash {
		return err
	}
	if address, ok := UnpublishedSequencer(chain); ok && h.Protocol == "" && h.Sequencer.IsZero() {
		h.Sequencer = address
		if other, err := BlockHash(&h, chain); err != nil || other == h.Hash {
			return err
		}
	}
	return fmt.Errorf("block %d: %w: %v, want %v", h.Number, ErrHash, got, b.Header.Hash)
}
