package codec

import (
	"strconv"

	"github.com/switchyard-dev/switchyard/framework"
)

// The least number of bytes that a value takes, for checking counts.
const (
	minClass = WordSize + 4
	minUsage = 4 + 4
	minFinal = 8 + (1 + 3*4 + minUsage + 4) + 4 + 1
)

// AppendUsage appends what a transaction takes of its block.
func AppendUsage(dst []byte, u *framework.Usage) []byte {
	dst = AppendUint64s(dst, u.Counters)
	dst, b := column(dst, len(u.Once), ChargeSize)
	for i := range u.Once {
		putCharge((*[ChargeSize]byte)(b[i*ChargeSize:]), &u.Once[i])
	}
	return dst
}

// Usage reads what a transaction takes of its block into the memory of u.
func (d *Decoder) Usage(u *framework.Usage) {
	u.Counters = d.Uint64s(u.Counters)
	n, b := d.column("once", ChargeSize)
	u.Once = resize(u.Once, n)
	for i := range u.Once {
		getCharge((*[ChargeSize]byte)(b[i*ChargeSize:]), &u.Once[i])
	}
}

// AppendOutcome appends what an attempt came to.
func AppendOutcome(dst []byte, o *framework.Outcome) []byte {
	dst = append(dst, uint8(o.Status))
	dst = AppendWrites(dst, o.Writes)
	dst = AppendAdds(dst, o.Adds)
	dst = AppendClasses(dst, o.Classes)
	dst = AppendUsage(dst, &o.Usage)
	return AppendBytes(dst, o.Receipt)
}

// Outcome reads what an attempt came to into the memory of o.
func (d *Decoder) Outcome(o *framework.Outcome) {
	if d.err != nil {
		return
	}
	o.Status = framework.Status(d.Uint8())
	o.Writes = d.Writes(o.Writes)
	o.Adds = d.Adds(o.Adds)
	o.Classes = d.Classes(o.Classes)
	d.Usage(&o.Usage)
	o.Receipt = append(o.Receipt[:0], d.bytes("receipt")...)
	d.within("outcome")
}

// AppendFinal appends a final outcome. The outcome must not be nil.
func AppendFinal(dst []byte, f *framework.Final) []byte {
	dst = le.AppendUint64(dst, uint64(f.Tx))
	dst = AppendOutcome(dst, f.Outcome)
	dst = AppendWrites(dst, f.Writes)
	return AppendError(dst, f.Fault)
}

// Final reads a final outcome into the memory of f. If f has no outcome it gets one.
func (d *Decoder) Final(f *framework.Final) {
	if d.err != nil {
		return
	}
	f.Tx = framework.TxIndex(d.Int64())
	if f.Outcome == nil {
		f.Outcome = new(framework.Outcome)
	}
	d.Outcome(f.Outcome)
	f.Writes = d.Writes(f.Writes)
	f.Fault = d.RemoteError()
	d.within("final")
}

// AppendFinals appends a column of final outcomes.
func AppendFinals(dst []byte, finals []framework.Final) []byte {
	dst = le.AppendUint32(dst, uint32(len(finals)))
	for i := range finals {
		dst = AppendFinal(dst, &finals[i])
	}
	return dst
}

// Finals reads a column of final outcomes into the memory of dst, the outcomes of its entries included.
func (d *Decoder) Finals(dst []framework.Final) []framework.Final {
	dst = resize(dst, d.Count("finals", minFinal))
	for i := range dst {
		if d.Final(&dst[i]); d.err != nil {
			d.within("finals[" + strconv.Itoa(i) + "]")
			return dst[:0]
		}
	}
	return dst
}
