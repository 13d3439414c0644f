package schedlink

import (
	"encoding/binary"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// FuzzNamed reads which outcomes a block contains: only those that were handed out.
func FuzzNamed(f *testing.F) {
	b := &block{finals: []framework.Final{{}, {Tx: 1}, {Tx: 2}}}
	entry := func(dst []byte, tx uint64, other bool) []byte {
		return codec.AppendBool(binary.LittleEndian.AppendUint64(dst, tx), other)
	}
	f.Add([]byte{0, 0, 0, 0})
	f.Add(entry(entry([]byte{2, 0, 0, 0}, 0, false), 2, false))
	f.Add(codec.AppendWrites(entry([]byte{1, 0, 0, 0}, 1, true), []framework.Write{{Value: framework.Word{7}}}))
	f.Add(entry([]byte{1, 0, 0, 0}, 3, false))
	f.Add([]byte{255, 255, 255, 255, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		d := codec.NewDecoder(data)
		final := b.named(d)
		if d.End() != nil {
			return
		}
		if len(final) > len(data)/9 {
			t.Errorf("%d outcomes of %d bytes", len(final), len(data))
		}
		for i := range final {
			if final[i].Tx < 0 || int(final[i].Tx) >= len(b.finals) {
				t.Errorf("outcome of transaction %d of %d", final[i].Tx, len(b.finals))
			}
		}
	})
}
