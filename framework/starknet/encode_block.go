package starknet

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// AppendHeader appends the encoding of h, whose number must not be negative.
func AppendHeader(dst []byte, h *Header) []byte { return h.append(append(dst, encodingV1)) }

// DecodeHeader decodes what AppendHeader made. All errors wrap ErrEncoding.
func DecodeHeader(data []byte) (*Header, error) {
	r := wire.NewReader(data, "header")
	r.Version(encodingV1)
	var h Header
	h.read(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &h, nil
}

func (h *Header) append(dst []byte) []byte {
	dst = wire.AppendUint(dst, uint64(h.Number))
	dst = wire.AppendFelt(dst, h.Hash)
	dst = wire.AppendFelt(dst, h.Parent)
	dst = wire.AppendFelt(dst, h.StateRoot)
	dst = wire.AppendFelt(dst, h.Sequencer)
	dst = wire.AppendUint(dst, h.Timestamp)
	dst = wire.AppendText(dst, h.Protocol)
	for _, p := range []*GasPrice{&h.L1Gas, &h.L1DataGas, &h.L2Gas} {
		dst = appendUint128(appendUint128(dst, p.Wei), p.Fri)
	}
	dst = append(dst, byte(h.L1DA))
	c := &h.Commitments
	dst = wire.AppendUint(wire.AppendUint(wire.AppendUint(dst, c.TransactionCount), c.EventCount), c.StateDiffLength)
	dst = wire.AppendFelt(wire.AppendFelt(dst, c.Transactions), c.Events)
	return wire.AppendFelt(wire.AppendFelt(dst, c.Receipts), c.StateDiff)
}

func (h *Header) read(r *wire.Reader) {
	number := r.Uint()
	if number > math.MaxInt64 {
		r.Failf("block number %d", number)
	}
	h.Number = framework.BlockNumber(number)
	h.Hash, h.Parent, h.StateRoot, h.Sequencer = r.Felt(), r.Felt(), r.Felt(), r.Felt()
	h.Timestamp, h.Protocol = r.Uint(), r.Text()
	for _, p := range []*GasPrice{&h.L1Gas, &h.L1DataGas, &h.L2Gas} {
		p.Wei, p.Fri = readUint128(r), readUint128(r)
	}
	h.L1DA = L1DAMode(r.Below(byte(l1DAModes)))
	c := &h.Commitments
	c.TransactionCount, c.EventCount, c.StateDiffLength = r.Uint(), r.Uint(), r.Uint()
	c.Transactions, c.Events, c.Receipts, c.StateDiff = r.Felt(), r.Felt(), r.Felt(), r.Felt()
}

// AppendBlock appends the encoding of b.
func AppendBlock(dst []byte, b *Block) []byte {
	dst = b.Header.append(append(dst, encodingV1))
	dst = wire.AppendList(dst, b.Transactions, func(dst []byte, t *Transaction) []byte {
		return (*t).appendBody(append(dst, byte((*t).Kind())))
	})
	return wire.AppendList(dst, b.Receipts, func(dst []byte, c *Receipt) []byte { return c.append(dst) })
}

// DecodeBlock decodes what AppendBlock made. All errors wrap ErrEncoding.
func DecodeBlock(data []byte) (*Block, error) {
	r := wire.NewReader(data, "block")
	r.Version(encodingV1)
	var b Block
	b.Header.read(r)
	b.Transactions = wire.List(r, 5, func(r *wire.Reader, t *Transaction) { *t = readTransaction(r) })
	b.Receipts = wire.List(r, 12, func(r *wire.Reader, c *Receipt) { c.read(r) })
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &b, nil
}

// AppendStateDiff appends the encoding of d, in the order of its lists. It is the encoding of equal changes only
// if d is sorted.
func AppendStateDiff(dst []byte, d *StateDiff) []byte {
	dst = append(dst, encodingV1)
	dst = wire.AppendList(dst, d.Storage, func(dst []byte, c *ContractStorage) []byte {
		return wire.AppendList(wire.AppendFelt(dst, c.Contract), c.Entries, func(dst []byte, e *StorageEntry) []byte {
			return wire.AppendFelt(wire.AppendFelt(dst, e.Key), e.Value)
		})
	})
	dst = wire.AppendList(dst, d.Nonces, func(dst []byte, n *ContractNonce) []byte {
		return wire.AppendFelt(wire.AppendFelt(dst, n.Contract), n.Nonce)
	})
	for _, list := range [][]ContractClass{d.Deployed, d.Replaced} {
		dst = wire.AppendList(dst, list, func(dst []byte, c *ContractClass) []byte {
			return wire.AppendFelt(wire.AppendFelt(dst, c.Contract), c.ClassHash)
		})
	}
	for _, list := range [][]DeclaredClass{d.Declared, d.Migrated} {
		dst = wire.AppendList(dst, list, func(dst []byte, c *DeclaredClass) []byte {
			return wire.AppendFelt(wire.AppendFelt(dst, c.ClassHash), c.CompiledClassHash)
		})
	}
	return wire.AppendFelts(dst, d.DeprecatedDeclared)
}

// DecodeStateDiff decodes what AppendStateDiff made. All errors wrap ErrEncoding. The order of the lists is not
// checked; see [StateDiff.Check].
func DecodeStateDiff(data []byte) (*StateDiff, error) {
	r := wire.NewReader(data, "state diff")
	r.Version(encodingV1)
	var d StateDiff
	d.Storage = wire.List(r, 2, func(r *wire.Reader, c *ContractStorage) {
		c.Contract = r.Felt()
		c.Entries = wire.List(r, 2, func(r *wire.Reader, e *StorageEntry) { e.Key, e.Value = r.Felt(), r.Felt() })
	})
	d.Nonces = wire.List(r, 2, func(r *wire.Reader, n *ContractNonce) { n.Contract, n.Nonce = r.Felt(), r.Felt() })
	for _, list := range []*[]ContractClass{&d.Deployed, &d.Replaced} {
		*list = wire.List(r, 2, func(r *wire.Reader, c *ContractClass) { c.Contract, c.ClassHash = r.Felt(), r.Felt() })
	}
	for _, list := range []*[]DeclaredClass{&d.Declared, &d.Migrated} {
		*list = wire.List(r, 2, func(r *wire.Reader, c *DeclaredClass) {
			c.ClassHash, c.CompiledClassHash = r.Felt(), r.Felt()
		})
	}
	d.DeprecatedDeclared = r.Felts()
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &d, nil
}
