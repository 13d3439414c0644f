package cases

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// function is an entry point as an ABI describes it.
type function struct {
	name     string
	selector felt.Felt
	inputs   []input
}

// input is an argument.
type input struct{ name, kind string }

// surface is what a class says of itself.
type surface struct {
	external, l1 []function
	constructor  *function
	// structs are the members of the types that it defines.
	structs map[string][]input
}

// abiEntry is an entry of an ABI, of either generation.
type abiEntry struct {
	Type    string
	Name    string
	Inputs  []input2
	Members []input2
	Items   []abiEntry
}

type input2 struct {
	Name string
	Type string
}

// readABI reads the ABI of a class.
func readABI(data []byte) (*surface, error) {
	var entries []abiEntry
	if err := json.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("ABI: %w", err)
	}
	s := &surface{structs: map[string][]input{}}
	s.add(entries)
	return s, nil
}

func (s *surface) add(entries []abiEntry) {
	for i := range entries {
		e := &entries[i]
		f := function{name: e.Name, selector: starknet.Selector(e.Name), inputs: inputs(e.Inputs)}
		switch e.Type {
		case "interface":
			s.add(e.Items)
		case "struct":
			s.structs[e.Name] = inputs(e.Members)
		case "function":
			if e.Name == "__default__" {
				f.selector = felt.Felt{}
			}
			s.external = append(s.external, f)
		case "l1_handler":
			if e.Name == "__l1_default__" {
				f.selector = felt.Felt{}
			}
			s.l1 = append(s.l1, f)
		case "constructor":
			s.constructor = &f
		}
	}
}

func inputs(list []input2) []input {
	out := make([]input, len(list))
	for i, in := range list {
		out[i] = input{in.Name, in.Type}
	}
	return out
}

// short returns the last part of the name of a type, and that of what a list has items of.
func short(kind string) (name, item string) {
	if open := strings.IndexByte(kind, '<'); open >= 0 && strings.HasSuffix(kind, ">") {
		item = kind[open+1 : len(kind)-1]
		kind = strings.TrimSuffix(kind[:open], "::")
	}
	return kind[strings.LastIndexByte(kind, ':')+1:], item
}
