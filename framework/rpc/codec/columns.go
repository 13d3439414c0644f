package codec

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// The loops below are alike. They are written out, and not one generic function, because a function value per
// entry costs more than moving the entry: see BenchmarkTransaction.

// column appends the count n and returns dst with room for n entries, and the room.
func column(dst []byte, n, size int) (all, room []byte) {
	at := len(dst)
	all = slices.Grow(dst, 4+n*size)[:at+4+n*size]
	le.PutUint32(all[at:], uint32(n))
	return all, all[at+4:]
}

// AppendWord appends one word.
func AppendWord(dst []byte, w framework.Word) []byte {
	dst = append(dst, make([]byte, WordSize)...)
	putWord((*[WordSize]byte)(dst[len(dst)-WordSize:]), &w)
	return dst
}

// Word reads one word.
func (d *Decoder) Word() (w framework.Word) {
	if b := d.take("word", WordSize); b != nil {
		getWord((*[WordSize]byte)(b), &w)
	}
	return w
}

// AppendWords appends a column of words.
func AppendWords(dst []byte, words []framework.Word) []byte {
	dst, b := column(dst, len(words), WordSize)
	for i := range words {
		putWord((*[WordSize]byte)(b[i*WordSize:]), &words[i])
	}
	return dst
}

// Words reads a column of words into the memory of dst.
func (d *Decoder) Words(dst []framework.Word) []framework.Word {
	n, b := d.column("words", WordSize)
	dst = resize(dst, n)
	for i := range dst {
		getWord((*[WordSize]byte)(b[i*WordSize:]), &dst[i])
	}
	return dst
}

// AppendKey appends one key.
func AppendKey(dst []byte, k framework.Key) []byte {
	dst = append(dst, make([]byte, KeySize)...)
	putKey((*[KeySize]byte)(dst[len(dst)-KeySize:]), &k)
	return dst
}

// Key reads one key.
func (d *Decoder) Key() (k framework.Key) {
	if b := d.take("key", KeySize); b != nil {
		getKey((*[KeySize]byte)(b), &k)
	}
	return k
}

// AppendKeys appends a column of keys.
func AppendKeys(dst []byte, keys []framework.Key) []byte {
	dst, b := column(dst, len(keys), KeySize)
	for i := range keys {
		putKey((*[KeySize]byte)(b[i*KeySize:]), &keys[i])
	}
	return dst
}

// Keys reads a column of keys into the memory of dst.
func (d *Decoder) Keys(dst []framework.Key) []framework.Key {
	n, b := d.column("keys", KeySize)
	dst = resize(dst, n)
	for i := range dst {
		getKey((*[KeySize]byte)(b[i*KeySize:]), &dst[i])
	}
	return dst
}

// AppendWrites appends a column of writes.
func AppendWrites(dst []byte, writes []framework.Write) []byte {
	dst, b := column(dst, len(writes), WriteSize)
	for i := range writes {
		putWrite((*[WriteSize]byte)(b[i*WriteSize:]), &writes[i])
	}
	return dst
}

// Writes reads a column of writes into the memory of dst.
func (d *Decoder) Writes(dst []framework.Write) []framework.Write {
	n, b := d.column("writes", WriteSize)
	dst = resize(dst, n)
	for i := range dst {
		getWrite((*[WriteSize]byte)(b[i*WriteSize:]), &dst[i])
	}
	return dst
}

// AppendAdds appends a column of additions.
func AppendAdds(dst []byte, adds []framework.Add) []byte {
	dst, b := column(dst, len(adds), AddSize)
	for i := range adds {
		putAdd((*[AddSize]byte)(b[i*AddSize:]), &adds[i])
	}
	return dst
}

// Adds reads a column of additions into the memory of dst.
func (d *Decoder) Adds(dst []framework.Add) []framework.Add {
	n, b := d.column("adds", AddSize)
	dst = resize(dst, n)
	for i := range dst {
		getAdd((*[AddSize]byte)(b[i*AddSize:]), &dst[i])
	}
	return dst
}

// AppendVersion appends one version.
func AppendVersion(dst []byte, v framework.Version) []byte {
	dst = append(dst, make([]byte, VersionSize)...)
	putVersion((*[VersionSize]byte)(dst[len(dst)-VersionSize:]), &v)
	return dst
}

// Version reads one version.
func (d *Decoder) Version() (v framework.Version) {
	if b := d.take("version", VersionSize); b != nil {
		getVersion((*[VersionSize]byte)(b), &v)
	}
	return v
}

// AppendVersions appends a column of versions.
func AppendVersions(dst []byte, versions []framework.Version) []byte {
	dst, b := column(dst, len(versions), VersionSize)
	for i := range versions {
		putVersion((*[VersionSize]byte)(b[i*VersionSize:]), &versions[i])
	}
	return dst
}

// Versions reads a column of versions into the memory of dst.
func (d *Decoder) Versions(dst []framework.Version) []framework.Version {
	n, b := d.column("versions", VersionSize)
	dst = resize(dst, n)
	for i := range dst {
		getVersion((*[VersionSize]byte)(b[i*VersionSize:]), &dst[i])
	}
	return dst
}

// AppendReads appends a read log.
func AppendReads(dst []byte, reads []Read) []byte {
	dst, b := column(dst, len(reads), ReadSize)
	for i := range reads {
		putRead((*[ReadSize]byte)(b[i*ReadSize:]), &reads[i])
	}
	return dst
}

// Reads reads a read log into the memory of dst.
func (d *Decoder) Reads(dst []Read) []Read {
	n, b := d.column("reads", ReadSize)
	dst = resize(dst, n)
	for i := range dst {
		getRead((*[ReadSize]byte)(b[i*ReadSize:]), &dst[i])
	}
	return dst
}

// AppendPredicted appends a column of guesses.
func AppendPredicted(dst []byte, guesses []framework.Predicted) []byte {
	dst, b := column(dst, len(guesses), PredictedSize)
	for i := range guesses {
		putPredicted((*[PredictedSize]byte)(b[i*PredictedSize:]), &guesses[i])
	}
	return dst
}

// Predicted reads a column of guesses into the memory of dst.
func (d *Decoder) Predicted(dst []framework.Predicted) []framework.Predicted {
	n, b := d.column("predicted", PredictedSize)
	dst = resize(dst, n)
	for i := range dst {
		getPredicted((*[PredictedSize]byte)(b[i*PredictedSize:]), &dst[i])
	}
	return dst
}

// AppendUint64s appends a column of numbers.
func AppendUint64s(dst []byte, numbers []uint64) []byte {
	dst, b := column(dst, len(numbers), 8)
	for i, v := range numbers {
		le.PutUint64(b[i*8:], v)
	}
	return dst
}

// Uint64s reads a column of numbers into the memory of dst.
func (d *Decoder) Uint64s(dst []uint64) []uint64 {
	n, b := d.column("numbers", 8)
	dst = resize(dst, n)
	for i := range dst {
		dst[i] = le.Uint64(b[i*8:])
	}
	return dst
}
