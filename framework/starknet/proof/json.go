package proof

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Append appends p as the result of starknet_getStorageProof.
func Append(dst []byte, p *Proof) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() {
		w.Key("classes_proof")
		writeNodes(w, p.Classes)
		w.ObjectField("contracts_proof", func() {
			w.Key("nodes")
			writeNodes(w, p.Contracts)
			w.ArrayField("contract_leaves_data", func() {
				for i := range p.Leaves {
					writeLeaf(w, &p.Leaves[i])
				}
			})
		})
		w.ArrayField("contracts_storage_proofs", func() {
			for _, nodes := range p.Storage {
				writeNodes(w, nodes)
			}
		})
		w.ObjectField("global_roots", func() {
			w.FeltField("contracts_tree_root", p.ContractsRoot)
			w.FeltField("classes_tree_root", p.ClassesRoot)
			w.FeltField("block_hash", p.BlockHash)
		})
	})
	return w.Bytes()
}

func writeNodes(w *strictjson.Writer, nodes []Node) {
	w.Array(func() {
		for i := range nodes {
			w.Object(func() {
				w.FeltField("node_hash", nodes[i].Hash)
				w.ObjectField("node", func() { writeNode(w, &nodes[i]) })
			})
		}
	})
}

func writeNode(w *strictjson.Writer, n *Node) {
	if n.Length == 0 {
		w.FeltField("left", n.Left)
		w.FeltField("right", n.Right)
		return
	}
	w.FeltField("path", n.Path)
	w.Uint64Field("length", uint64(n.Length))
	w.FeltField("child", n.Child)
}

func writeLeaf(w *strictjson.Writer, c *starknet.ContractState) {
	w.Object(func() {
		w.FeltField("nonce", c.Nonce)
		w.FeltField("class_hash", c.ClassHash)
		w.FeltField("storage_root", c.StorageRoot)
	})
}

// Parse parses the result of starknet_getStorageProof, by itself or in the JSON-RPC response that brings it. It checks
// the form only.
func Parse(data []byte) (*Proof, error) {
	r := strictjson.NewReader(data)
	p := new(Proof)
	if isResponse(r) {
		r.Object(r.Ignored("jsonrpc"), r.Ignored("id"), r.Field("result", func() { readProof(r, p) }))
	} else {
		readProof(r, p)
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return p, nil
}

// isResponse reports whether the next value is an object with a result.
func isResponse(r *strictjson.Reader) (is bool) {
	if !r.IsObject() {
		return false
	}
	r.Ahead(func() {
		r.Map(func(key []byte) {
			is = is || string(key) == "result"
			r.Raw()
		})
	})
	return is
}

func readProof(r *strictjson.Reader, p *Proof) {
	r.Object(
		r.Field("classes_proof", func() { p.Classes = readNodes(r) }),
		r.Field("contracts_proof", func() {
			r.Object(
				r.Field("nodes", func() { p.Contracts = readNodes(r) }),
				r.Field("contract_leaves_data", func() { p.Leaves = strictjson.Slice(r, readLeaf(r)) }),
			)
		}),
		r.Field("contracts_storage_proofs", func() {
			p.Storage = strictjson.Slice(r, func(nodes *[]Node) { *nodes = readNodes(r) })
		}),
		r.Field("global_roots", func() {
			r.Object(
				r.FeltField("contracts_tree_root", &p.ContractsRoot),
				r.FeltField("classes_tree_root", &p.ClassesRoot),
				r.FeltField("block_hash", &p.BlockHash),
			)
		}),
	)
}

func readNodes(r *strictjson.Reader) []Node {
	return strictjson.Slice(r, func(n *Node) {
		r.Object(r.FeltField("node_hash", &n.Hash), r.Field("node", func() { readNode(r, n) }))
	})
}

func readNode(r *strictjson.Reader, n *Node) {
	var length uint64
	var binary, edge int
	field := func(name string, count *int, p *felt.Felt) strictjson.Field {
		return strictjson.Optional(r.Field(name, func() { *count++; *p = r.Felt() }))
	}
	r.Object(
		field("left", &binary, &n.Left), field("right", &binary, &n.Right),
		field("child", &edge, &n.Child), field("path", &edge, &n.Path),
		strictjson.Optional(r.Field("length", func() { edge++; length = r.Uint64() })),
	)
	switch {
	case binary == 2 && edge == 0:
	case binary != 0 || edge != 3:
		r.Failf("neither left and right nor path, length and child")
	case length == 0 || length > Height:
		r.Failf("an edge of length %d", length)
	case n.Path.BitLen() > int(length):
		r.Failf("path %v is longer than %d bits", n.Path, length)
	default:
		n.Length = uint8(length)
	}
}

func readLeaf(r *strictjson.Reader) func(*starknet.ContractState) {
	return func(c *starknet.ContractState) {
		if r.Null() {
			return // so say some nodes of a contract that does not exist
		}
		r.Object(
			r.FeltField("nonce", &c.Nonce),
			r.FeltField("class_hash", &c.ClassHash),
			strictjson.Optional(r.FeltField("storage_root", &c.StorageRoot)), // some nodes leave it out
		)
	}
}
