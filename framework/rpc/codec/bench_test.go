package codec_test

import (
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// load is the transaction of the boundary benchmark: 20 felts, 30 reads, 15 writes.
type load struct {
	felts  []framework.Word
	reads  []codec.Read
	writes []framework.Write
}

func newLoad() *load {
	r := rand.New(rand.NewPCG(19, 20))
	l := &load{
		felts:  make([]framework.Word, 20),
		reads:  make([]codec.Read, 30),
		writes: make([]framework.Write, 15),
	}
	for i := range l.felts {
		l.felts[i] = word(r)
	}
	for i := range l.reads {
		l.reads[i] = read(r)
	}
	for i := range l.writes {
		l.writes[i] = write(r)
	}
	return l
}

func (l *load) append(dst []byte) []byte {
	return codec.AppendWrites(codec.AppendReads(codec.AppendWords(dst, l.felts), l.reads), l.writes)
}

func (l *load) decode(b []byte) error {
	d := codec.NewDecoder(b)
	l.felts = d.Words(l.felts)
	l.reads = d.Reads(l.reads)
	l.writes = d.Writes(l.writes)
	return d.End()
}

func BenchmarkTransaction(b *testing.B) {
	l := newLoad()
	encoded := l.append(nil)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		var dst []byte
		for b.Loop() {
			dst = l.append(dst[:0])
		}
	})
	decode := func(b *testing.B, target func() *load) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		for b.Loop() {
			if err := target().decode(encoded); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("decode/target=used", func(b *testing.B) {
		used := new(load)
		decode(b, func() *load { return used })
	})
	b.Run("decode/target=fresh", func(b *testing.B) {
		decode(b, func() *load { return new(load) })
	})
}

func BenchmarkOutcome(b *testing.B) {
	l := newLoad()
	o := &framework.Outcome{Writes: l.writes, Receipt: make([]byte, 200)}
	encoded := codec.AppendOutcome(nil, o)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		var dst []byte
		for b.Loop() {
			dst = codec.AppendOutcome(dst[:0], o)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		var d codec.Decoder
		for b.Loop() {
			d.Reset(encoded)
			d.Outcome(o)
			if err := d.End(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
