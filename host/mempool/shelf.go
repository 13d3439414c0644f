package mempool

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Shelf keeps what waits in a pool on disk, by hash, so that it is there again when the node is. A pool calls it from one goroutine
// at a time, but for Sync.
type Shelf interface {
	// Shelve keeps a record.
	Shelve(hash felt.Felt, record []byte) error
	// Unshelve drops records, of which some may not be there.
	Unshelve(hashes []felt.Felt) error
	// Shelved calls f with every record, which belongs to f.
	Shelved(f func(hash felt.Felt, record []byte) error) error
	// Sync returns when what was said before outlives a crash. Until then it may not.
	Sync() error
}

// syncing is how much later than it was accepted a transaction is lasting at most, but for the time that the disk takes.
const syncing = 50 * time.Millisecond

// errRecord says that a record of a shelf cannot be read.
var errRecord = errors.New("mempool: damaged record of a waiting transaction")

// recordV1 is the first byte of records.
const recordV1 = 1

// appendRecord appends what is kept of a transaction: when it arrived, and its body, which has all else.
func appendRecord(dst []byte, arrived time.Time, body []byte) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, recordV1), uint64(arrived.UnixNano())) //nolint:gosec // any bits will do
	return append(dst, body...)
}

// shelved is a record that was read.
type shelved struct {
	arrived time.Time
	input   *starknet.Input
	tx      framework.Tx
}

// decodeRecord decodes what appendRecord made. The result shares the memory of record.
func decodeRecord(hash felt.Felt, record []byte) (*shelved, error) {
	const head = 1 + 8
	if len(record) < head || record[0] != recordV1 {
		return nil, fmt.Errorf("%w %v", errRecord, hash)
	}
	in, err := starknet.DecodeInput(record[head:])
	if err != nil {
		return nil, fmt.Errorf("%w %v: %w", errRecord, hash, err)
	}
	return &shelved{
		arrived: time.Unix(0, int64(binary.BigEndian.Uint64(record[1:]))), //nolint:gosec // the bits of one
		input:   in, tx: framework.Tx{ID: framework.Word(hash), Body: record[head:]},
	}, nil
}

// KeepOn has what waits kept on a shelf. It is called before anything is added.
func (p *Pool) KeepOn(s Shelf) { p.shelf, p.written = s, make(chan struct{}, 1) }

// Keep makes lasting what is put on the shelf, soon after that, until ctx ends and once more then.
func (p *Pool) Keep(ctx context.Context) error {
	if p.shelf == nil {
		<-ctx.Done()
		return nil
	}
	timer := time.NewTimer(syncing)
	defer timer.Stop()
	for {
		select {
		case <-p.written:
		case <-ctx.Done():
			return p.shelf.Sync()
		}
		timer.Reset(syncing)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return p.shelf.Sync()
		}
		if err := p.shelf.Sync(); err != nil {
			return fmt.Errorf("mempool: %w", err)
		}
	}
}

// shelve keeps a transaction that is accepted. p.mu is held.
func (p *Pool) shelve(tx *framework.Tx, arrived time.Time) error {
	if p.shelf == nil {
		return nil
	}
	p.unshelve() // it may be the same that has just expired
	if err := p.shelf.Shelve(felt.Felt(tx.ID), appendRecord(nil, arrived, tx.Body)); err != nil {
		return fmt.Errorf("mempool: keep transaction %v: %w", felt.Felt(tx.ID), err)
	}
	select {
	case p.written <- struct{}{}:
	default:
	}
	return nil
}

// leave notes that a transaction has left the pool. p.mu is held.
func (p *Pool) leave(hash felt.Felt) {
	if p.shelf != nil {
		p.gone = append(p.gone, hash)
	}
}

// unshelve drops from the shelf what has left the pool. What cannot be dropped is found out by the next start. p.mu is held.
func (p *Pool) unshelve() {
	if len(p.gone) > 0 && p.shelf.Unshelve(p.gone) == nil {
		p.gone = p.gone[:0]
	}
}

// Restore puts back into the pool what is on its shelf, in the order in which it had arrived, and returns how many transactions that
// are. What has waited for too long is dropped, and what a block has dealt with or what no longer fits. It is called once, when the last
// block is known.
func (a *Admission) Restore(ctx context.Context) (int, error) {
	p := a.pool
	if p.shelf == nil {
		return 0, nil
	}
	var all []*shelved
	err := p.shelf.Shelved(func(hash felt.Felt, record []byte) error {
		s, err := decodeRecord(hash, record)
		if err == nil {
			all = append(all, s)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	slices.SortFunc(all, func(x, y *shelved) int {
		return cmp.Or(x.arrived.Compare(y.arrived), slices.Compare(x.tx.ID[:], y.tx.ID[:]))
	})
	nonces, err := a.nonces(ctx, all)
	if err != nil {
		return 0, err
	}
	var gone []felt.Felt
	for i, s := range all {
		back, err := a.restore(s, nonces[i])
		switch {
		case err != nil:
			return 0, err
		case !back:
			gone = append(gone, felt.Felt(s.tx.ID))
		}
	}
	return len(all) - len(gone), p.shelf.Unshelve(gone)
}

// nonces returns the nonces of the senders; whatever for a message.
func (a *Admission) nonces(ctx context.Context, all []*shelved) ([]uint64, error) {
	keys := make([]framework.Key, len(all))
	for i, s := range all {
		if shape := shapeOf(s.input.Transaction); shape != nil {
			keys[i] = starknet.NonceKey(shape.sender)
		}
	}
	cells, nonces := make([]framework.Word, len(all)), make([]uint64, len(all))
	if err := a.chain.Read(ctx, keys, cells); err != nil {
		return nil, fmt.Errorf("mempool: nonces: %w", err)
	}
	for i := range cells {
		nonces[i] = cells[i][0]
	}
	return nonces, nil
}

// restore puts a transaction back into the pool, and reports whether it belongs there.
func (a *Admission) restore(s *shelved, nonce uint64) (bool, error) {
	var err error
	if shape := shapeOf(s.input.Transaction); shape != nil {
		err = a.pool.restore(newTx(s.tx, s.input.Transaction, shape), nonce, s.arrived)
	} else {
		var included bool
		if included, err = a.chain.Included(felt.Felt(s.tx.ID)); err != nil || included {
			return false, err
		}
		err = a.pool.addMessage(s.tx, s.arrived, false)
	}
	if no := new(Refusal); errors.As(err, &no) {
		return false, nil
	}
	return err == nil, err
}

// restore adds a transaction that is on the shelf.
func (p *Pool) restore(tx *Tx, nonce uint64, arrived time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.unshelve()
	if !arrived.After(p.now().Add(-p.limits.TTL)) {
		return refuse(Internal, "It has waited for too long.")
	}
	return p.add(tx, nonce, arrived, false)
}
