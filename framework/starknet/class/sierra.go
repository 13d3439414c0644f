package class

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/batch"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Sierra is a class as it is declared since 0.11: a program in intermediate code.
type Sierra struct {
	Program     []felt.Felt
	EntryPoints EntryPoints[SierraEntryPoint]
	// ABI is hashed byte for byte.
	ABI string
}

// sierraVersion is the only version of the format that exists; its name is in the tag of the hash.
const sierraVersion = "0.1.0"

var sierraTag = felt.MustShortString("CONTRACT_CLASS_V" + sierraVersion)

// Hash returns the class hash:
//
//	PN(S("CONTRACT_CLASS_V0.1.0"), PN(external: selector, function, ..), PN(l1_handler ..), PN(constructor ..),
//	   TK(abi), PN(program)) mod 2^251 - 256
//
// Source: cairo-lang, starkware/starknet/core/os/contract_class/contract_class.cairo.
func (c *Sierra) Hash() felt.Felt {
	var lists [][]felt.Felt
	for _, list := range c.EntryPoints.lists() {
		var flat []felt.Felt
		for _, e := range *list {
			flat = append(flat, e.Selector, felt.FromUint64(e.Function))
		}
		lists = append(lists, flat)
	}
	h := batch.Sponges(append(lists, c.Program))
	z := crypto.PoseidonMany(sierraTag, h[0], h[1], h[2], crypto.Keccak([]byte(c.ABI)), h[3])
	if !z.Less(&addressBound) {
		z.Sub(&z, &addressBound)
	}
	return z
}

// SierraVersion is a version of the Sierra language. Rules of execution depend on it.
type SierraVersion struct{ Major, Minor, Patch uint64 }

// firstSierra opens the programs of the first version of the language, which name it in another way.
var firstSierra = felt.MustShortString("0.1.0")

// Version returns the version of the language that the program is in, and whether the program says it: its
// first three felts.
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/contract_class.rs.
func (c *Sierra) Version() (v SierraVersion, ok bool) {
	if len(c.Program) > 0 && c.Program[0] == firstSierra {
		return SierraVersion{Minor: 1}, true
	}
	if len(c.Program) < 3 {
		return v, false
	}
	for i, p := range []*uint64{&v.Major, &v.Minor, &v.Patch} {
		if !c.Program[i].IsUint64() {
			return SierraVersion{}, false
		}
		*p = c.Program[i][0]
	}
	return v, true
}

// ParseSierra parses what a Sierra compiler writes, or what a node serves. The ABI may be a string or an array;
// an array stands for the string that Python's json.dumps makes of it, with its keys in their order.
func ParseSierra(data []byte) (*Sierra, error) {
	r := strictjson.NewReader(data)
	c := new(Sierra)
	r.Object(
		r.FeltsField("sierra_program", &c.Program),
		r.Field("contract_class_version", func() { r.Is(sierraVersion) }),
		r.Field("entry_points_by_type", func() { readEntryPoints(r, &c.EntryPoints, readSierraEntryPoint) }),
		strictjson.Optional(r.Field("abi", func() { c.ABI = readSierraABI(r) })),
		r.Ignored("sierra_program_debug_info"),
	)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return c, nil
}

func readSierraABI(r *strictjson.Reader) string {
	if r.IsArray() {
		return string(python.rewrite(nil, r))
	}
	return r.Text()
}

func readSierraEntryPoint(r *strictjson.Reader, e *SierraEntryPoint) {
	r.Object(r.FeltField("selector", &e.Selector), r.Uint64Field("function_idx", &e.Function))
}

// Text returns the class as JSON. Parsing it gives c.
func (c *Sierra) Text() []byte {
	w := strictjson.NewWriter(make([]byte, 0, 40*len(c.Program)+2*len(c.ABI)))
	w.Object(func() {
		w.FeltsField("sierra_program", c.Program)
		w.TextField("contract_class_version", sierraVersion)
		writeEntryPoints(w, &c.EntryPoints, func(e *SierraEntryPoint) {
			w.FeltField("selector", e.Selector)
			w.Uint64Field("function_idx", e.Function)
		})
		w.TextField("abi", c.ABI)
	})
	return w.Bytes()
}

func writeEntryPoints[E any](w *strictjson.Writer, p *EntryPoints[E], body func(*E)) {
	w.ObjectField("entry_points_by_type", func() {
		for i, list := range p.lists() {
			w.ArrayField(entryPointKeys[i], func() {
				for j := range *list {
					w.Object(func() { body(&(*list)[j]) })
				}
			})
		}
	})
}
