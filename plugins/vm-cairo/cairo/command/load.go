package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// maxFile is how long a file may be that is read.
const maxFile = 1 << 30

// readFile reads a file of a bounded length.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: longer than %d bytes", name, maxFile)
	}
	return data, nil
}

// loadFile reads a compiled program, or a class with one.
func loadFile(name string) (*runner.Loaded, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	var keys struct {
		Bytecode json.RawMessage `json:"bytecode"`
		Program  json.RawMessage `json:"program"`
		Sierra   json.RawMessage `json:"sierra_program"`
	}
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l, err := loadProgram(data, keys.Bytecode != nil, keys.Program != nil, keys.Sierra != nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func loadProgram(data []byte, isCasm, isCairo0, isSierra bool) (*runner.Loaded, error) {
	switch {
	case isSierra:
		return nil, fmt.Errorf("a class in Sierra has to be compiled to CASM first")
	case isCasm:
		parsed, err := class.ParseCasm(data)
		if err != nil {
			return nil, err
		}
		c, err := runner.LoadCasm(parsed)
		if err != nil {
			return nil, err
		}
		return c.Loaded, nil
	case isCairo0:
		parsed, err := class.ParseCairo0(data)
		if err != nil {
			return nil, err
		}
		c, err := runner.LoadCairo0(parsed)
		if err != nil {
			return nil, err
		}
		return c.Loaded, nil
	}
	p, err := program.Parse(data)
	if err != nil {
		return nil, err
	}
	return runner.Load(p, hint.Standard()), nil
}

// load returns the layout.
func (l *layoutFlags) load() (*builtin.Layout, error) {
	if (l.name == "dynamic") != (l.params != "") {
		return nil, misuse("--cairo_layout_params_file and --layout dynamic belong together")
	}
	if l.name != "dynamic" {
		found, err := builtin.LayoutByName(l.name)
		if err != nil {
			return nil, misuse("%w, there is dynamic and %v", err, builtin.Layouts())
		}
		return found, nil
	}
	data, err := readFile(l.params)
	if err != nil {
		return nil, err
	}
	found, err := builtin.DynamicLayout(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.params, err)
	}
	return found, nil
}
