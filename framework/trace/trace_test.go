package trace_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// key returns one of few keys.
func key(n uint64) framework.Key {
	return framework.Key{Space: uint8(n % 5), Owner: framework.Word{n}, Slot: framework.Word{0, 0, 0, n}} //nolint:gosec // small
}

// random returns a block with any events, as they need not make sense.
func random(seed uint64, n int) *trace.Block {
	rnd := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // makes blocks
	b := &trace.Block{
		Label: "a", Scheduler: "blockstm", Placement: "builtin", Number: framework.BlockNumber(seed), Txs: n, //nolint:gosec // small
		Wall: time.Duration(rnd.Int64N(1e9)), CPU: time.Duration(rnd.Int64N(1e9)), Dropped: seed,
	}
	for range n {
		b.Events = append(b.Events, framework.Event{
			Kind: framework.EventKind(rnd.IntN(12)), Cause: framework.Cause(rnd.IntN(6)), Worker: rnd.Int32N(4), //nolint:gosec // small
			Version: framework.Version{Tx: framework.TxIndex(rnd.IntN(50) - 1), Inc: framework.Incarnation(rnd.IntN(3))}, //nolint:gosec // small
			At:      time.Duration(rnd.Int64N(1e6)), Key: key(rnd.Uint64N(7)),
			Writer: framework.Version{Tx: framework.TxIndex(rnd.IntN(50) - 1), Inc: framework.Incarnation(rnd.IntN(2))}, //nolint:gosec // small
		})
	}
	return b
}

func file(t testing.TB, blocks ...*trace.Block) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := trace.NewWriter(&buf)
	for _, b := range blocks {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

// TestFile writes blocks and reads them again.
func TestFile(t *testing.T) {
	want := []*trace.Block{random(1, 500), {}, random(2, 1)}
	got, err := trace.ReadAll(bytes.NewReader(file(t, want...)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFileSize checks that an event of a block takes about ten bytes.
func TestFileSize(t *testing.T) {
	b := &trace.Block{}
	for i := range 1000 {
		for kind := framework.Started; kind <= framework.Finalized; kind++ {
			b.Events = append(b.Events, framework.Event{
				Kind: kind, Version: framework.Version{Tx: framework.TxIndex(i)}, At: time.Duration(i) * time.Microsecond,
				Key: key(uint64(i % 100)), Worker: int32(i % 2), //nolint:gosec // small
			})
		}
	}
	if size := len(file(t, b)) / len(b.Events); size > 10 {
		t.Errorf("%d bytes for an event, want at most 10", size)
	}
}

// TestFileDamaged cuts a file anywhere and changes any byte: it is refused, and what was read before stands.
func TestFileDamaged(t *testing.T) {
	whole := file(t, random(1, 20), random(2, 20))
	const beginning = 9 // of a file without blocks
	first := len(file(t, random(1, 20)))
	for n := range whole {
		if _, err := trace.ReadAll(bytes.NewReader(whole[:n])); n != beginning && n != first && !errors.Is(err, trace.ErrMalformed) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
		bad := bytes.Clone(whole)
		bad[n] ^= 0x10
		blocks, err := trace.ReadAll(bytes.NewReader(bad))
		if !errors.Is(err, trace.ErrMalformed) {
			t.Errorf("byte %d changed: %v", n, err)
		}
		if want := n >= first; want != (len(blocks) == 1) {
			t.Errorf("byte %d changed: %d blocks", n, len(blocks))
		}
	}
}

// TestWriteRefuses checks that an event that cannot be read again is not written.
func TestWriteRefuses(t *testing.T) {
	var buf bytes.Buffer
	err := trace.NewWriter(&buf).Write(&trace.Block{Events: []framework.Event{{Kind: 200}}})
	if err == nil || buf.Len() > 0 {
		t.Errorf("error %v, %d bytes written", err, buf.Len())
	}
}

// FuzzRead reads any bytes. What can be read is the same after it is written and read again, and its attempts can be put
// together.
func FuzzRead(f *testing.F) {
	f.Add(file(f, random(1, 40)))
	f.Add(file(f, &trace.Block{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		blocks := readable(b)
		again, err := trace.ReadAll(bytes.NewReader(file(t, blocks...)))
		if len(blocks) > 0 && err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(blocks, again); diff != "" {
			t.Fatalf("(-first +second):\n%s", diff)
		}
		for _, b := range blocks {
			trace.Works(b.Attempts())
		}
	})
}

// readable returns the blocks of a file, of which the checksums need not be right: a fuzzer cannot make them so.
func readable(b []byte) []*trace.Block {
	blocks, _ := trace.ReadAll(bytes.NewReader(trace.Repair(b)))
	return blocks
}

// TestRecorder checks what a recorder keeps and counts.
func TestRecorder(t *testing.T) {
	var r trace.Recorder
	e := framework.Event{Kind: framework.Read, Version: framework.Version{Tx: 3}}
	r.Observe(&e)
	e.Version.Tx = 4 // it belongs to who emits it
	r.Dropped(7)
	var b trace.Block
	r.Take(&b)
	want := trace.Block{Dropped: 7, Events: []framework.Event{{Kind: framework.Read, Version: framework.Version{Tx: 3}}}}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Take(&b)
	if len(b.Events) != 0 || b.Dropped != 0 {
		t.Errorf("after Take: %+v", b)
	}
}

// TestEmptyFile checks that no bytes are no trace.
func TestEmptyFile(t *testing.T) {
	if _, err := trace.NewReader(bytes.NewReader(nil)).Next(); !errors.Is(err, trace.ErrMalformed) || errors.Is(err, io.EOF) {
		t.Errorf("Next: %v", err)
	}
}
