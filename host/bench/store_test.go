package bench_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/host/bench"
)

func TestStoreCaseNames(t *testing.T) {
	for want, got := range map[string]string{
		"insert_100k":         bench.Insert.Name(5),
		"update_10k_of_1m":    bench.Update.Name(1_000_000),
		"update_10k_of_100k":  bench.Update.Name(100_000),
		"update_10k_of_10001": bench.Update.Name(10_001),
		"block_like":          bench.BlockLike.Name(1_000_000),
		"block_like_of_5m":    bench.BlockLike.Name(5_000_000),
	} {
		if got != want {
			t.Errorf("name %q, want %q", got, want)
		}
	}
}

func TestStoreCaseCheck(t *testing.T) {
	for _, c := range bench.StoreCases() {
		if err := c.Check(10_000); err != nil {
			t.Errorf("Check(%s) of enough keys: %v", c, err)
		}
	}
	for c, keys := range map[bench.StoreCase]int{bench.Update: 9_999, bench.BlockLike: 1_199, bench.Insert: -1, "none": 10_000} {
		if err := c.Check(keys); err == nil {
			t.Errorf("Check(%s) of %d keys is no error", c, keys)
		}
	}
}

// recorder is a store that keeps the sizes of what is staged, and counts hashes.
type recorder struct {
	framework.Store
	writes, owners []int
}

func (r *recorder) Stage(ctx context.Context, n framework.BlockNumber, protocol string, d *framework.Diff) error {
	owners := map[framework.Word]bool{}
	for _, w := range d.Writes {
		owners[w.Key.Owner] = true
	}
	r.writes, r.owners = append(r.writes, len(d.Writes)), append(r.owners, len(owners))
	return r.Store.Stage(ctx, n, protocol, d)
}

func (r *recorder) Hashes() uint64 { return 10 * uint64(len(r.writes)) }

func (r *recorder) Cached() uint64 { return 3 << 20 }

func (r *recorder) Close() error { return nil }

// TestRunStoreJob builds a state and commits blocks to it.
func TestRunStoreJob(t *testing.T) {
	for _, tt := range []struct {
		c              bench.StoreCase
		writes, owners []int
	}{
		{bench.Insert, []int{100_000, 100_000}, []int{1, 1}},
		{bench.Update, []int{12_000, 10_000, 10_000, 10_000, 10_000}, []int{1, 1, 1, 1, 1}},
		{bench.BlockLike, []int{24_000, 1_200, 1_200, 1_200, 1_200}, []int{12_000, 200, 200, 200, 200}},
	} {
		t.Run(string(tt.c), func(t *testing.T) {
			store := new(recorder)
			open := func(context.Context, string) (_ framework.Store, err error) {
				if store.Store == nil || tt.c == bench.Insert {
					store.Store, err = memory.New(memory.Config{})
				}
				return store, err
			}
			job := bench.StoreJob{Case: tt.c, Keys: 12_000, Dir: t.TempDir(), Vector: crypto.Default().Path() == crypto.Vector, Rounds: 1}
			if tt.c != bench.Insert {
				job.Rounds, job.WarmUp = 2, 1
				build := job
				build.Build = true
				if _, err := bench.RunStoreJob(t.Context(), build, open); err != nil {
					t.Fatal(err)
				}
			}
			times, err := bench.RunStoreJob(t.Context(), job, open)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(store.writes, tt.writes) || !slices.Equal(store.owners, tt.owners) {
				t.Errorf("blocks of %v writes to %v contracts, want %v and %v", store.writes, store.owners, tt.writes, tt.owners)
			}
			if len(times.WallMs) != job.Rounds || times.CacheMB != 3 || times.Hashes[0] != 10 {
				t.Errorf("times %+v of %d rounds", times, job.Rounds)
			}
			job.Vector = !job.Vector
			if _, err := bench.RunStoreJob(t.Context(), job, open); err == nil {
				t.Error("a process with other instructions does the job")
			}
		})
	}
}

// fakeBench measures with made-up times: a job in a state of n keys takes n/1000 ms.
func fakeBench(t *testing.T) (*bench.StoreBench, *[]string) {
	var names []string
	b := &bench.StoreBench{
		Cases: []bench.StoreCase{bench.Insert, bench.Update}, Keys: []int{10_000, 20_000},
		Temperatures: []string{bench.Warm, bench.Cold}, Vector: []bool{false}, Rounds: 2, Dir: t.TempDir(),
	}
	last := 0
	b.Step = func(done, total int, _ string) {
		if last = done; total != 11 { // 3 + 2 times (build, warm, cold twice)
			t.Errorf("%d jobs, want 11", total)
		}
	}
	b.Process = func(_ context.Context, name string, job bench.StoreJob) (*bench.StoreTimes, error) {
		if names = append(names, name); len(names) != last+1 {
			t.Errorf("job %d comes after %d", len(names), last)
		}
		times := new(bench.StoreTimes)
		for range job.Rounds {
			ms := float64(job.Keys) / 1000
			times.CPUMs, times.WallMs = append(times.CPUMs, ms), append(times.WallMs, ms)
			times.Hashes = append(times.Hashes, 1000)
			times.PeakMB, times.CacheMB = 7, 5
		}
		return times, nil
	}
	return b, &names
}

func TestStoreBench(t *testing.T) {
	b, names := fakeBench(t)
	got, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	row := func(c, temperature string, ms float64) bench.StoreRow {
		return bench.StoreRow{Case: c, Temperature: temperature, CPUMs: ms, WallMs: ms, Hashes: 1000, CPUUsPerHash: ms}
	}
	want := []bench.StoreRow{
		row("insert_100k", "warm", 10), row("insert_100k", "cold", 10),
		row("update_10k_of_10k", "warm", 10), row("update_10k_of_10k", "cold", 10),
		row("update_10k_of_20k", "warm", 20), row("update_10k_of_20k", "cold", 20),
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(*names) != 11 || got.Run["update_10k_of_20k_peak_mb"] != 7 ||
		got.Run["update_10k_of_20k_cache_mb"] != 5 || got.Run["gnark_pedersen_us"] <= 0 {
		t.Errorf("jobs %v, run %v", *names, got.Run)
	}
	plot := bench.PlotStore(got.Points)
	for d := xml.NewDecoder(strings.NewReader(string(plot))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the plot is not XML: %v", err)
		}
	}
	for _, want := range []string{"update_10k, cold, no vector", "20k keys: 20", "time of a commit, ms"} {
		if !strings.Contains(string(plot), want) {
			t.Errorf("the plot has no %q", want)
		}
	}
}

func TestStoreBenchFails(t *testing.T) {
	b, _ := fakeBench(t)
	broken := errors.New("broken")
	b.Process = func(context.Context, string, bench.StoreJob) (*bench.StoreTimes, error) { return nil, broken }
	if _, err := b.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Run() = %v, want what its process returned", err)
	}
	b, _ = fakeBench(t)
	b.Process = func(context.Context, string, bench.StoreJob) (*bench.StoreTimes, error) {
		return new(bench.StoreTimes), nil
	}
	if _, err := b.Run(t.Context()); err == nil || !strings.Contains(fmt.Sprint(err), "0 rounds came back") {
		t.Errorf("Run() = %v, want a complaint of missing rounds", err)
	}
}
