package compile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// path is where the cache has the code of a class. Its name has both hashes: that some code has the hash that was
// declared does not make it the code of this class.
func (c *Compiler) path(hash, want felt.Felt) string {
	return filepath.Join(c.config.Cache, hash.Hex()+"-"+want.Hex()+".json")
}

// cached returns what the cache has for a class; nil if it has nothing, or something that was damaged.
func (c *Compiler) cached(hash, want felt.Felt) (*class.Casm, error) {
	if c.config.Cache == "" {
		return nil, nil //nolint:nilnil // no code and no error is what it promises
	}
	k, err := c.read(c.path(hash, want), want)
	if pathError := new(fs.PathError); errors.As(err, &pathError) {
		return nil, err
	}
	return k, nil //nolint:nilerr // it is compiled again
}

// keep writes code into the cache, all of it or nothing.
func (c *Compiler) keep(hash, want felt.Felt, text []byte) (err error) {
	if c.config.Cache == "" {
		return nil
	}
	f, err := os.CreateTemp(c.config.Cache, "new-*")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(hash, want))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cache: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// read reads code from a file and checks it; nil if there is none.
func (c *Compiler) read(path string, want felt.Felt) (*class.Casm, error) {
	text, err := c.readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no code and no error is what it promises
	}
	if err != nil {
		return nil, err
	}
	k, err := c.parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := check(k, want); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// readFile reads a file, one byte more than code may have at most.
func (c *Compiler) readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(c.config.Output)+1)) //nolint:gosec // see Validate
}
