package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// Classes finds classes in folders, where each is in a file named by its hash.
type Classes struct {
	// Dir has the classes as they were declared, HASH.json: of Cairo 0, or of Sierra.
	Dir string
	// Casm has what classes of Sierra compile to, HASH.json or HASH.casm.json.
	Casm string

	// adapt, unless it is nil, may change the code of a class of Sierra after it was read.
	adapt func(hash felt.Felt, code *class.Casm)
}

// Body returns the class of that hash in the encoding of package class, with its compiled code if it is of Sierra.
func (c *Classes) Body(hash felt.Felt) ([]byte, error) {
	if c.Dir == "" {
		return nil, fmt.Errorf("class %v is needed, but there is no folder with classes", hash)
	}
	path := filepath.Join(c.Dir, hash.Hex()+".json")
	text, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	return c.body(path, text, hash)
}

// body parses a class and checks its hash.
func (c *Classes) body(path string, text []byte, hash felt.Felt) ([]byte, error) {
	if !bytes.Contains(text, []byte(`"sierra_program"`)) {
		k, err := parseCairo0(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return class.Append(nil, k), checkHash(path, k.Hash(), hash)
	}
	sierra, err := class.ParseSierra(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := checkHash(path, sierra.Hash(), hash); err != nil {
		return nil, err
	}
	casm, err := c.casm(hash)
	if err != nil {
		return nil, err
	}
	if c.adapt != nil {
		c.adapt(hash, casm)
	}
	return class.Append(nil, &class.Compiled{Sierra: sierra, Casm: casm}), nil
}

// parseCairo0 parses a class of Cairo 0 as compilers write it, or as nodes do, with its program compressed.
func parseCairo0(text []byte) (*class.Cairo0, error) {
	var outline struct{ Program json.RawMessage }
	if err := json.Unmarshal(text, &outline); err != nil || !bytes.HasPrefix(outline.Program, []byte(`"`)) {
		return class.ParseCairo0(text)
	}
	c, err := openrpc.ParseClass(text)
	if err != nil {
		return nil, err
	}
	k, ok := c.(*class.Cairo0)
	if !ok {
		return nil, errors.New("not a class of Cairo 0")
	}
	return k, nil
}

func checkHash(path string, have, want felt.Felt) error {
	if have == want {
		return nil
	}
	return fmt.Errorf("%s: has the class hash %v, want %v", path, have, want)
}

// casm reads the code that a class of Sierra compiles to.
func (c *Classes) casm(hash felt.Felt) (*class.Casm, error) {
	if c.Casm == "" {
		return nil, fmt.Errorf("class %v is of Sierra: the folder with its compiled code is missing", hash)
	}
	path := filepath.Join(c.Casm, hash.Hex()+".json")
	text, err := readLimited(path)
	if errors.Is(err, os.ErrNotExist) {
		path = filepath.Join(c.Casm, hash.Hex()+".casm.json")
		text, err = readLimited(path)
	}
	if err != nil {
		return nil, err
	}
	k, err := class.ParseCasm(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}
