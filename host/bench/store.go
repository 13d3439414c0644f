package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	pedersenhash "github.com/consensys/gnark-crypto/ecc/stark-curve/pedersen-hash"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/host/report"
)

// StoreRow is what it takes to commit a block.
type StoreRow struct {
	Case        string `json:"case"`
	Temperature string `json:"temperature"`
	// CPUMs and WallMs are the medians over the rounds of processor and wall time.
	CPUMs  float64 `json:"cpu_ms"`
	WallMs float64 `json:"wall_ms"`
	// Hashes is how many hashes the block takes, 0 if the store does not count them.
	Hashes       float64 `json:"hashes"`
	CPUUsPerHash float64 `json:"cpu_us_per_hash"`
	// Vector says whether hashes go through the vector instructions of the processor.
	Vector bool `json:"vector"`
}

// The temperatures.
const (
	// Warm is a block of a process that has committed such blocks before.
	Warm = "warm"
	// Cold is the first block of a new process, whose caches are empty. What the operating system keeps of files stays.
	Cold = "cold"
)

// StoreBench says what of a store to measure.
type StoreBench struct {
	Cases []StoreCase
	// Keys are the sizes of the states.
	Keys         []int
	Temperatures []string
	Vector       []bool
	Rounds       int
	// Dir is the folder for the stores, which are removed.
	Dir string
	// Process does a job in a new process.
	Process func(ctx context.Context, name string, job StoreJob) (*StoreTimes, error)
	// Step is told what comes next, and how many jobs are done.
	Step func(done, total int, doing string)

	done  int
	gnark []float64
}

// StoreResult is what a benchmark of a store has found out.
type StoreResult struct {
	Rows []StoreRow
	// Run has gnark_pedersen_us, the processor time of gnark-crypto's hash, measured all along; and for each case, with
	// its name in front, peak_mb, the most memory that a commit has taken on top of what the process had, and cache_mb,
	// what the caches of the store held then, which are no part of it.
	Run map[string]float64
	// Points are the rows with the size of their state, for a plot.
	Points []StorePoint
}

// StorePoint is a row, the number of keys of its state, and the most memory that one of its commits has taken.
type StorePoint struct {
	Case   StoreCase
	Keys   int
	PeakMB float64
	Row    StoreRow
}

// warmUp is how many blocks come before warm ones.
const warmUp = 10

// Run measures. Every case has a state of its own, which is built once.
func (b *StoreBench) Run(ctx context.Context) (*StoreResult, error) {
	result := &StoreResult{Run: map[string]float64{}}
	for _, c := range b.Cases {
		keys := b.Keys
		if c == Insert {
			keys = keys[:1]
		}
		for _, n := range keys {
			if err := c.Check(n); err != nil {
				return nil, err
			}
			if err := b.runCase(ctx, c, n, result); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name(n), err)
			}
		}
	}
	result.Run["gnark_pedersen_us"] = report.Median(b.gnark)
	return result, nil
}

// total returns how many jobs there are.
func (b *StoreBench) total() int {
	built := len(b.Cases) * len(b.Keys)
	states := built
	if slices.Contains(b.Cases, Insert) { // once, and from nothing
		built -= len(b.Keys)
		states -= len(b.Keys) - 1
	}
	jobs := 0
	for _, t := range b.Temperatures {
		if t == Warm {
			jobs++
		} else {
			jobs += b.Rounds
		}
	}
	return built + states*jobs*len(b.Vector)
}

func (b *StoreBench) runCase(ctx context.Context, c StoreCase, keys int, result *StoreResult) (err error) {
	dir, err := os.MkdirTemp(b.Dir, "switchyard-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	job := StoreJob{Case: c, Keys: keys, Dir: filepath.Join(dir, "store"), Vector: crypto.Default().Path() == crypto.Vector}
	if c != Insert {
		build := job
		build.Build = true
		if _, err := b.process(ctx, c.Name(keys)+"-build", build); err != nil {
			return fmt.Errorf("build the state: %w", err)
		}
	}
	peak, cache := 0.0, 0.0
	for _, temperature := range b.Temperatures {
		for _, job.Vector = range b.Vector {
			times, err := b.times(ctx, temperature, job)
			if err != nil {
				return err
			}
			row := newStoreRow(c.Name(keys), temperature, job.Vector, times)
			result.Rows = append(result.Rows, row)
			result.Points = append(result.Points, StorePoint{c, keys, times.PeakMB, row})
			peak, cache = max(peak, times.PeakMB), max(cache, times.CacheMB)
		}
	}
	result.Run[c.Name(keys)+"_peak_mb"], result.Run[c.Name(keys)+"_cache_mb"] = peak, cache
	return nil
}

// times measures the rounds of one row: in one process if they are warm, and each in a process of its own if not.
func (b *StoreBench) times(ctx context.Context, temperature string, job StoreJob) (*StoreTimes, error) {
	name := fmt.Sprintf("%s-%s-vector=%t", job.Case.Name(job.Keys), temperature, job.Vector)
	if temperature == Warm {
		job.WarmUp, job.Rounds = warmUp, b.Rounds
		if job.Case == Insert {
			job.Dir = filepath.Join(job.Dir, name)
		}
		return b.process(ctx, name, job)
	}
	all, dir := new(StoreTimes), job.Dir
	for i := range b.Rounds {
		job.Rounds = 1
		if job.Case == Insert {
			job.Dir = filepath.Join(dir, fmt.Sprintf("%s-%d", name, i))
		}
		one, err := b.process(ctx, fmt.Sprintf("%s-%d", name, i), job)
		if err != nil {
			return nil, err
		}
		all.CPUMs, all.WallMs = append(all.CPUMs, one.CPUMs...), append(all.WallMs, one.WallMs...)
		all.Hashes = append(all.Hashes, one.Hashes...)
		all.PeakMB, all.CacheMB = max(all.PeakMB, one.PeakMB), max(all.CacheMB, one.CacheMB)
	}
	return all, nil
}

// process does one job, and measures the baseline before it.
func (b *StoreBench) process(ctx context.Context, name string, job StoreJob) (*StoreTimes, error) {
	b.Step(b.done, b.total(), name)
	b.done++
	b.gnark = append(b.gnark, gnarkPedersen())
	times, err := b.Process(ctx, name, job)
	if err == nil && !job.Build && len(times.CPUMs) != job.Rounds {
		err = fmt.Errorf("%d rounds came back, want %d", len(times.CPUMs), job.Rounds)
	}
	return times, err
}

// gnarkPedersen returns the processor time of a hash of gnark-crypto, in microseconds.
func gnarkPedersen() float64 {
	const n = 1000
	in := newInputs(1)
	x, y := montgomery(in.pairs[0][0]), montgomery(in.pairs[0][1])
	meter := report.Start()
	for range n {
		y = pedersenhash.Pedersen(&x, &y)
	}
	_, cpu := meter.Stop()
	return float64(cpu) / float64(time.Microsecond) / n
}

func newStoreRow(name, temperature string, vector bool, t *StoreTimes) StoreRow {
	row := StoreRow{
		Case: name, Temperature: temperature, Vector: vector,
		CPUMs: report.Median(t.CPUMs), WallMs: report.Median(t.WallMs), Hashes: report.Median(t.Hashes),
	}
	if row.Hashes > 0 {
		row.CPUUsPerHash = row.CPUMs * 1000 / row.Hashes
	}
	return row
}
