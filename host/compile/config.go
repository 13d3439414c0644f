package compile

import (
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Config says where the code of Sierra classes comes from. The zero value is valid: code is then only what [Compiler.Admit] was
// given.
type Config struct {
	// Command is the compiler and its arguments. {sierra} in one stands for the file with the class, {casm} for the one that
	// the code is to be written to; without {casm} the code is what the compiler prints.
	Command []string `koanf:"command" doc:"The compiler of Sierra classes and its arguments: {sierra} is the file with the class, {casm} the one for the code. Empty means none."`
	// Timeout is how long it may take. 0 means a minute.
	Timeout time.Duration `koanf:"timeout" doc:"How long the compiler may take. 0 means a minute."`
	// Memory is how much memory it may take. 0 means 2 GiB.
	Memory plugin.Size `koanf:"memory" doc:"How much memory the compiler may take (on Linux). 0 means 2GiB."`
	// Output is how large the code may be, as text. 0 means 64 MiB.
	Output plugin.Size `koanf:"output" doc:"How large the code of a class may be, as text. 0 means 64MiB."`
	// Length is how many felts of code a class may have. 0 means 81920, as the public networks have it.
	Length int `koanf:"length" doc:"How many felts of code a class may have. 0 means 81920."`
	// Parallel is how many compilers run at once. 0 means one.
	Parallel int `koanf:"parallel" doc:"How many compilers run at once. 0 means one."`
	// Cache is a folder for what was compiled. Empty means that nothing is kept.
	Cache string `koanf:"cache" doc:"A folder for what was compiled. Empty means that nothing is kept."`
	// Casm is a folder with code: HASH.json or HASH.casm.json, where HASH is that of the class or of the code.
	Casm string `koanf:"casm" doc:"A folder with the code of classes: HASH.json or HASH.casm.json, by the hash of the class or of the code. Empty means none."`
}

// What may be asked for.
const (
	maxParallel = 64
	maxSize     = 1 << 40
)

// Validate names the key that is wrong.
func (c Config) Validate() error {
	switch {
	case len(c.Command) > 0 && c.Command[0] == "":
		return errors.New("command: has no program")
	case c.Timeout < 0:
		return fmt.Errorf("timeout: %v is negative", c.Timeout)
	case c.Memory > maxSize:
		return fmt.Errorf("memory: %v is more than %v", c.Memory, plugin.Size(maxSize))
	case c.Output > maxSize:
		return fmt.Errorf("output: %v is more than %v", c.Output, plugin.Size(maxSize))
	case c.Length < 0:
		return fmt.Errorf("length: %d is negative", c.Length)
	case c.Parallel < 0 || c.Parallel > maxParallel:
		return fmt.Errorf("parallel: %d is not between 0 and %d", c.Parallel, maxParallel)
	}
	return nil
}

// withDefaults returns c with nothing left unsaid.
func (c Config) withDefaults() Config {
	const memory, output, length = 2 << 30, 64 << 20, 81920
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Memory == 0 {
		c.Memory = memory
	}
	if c.Output == 0 {
		c.Output = output
	}
	if c.Length == 0 {
		c.Length = length
	}
	if c.Parallel == 0 {
		c.Parallel = 1
	}
	return c
}
