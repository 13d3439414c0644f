package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// magic begins a file; its last byte is the version.
const magic = "SWYTRACE\x01"

// maxPayload is the size of a block above which a file is not believed.
const maxPayload = 1 << 28

var table = crc32.MakeTable(crc32.Castagnoli)

// Writer writes blocks to a file.
type Writer struct {
	w     io.Writer
	begun bool
	buf   []byte
}

// NewWriter returns a writer to w. Nothing is buffered between blocks.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write appends a block, the beginning of the file before the first one.
func (w *Writer) Write(b *Block) error {
	const head = 8
	w.buf = w.buf[:0]
	if !w.begun {
		w.buf = append(w.buf, magic...)
	}
	start := len(w.buf)
	buf, err := encode(append(w.buf, make([]byte, head)...), b)
	if err != nil {
		return err
	}
	w.buf = buf
	payload := buf[start+head:]
	if len(payload) > maxPayload {
		return fmt.Errorf("trace: block %d takes %d bytes", b.Number, len(payload))
	}
	binary.LittleEndian.PutUint32(buf[start:], uint32(len(payload))) //nolint:gosec // bounded
	binary.LittleEndian.PutUint32(buf[start+4:], crc32.Checksum(payload, table))
	w.begun = true
	_, err = w.w.Write(buf)
	return err
}

// Reader reads blocks from a file.
type Reader struct {
	r     io.Reader
	begun bool
}

// NewReader returns a reader from r.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Next returns the next block, or io.EOF after the last one. A block that was cut off is an error.
func (r *Reader) Next() (*Block, error) {
	if !r.begun {
		got := make([]byte, len(magic))
		if _, err := io.ReadFull(r.r, got); err != nil || string(got) != magic {
			return nil, fmt.Errorf("%w: it does not begin as one of version %d", ErrMalformed, magic[len(magic)-1])
		}
		r.begun = true
	}
	var head [8]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, cut(err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxPayload {
		return nil, fmt.Errorf("%w: a block of %d bytes", ErrMalformed, n)
	}
	payload, err := io.ReadAll(io.LimitReader(r.r, int64(n))) // grows with what is there, not with what is said
	if err == nil && len(payload) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, cut(err)
	}
	if crc32.Checksum(payload, table) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, fmt.Errorf("%w: checksum", ErrMalformed)
	}
	return decode(payload)
}

// cut says that a file ends in the middle of a block.
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends in the middle of a block", ErrMalformed)
	}
	return err
}

// ReadAll returns all blocks of a file.
func ReadAll(r io.Reader) ([]*Block, error) {
	var all []*Block
	for reader := NewReader(r); ; {
		b, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("block %d of the file: %w", len(all)+1, err)
		}
		all = append(all, b)
	}
}
