package ledger

import (
	"bytes"
	"errors"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// FuzzRecord, FuzzEntry and FuzzClasses decode anything: what they accept is what encoding makes.
func FuzzRecord(f *testing.F) {
	h := &starknet.Header{Number: 7, Hash: felt.One, Protocol: "0.14.0"}
	f.Add((&record{header: h}).append(nil))
	f.Add((&record{header: h, sealed: true, root: framework.Root{1, 2, 3, ^uint64(0)}}).append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data)
		refused(t, err)
		if err == nil && !bytes.Equal(r.append(nil), data) {
			t.Errorf("%x is %+v, whose encoding is %x", data, r, r.append(nil))
		}
	})
}

func FuzzEntry(f *testing.F) {
	tx := &starknet.Invoke{Version: 1, Sender: felt.One, Calldata: []felt.Felt{felt.One}}
	f.Add(appendEntry(nil, tx, &starknet.Receipt{Reverted: true, RevertReason: "x"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		tx, r, err := decodeEntry(data)
		refused(t, err)
		if err == nil && !bytes.Equal(appendEntry(nil, tx, r), data) {
			t.Errorf("%x is %+v and %+v, whose encoding is %x", data, tx, r, appendEntry(nil, tx, r))
		}
	})
}

func FuzzClasses(f *testing.F) {
	f.Add(appendClasses(nil, []framework.Class{{Hash: framework.Word{1}, Body: []byte{1, 2, 3}}, {Hash: framework.Word{2}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		classes, err := decodeClasses(data)
		refused(t, err)
		if err == nil && !bytes.Equal(appendClasses(nil, classes), data) {
			t.Errorf("%x is %+v, whose encoding is %x", data, classes, appendClasses(nil, classes))
		}
	})
}

func refused(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, want ErrDamaged", err)
	}
}

// TestPlaces decodes places that nobody wrote.
func TestPlaces(t *testing.T) {
	if p, err := decodePlace(txKey(5, 6)[1:]); err != nil || p != (place{5, 6}) {
		t.Errorf("decodePlace() = %v, %v, want block 5, transaction 6", p, err)
	}
	for _, data := range [][]byte{nil, make([]byte, 11), make([]byte, 13), {128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		_, err := decodePlace(data)
		if err == nil {
			t.Errorf("decodePlace(%x) has no error", data)
		}
		refused(t, err)
	}
}
