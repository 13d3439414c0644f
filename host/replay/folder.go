package replay

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
)

const (
	// maxNumber is the highest number of a block that a folder may have.
	maxNumber = 1 << 40
	// maxFile is the size of the longest file that is read: many times the longest update of any block.
	maxFile = 256 << 20
)

// Folder is a folder of recorded things, one for each block, in the order of the blocks and without gaps.
type Folder[T any] struct {
	files []file
	// parse parses a file, and says of which block it is, if the text does.
	parse func(text []byte) (item T, number framework.BlockNumber, named bool, err error)
}

// file is the file of a block.
type file struct {
	path   string
	number framework.BlockNumber
}

var numbered = regexp.MustCompile(`^[0-9]+\.json$`)

// Open looks through a folder of state updates for files that end in .json. The update of block n is n.json, or any file
// that says block_number. It returns an error if there is none, if one cannot be understood or if a block is missing or there
// twice. Whether an update itself is well formed shows when it is read.
func Open(dir string) (*Folder[*Update], error) {
	f := &Folder[*Update]{parse: func(text []byte) (*Update, framework.BlockNumber, bool, error) {
		u, named, err := parseUpdate(text)
		if err != nil || !named {
			return u, 0, false, err
		}
		return u, u.Number, true, nil
	}}
	return f, f.open(dir)
}

// OpenBlocks looks through a folder of blocks in the form of the feeder gateway, as [Open] does.
func OpenBlocks(dir string) (*Folder[*gateway.Block], error) {
	f := &Folder[*gateway.Block]{parse: func(text []byte) (*gateway.Block, framework.BlockNumber, bool, error) {
		b, err := gateway.ParseBlock(text)
		if err != nil {
			return nil, 0, false, err
		}
		return b, b.Header.Number, true, nil
	}}
	return f, f.open(dir)
}

// open finds the files.
func (f *Folder[T]) open(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		one := file{path: filepath.Join(dir, e.Name())}
		if numbered.MatchString(e.Name()) {
			n, err := strconv.ParseUint(e.Name()[:len(e.Name())-len(".json")], 10, 64)
			if err != nil || n > maxNumber {
				return fmt.Errorf("%s: no block has this number", one.path)
			}
			one.number = framework.BlockNumber(n) //nolint:gosec // at most maxNumber
		} else {
			_, number, named, err := f.read(one.path)
			if err != nil {
				return err
			}
			if !named {
				return fmt.Errorf("%s: neither its name nor its block_number says of which block it is", one.path)
			}
			one.number = number
		}
		f.files = append(f.files, one)
	}
	if len(f.files) == 0 {
		return fmt.Errorf("%s: no blocks here: want files named 0.json, 1.json and so on", dir)
	}
	slices.SortFunc(f.files, func(a, b file) int { return cmp.Compare(a.number, b.number) })
	return f.checkGaps()
}

func (f *Folder[T]) checkGaps() error {
	for i := 1; i < len(f.files); i++ {
		a, b := f.files[i-1], f.files[i]
		switch {
		case a.number == b.number:
			return fmt.Errorf("%s and %s are both of block %d", a.path, b.path, a.number)
		case a.number+1 != b.number:
			return fmt.Errorf("%s: block %d follows block %d: block %d is missing", b.path, b.number, a.number, a.number+1)
		}
	}
	return nil
}

// Len returns the number of blocks.
func (f *Folder[T]) Len() int { return len(f.files) }

// First and Last return the numbers of the first and the last block.
func (f *Folder[T]) First() framework.BlockNumber { return f.files[0].number }

// Last returns the number of the last block.
func (f *Folder[T]) Last() framework.BlockNumber { return f.files[len(f.files)-1].number }

// Read reads the file of a block from First to Last.
func (f *Folder[T]) Read(n framework.BlockNumber) (item T, err error) {
	one := f.files[n-f.First()]
	item, number, named, err := f.read(one.path)
	if err == nil && named && number != one.number {
		err = fmt.Errorf("%s: its block_number is %d", one.path, number)
	}
	return item, err
}

func (f *Folder[T]) read(path string) (item T, number framework.BlockNumber, named bool, err error) {
	text, err := readLimited(path)
	if err != nil {
		return item, 0, false, err
	}
	if item, number, named, err = f.parse(text); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return item, number, named, err
}

// readLimited reads a file that is not too long.
func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %d bytes, at most %d", path, info.Size(), maxFile)
	}
	return os.ReadFile(path)
}
