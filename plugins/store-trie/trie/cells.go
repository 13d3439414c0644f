package trie

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// The database holds, each kind of thing under a first byte of its own:
//
//	format                        -> version of this layout
//	head                          -> number of the head; missing in an empty store
//	oldest                        -> number of the oldest block that is kept
//	importing                     -> there while an import is under way, or was when the store stopped
//	block, number                 -> record of a sealed block that is kept
//	undo, number                  -> what the block has replaced, for those above the oldest
//	flat, cell                    -> value of the cell after the head; missing if 0
//	history, cell, number         -> value of the cell before that block, for those above the oldest
//	page, trie, page              -> page of a trie after the head
//	class, hash                   -> number of the block that declared it, body
//
// Numbers are big-endian, so that their order is that of the keys.
const (
	prefixFormat byte = iota + 1
	prefixHead
	prefixOldest
	prefixImporting
	prefixBlock
	prefixUndo
	prefixFlat
	prefixHistory
	prefixPage
	prefixClass
	prefixEnd
)

// spaceRoot is the space of cells that only this store knows: the storage root of the owner.
const spaceRoot uint8 = 0x80

func rootKey(contract framework.Word) framework.Key {
	return framework.Key{Space: spaceRoot, Owner: contract}
}

// The names of tries, which the names of their pages begin with.
const (
	trieContracts byte = iota
	trieClasses
	trieStorage
)

func contractsName() []byte { return []byte{prefixPage, trieContracts} }

func classesName() []byte { return []byte{prefixPage, trieClasses} }

func storageName(contract framework.Word) []byte {
	return appendWord([]byte{prefixPage, trieStorage}, contract)
}

func appendWord(dst []byte, w framework.Word) []byte {
	for i := 3; i >= 0; i-- {
		dst = binary.BigEndian.AppendUint64(dst, w[i])
	}
	return dst
}

// appendTrimmed appends w with its length in front and no leading zeros.
func appendTrimmed(dst []byte, w framework.Word) []byte {
	size := (bitLen(w) + 7) / 8
	dst = append(dst, byte(size))
	for i := size - 1; i >= 0; i-- {
		dst = append(dst, byte(w[i/8]>>(i%8*8)))
	}
	return dst
}

func bitLen(w framework.Word) int {
	f := felt.Felt(w)
	return f.BitLen()
}

// appendCell appends the name of a cell. Only storage has slots.
func appendCell(dst []byte, k framework.Key) []byte {
	dst = appendWord(append(dst, k.Space), k.Owner)
	if k.Space == starknet.SpaceStorage {
		dst = appendWord(dst, k.Slot)
	}
	return dst
}

func appendNumber(dst []byte, n framework.BlockNumber) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)) //nolint:gosec // numbers of blocks are not negative
}

func flatKey(dst []byte, k framework.Key) []byte { return appendCell(append(dst, prefixFlat), k) }

// historyKey names the value of a cell before block n.
func historyKey(dst []byte, k framework.Key, n framework.BlockNumber) []byte {
	return appendNumber(appendCell(append(dst, prefixHistory), k), n)
}

func blockKey(n framework.BlockNumber) []byte { return appendNumber([]byte{prefixBlock}, n) }

func undoKey(n framework.BlockNumber) []byte { return appendNumber([]byte{prefixUndo}, n) }

func classKey(hash framework.Word) []byte { return appendWord([]byte{prefixClass}, hash) }

// decoder reads what the functions above append. It keeps its first error and then returns zeros.
type decoder struct {
	buf []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
	}
	d.buf = nil
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.buf) {
		d.fail("a record ends early")
		return make([]byte, min(n, 64))
	}
	b := d.buf[:n]
	d.buf = d.buf[n:]
	return b
}

func (d *decoder) byte() byte { return d.bytes(1)[0] }

func (d *decoder) number() framework.BlockNumber {
	n := framework.BlockNumber(binary.BigEndian.Uint64(d.bytes(8))) //nolint:gosec // checked below
	if n < 0 {
		d.fail("block number %d", n)
	}
	return n
}

// count reads how many items of at least size bytes follow.
func (d *decoder) count(size int) int {
	n := int(binary.BigEndian.Uint32(d.bytes(4)))
	if n > len(d.buf)/size {
		d.fail("%d items in %d bytes", n, len(d.buf))
		return 0
	}
	return n
}

func (d *decoder) word() (w framework.Word) {
	b := d.bytes(32)
	for i := range w {
		w[3-i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return w
}

func (d *decoder) trimmed() (w framework.Word) {
	size := int(d.byte())
	if size > 32 {
		d.fail("a value of %d bytes", size)
		return w
	}
	for i, b := range d.bytes(size) {
		at := size - 1 - i
		w[at/8] |= uint64(b) << (at % 8 * 8)
	}
	return w
}

func (d *decoder) cell() (k framework.Key) {
	k.Space = d.byte()
	k.Owner = d.word()
	if k.Space == starknet.SpaceStorage {
		k.Slot = d.word()
	}
	return k
}

func (d *decoder) end() error {
	if len(d.buf) > 0 {
		d.fail("%d bytes too many in a record", len(d.buf))
	}
	return d.err
}
