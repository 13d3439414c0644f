package trie

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
)

// A class is kept as the number of the block that declared it, the size of its body and the body, compressed.

// maxClass bounds the size of a body that a damaged record may claim.
const maxClass = 1 << 30

func encodeClass(n framework.BlockNumber, body []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Write(appendNumber(nil, n))
	b.Write(binary.AppendUvarint(nil, uint64(len(body))))
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// declaredIn returns the number of the block that declared a class, and the rest of its record.
func declaredIn(b []byte) (framework.BlockNumber, []byte, error) {
	d := decoder{buf: b}
	n := d.number()
	return n, d.buf, d.err
}

func decodeClass(hash framework.Word, b []byte) (*framework.Class, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > maxClass {
		return nil, fmt.Errorf("%w: class %x: its size", ErrDamaged, hash)
	}
	var body bytes.Buffer // grows with what is there, not with what is claimed
	r := flate.NewReader(bytes.NewReader(b[n:]))
	got, err := io.Copy(&body, io.LimitReader(r, int64(size)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: class %x: %w", ErrDamaged, hash, err)
	}
	if uint64(got) != size { //nolint:gosec // a count is not negative
		return nil, fmt.Errorf("%w: class %x: %d bytes, want %d", ErrDamaged, hash, got, size)
	}
	return &framework.Class{Hash: hash, Body: body.Bytes()}, nil
}
