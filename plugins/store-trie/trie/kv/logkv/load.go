package logkv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// compactFrom is the size from which a log is worth to be compacted, and compactStep that of a record of one that is.
const (
	compactFrom = 8 << 20
	compactStep = 1 << 20
)

// load reads the segments that are there into the index and returns how many bytes of them are not garbage.
func (d *db) load() (live int64, err error) {
	if err := d.list(); err != nil {
		return 0, err
	}
	for i, s := range d.segments {
		end := int64(-1)
		if i+1 < len(d.segments) {
			end = int64(d.segments[i+1].before) //nolint:gosec // checked by scan
		}
		err := s.scan(end, func(at int64, body []byte) error { return d.apply(s, at, body) })
		if err != nil {
			return 0, err
		}
	}
	d.index.Scan(func(e entry) bool {
		live += int64(len(e.key) + e.size)
		return true
	})
	return live, nil
}

// list opens the segments of the folder, from the last one on that holds all there was, and removes what a compaction,
// or a start that did not get to its end, has left.
func (d *db) list() error {
	names, err := d.fs.List(d.path)
	if err != nil {
		return err
	}
	slices.Sort(names)
	whole := true // the head of the last segment was read
	for _, name := range names {
		path := d.fs.PathJoin(d.path, name)
		if strings.HasSuffix(name, ".tmp") {
			if err := d.fs.Remove(path); err != nil {
				return err
			}
		}
		if !strings.HasSuffix(name, ".log") {
			continue
		}
		if !whole {
			return d.segments[len(d.segments)-1].damaged(0, "an early end")
		}
		if whole, err = d.enlist(name); err != nil {
			return err
		}
	}
	if n := len(d.segments); !whole {
		return d.drop(n-1, n) // it was just being made
	}
	return nil
}

// enlist adds a segment. It reports whether its head is whole.
func (d *db) enlist(name string) (whole bool, err error) {
	s := &segment{path: d.fs.PathJoin(d.path, name)}
	if n, err := fmt.Sscanf(name, segmentNames, &s.number); n != 1 || err != nil {
		return false, s.damaged(0, "a segment without a number")
	}
	if s.file, err = d.fs.Open(s.path); err != nil {
		return false, err
	}
	d.segments = append(d.segments, s)
	n := len(d.segments)
	if whole, err = s.readHead(); err != nil || !whole {
		return whole, err
	}
	switch {
	case s.before == noneBefore:
		return true, d.drop(0, n-1)
	case n == 1 || d.segments[n-2].number != s.number-1:
		return true, s.damaged(0, "no segment before the one that begins")
	}
	return true, nil
}

// drop removes segments[from:to].
func (d *db) drop(from, to int) error {
	for _, s := range d.segments[from:to] {
		if err := errors.Join(s.close(), d.fs.Remove(s.path)); err != nil {
			return err
		}
	}
	d.segments = slices.Delete(d.segments, from, to)
	return nil
}

func (d *db) name(number int) string { return d.fs.PathJoin(d.path, fmt.Sprintf(segmentNames, number)) }

// begin makes the segment that is written to from now on.
func (d *db) begin() error {
	number, before := 1, noneBefore
	if n := len(d.segments); n > 0 {
		last := d.segments[n-1]
		number, before = last.number+1, uint64(last.size) //nolint:gosec // a size is not negative
		if last.size == int64(segmentHead) {              // it holds nothing: the new one takes its place
			number, before = last.number, last.before
			if err := d.drop(n-1, n); err != nil {
				return err
			}
		}
	}
	s, err := create(d.fs, d.name(number), number, before)
	if err != nil {
		return err
	}
	d.segments = append(d.segments, s)
	return d.syncFolder(d.path)
}

// syncFolder makes the names in a folder last.
func (d *db) syncFolder(path string) error {
	folder, err := d.fs.OpenDir(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// compact writes all there is to a new segment and removes the others.
func (d *db) compact() (err error) {
	number := d.segments[len(d.segments)-1].number + 1
	tmp := d.name(number) + ".tmp"
	s, err := create(d.fs, tmp, number, noneBefore)
	if err != nil {
		return err
	}
	index := d.index
	d.index = index.Copy()
	b := batch{}
	flush := func() error {
		at := s.size + recordHead
		if err := s.append(b.body); err != nil {
			return err
		}
		err := d.apply(s, at, b.body)
		b.body = b.body[:0]
		return err
	}
	var value []byte
	index.Scan(func(e entry) bool {
		if value, err = e.value(value[:0]); err == nil {
			if err = b.Set([]byte(e.key), value); len(b.body) >= compactStep {
				err = flush()
			}
		}
		return err == nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = d.fs.Rename(tmp, d.name(number))
	}
	old := len(d.segments)
	d.segments, s.path = append(d.segments, s), d.name(number)
	if err = errors.Join(err, d.syncFolder(d.path)); err != nil {
		return err
	}
	return d.drop(0, old)
}
