package codec

import (
	"encoding/binary"

	"github.com/switchyard-dev/switchyard/framework"
)

// Sizes of the entries of fixed size.
const (
	WordSize      = 32
	KeySize       = 1 + 2*WordSize
	WriteSize     = KeySize + WordSize
	AddSize       = 2*KeySize + WordSize
	VersionSize   = 8 + 4
	ReadSize      = KeySize + VersionSize + WordSize
	ChargeSize    = 1 + KeySize + 8
	PredictedSize = KeySize + 1 + 8
	EventSize     = 1 + 1 + 4 + VersionSize + 8 + KeySize + VersionSize
	StatsSize     = 6 * 8
	HeadSize      = 8 + WordSize
)

var le = binary.LittleEndian

// The put and get functions move one entry. They work on pointers to arrays, so that the compiler knows every
// bound, and each is flat: only putWord and getWord are small enough to be inlined, so an entry costs one call.

// Offsets within a key.
const (
	ownerAt = 1
	slotAt  = ownerAt + WordSize
)

func putWord(b *[WordSize]byte, w *framework.Word) {
	le.PutUint64(b[0:], w[0])
	le.PutUint64(b[8:], w[1])
	le.PutUint64(b[16:], w[2])
	le.PutUint64(b[24:], w[3])
}

func getWord(b *[WordSize]byte, w *framework.Word) {
	w[0] = le.Uint64(b[0:])
	w[1] = le.Uint64(b[8:])
	w[2] = le.Uint64(b[16:])
	w[3] = le.Uint64(b[24:])
}

func putKey(b *[KeySize]byte, k *framework.Key) {
	b[0] = k.Space
	putWord((*[WordSize]byte)(b[ownerAt:]), &k.Owner)
	putWord((*[WordSize]byte)(b[slotAt:]), &k.Slot)
}

func getKey(b *[KeySize]byte, k *framework.Key) {
	k.Space = b[0]
	getWord((*[WordSize]byte)(b[ownerAt:]), &k.Owner)
	getWord((*[WordSize]byte)(b[slotAt:]), &k.Slot)
}

func putWrite(b *[WriteSize]byte, w *framework.Write) {
	b[0] = w.Key.Space
	putWord((*[WordSize]byte)(b[ownerAt:]), &w.Key.Owner)
	putWord((*[WordSize]byte)(b[slotAt:]), &w.Key.Slot)
	putWord((*[WordSize]byte)(b[KeySize:]), &w.Value)
}

func getWrite(b *[WriteSize]byte, w *framework.Write) {
	w.Key.Space = b[0]
	getWord((*[WordSize]byte)(b[ownerAt:]), &w.Key.Owner)
	getWord((*[WordSize]byte)(b[slotAt:]), &w.Key.Slot)
	getWord((*[WordSize]byte)(b[KeySize:]), &w.Value)
}

func putAdd(b *[AddSize]byte, a *framework.Add) {
	putKey((*[KeySize]byte)(b[:]), &a.Low)
	putKey((*[KeySize]byte)(b[KeySize:]), &a.High)
	putWord((*[WordSize]byte)(b[2*KeySize:]), &a.Amount)
}

func getAdd(b *[AddSize]byte, a *framework.Add) {
	getKey((*[KeySize]byte)(b[:]), &a.Low)
	getKey((*[KeySize]byte)(b[KeySize:]), &a.High)
	getWord((*[WordSize]byte)(b[2*KeySize:]), &a.Amount)
}

func putVersion(b *[VersionSize]byte, v *framework.Version) {
	le.PutUint64(b[0:], uint64(v.Tx))
	le.PutUint32(b[8:], uint32(v.Inc))
}

func getVersion(b *[VersionSize]byte, v *framework.Version) {
	v.Tx = framework.TxIndex(le.Uint64(b[0:]))
	v.Inc = framework.Incarnation(le.Uint32(b[8:]))
}

// Read is one entry of a read log: an attempt read Key and saw Value, as Version wrote it. Version.Tx is
// framework.NoTx if the value came from the base.
type Read struct {
	Key     framework.Key
	Version framework.Version
	Value   framework.Word
}

func putRead(b *[ReadSize]byte, r *Read) {
	b[0] = r.Key.Space
	putWord((*[WordSize]byte)(b[ownerAt:]), &r.Key.Owner)
	putWord((*[WordSize]byte)(b[slotAt:]), &r.Key.Slot)
	putVersion((*[VersionSize]byte)(b[KeySize:]), &r.Version)
	putWord((*[WordSize]byte)(b[KeySize+VersionSize:]), &r.Value)
}

func getRead(b *[ReadSize]byte, r *Read) {
	r.Key.Space = b[0]
	getWord((*[WordSize]byte)(b[ownerAt:]), &r.Key.Owner)
	getWord((*[WordSize]byte)(b[slotAt:]), &r.Key.Slot)
	getVersion((*[VersionSize]byte)(b[KeySize:]), &r.Version)
	getWord((*[WordSize]byte)(b[KeySize+VersionSize:]), &r.Value)
}

func putCharge(b *[ChargeSize]byte, c *framework.Charge) {
	b[0] = c.Counter
	putKey((*[KeySize]byte)(b[1:]), &c.Key)
	le.PutUint64(b[1+KeySize:], c.Amount)
}

func getCharge(b *[ChargeSize]byte, c *framework.Charge) {
	c.Counter = b[0]
	getKey((*[KeySize]byte)(b[1:]), &c.Key)
	c.Amount = le.Uint64(b[1+KeySize:])
}

func putPredicted(b *[PredictedSize]byte, p *framework.Predicted) {
	putKey((*[KeySize]byte)(b[:]), &p.Key)
	b[KeySize] = uint8(p.Access)
	le.PutUint64(b[KeySize+1:], p.Rule)
}

func getPredicted(b *[PredictedSize]byte, p *framework.Predicted) {
	getKey((*[KeySize]byte)(b[:]), &p.Key)
	p.Access = framework.Access(b[KeySize])
	p.Rule = le.Uint64(b[KeySize+1:])
}
