package class

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// Names is what hints of a Cairo 0 class need to know of its program: the parts that are kept as text.
type Names struct {
	Hints       []HintsAt // ascending by PC
	References  []Reference
	Identifiers map[string]Identifier
}

// HintsAt are the hints before the instruction at PC, in their order.
type HintsAt struct {
	PC    uint64
	Hints []Hint
}

// Hint is a piece of Python.
type Hint struct {
	Code   string
	Scopes []string // whose identifiers it can see, from the outermost
	// Tracking and References say where its variables are: References maps full names to indexes of
	// [Names.References].
	Tracking   Tracking
	References map[string]uint64
}

// Tracking is what the compiler knows of ap: its offset from where it was at the start of the group.
type Tracking struct{ Group, Offset uint64 }

// Reference is an expression that a variable stands for, such as "[cast(fp + (-3), felt*)]", valid from PC on.
type Reference struct {
	PC       uint64
	Tracking Tracking
	Value    string
}

// Identifier is a name of the program. Which fields it has depends on its type: const, function, label, struct,
// alias, reference, and so on.
type Identifier struct {
	Type        string
	Destination string   // of an alias
	PC          *uint64  // of a function or label
	Value       *big.Int // of a constant, as it stands in the program: it may be negative
	FullName    string   // of a struct or reference
	CairoType   string   // of a type definition or reference
	Size        *uint64  // of a struct, in felts
	Members     map[string]Member
	Decorators  []string    // of a function
	References  []Reference // of a reference
}

// Member is a member of a struct.
type Member struct {
	CairoType string
	Offset    uint64
}

// Names parses the parts of c that are kept as text. Their form does not matter for hashes, and so is not checked
// when a class is parsed: here it is, and errors wrap starknet.ErrJSON.
func (c *Cairo0) Names() (*Names, error) {
	n := &Names{Identifiers: map[string]Identifier{}}
	for _, part := range []struct {
		name string
		text json.RawMessage
		read func(*strictjson.Reader)
	}{
		{"hints", c.Hints, n.readHints},
		{"reference_manager", c.ReferenceManager, func(r *strictjson.Reader) {
			r.Object(r.Field("references", func() { n.References = readReferences(r) }))
		}},
		{"identifiers", c.Identifiers, func(r *strictjson.Reader) {
			r.Map(func(key []byte) { n.Identifiers[string(key)] = readIdentifier(r) })
		}},
	} {
		r := strictjson.NewReader(part.text)
		r.Under(part.name, func() { part.read(r) })
		if err := r.Finish(); err != nil {
			return nil, fmt.Errorf("names of the class: %w", err)
		}
	}
	return n, nil
}

func (n *Names) readHints(r *strictjson.Reader) {
	r.Map(func(key []byte) {
		pc, err := strconv.ParseUint(string(key), 10, 64)
		if err != nil {
			r.Failf("not a program counter")
		}
		list := strictjson.Slice(r, func(h *Hint) {
			r.Object(
				r.TextField("code", &h.Code),
				r.Field("accessible_scopes", func() { h.Scopes = readTexts(r) }),
				r.OrNull(r.Field("flow_tracking_data", func() {
					r.Object(
						r.Field("ap_tracking", func() { readTracking(r, &h.Tracking) }),
						r.Field("reference_ids", func() { h.References = readIDs(r) }),
					)
				})),
			)
		})
		n.Hints = append(n.Hints, HintsAt{PC: pc, Hints: list})
	})
}

func readTexts(r *strictjson.Reader) []string {
	return strictjson.Slice(r, func(s *string) { *s = r.Text() })
}

func readTracking(r *strictjson.Reader, t *Tracking) {
	r.Object(r.Uint64Field("group", &t.Group), r.Uint64Field("offset", &t.Offset))
}

func readIDs(r *strictjson.Reader) map[string]uint64 {
	ids := map[string]uint64{}
	r.Map(func(key []byte) { ids[string(key)] = r.Uint64() })
	return ids
}

func readReferences(r *strictjson.Reader) []Reference {
	return strictjson.Slice(r, func(ref *Reference) {
		r.Object(
			r.Field("ap_tracking_data", func() { readTracking(r, &ref.Tracking) }),
			r.Uint64Field("pc", &ref.PC),
			r.TextField("value", &ref.Value),
		)
	})
}

func readIdentifier(r *strictjson.Reader) (id Identifier) {
	number := func(p **uint64) func() {
		return func() {
			v := r.Uint64()
			*p = &v
		}
	}
	r.Object(
		strictjson.Optional(r.TextField("type", &id.Type)),
		r.OrNull(r.TextField("destination", &id.Destination)),
		r.OrNull(r.Field("pc", number(&id.PC))),
		r.OrNull(r.Field("value", func() { id.Value = readBig(r) })),
		r.OrNull(r.TextField("full_name", &id.FullName)),
		r.OrNull(r.TextField("cairo_type", &id.CairoType)),
		r.OrNull(r.Field("size", number(&id.Size))),
		r.OrNull(r.Field("members", func() {
			id.Members = map[string]Member{}
			r.Map(func(key []byte) {
				var m Member
				r.Object(r.TextField("cairo_type", &m.CairoType), r.Uint64Field("offset", &m.Offset))
				id.Members[string(key)] = m
			})
		})),
		r.OrNull(r.Field("decorators", func() { id.Decorators = readTexts(r) })),
		r.OrNull(r.Field("references", func() { id.References = readReferences(r) })),
	)
	return id
}

// readBig reads an integer of at most 1000 digits: more are refused, so that no one can make us convert them.
func readBig(r *strictjson.Reader) *big.Int {
	text := r.Integer()
	if r.Err() != nil {
		return nil
	}
	if len(text) > 1000 {
		r.Failf("integer of %d digits", len(text))
		return nil
	}
	v, _ := new(big.Int).SetString(string(text), 10)
	return v
}
