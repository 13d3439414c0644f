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
)

const (
	// maxNumber is the highest number of a block that a folder may have.
	maxNumber = 1 << 40
	// maxFile is the size of the longest file that is read: many times the longest update of any block.
	maxFile = 256 << 20
)

// Folder is a folder of recorded updates in the order of their blocks, without gaps.
type Folder struct {
	files []file
}

// file is a file with the update of a block.
type file struct {
	path   string
	number framework.BlockNumber
}

var numbered = regexp.MustCompile(`^[0-9]+\.json$`)

// Open looks through a folder for files that end in .json. The update of block n is n.json, or any file that says
// block_number. It returns an error if there is none, if one cannot be understood or if a block is missing or there
// twice. Whether an update itself is well formed shows when it is read.
func Open(dir string) (*Folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f := new(Folder)
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		one := file{path: filepath.Join(dir, e.Name())}
		if numbered.MatchString(e.Name()) {
			n, err := strconv.ParseUint(e.Name()[:len(e.Name())-len(".json")], 10, 64)
			if err != nil || n > maxNumber {
				return nil, fmt.Errorf("%s: no block has this number", one.path)
			}
			one.number = framework.BlockNumber(n) //nolint:gosec // at most maxNumber
		} else {
			u, named, err := readUpdate(one.path)
			if err != nil {
				return nil, err
			}
			if !named {
				return nil, fmt.Errorf("%s: neither its name nor its block_number says of which block it is", one.path)
			}
			one.number = u.Number
		}
		f.files = append(f.files, one)
	}
	if len(f.files) == 0 {
		return nil, fmt.Errorf("%s: no updates here: want files named 0.json, 1.json and so on", dir)
	}
	slices.SortFunc(f.files, func(a, b file) int { return cmp.Compare(a.number, b.number) })
	return f, f.checkGaps()
}

func (f *Folder) checkGaps() error {
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

// Len returns the number of updates.
func (f *Folder) Len() int { return len(f.files) }

// First and Last return the numbers of the first and the last block.
func (f *Folder) First() framework.BlockNumber { return f.files[0].number }

// Last returns the number of the last block.
func (f *Folder) Last() framework.BlockNumber { return f.files[len(f.files)-1].number }

// Read reads the update of a block from First to Last.
func (f *Folder) Read(n framework.BlockNumber) (*Update, error) {
	one := f.files[n-f.First()]
	u, named, err := readUpdate(one.path)
	if err != nil {
		return nil, err
	}
	if named && u.Number != one.number {
		return nil, fmt.Errorf("%s: its block_number is %d", one.path, u.Number)
	}
	u.Number = one.number
	return u, nil
}

func readUpdate(path string) (*Update, bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, err
	}
	if info.Size() > maxFile {
		return nil, false, fmt.Errorf("%s: %d bytes, at most %d", path, info.Size(), maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false, err
	}
	u, named, err := parseUpdate(text)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", path, err)
	}
	return u, named, nil
}
