package crypto

import (
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/felt/lanes"
)

// Path is a way to do a batch.
type Path uint8

// The paths. Auto is Vector where the processor has AVX-512 IFMA, and Portable elsewhere.
const (
	Auto Path = iota
	Portable
	Vector
)

// String returns the name of p as benchmarks print it.
func (p Path) String() string {
	switch p {
	case Auto:
		return "auto"
	case Portable:
		return "portable"
	case Vector:
		return "vector"
	}
	return fmt.Sprintf("path(%d)", uint8(p))
}

// Paths returns the paths that this processor supports, without Auto.
func Paths() []Path {
	if lanes.Fast() {
		return []Path{Portable, Vector}
	}
	return []Path{Portable}
}

// Limits of Config.PedersenWindow.
const (
	MinPedersenWindow     = 4
	MaxPedersenWindow     = 14
	DefaultPedersenWindow = 9
)

// Config says how a hasher is built. The zero value is good.
type Config struct {
	// PedersenWindow is the number of bits that one addition of a Pedersen hash takes care of. The
	// tables grow with it and the additions get fewer: 8 takes 1 MiB and 63 additions, 9 takes
	// 1.8 MiB and 55, 12 takes 11 MiB and 41. 0 means DefaultPedersenWindow.
	PedersenWindow int `koanf:"pedersen_window"`
	// Path is the way to do batches. Auto, the zero value, takes the fastest.
	Path Path `koanf:"-"`
}

// Validate returns ErrWindow or ErrPath, wrapped with the value, if no hasher can be built.
func (c Config) Validate() error {
	if w := c.PedersenWindow; w != 0 && (w < MinPedersenWindow || w > MaxPedersenWindow) {
		return fmt.Errorf("%w: pedersen_window %d, want %d to %d", ErrWindow, w, MinPedersenWindow, MaxPedersenWindow)
	}
	if c.Path > Vector || c.Path == Vector && !lanes.Fast() {
		return fmt.Errorf("%w: %v", ErrPath, c.Path)
	}
	return nil
}

// Hasher has the tables of Pedersen and a path for batches. It is never changed after New, and
// safe for concurrent use. Its memory is its tables and, for each batch that is running, a scratch
// of less than 1 MiB at the default window, whatever the length of the batch.
type Hasher struct {
	path  Path
	table *pedersenTable
	free  *sync.Pool // of pointAdder, for chunkPedersen hashes
}

// New returns a hasher as c says. It takes some 5 ms for the default window and 30 for one of 12.
func New(c Config) (*Hasher, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := c.PedersenWindow
	if w == 0 {
		w = DefaultPedersenWindow
	}
	return newHasher(resolve(c.Path), newPedersenTable(w)), nil
}

func newHasher(p Path, t *pedersenTable) *Hasher {
	h := &Hasher{path: p, table: t}
	h.free = &sync.Pool{New: func() any {
		if p == Vector {
			return newLaneAdder(2*t.digits, chunkPedersen)
		}
		return newScalarAdder(2 * t.digits * chunkPedersen)
	}}
	return h
}

// WithPath returns a hasher that shares the tables of h and does its batches on path p. It returns
// ErrPath if the processor does not support p.
func (h *Hasher) WithPath(p Path) (*Hasher, error) {
	if err := (Config{Path: p}).Validate(); err != nil {
		return nil, err
	}
	return newHasher(resolve(p), h.table), nil
}

// Path returns the path of h, which is never Auto.
func (h *Hasher) Path() Path { return h.path }

// Default returns the hasher that the functions of the package use. It is made at the first call.
func Default() *Hasher { return defaultHasher() }

var defaultHasher = sync.OnceValue(func() *Hasher {
	h, err := New(Config{})
	if err != nil {
		panic(err)
	}
	return h
})

func resolve(p Path) Path {
	if p != Auto {
		return p
	}
	if lanes.Fast() {
		return Vector
	}
	return Portable
}

// Pedersen returns the Pedersen hash of a and b by the default hasher.
func Pedersen(a, b felt.Felt) felt.Felt { return Default().Pedersen(a, b) }

// PedersenChain returns the chain of Pedersen hashes over xs by the default hasher.
func PedersenChain(xs ...felt.Felt) felt.Felt { return Default().PedersenChain(xs...) }

// PedersenBatch sets dst[i] to the Pedersen hash of pairs[i] by the default hasher.
func PedersenBatch(dst []felt.Felt, pairs [][2]felt.Felt) { Default().PedersenBatch(dst, pairs) }

// PoseidonBatch sets dst[i] to the Poseidon hash of pairs[i] by the default hasher.
func PoseidonBatch(dst []felt.Felt, pairs [][2]felt.Felt) { Default().PoseidonBatch(dst, pairs) }

// PoseidonPermuteBatch applies the permutation to each of the states by the default hasher.
func PoseidonPermuteBatch(all [][3]felt.Felt) { Default().PoseidonPermuteBatch(all) }

// PoseidonManyBatch sets dst[i] to the Poseidon hash of the sequence seqs[i] by the default hasher.
func PoseidonManyBatch(dst []felt.Felt, seqs [][]felt.Felt) { Default().PoseidonManyBatch(dst, seqs) }
