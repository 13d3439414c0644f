package pie

import (
	"archive/zip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// Limits of the files in an archive, unpacked.
const (
	maxText   = 1 << 28
	maxMemory = cellSize * machine.DefaultMaxCells
)

type fileSegment struct {
	Index int    `json:"index"`
	Size  uint64 `json:"size"`
}

type fileMetadata struct {
	Program struct {
		Prime    json.Number    `json:"prime"`
		Data     []json.Number  `json:"data"`
		Builtins []builtin.Name `json:"builtins"`
		Main     uint64         `json:"main"`
	} `json:"program"`
	ProgramSegment fileSegment                  `json:"program_segment"`
	Execution      fileSegment                  `json:"execution_segment"`
	ReturnFP       fileSegment                  `json:"ret_fp_segment"`
	ReturnPC       fileSegment                  `json:"ret_pc_segment"`
	Builtins       map[builtin.Name]fileSegment `json:"builtin_segments"`
	Extra          []fileSegment                `json:"extra_segments"`
}

// Read reads an archive. Every error wraps [ErrFormat] and names the file. Whether the parts belong together is for
// [PIE.Check] to say.
func Read(r io.ReaderAt, size int64) (*PIE, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	p := &PIE{
		BuiltinSegments: make(map[builtin.Name]Segment), Instances: make(map[builtin.Name]uint64),
		Pages: make(map[uint64]Page), Attributes: make(map[string][]uint64), Signatures: make(map[machine.Address]crypto.Signature),
	}
	for _, part := range []struct {
		name  string
		limit int64
		read  func(io.Reader) error
	}{
		{versionFile, maxText, readVersion},
		{metadataFile, maxText, p.readMetadata},
		{memoryFile, maxMemory, p.readMemory},
		{resourcesFile, maxText, p.readResources},
		{additionalFile, maxText, p.readAdditional},
	} {
		f, err := z.Open(part.name)
		if err != nil && part.name == versionFile {
			continue // the oldest files have none
		}
		if err == nil {
			err = limited(f, part.limit, part.read)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, part.name, err)
		}
	}
	return p, nil
}

// limited reads f up to its limit and closes it.
func limited(f fs.File, limit int64, read func(io.Reader) error) error {
	l := &io.LimitedReader{R: f, N: limit + 1}
	err := read(l)
	if l.N <= 0 {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	if err2 := f.Close(); err == nil {
		err = err2
	}
	return err
}

func readVersion(r io.Reader) error {
	var v struct {
		PIE string `json:"cairo_pie"`
	}
	if err := json.NewDecoder(r).Decode(&v); err != nil {
		return err
	}
	if v.PIE != version {
		return fmt.Errorf("version %.20q, only %q is supported", v.PIE, version)
	}
	return nil
}

func (p *PIE) readMetadata(r io.Reader) error {
	var f fileMetadata
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		return err
	}
	if prime := f.Program.Prime.String(); prime != felt.Modulus().String() {
		return fmt.Errorf("program: prime %.100s is not that of Starknet", prime)
	}
	if len(f.Program.Data) > program.MaxWords {
		return fmt.Errorf("program: data: %d words, at most %d", len(f.Program.Data), program.MaxWords)
	}
	p.Data = make([]felt.Felt, len(f.Program.Data))
	for i, n := range f.Program.Data {
		if err := p.Data[i].SetDecimal(n.String()); err != nil {
			return fmt.Errorf("program: data[%d]: %w", i, err)
		}
	}
	p.Builtins, p.Main = f.Program.Builtins, f.Program.Main
	for i, n := range p.Builtins {
		if !n.Known() {
			return fmt.Errorf("program: builtins[%d]: unknown builtin %.100q", i, string(n))
		}
	}
	p.Program, p.Execution = Segment(f.ProgramSegment), Segment(f.Execution)
	p.ReturnFP, p.ReturnPC = Segment(f.ReturnFP), Segment(f.ReturnPC)
	for n, s := range f.Builtins {
		p.BuiltinSegments[n] = Segment(s)
	}
	for _, s := range f.Extra {
		p.Extra = append(p.Extra, Segment(s))
	}
	return nil
}

func decode(n uint64) machine.Address {
	n &^= addressMark
	return machine.Address{Segment: int(n >> offsetBits), Offset: n & (1<<offsetBits - 1)}
}

func (p *PIE) readMemory(r io.Reader) error {
	var b [cellSize]byte
	for {
		switch _, err := io.ReadFull(r, b[:]); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
		c := Cell{At: decode(binary.LittleEndian.Uint64(b[:]))}
		if b[cellSize-1]&0x80 != 0 {
			c.Value = decode(binary.LittleEndian.Uint64(b[8:])).Cell()
		} else {
			slices.Reverse(b[8:])
			var x felt.Felt
			c.Value = machine.FeltCell(*x.SetBytesReduce(b[8:]))
		}
		p.Memory = append(p.Memory, c)
	}
}

func (p *PIE) readResources(r io.Reader) error {
	var f struct {
		Steps     uint64            `json:"n_steps"`
		Holes     uint64            `json:"n_memory_holes"`
		Instances map[string]uint64 `json:"builtin_instance_counter"`
	}
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		return err
	}
	p.Steps, p.Holes = f.Steps, f.Holes
	for name, n := range f.Instances {
		p.Instances[builtin.Name(strings.TrimSuffix(name, "_builtin"))] = n
	}
	return nil
}

func (p *PIE) readAdditional(r io.Reader) error {
	var f struct {
		Output *struct {
			Pages      map[string][]uint64 `json:"pages"`
			Attributes map[string][]uint64 `json:"attributes"`
		} `json:"output_builtin"`
		Pedersen [][2]uint64         `json:"pedersen_builtin"`
		Ecdsa    [][2][2]json.Number `json:"ecdsa_builtin"`
	}
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		return err
	}
	if f.Output != nil {
		for key, v := range f.Output.Pages {
			k, err := strconv.ParseUint(key, 10, 64)
			if err != nil || len(v) != 2 {
				return fmt.Errorf("output_builtin: pages[%.20q]: want a number, and start and size", key)
			}
			p.Pages[k] = Page{v[0], v[1]}
		}
		for k, v := range f.Output.Attributes {
			p.Attributes[k] = v
		}
	}
	for _, a := range f.Pedersen {
		p.Pedersen = append(p.Pedersen, machine.Address{Segment: int(a[0]), Offset: a[1]})
	}
	for i, e := range f.Ecdsa {
		seg, err := strconv.ParseUint(e[0][0].String(), 10, segmentBits)
		off, err2 := strconv.ParseUint(e[0][1].String(), 10, offsetBits)
		var s crypto.Signature
		err3, err4 := s.R.SetDecimal(e[1][0].String()), s.S.SetDecimal(e[1][1].String())
		for _, err := range []error{err, err2, err3, err4} {
			if err != nil {
				return fmt.Errorf("ecdsa_builtin[%d]: %w", i, err)
			}
		}
		p.Signatures[machine.Address{Segment: int(seg), Offset: off}] = s
	}
	return nil
}
