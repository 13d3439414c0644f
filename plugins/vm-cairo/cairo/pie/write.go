package pie

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Names of the files in the archive.
const (
	versionFile    = "version.json"
	metadataFile   = "metadata.json"
	memoryFile     = "memory.bin"
	additionalFile = "additional_data.json"
	resourcesFile  = "execution_resources.json"
)

// version is the version of the format.
const version = "1.1"

// Numbers of the form of cells: an address has a mark in its highest bit, then the segment, then the offset.
const (
	addressMark = 1 << 63
	offsetBits  = 47
	segmentBits = 16
	cellSize    = 40
)

// Write writes the archive. With merge, all extra segments are joined into the first one.
func (p *PIE) Write(w io.Writer, merge bool) error {
	if merge {
		p = p.merged()
	}
	z := zip.NewWriter(w)
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{metadataFile, text(p.metadata)},
		{memoryFile, p.writeMemory},
		{additionalFile, text(p.additional)},
		{resourcesFile, text(p.resources)},
		{versionFile, text(func() string { return `{"cairo_pie": "` + version + `"}` })},
	} {
		out, err := z.Create(f.name)
		if err == nil {
			err = f.write(out)
		}
		if err != nil {
			return fmt.Errorf("pie: %s: %w", f.name, err)
		}
	}
	return z.Close()
}

func text(make func() string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, make())
		return err
	}
}

// list writes a JSON array, with the separators of Python.
func list[T any](all []T, one func(T) string) string {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = one(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always has a form
	return string(b)
}

func (s Segment) json() string { return fmt.Sprintf(`{"index": %d, "size": %d}`, s.Index, s.Size) }

func (p *PIE) metadata() string {
	builtins := make([]string, len(p.Builtins))
	for i, n := range p.Builtins {
		builtins[i] = quote(string(n)) + ": " + p.BuiltinSegments[n].json()
	}
	return fmt.Sprintf(`{"program": {"prime": %v, "data": %s, "builtins": %s, "main": %d}, "program_segment": %s, `+
		`"execution_segment": %s, "ret_fp_segment": %s, "ret_pc_segment": %s, "builtin_segments": {%s}, "extra_segments": %s}`,
		felt.Modulus(), list(p.Data, felt.Felt.Decimal), list(p.Builtins, func(n builtin.Name) string { return quote(string(n)) }),
		p.Main, p.Program.json(), p.Execution.json(), p.ReturnFP.json(), p.ReturnPC.json(), strings.Join(builtins, ", "),
		list(p.Extra, Segment.json))
}

// additional writes what builtins know besides the memory.
func (p *PIE) additional() string {
	parts := make([]string, len(p.Builtins))
	for i, n := range p.Builtins {
		data := "null"
		switch n {
		case builtin.Output:
			data = p.output()
		case builtin.Pedersen:
			data = list(p.Pedersen, pair)
		case builtin.Ecdsa:
			keys := slices.SortedFunc(maps.Keys(p.Signatures), compare)
			data = list(keys, func(a machine.Address) string {
				s := p.Signatures[a]
				return "[" + pair(a) + ", [" + s.R.Decimal() + ", " + s.S.Decimal() + "]]"
			})
		}
		parts[i] = quote(n.String()) + ": " + data
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func compare(a, b machine.Address) int {
	if a.Segment != b.Segment {
		return a.Segment - b.Segment
	}
	if a.Offset < b.Offset {
		return -1
	}
	return 1
}

func pair(a machine.Address) string { return fmt.Sprintf("[%d, %d]", a.Segment, a.Offset) }

func (p *PIE) output() string {
	pages := list(slices.Sorted(maps.Keys(p.Pages)), func(k uint64) string {
		return fmt.Sprintf(`"%d": [%d, %d]`, k, p.Pages[k].Start, p.Pages[k].Size)
	})
	attributes := list(slices.Sorted(maps.Keys(p.Attributes)), func(k string) string {
		return quote(k) + ": " + list(p.Attributes[k], number)
	})
	return `{"pages": ` + object(pages) + `, "attributes": ` + object(attributes) + "}"
}

// object turns the brackets of a list into those of an object.
func object(list string) string { return "{" + list[1:len(list)-1] + "}" }

func (p *PIE) resources() string {
	counts := list(p.Builtins, func(n builtin.Name) string { return quote(n.String()) + ": " + number(p.Instances[n]) })
	return fmt.Sprintf(`{"builtin_instance_counter": %s, "n_memory_holes": %d, "n_steps": %d}`, object(counts), p.Holes, p.Steps)
}

// encode returns the number that an address is in the file.
func encode(a machine.Address) (uint64, error) {
	if a.Segment < 0 || a.Segment >= 1<<segmentBits || a.Offset >= 1<<offsetBits {
		return 0, fail(ErrInvalid, "failed to serialize address: %v", a)
	}
	return addressMark | uint64(a.Segment)<<offsetBits | a.Offset, nil
}

func (p *PIE) writeMemory(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var b [cellSize]byte
	for _, c := range p.Memory {
		at, err := encode(c.At)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(b[:], at)
		x, isFelt := c.Value.Felt()
		if a, ok := c.Value.Address(); ok && !isFelt {
			n, err := encode(a)
			if err != nil {
				return err
			}
			x = felt.Felt{n &^ addressMark, 0, 0, addressMark}
		}
		for i, limb := range x {
			binary.LittleEndian.PutUint64(b[8+8*i:], limb)
		}
		if _, err := out.Write(b[:]); err != nil {
			return err
		}
	}
	return out.Flush()
}
