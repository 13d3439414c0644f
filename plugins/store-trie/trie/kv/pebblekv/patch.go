package pebblekv

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// A patch is what differs between two values of the same size: that size, and runs of new bytes, each with the distance
// from the end of the run before and its own size in front. Numbers are uvarints. Patches are Pebble's merge operands:
// a large value of which a block changes a few hashes is written whole only when Pebble rewrites it.

// word is the grain in which values are compared.
const word = 8

// appendPatch appends the patch that makes value of old. It reports false if that is not much smaller than value.
func appendPatch(dst, old, value []byte) ([]byte, bool) {
	if len(old) != len(value) || len(value) > maxPatched {
		return dst, false
	}
	limit := len(dst) + len(value)/2
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	end := 0 // of the run before
	for at := 0; at < len(value); {
		if same(old, value, at) {
			at += word
			continue
		}
		from := at
		for at < len(value) && !same(old, value, at) {
			at += word
		}
		to := min(at, len(value))
		dst = binary.AppendUvarint(dst, uint64(from-end)) //nolint:gosec // runs come one after the other
		dst = binary.AppendUvarint(dst, uint64(to-from))  //nolint:gosec // and are not empty
		dst = append(dst, value[from:to]...)
		if end = to; len(dst) > limit {
			return dst, false
		}
	}
	return dst, true
}

// same reports whether the words at an offset of two values of the same size are equal.
func same(a, b []byte, at int) bool {
	if at+word <= len(a) {
		return binary.LittleEndian.Uint64(a[at:]) == binary.LittleEndian.Uint64(b[at:])
	}
	return string(a[at:]) == string(b[at:])
}

// runs calls each with the runs of a patch and returns the size of the value that it is of.
func runs(patch []byte, each func(at int, run []byte)) (size int, err error) {
	bad := fmt.Errorf("%w: a patch of a value", kv.ErrDamaged)
	number := func() (n int) {
		v, used := binary.Uvarint(patch)
		if used <= 0 || v > maxPatched {
			err = bad
			return 0
		}
		patch = patch[used:]
		return int(v)
	}
	size = number()
	for at := 0; len(patch) > 0 && err == nil; {
		at += number()
		n := number()
		if err != nil || n > len(patch) || at+n > size {
			return 0, bad
		}
		each(at, patch[:n])
		at, patch = at+n, patch[n:]
	}
	return size, err
}

// maxPatched bounds the size of values that are patched, and so what a damaged patch may claim.
const maxPatched = 1 << 16

// patcher is how Pebble puts patches together.
var patcher = &pebble.Merger{
	Name: "switchyard.patch",
	Merge: func(_, value []byte) (pebble.ValueMerger, error) {
		return &operands{list: [][]byte{slices.Clone(value)}}, nil
	},
}

// operands are patches of one value, of which the oldest may be a value.
type operands struct {
	list        [][]byte
	newestFirst bool
}

// MergeNewer implements [pebble.ValueMerger].
func (o *operands) MergeNewer(value []byte) error {
	o.list = append(o.list, slices.Clone(value))
	return nil
}

// MergeOlder implements [pebble.ValueMerger].
func (o *operands) MergeOlder(value []byte) error {
	o.newestFirst = true
	return o.MergeNewer(value)
}

// Finish implements [pebble.ValueMerger]: it returns the value, or all patches as one.
func (o *operands) Finish(includesBase bool) ([]byte, io.Closer, error) {
	if o.newestFirst {
		slices.Reverse(o.list)
	}
	if !includesBase {
		patch, err := join(o.list)
		return patch, nil, err
	}
	value := o.list[0]
	for _, patch := range o.list[1:] {
		size, err := runs(patch, func(at int, run []byte) {
			if at+len(run) <= len(value) {
				copy(value[at:], run)
			}
		})
		if err != nil || size != len(value) {
			return nil, nil, fmt.Errorf("%w: a patch for %d bytes is of a value of %d", kv.ErrDamaged, size, len(value))
		}
	}
	return value, nil, nil
}

// join makes one patch of several, of which the newest comes last.
func join(patches [][]byte) ([]byte, error) {
	if len(patches) == 1 {
		return patches[0], nil
	}
	size, err := runs(patches[0], func(int, []byte) {})
	if err != nil {
		return nil, err
	}
	value, set := make([]byte, size), make([]bool, size)
	for _, patch := range patches {
		is, err := runs(patch, func(at int, run []byte) {
			for i, b := range run {
				if at+i < size {
					value[at+i], set[at+i] = b, true
				}
			}
		})
		if err != nil || is != size {
			return nil, fmt.Errorf("%w: patches for %d and for %d bytes", kv.ErrDamaged, size, is)
		}
	}
	return appendSet(nil, value, set), nil
}

// appendSet appends the patch of those bytes of value that are set.
func appendSet(dst, value []byte, set []bool) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	end := 0
	for at := 0; at < len(value); at++ {
		if !set[at] {
			continue
		}
		from := at
		for at < len(value) && set[at] {
			at++
		}
		dst = binary.AppendUvarint(dst, uint64(from-end)) //nolint:gosec // runs come one after the other
		dst = binary.AppendUvarint(dst, uint64(at-from))  //nolint:gosec // and are not empty
		dst = append(dst, value[from:at]...)
		end = at
	}
	return dst
}
