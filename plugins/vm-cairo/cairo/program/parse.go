package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
)

// These errors can occur when a program is read. They come wrapped with the place: program: data[7]: ...
var (
	// ErrSyntax says that the text is no JSON, or not of this form.
	ErrSyntax = errors.New("bad syntax")
	// ErrPrime says that the program is for another field.
	ErrPrime = errors.New("prime is not that of Starknet")
	// ErrNumber says that a number is not below the prime or not a number.
	ErrNumber = errors.New("bad number")
	// ErrBuiltin says that a builtin is not known.
	ErrBuiltin = errors.New("unknown builtin")
	// ErrRange says that something refers to what is not there, or that the program is too large.
	ErrRange = errors.New("out of range")
)

// MaxWords is the largest number of words of a program that is read.
const MaxWords = 1 << 22

// file is the JSON object of a program.
type file struct {
	Prime            string                     `json:"prime"`
	Data             []string                   `json:"data"`
	Builtins         []builtin.Name             `json:"builtins"`
	Hints            map[string]json.RawMessage `json:"hints"`
	ReferenceManager struct {
		References []fileReference `json:"references"`
	} `json:"reference_manager"`
	Identifiers map[string]fileIdentifier `json:"identifiers"`
	Attributes  []fileAttribute           `json:"attributes"`
	DebugInfo   json.RawMessage           `json:"debug_info"`
	MainScope   string                    `json:"main_scope"`
	Compiler    string                    `json:"compiler_version"`
}

type fileTracking struct {
	Group  int `json:"group"`
	Offset int `json:"offset"`
}

type fileFlow struct {
	AP         fileTracking   `json:"ap_tracking"`
	References map[string]int `json:"reference_ids"`
}

type fileHint struct {
	Code   *string  `json:"code"`
	Scopes []string `json:"accessible_scopes"`
	Flow   fileFlow `json:"flow_tracking_data"`
}

type fileReference struct {
	AP    fileTracking `json:"ap_tracking_data"`
	PC    uint64       `json:"pc"`
	Value string       `json:"value"`
}

type fileIdentifier struct {
	Type string `json:"type"`
	// PC is nil for all but functions and labels, and for those that have no code.
	PC          *uint64 `json:"pc"`
	RawValue    any     `json:"value"`
	Destination string  `json:"destination"`
	Size        uint64  `json:"size"`
	Members     map[string]struct {
		Offset uint64 `json:"offset"`
	} `json:"members"`
}

type fileAttribute struct {
	Name    string    `json:"name"`
	Value   string    `json:"value"`
	StartPC uint64    `json:"start_pc"`
	EndPC   uint64    `json:"end_pc"`
	Flow    *fileFlow `json:"flow_tracking_data"`
}

type fileLocation struct {
	Line      int `json:"start_line"`
	Column    int `json:"start_col"`
	EndLine   int `json:"end_line"`
	EndColumn int `json:"end_col"`
	File      struct {
		Name string `json:"filename"`
	} `json:"input_file"`
	// Parent is null, or a location and a text.
	Parent []json.RawMessage `json:"parent_location"`
}

type fileInstruction struct {
	Inst  fileLocation `json:"inst"`
	Hints []struct {
		Location fileLocation `json:"location"`
	} `json:"hints"`
}

// maxParents bounds the chain of locations of one place.
const maxParents = 20

// location returns l with its parents.
func (l *fileLocation) location(depth int) (Location, error) {
	at := Location{File: l.File.Name, Line: l.Line, Column: l.Column, EndLine: l.EndLine, EndColumn: l.EndColumn}
	if len(l.Parent) == 0 {
		return at, nil
	}
	if depth == maxParents || len(l.Parent) != 2 {
		return at, fmt.Errorf("parent_location: %w", ErrSyntax)
	}
	var up fileLocation
	err := json.Unmarshal(l.Parent[0], &up)
	if err == nil {
		err = json.Unmarshal(l.Parent[1], &at.Reason)
	}
	if err != nil {
		return at, fmt.Errorf("parent_location: %w: %w", ErrSyntax, err)
	}
	parent, err := up.location(depth + 1)
	at.Parent = &parent
	return at, err
}

// Parse reads a compiled program. Keys that it does not know are ignored; everything it does know has to be
// right, except for the words themselves and the values of references, which matter when they are used.
func Parse(text []byte) (*Program, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("program: %w: %w", ErrSyntax, err)
	}
	if d.More() {
		return nil, fmt.Errorf("program: %w: text after the end", ErrSyntax)
	}
	p := &Program{MainScope: f.MainScope, Compiler: f.Compiler, Builtins: f.Builtins}
	for _, part := range []func(*file) error{
		p.readPrime, p.readData, p.readBuiltins, p.readReferences, p.readHints, p.readIdentifiers, p.readAttributes, p.readLocations,
	} {
		if err := part(&f); err != nil {
			return nil, fmt.Errorf("program: %w", err)
		}
	}
	return p, nil
}

func (p *Program) readPrime(f *file) error {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(f.Prime, "0x"), 16)
	if len(f.Prime) > 100 || !ok || !strings.HasPrefix(f.Prime, "0x") || n.Cmp(felt.Modulus()) != 0 {
		return fmt.Errorf("prime %.100q: %w", f.Prime, ErrPrime)
	}
	return nil
}

func (p *Program) readData(f *file) error {
	if f.Data == nil {
		return fmt.Errorf("data: %w: missing", ErrSyntax)
	}
	if len(f.Data) > MaxWords {
		return fmt.Errorf("data: %d words, at most %d: %w", len(f.Data), MaxWords, ErrRange)
	}
	p.Data = make([]felt.Felt, len(f.Data))
	for i, s := range f.Data {
		if err := p.Data[i].SetHex(s); err != nil {
			return fmt.Errorf("data[%d]: %w: %w", i, ErrNumber, err)
		}
	}
	return nil
}

func (p *Program) readBuiltins(*file) error {
	for i, n := range p.Builtins {
		if !n.Known() {
			return fmt.Errorf("builtins[%d]: %w: %.100q", i, ErrBuiltin, string(n))
		}
	}
	return nil
}

func (p *Program) readReferences(f *file) error {
	p.References = make([]Reference, len(f.ReferenceManager.References))
	for i, r := range f.ReferenceManager.References {
		p.References[i] = Reference{Tracking(r.AP), r.PC, parseExpression(r.Value)}
	}
	return nil
}

// flow checks the indices of references.
func (p *Program) flow(f *fileFlow) (Flow, error) {
	for name, i := range f.References {
		if i < 0 || i >= len(p.References) {
			return Flow{}, fmt.Errorf("reference %d of %.100q: %w: there are %d", i, name, ErrRange, len(p.References))
		}
	}
	return Flow{Tracking(f.AP), f.References}, nil
}

func (p *Program) readHints(f *file) error {
	for key, raw := range f.Hints {
		pc, err := strconv.ParseUint(key, 10, 32)
		if err != nil || pc >= uint64(len(p.Data)) {
			return fmt.Errorf("hints[%.20q]: %w: the program has %d words", key, ErrRange, len(p.Data))
		}
		var list []fileHint
		if err := json.Unmarshal(raw, &list); err != nil {
			return fmt.Errorf("hints[%q]: %w: %w", key, ErrSyntax, err)
		}
		at := HintsAt{PC: pc}
		for i, h := range list {
			if h.Code == nil {
				return fmt.Errorf("hints[%q][%d]: %w: no code", key, i, ErrSyntax)
			}
			flow, err := p.flow(&h.Flow)
			if err != nil {
				return fmt.Errorf("hints[%q][%d]: %w", key, i, err)
			}
			at.Hints = append(at.Hints, Hint{*h.Code, h.Scopes, flow})
		}
		if len(at.Hints) != 0 {
			p.Hints = append(p.Hints, at)
		}
	}
	slices.SortFunc(p.Hints, func(a, b HintsAt) int { return int(a.PC) - int(b.PC) })
	for i := 1; i < len(p.Hints); i++ {
		if p.Hints[i].PC == p.Hints[i-1].PC {
			return fmt.Errorf("hints: %w: %d occurs twice", ErrSyntax, p.Hints[i].PC)
		}
	}
	return nil
}

func (p *Program) readIdentifiers(f *file) error {
	p.Identifiers = make(map[string]Identifier, len(f.Identifiers))
	for name, id := range f.Identifiers {
		v := Identifier{Type: id.Type, Destination: id.Destination, Size: id.Size}
		if id.PC != nil {
			v.PC = *id.PC
		} else if id.Type == "function" || id.Type == "label" {
			continue
		}
		if id.Type == "const" {
			n, ok := id.RawValue.(json.Number)
			if !ok {
				return fmt.Errorf("identifiers[%.100q]: %w: value is %.100v", name, ErrNumber, id.RawValue)
			}
			x, err := parseNumber(n.String())
			if err != nil {
				return fmt.Errorf("identifiers[%.100q]: %w", name, err)
			}
			v.Value.SetBig(x)
		}
		if len(id.Members) != 0 {
			v.Members = make(map[string]uint64, len(id.Members))
			for m, at := range id.Members {
				v.Members[m] = at.Offset
			}
		}
		p.Identifiers[name] = v
	}
	return nil
}

// maxDigits bounds numbers, and exponents of numbers in scientific notation.
const maxDigits = 400

// parseNumber reads a whole JSON number of any size. Some writers of JSON turned large constants into
// scientific notation.
func parseNumber(s string) (*big.Int, error) {
	bad := fmt.Errorf("%w: %.100s", ErrNumber, s)
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if len(mantissa) > maxDigits {
		return nil, bad
	}
	e := 0
	if exponent != "" {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil || e > maxDigits || e < -maxDigits {
			return nil, bad
		}
	}
	r, ok := new(big.Rat).SetString(mantissa)
	if !ok {
		return nil, bad
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
	if e < 0 {
		r.Quo(r, new(big.Rat).SetInt(power))
	} else {
		r.Mul(r, new(big.Rat).SetInt(power))
	}
	if !r.IsInt() {
		return nil, bad
	}
	return r.Num(), nil
}

func (p *Program) readAttributes(f *file) error {
	for i, a := range f.Attributes {
		at := Attribute{Name: a.Name, Value: a.Value, StartPC: a.StartPC, EndPC: a.EndPC}
		if a.Flow != nil {
			flow, err := p.flow(a.Flow)
			if err != nil {
				return fmt.Errorf("attributes[%d]: %w", i, err)
			}
			at.Flow = &flow
		}
		p.Attributes = append(p.Attributes, at)
	}
	return nil
}

func (p *Program) readLocations(f *file) error {
	if len(f.DebugInfo) == 0 || f.DebugInfo[0] != '{' { // some classes have an empty array there
		return nil
	}
	var info struct {
		Locations map[string]fileInstruction `json:"instruction_locations"`
	}
	if err := json.Unmarshal(f.DebugInfo, &info); err != nil {
		return fmt.Errorf("debug_info: %w: %w", ErrSyntax, err)
	}
	p.Locations = make(map[uint64]Location, len(info.Locations))
	p.HintLocations = make(map[uint64][]Location)
	for _, key := range slices.Sorted(maps.Keys(info.Locations)) {
		pc, err := strconv.ParseUint(key, 10, 32)
		if err != nil {
			return fmt.Errorf("debug_info: instruction_locations[%.20q]: %w", key, ErrRange)
		}
		in := info.Locations[key]
		if p.Locations[pc], err = in.Inst.location(0); err != nil {
			return fmt.Errorf("debug_info: instruction_locations[%q]: %w", key, err)
		}
		for i := range in.Hints {
			l, err := in.Hints[i].Location.location(0)
			if err != nil {
				return fmt.Errorf("debug_info: instruction_locations[%q]: hints[%d]: %w", key, i, err)
			}
			p.HintLocations[pc] = append(p.HintLocations[pc], l)
		}
	}
	return nil
}
