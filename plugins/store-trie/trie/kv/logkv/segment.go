package logkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// A segment is
//
//	head   = magic, u64 length of the segment before, u32 checksum
//	record = u32 length, u32 checksum of the body, u32 checksum of the two, body
//	body   = op..
//	op     = 0, key, value | 1, key | 2, first key, key after the last     texts with their length in front, a uvarint
//
// with checksums CRC-32C of what stands before them. A segment that begins anew, because it holds all there is, has
// noneBefore for the length. Each record is a batch.
//
// What follows the last whole record of the last segment was being written when the program, or the machine, ended:
// the batch was never acknowledged, and nobody looks at it again, since the next segment says how long this one is.
// A bad record elsewhere is damage.
const (
	magic        = "sy-log1\n"
	segmentHead  = len(magic) + 8 + 4
	recordHead   = 12
	noneBefore   = ^uint64(0)
	segmentNames = "%06d.log"
)

const (
	opSet byte = iota
	opDelete
	opDeleteRange
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// segment is one file.
type segment struct {
	path   string
	number int
	before uint64   // length of the segment before
	size   int64    // up to the end of the last whole record
	file   vfs.File // to read
	writer vfs.File // to write; nil unless it is the last one
}

// create makes a new segment.
func create(fs vfs.FS, path string, number int, before uint64) (*segment, error) {
	s := &segment{path: path, number: number, before: before, size: int64(segmentHead)}
	var err error
	if s.writer, err = fs.Create(path, vfs.WriteCategoryUnspecified); err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint64([]byte(magic), before)
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(head, castagnoli))
	_, err = s.writer.Write(head)
	if err == nil {
		err = s.writer.Sync()
	}
	if err == nil {
		s.file, err = fs.Open(path)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// append writes a record that lasts.
func (s *segment) append(body []byte) error {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, recordHead+len(body)), uint32(len(body))) //nolint:gosec // a batch is smaller
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	b = append(b, body...)
	if _, err := s.writer.Write(b); err != nil {
		return err
	}
	if err := s.writer.Sync(); err != nil {
		return err
	}
	s.size += int64(len(b))
	return nil
}

func (s *segment) close() error {
	var errs []error
	for _, f := range []vfs.File{s.file, s.writer} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *segment) damaged(at int64, what string) error {
	return fmt.Errorf("%w: %s: %s at byte %d", kv.ErrDamaged, s.path, what, at)
}

// readHead reads the head of a segment. It reports false for one that was just being made.
func (s *segment) readHead() (bool, error) {
	head := make([]byte, segmentHead)
	n, err := s.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	sum := head[segmentHead-4:]
	if n < segmentHead || zero(head) {
		return false, nil
	}
	if string(head[:len(magic)]) != magic || binary.BigEndian.Uint32(sum) != crc32.Checksum(head[:segmentHead-4], castagnoli) {
		return false, s.damaged(0, "a bad head")
	}
	s.before = binary.BigEndian.Uint64(head[len(magic):])
	return true, nil
}

// scan calls each with the records up to an end, which is -1 in the last segment: there the last record may be torn.
func (s *segment) scan(end int64, each func(at int64, body []byte) error) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	last := end < 0
	if last {
		end = info.Size()
	}
	if end > info.Size() {
		return s.damaged(info.Size(), "an early end")
	}
	for s.size = int64(segmentHead); s.size < end; {
		body, torn, err := s.record(s.size, end)
		if err != nil {
			return err
		}
		if torn {
			if last {
				return nil
			}
			return s.damaged(s.size, "a bad record")
		}
		if err := each(s.size+recordHead, body); err != nil {
			return err
		}
		s.size += recordHead + int64(len(body))
	}
	return nil
}

// record reads the record at an offset. It is torn if it is the last before end and not as it was written.
func (s *segment) record(at, end int64) (body []byte, torn bool, err error) {
	if end-at < recordHead {
		return nil, true, nil
	}
	head := make([]byte, recordHead)
	if _, err := s.file.ReadAt(head, at); err != nil {
		return nil, false, err
	}
	length := int64(binary.BigEndian.Uint32(head))
	if binary.BigEndian.Uint32(head[8:]) != crc32.Checksum(head[:8], castagnoli) {
		rest := make([]byte, min(end-at, 1<<20))
		if _, err := s.file.ReadAt(rest, at); err != nil {
			return nil, false, err
		}
		if zero(rest) { // the file grew, what it holds did not get there
			return nil, true, nil
		}
		return nil, false, s.damaged(at, "a record with a bad head")
	}
	if at+recordHead+length > end {
		return nil, true, nil
	}
	body = make([]byte, length)
	if _, err := s.file.ReadAt(body, at+recordHead); err != nil {
		return nil, false, err
	}
	if binary.BigEndian.Uint32(head[4:]) != crc32.Checksum(body, castagnoli) {
		if at+recordHead+length == end {
			return nil, true, nil
		}
		return nil, false, s.damaged(at, "a record with a bad checksum")
	}
	return body, false, nil
}

func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// reader reads ops.
type reader struct {
	buf []byte
	bad bool
}

func (r *reader) op() byte {
	op := r.buf[0]
	r.buf = r.buf[1:]
	return op
}

func (r *reader) bytes() []byte {
	size, n := binary.Uvarint(r.buf)
	if n <= 0 || size > uint64(len(r.buf)-n) {
		r.bad = true
		return nil
	}
	b := r.buf[n : n+int(size)] //nolint:gosec // it is at most the length of buf
	r.buf = r.buf[n+int(size):] //nolint:gosec // as above
	return b
}
