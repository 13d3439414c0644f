package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Kind says what a frame is. The kinds below [FirstKind] are the link's own, the others are for adapters.
type Kind uint8

// The kinds of the link itself.
const (
	kindHello Kind = iota
	kindAnswer
	kindError
	kindCancel
	kindCredit
	kindPing
	kindPong
	kindFirst
	kindMore
	kindDrop
	kindClose

	// FirstKind is the first kind that adapters may use.
	FirstKind Kind = 32
)

// isReply reports whether frames of kind k answer a question.
func isReply(k Kind) bool { return k == kindAnswer || k == kindError || k == kindPong }

const (
	headerSize = 4 + 8 + 1
	// firstSize is what precedes the data in the payload of the first frame of a transfer.
	firstSize = 8 + 1 + 8
)

var le = binary.LittleEndian

// frame is one frame as it lies in the buffer of the reader.
type frame struct {
	id      uint64
	kind    Kind
	payload []byte
}

func appendHeader(dst []byte, id uint64, k Kind, length int) []byte {
	dst = le.AppendUint32(dst, uint32(length))
	dst = le.AppendUint64(dst, id)
	return append(dst, uint8(k))
}

func appendFrame(dst []byte, id uint64, k Kind, payload []byte) []byte {
	return append(appendHeader(dst, id, k, len(payload)), payload...)
}

// frameReader cuts what a carrier delivers into frames. A frame is valid until fill is called.
type frameReader struct {
	src  io.Reader
	max  int // longest payload
	buf  []byte
	from int // buf[from:to] is read and not yet cut
	to   int
}

// newFrameReader returns a reader of frames with at most max bytes of payload. It reads as much as is there, up to
// size bytes at once.
func newFrameReader(src io.Reader, max, size int) *frameReader {
	return &frameReader{src: src, max: max, buf: make([]byte, size)}
}

// next returns the next frame if the whole of it has been read.
func (r *frameReader) next() (f frame, ok bool, err error) {
	b := r.buf[r.from:r.to]
	if len(b) < headerSize {
		return f, false, nil
	}
	length := le.Uint32(b)
	if uint64(length) > uint64(r.max) {
		return f, false, protocolf("a frame of kind %d has %d bytes, expected at most %d", b[12], length, r.max)
	}
	end := headerSize + int(length)
	if len(b) < end {
		return f, false, nil
	}
	r.from += end
	return frame{id: le.Uint64(b[4:]), kind: Kind(b[12]), payload: b[headerSize:end:end]}, true, nil
}

// fill waits for more bytes. It returns io.EOF at the end of the stream, io.ErrUnexpectedEOF within a frame.
func (r *frameReader) fill() error {
	for range maxEmptyReads {
		if n, err := r.fillWith(r.src.Read); n > 0 || err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// fillWith reads more bytes with read, once, and returns how many. An error is like those of fill.
func (r *frameReader) fillWith(read func(p []byte) (int, error)) (int, error) {
	if r.from == r.to {
		r.from, r.to = 0, 0
	} else if r.from > 0 {
		r.to = copy(r.buf, r.buf[r.from:r.to])
		r.from = 0
	}
	n, err := read(r.buf[r.to:])
	r.to += n
	switch {
	case n > 0:
		return n, nil
	case errors.Is(err, io.EOF) && r.to > 0:
		err = fmt.Errorf("%w: %d bytes into a frame", io.ErrUnexpectedEOF, r.to)
	}
	return 0, err
}

// maxEmptyReads is how often a carrier may read nothing without saying why.
const maxEmptyReads = 100

// read waits for the next frame.
func (r *frameReader) read() (frame, error) {
	for {
		if f, ok, err := r.next(); ok || err != nil {
			return f, err
		}
		if err := r.fill(); err != nil {
			return frame{}, err
		}
	}
}
