package ledger

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// The kinds of keys, by their first byte. Numbers in keys are big-endian, so that keys are in their order.
const (
	spaceMeta    = iota // which format, which chain
	spaceBlock          // block number: record
	spaceTx             // block number, index: entry
	spaceDiff           // block number: state diff
	spaceClasses        // block number: the classes of a block that is pending
	spaceTxHash         // hash of a transaction: block number, index
	spaceHash           // hash of a block: block number
	spaceShelf          // hash of a transaction that waits for a block: what the mempool keeps of it
)

var metaKey = []byte{spaceMeta}

func blockKey(space byte, n framework.BlockNumber) []byte {
	return binary.BigEndian.AppendUint64([]byte{space}, uint64(n)) //nolint:gosec // numbers of blocks are not negative
}

func txKey(n framework.BlockNumber, index int) []byte {
	return binary.BigEndian.AppendUint32(blockKey(spaceTx, n), uint32(index)) //nolint:gosec // a block has fewer transactions
}

func hashKey(space byte, h felt.Felt) []byte { return h.AppendBytes([]byte{space}) }

// record is what is kept of a block besides what it contains. The header of one that is not sealed has no root and no hash.
type record struct {
	header *starknet.Header
	sealed bool
	root   framework.Root // as the store has it, if sealed
}

func (r *record) append(dst []byte) []byte {
	if !r.sealed {
		return starknet.AppendHeader(append(dst, 0), r.header)
	}
	dst = append(dst, 1)
	for _, limb := range r.root {
		dst = binary.LittleEndian.AppendUint64(dst, limb)
	}
	return starknet.AppendHeader(dst, r.header)
}

// decodeRecord decodes what append made.
func decodeRecord(data []byte) (_ *record, err error) {
	r := new(record)
	switch {
	case len(data) > 0 && data[0] == 0:
		data = data[1:]
	case len(data) > felt.Size && data[0] == 1:
		r.sealed = true
		for i := range r.root {
			r.root[i] = binary.LittleEndian.Uint64(data[1+8*i:])
		}
		data = data[1+felt.Size:]
	default:
		return nil, fmt.Errorf("%w: record of a block", ErrDamaged)
	}
	if r.header, err = starknet.DecodeHeader(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return r, nil
}

// appendEntry appends a transaction and its receipt.
func appendEntry(dst []byte, t starknet.Transaction, r *starknet.Receipt) []byte {
	body := starknet.AppendTransaction(nil, t)
	dst = binary.AppendUvarint(dst, uint64(len(body)))
	return starknet.AppendReceipt(append(dst, body...), r)
}

// decodeEntry decodes what appendEntry made.
func decodeEntry(data []byte) (starknet.Transaction, *starknet.Receipt, error) {
	body, rest, err := cut(data)
	if err != nil {
		return nil, nil, err
	}
	t, err := starknet.DecodeTransaction(body)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r, err := starknet.DecodeReceipt(rest)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return t, r, nil
}

// cut takes a length of the fewest bytes and so many bytes off data.
func cut(data []byte) (part, rest []byte, err error) {
	n, used := binary.Uvarint(data)
	if used <= 0 || used > 1 && data[used-1] == 0 || n > uint64(len(data)-used) {
		return nil, nil, fmt.Errorf("%w: length of a part", ErrDamaged)
	}
	return data[used : used+int(n)], data[used+int(n):], nil //nolint:gosec // at most the length of data
}

// appendClasses appends the classes of a block.
func appendClasses(dst []byte, classes []framework.Class) []byte {
	for i := range classes {
		hash := felt.Felt(classes[i].Hash)
		dst = hash.AppendBytes(dst)
		dst = binary.AppendUvarint(dst, uint64(len(classes[i].Body)))
		dst = append(dst, classes[i].Body...)
	}
	return dst
}

// decodeClasses decodes what appendClasses made. The bodies share the memory of data.
func decodeClasses(data []byte) ([]framework.Class, error) {
	var classes []framework.Class
	for len(data) > 0 {
		if len(data) < felt.Size {
			return nil, fmt.Errorf("%w: hash of a class", ErrDamaged)
		}
		var hash felt.Felt
		if err := hash.SetBytes(data[:felt.Size]); err != nil {
			return nil, fmt.Errorf("%w: hash of a class: %w", ErrDamaged, err)
		}
		body, rest, err := cut(data[felt.Size:])
		if err != nil {
			return nil, err
		}
		classes = append(classes, framework.Class{Hash: framework.Word(hash), Body: body})
		data = rest
	}
	return classes, nil
}

// place is where a transaction is.
type place struct {
	block framework.BlockNumber
	index int
}

// decodePlace decodes the number of a block and the index of a transaction in it.
func decodePlace(data []byte) (place, error) {
	if len(data) != 12 || data[0]&0x80 != 0 {
		return place{}, fmt.Errorf("%w: place of a transaction", ErrDamaged)
	}
	n, i := binary.BigEndian.Uint64(data), binary.BigEndian.Uint32(data[8:])
	return place{framework.BlockNumber(n), int(i)}, nil //nolint:gosec // the highest bit is not set
}
