package codec

import (
	"strconv"

	"github.com/switchyard-dev/switchyard/framework"
)

// minTx is the least number of bytes that a transaction takes.
const minTx = WordSize + 1 + 4

// AppendTx appends a transaction.
func AppendTx(dst []byte, tx *framework.Tx) []byte {
	dst = AppendWord(dst, tx.ID)
	dst = append(dst, uint8(tx.Mode))
	return AppendBytes(dst, tx.Body)
}

// Tx reads a transaction into the memory of tx, its body included: nobody changes the body of a transaction
// that was handed out, so tx must be empty if another transaction was decoded into it and handed out.
func (d *Decoder) Tx(tx *framework.Tx) {
	if d.err != nil {
		return
	}
	tx.ID = d.Word()
	tx.Mode = framework.Mode(d.Uint8())
	tx.Body = append(tx.Body[:0], d.bytes("body")...)
	d.within("transaction")
}

// AppendTxs appends a column of transactions.
func AppendTxs(dst []byte, txs []framework.Tx) []byte {
	dst = le.AppendUint32(dst, uint32(len(txs)))
	for i := range txs {
		dst = AppendTx(dst, &txs[i])
	}
	return dst
}

// Txs reads a column of transactions into the memory of dst, the bodies of its entries included: see [Decoder.Tx].
func (d *Decoder) Txs(dst []framework.Tx) []framework.Tx {
	dst = resize(dst, d.Count("transactions", minTx))
	for i := range dst {
		if d.Tx(&dst[i]); d.err != nil {
			d.within("transactions[" + strconv.Itoa(i) + "]")
			return dst[:0]
		}
	}
	return dst
}

// AppendBlock appends what is known of a block before its first transaction.
func AppendBlock(dst []byte, b *framework.Block) []byte {
	dst = le.AppendUint64(dst, uint64(b.Number))
	dst = AppendString(dst, b.Protocol)
	dst = AppendBytes(dst, b.Header)
	dst = AppendWrites(dst, b.Start)
	dst = AppendUint64s(dst, b.Capacity)
	return AppendBool(dst, b.Trace)
}

// Block reads what is known of a block before its first transaction, into the memory of b.
func (d *Decoder) Block(b *framework.Block) {
	if d.err != nil {
		return
	}
	b.Number = framework.BlockNumber(d.Int64())
	b.Protocol = d.String(b.Protocol)
	b.Header = append(b.Header[:0], d.bytes("header")...)
	b.Start = d.Writes(b.Start)
	b.Capacity = d.Uint64s(b.Capacity)
	b.Trace = d.Bool()
	d.within("block")
}

// AppendClass appends a class.
func AppendClass(dst []byte, c *framework.Class) []byte {
	return AppendBytes(AppendWord(dst, c.Hash), c.Body)
}

// Class reads a class into c. The body is new memory, whatever c held before.
func (d *Decoder) Class(c *framework.Class) {
	if d.err != nil {
		return
	}
	c.Hash = d.Word()
	c.Body = append([]byte(nil), d.bytes("body")...)
	d.within("class")
}

// AppendClasses appends a column of classes.
func AppendClasses(dst []byte, classes []framework.Class) []byte {
	dst = le.AppendUint32(dst, uint32(len(classes)))
	for i := range classes {
		dst = AppendClass(dst, &classes[i])
	}
	return dst
}

// Classes reads a column of classes into the memory of dst. The bodies are new memory.
func (d *Decoder) Classes(dst []framework.Class) []framework.Class {
	dst = resize(dst, d.Count("classes", minClass))
	for i := range dst {
		if d.Class(&dst[i]); d.err != nil {
			d.within("classes[" + strconv.Itoa(i) + "]")
			return dst[:0]
		}
	}
	return dst
}

// AppendDiff appends what a block changes.
func AppendDiff(dst []byte, diff *framework.Diff) []byte {
	return AppendClasses(AppendWrites(dst, diff.Writes), diff.Classes)
}

// Diff reads what a block changes into the memory of diff.
func (d *Decoder) Diff(diff *framework.Diff) {
	if d.err != nil {
		return
	}
	diff.Writes = d.Writes(diff.Writes)
	diff.Classes = d.Classes(diff.Classes)
	d.within("diff")
}
