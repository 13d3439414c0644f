package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// cellFlags name cells of the state.
type cellFlags struct {
	contracts, storage, classes []string
}

func (f *cellFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.contracts, "contract", nil, "class and nonce of the contract at this `ADDRESS`; repeat for more")
	flags.StringArrayVar(&f.storage, "storage", nil, "a slot of a contract: `ADDRESS:SLOT`; repeat for more")
	flags.StringArrayVar(&f.classes, "class", nil, "the compiled class of the Sierra class with this `HASH`; repeat for more")
}

// none reports whether nothing was asked for.
func (f *cellFlags) none() bool { return len(f.contracts)+len(f.storage)+len(f.classes) == 0 }

// keys returns the cells that were asked for.
func (f *cellFlags) keys() ([]framework.Key, error) {
	var keys []framework.Key
	for _, text := range f.contracts {
		contract, err := parseFelt("--contract", text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, starknet.ClassHashKey(contract), starknet.NonceKey(contract))
	}
	for _, text := range f.storage {
		left, right, ok := strings.Cut(text, ":")
		if !ok {
			return nil, misuse(fmt.Errorf("--storage %s: want ADDRESS:SLOT", text))
		}
		contract, err := parseFelt("--storage", left)
		if err != nil {
			return nil, err
		}
		slot, err := parseFelt("--storage", right)
		if err != nil {
			return nil, err
		}
		keys = append(keys, starknet.StorageKey(contract, slot))
	}
	for _, text := range f.classes {
		class, err := parseFelt("--class", text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, starknet.CompiledClassKey(class))
	}
	return keys, nil
}

// some returns the cells that were asked for, at least one.
func (f *cellFlags) some() ([]framework.Key, error) {
	if f.none() {
		return nil, misuse(errors.New("name at least one cell: --contract ADDRESS, --storage ADDRESS:SLOT or --class HASH"))
	}
	return f.keys()
}

func parseFelt(flag, text string) (felt.Felt, error) {
	z, err := felt.Parse(text)
	if err != nil {
		return felt.Felt{}, misuse(fmt.Errorf("%s: %w", flag, err))
	}
	return z, nil
}

// cellRow is what a cell holds.
type cellRow struct {
	Cell  string `json:"cell"`
	Owner string `json:"owner"` // a contract or a class
	Slot  string `json:"slot"`
	Value string `json:"value"`
}

// newCellRow returns the row of a cell.
func newCellRow(k framework.Key, value felt.Felt) cellRow {
	r := cellRow{Owner: felt.Felt(k.Owner).String(), Value: value.String()}
	switch k.Space {
	case starknet.SpaceStorage:
		r.Cell, r.Slot = "storage", felt.Felt(k.Slot).String()
	case starknet.SpaceNonce:
		r.Cell = "nonce"
	case starknet.SpaceClassHash:
		r.Cell = "class_hash"
	case starknet.SpaceCompiledClass:
		r.Cell = "compiled_class_hash"
	case starknet.SpaceDeclared:
		r.Cell = "declared"
	}
	return r
}
