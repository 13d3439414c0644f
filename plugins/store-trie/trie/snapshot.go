package trie

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
)

// A snapshot is
//
//	magic, number of the block, its record, u32 checksum, chunk.., a chunk of length 0, u64 cells, u64 classes
//	chunk = u32 length, items, u32 checksum
//	item  = itemCell, cell, value | itemClass, hash, u32 length, the record of the class
//
// with cells in the order of their keys and classes in that of their hashes, each once. Checksums are CRC-32C of what
// stands before them, of the items in a chunk.
const (
	snapshotMagic = "switchyard-state-1\n"
	itemCell      = byte(0)
	itemClass     = byte(1)
	// chunkSize is when a chunk is full, if its last item is not longer.
	chunkSize = 256 << 10
	// maxChunk bounds what a chunk may claim to be.
	maxChunk = maxClass + chunkSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// snapshotWriter writes a snapshot.
type snapshotWriter struct {
	to             io.Writer
	chunk          []byte
	cells, classes uint64
}

func (w *snapshotWriter) begin(r *record) error {
	b := r.append(appendNumber([]byte(snapshotMagic), r.number))
	_, err := w.to.Write(binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)))
	return err
}

func (w *snapshotWriter) cell(k framework.Key, value framework.Word) error {
	w.cells++
	w.chunk = appendTrimmed(appendCell(append(w.chunk, itemCell), k), value)
	return w.flush(chunkSize)
}

func (w *snapshotWriter) class(hash, body []byte) error {
	w.classes++
	w.chunk = append(append(w.chunk, itemClass), hash...)
	w.chunk = binary.BigEndian.AppendUint32(w.chunk, uint32(len(body))) //nolint:gosec // at most maxClass
	w.chunk = append(w.chunk, body...)
	return w.flush(chunkSize)
}

// flush writes the chunk if it has that size.
func (w *snapshotWriter) flush(size int) error {
	if len(w.chunk) < size {
		return nil
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(w.chunk))) //nolint:gosec // at most maxChunk
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(w.chunk, castagnoli))
	for _, part := range [][]byte{b, w.chunk, sum} {
		if _, err := w.to.Write(part); err != nil {
			return err
		}
	}
	w.chunk = w.chunk[:0]
	return nil
}

func (w *snapshotWriter) end() error {
	if err := w.flush(1); err != nil {
		return err
	}
	b := make([]byte, 4, 20)
	b = binary.BigEndian.AppendUint64(b, w.cells)
	_, err := w.to.Write(binary.BigEndian.AppendUint64(b, w.classes))
	return err
}

// snapshotReader reads a snapshot.
type snapshotReader struct {
	from           io.Reader
	chunk          bytes.Buffer
	cells, classes uint64
	lastCell       []byte
	lastClass      []byte
}

// bad returns what an error of reading means: a snapshot that ends early is no snapshot.
func bad(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrSnapshot)
	}
	return err
}

func (r *snapshotReader) begin() (*record, error) {
	size := len(snapshotMagic) + len((&record{}).append(appendNumber(nil, 0)))
	head := make([]byte, size+4)
	if _, err := io.ReadFull(r.from, head); err != nil {
		return nil, bad(err)
	}
	head, sum := head[:size], head[size:]
	body, ok := bytes.CutPrefix(head, []byte(snapshotMagic))
	if !ok {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrSnapshot)
	}
	if binary.BigEndian.Uint32(sum) != crc32.Checksum(head, castagnoli) {
		return nil, fmt.Errorf("%w: wrong checksum at its beginning", ErrSnapshot)
	}
	d := decoder{buf: body}
	n := d.number()
	if d.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, d.err)
	}
	out, err := decodeRecord(n, d.buf)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return out, nil
}

// next reads a chunk. It reports false after the last one.
func (r *snapshotReader) next() (bool, error) {
	var b [16]byte
	if _, err := io.ReadFull(r.from, b[:4]); err != nil {
		return false, bad(err)
	}
	size := binary.BigEndian.Uint32(b[:])
	if size == 0 {
		if _, err := io.ReadFull(r.from, b[:]); err != nil {
			return false, bad(err)
		}
		if cells, classes := binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:]); cells != r.cells || classes != r.classes {
			return false, fmt.Errorf("%w: %d cells and %d classes, want %d and %d", ErrSnapshot, r.cells, r.classes, cells, classes)
		}
		return false, nil
	}
	if size > maxChunk {
		return false, fmt.Errorf("%w: a chunk of %d bytes", ErrSnapshot, size)
	}
	r.chunk.Reset() // grows with what is there, not with what is claimed
	if _, err := io.CopyN(&r.chunk, r.from, int64(size)); err != nil {
		return false, bad(err)
	}
	if _, err := io.ReadFull(r.from, b[:4]); err != nil {
		return false, bad(err)
	}
	if binary.BigEndian.Uint32(b[:]) != crc32.Checksum(r.chunk.Bytes(), castagnoli) {
		return false, fmt.Errorf("%w: wrong checksum after %d cells", ErrSnapshot, r.cells)
	}
	return true, nil
}

// items hands out what is in the chunk that was read. The slices are only valid during the call.
func (r *snapshotReader) items(cell func(framework.Write) error, class func(hash, body []byte) error) error {
	d := decoder{buf: r.chunk.Bytes()}
	for d.err == nil && len(d.buf) > 0 {
		var err error
		switch d.byte() {
		case itemCell:
			err = r.cell(&d, cell)
		case itemClass:
			err = r.class(&d, class)
		default:
			d.fail("an item of unknown kind")
		}
		if err != nil {
			return err
		}
	}
	if d.err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, d.err)
	}
	return nil
}

func (r *snapshotReader) cell(d *decoder, each func(framework.Write) error) error {
	name := d.buf
	k := d.cell()
	name = name[:len(name)-len(d.buf)]
	w := framework.Write{Key: k, Value: d.trimmed()}
	if d.err != nil {
		return nil
	}
	if err := checkWrite(w); err != nil || w.Value == (framework.Word{}) {
		return fmt.Errorf("%w: cell %d: %x = %x is none of a state", ErrSnapshot, r.cells, name, w.Value)
	}
	if r.cells > 0 && bytes.Compare(r.lastCell, name) >= 0 {
		return fmt.Errorf("%w: cell %d is out of order", ErrSnapshot, r.cells)
	}
	r.lastCell = append(r.lastCell[:0], name...)
	r.cells++
	return each(w)
}

func (r *snapshotReader) class(d *decoder, each func(hash, body []byte) error) error {
	hash := d.bytes(32)
	body := d.bytes(d.count(1))
	if d.err != nil {
		return nil
	}
	if r.classes > 0 && bytes.Compare(r.lastClass, hash) >= 0 {
		return fmt.Errorf("%w: class %x is out of order", ErrSnapshot, hash)
	}
	r.lastClass = append(r.lastClass[:0], hash...)
	r.classes++
	return each(hash, body)
}
