package codec

import "github.com/switchyard-dev/switchyard/framework"

// AppendHead appends a sealed block's number and root.
func AppendHead(dst []byte, h framework.Head) []byte {
	return AppendWord(le.AppendUint64(dst, uint64(h.Number)), framework.Word(h.Root))
}

// Head reads a sealed block's number and root.
func (d *Decoder) Head() (h framework.Head) {
	h.Number = framework.BlockNumber(d.Int64())
	h.Root = framework.Root(d.Word())
	return h
}

// AppendProofQuery appends which cells to prove.
func AppendProofQuery(dst []byte, q *framework.ProofQuery) []byte { return AppendKeys(dst, q.Keys) }

// ProofQuery reads which cells to prove into the memory of q.
func (d *Decoder) ProofQuery(q *framework.ProofQuery) { q.Keys = d.Keys(q.Keys) }

// AppendProof appends evidence.
func AppendProof(dst []byte, p *framework.Proof) []byte {
	return AppendBytes(AppendWord(dst, framework.Word(p.Root)), p.Body)
}

// Proof reads evidence into the memory of p.
func (d *Decoder) Proof(p *framework.Proof) {
	if d.err != nil {
		return
	}
	p.Root = framework.Root(d.Word())
	p.Body = append(p.Body[:0], d.bytes("body")...)
	d.within("proof")
}
