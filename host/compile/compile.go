// Package compile finds the code (CASM) of classes that are declared as Sierra: in a folder, among what was admitted, in a
// cache, or by an external compiler, in a process with limits. Whatever it finds has the compiled class hash that the
// declaration names, or it is refused.
package compile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// Errors of [Compiler.Compile], but for those of a compiler that fails.
var (
	// ErrMismatch says that the code of a class has another hash than was declared.
	ErrMismatch = errors.New("compile: the code has another hash")
	// ErrTooLarge says that the code of a class is larger than it may be.
	ErrTooLarge = errors.New("compile: the code is too large")
	// ErrNoCode says that there is no code for a class, and no compiler.
	ErrNoCode = errors.New("compile: no code for the class, and no compiler: " +
		"configure compile.command, put the code into the folder compile.casm, or admit it")
)

// maxAdmitted is how much code that nobody has declared yet is kept, in classes.
const maxAdmitted = 1000

// Compiler finds the code of classes. It is safe for concurrent use.
type Compiler struct {
	config Config
	slots  chan struct{} // one a process

	mu       sync.Mutex
	admitted map[felt.Felt]*class.Casm // by its hash; guarded by mu
}

// New returns a compiler, and makes the folder of its cache.
func New(c Config) (*Compiler, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	if c.Cache != "" {
		if err := os.MkdirAll(c.Cache, 0o755); err != nil {
			return nil, fmt.Errorf("compile: cache: %w", err)
		}
	}
	c = c.withDefaults()
	return &Compiler{config: c, slots: make(chan struct{}, c.Parallel), admitted: map[felt.Felt]*class.Casm{}}, nil
}

// Admit keeps code that somebody is going to declare, until the process ends, and returns its hash.
func (c *Compiler) Admit(text []byte) (felt.Felt, error) {
	k, err := c.parse(text)
	if err != nil {
		return felt.Felt{}, err
	}
	h := k.HashV2()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.admitted[h]; !known && len(c.admitted) >= maxAdmitted {
		return felt.Felt{}, fmt.Errorf("compile: %d classes were admitted already", maxAdmitted)
	}
	c.admitted[h] = k
	return h, nil
}

// Compile returns the code of a class, whose hash must be want: the Blake hash that declarations name since 0.14.1. What is in
// the cache was compiled from this class; code from elsewhere is taken on its hash alone. An error wraps one of those
// above, or says what the compiler said.
func (c *Compiler) Compile(ctx context.Context, sierra *class.Sierra, want felt.Felt) (*class.Casm, error) {
	hash := sierra.Hash()
	k, err := c.find(ctx, sierra, hash, want)
	if err != nil {
		return nil, fmt.Errorf("class %v: %w", hash, err)
	}
	return k, nil
}

func (c *Compiler) find(ctx context.Context, sierra *class.Sierra, hash, want felt.Felt) (*class.Casm, error) {
	if k := c.given(want); k != nil {
		return k, nil
	}
	k, err := c.inFolder(hash, want)
	if k != nil || err != nil && len(c.config.Command) == 0 {
		return k, err
	}
	if k, err := c.cached(hash, want); k != nil || err != nil {
		return k, err
	}
	if len(c.config.Command) == 0 {
		return nil, ErrNoCode
	}
	return c.compile(ctx, sierra, hash, want)
}

// given returns what was admitted.
func (c *Compiler) given(want felt.Felt) *class.Casm {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.admitted[want]
}

// inFolder returns what the folder has for a class; nil if it has nothing.
func (c *Compiler) inFolder(hash, want felt.Felt) (*class.Casm, error) {
	if c.config.Casm == "" {
		return nil, nil //nolint:nilnil // no code and no error is what it promises
	}
	for _, name := range []felt.Felt{hash, want} {
		for _, end := range []string{".json", ".casm.json"} {
			k, err := c.read(filepath.Join(c.config.Casm, name.Hex()+end), want)
			if k != nil || err != nil {
				return k, err
			}
		}
	}
	return nil, nil //nolint:nilnil // no code and no error is what it promises
}

// compile compiles a class, when it is its turn.
func (c *Compiler) compile(ctx context.Context, sierra *class.Sierra, hash, want felt.Felt) (*class.Casm, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if k, err := c.cached(hash, want); k != nil || err != nil {
		return k, err // compiled while this call waited
	}
	text, err := c.run(ctx, sierra)
	if err != nil {
		return nil, err
	}
	k, err := c.parse(text)
	if err != nil {
		return nil, fmt.Errorf("what the compiler made: %w", err)
	}
	if err := check(k, want); err != nil {
		return nil, err
	}
	return k, c.keep(hash, want, text)
}

// parse parses code within its limits.
func (c *Compiler) parse(text []byte) (*class.Casm, error) {
	if uint64(len(text)) > uint64(c.config.Output) {
		return nil, fmt.Errorf("%w: %d bytes, of %d", ErrTooLarge, len(text), uint64(c.config.Output))
	}
	k, err := class.ParseCasm(text)
	if err != nil {
		return nil, err
	}
	if len(k.Bytecode) > c.config.Length {
		return nil, fmt.Errorf("%w: %d felts, of %d", ErrTooLarge, len(k.Bytecode), c.config.Length)
	}
	return k, nil
}

// check compares the hash of code with what was declared.
func check(k *class.Casm, want felt.Felt) error {
	if h := k.HashV2(); h != want {
		return fmt.Errorf("%w: %v, declared was %v", ErrMismatch, h, want)
	}
	return nil
}
