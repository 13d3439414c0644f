package conformance

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
)

// workers is how many transactions the suite's VM executes at once: enough for all that wait for each other.
const workers = 16

// scheduler runs the suite of schedulers. The VM and the base state of each job are this side's, served over links of
// the scheduler's own.
func (s *session) scheduler(t conform.T) {
	schedtest.Run(t, schedtest.Config{
		Open: s.openScheduler, Deadline: s.Deadline, Blocks: s.Blocks, Seed: s.Seed,
	})
}

// openScheduler opens an instance and gives it its links.
func (s *session) openScheduler(t conform.T) framework.Scheduler {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatalf("open: %v", err)
		}
	}
	i, err := s.instance(t.Context(), t.TempDir())
	fail(err)
	r := &remoteScheduler{Client: schedlink.NewClient(), jobs: jobs{of: map[framework.BlockNumber]*running{}}}
	conn, err := s.dial(t.Context(), i, r.Handle)
	fail(err)
	fail(r.Relink(t.Context(), conn, ""))
	r.vm, r.store = "vm-"+i.Name(), "store-"+i.Name()
	// With a replica the VM would execute on its own account too, and the suite counts what the scheduler does.
	vm := vmlink.NewHandler(jobVM{&r.jobs}, vmlink.Config{Plugin: "vm.schedtest", Workers: workers, NoReplica: true})
	vmConn, err := s.attach(t.Context(), i, r.vm, plugin.VM, vm.Handle)
	fail(err)
	store := storelink.NewHandler(jobStore{jobs: &r.jobs})
	storeConn, err := s.attach(t.Context(), i, r.store, plugin.Store, store.Handle)
	fail(err)
	s.endWith(t, i, conn.Close, vmConn.Close, vm.Close, storeConn.Close, store.Close)
	return r
}

// remoteScheduler is a scheduler in another process, to which jobs come with the names of its links.
type remoteScheduler struct {
	*schedlink.Client
	jobs      jobs
	vm, store string // names of links
}

// Run implements [framework.Scheduler].
func (r *remoteScheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	n, leave := r.jobs.enter(j)
	defer leave()
	block := *j.Block
	block.Number = n
	j.Block = &block
	if told := r.jobs.told(n); told != nil {
		final := j.Final
		j.Final = func(finals []framework.Final) error {
			told.await(ctx, finals)
			return final(finals)
		}
	}
	j.VM = linkedExecutor{j.VM, r.vm}
	j.Base = linkedState{j.Base, r.store, n - 1}
	return r.Client.Run(ctx, j)
}

// jobs are those that are running. Each has a block number of its own, by which the scheduler's side finds its VM and
// its base state.
type jobs struct {
	mu   sync.Mutex
	last framework.BlockNumber              // guarded by mu
	of   map[framework.BlockNumber]*running // guarded by mu
}

// running is a job with what its VM was told.
type running struct {
	framework.Job
	told *publications // nil unless the VM is a Publisher
}

func (j *jobs) enter(job framework.Job) (n framework.BlockNumber, leave func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	n = j.last
	j.of[n] = &running{Job: job}
	if p, ok := job.VM.(framework.Publisher); ok {
		j.of[n].told = newPublications(p)
	}
	return n, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.of, n)
	}
}

// told returns what the VM of a running job was told, nil if it does not want to be.
func (j *jobs) told(n framework.BlockNumber) *publications {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.of[n].told
}

func (j *jobs) find(n framework.BlockNumber) (*running, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	job, ok := j.of[n]
	if !ok {
		return nil, fmt.Errorf("block %d is not being executed: %w", n, framework.ErrNoBlock)
	}
	return job, nil
}

// jobVM opens the executors of jobs.
type jobVM struct{ jobs *jobs }

// Open implements [framework.VM].
func (v jobVM) Open(_ context.Context, b *framework.Block) (framework.Executor, error) {
	job, err := v.jobs.find(b.Number)
	if err != nil {
		return nil, err
	}
	r, _ := job.VM.(framework.Rewinder)
	p, _ := job.VM.(framework.Predictor)
	var u framework.Publisher
	if job.told != nil {
		u = job.told
	}
	return framework.Combine(openExecutor{job.VM}, r, p, u), nil
}

// openExecutor stays open when the scheduler's side closes it: it is the suite's.
type openExecutor struct{ framework.Executor }

// Close implements [framework.Executor].
func (openExecutor) Close() error { return nil }

// jobStore opens the base states of jobs.
type jobStore struct {
	unreadable
	jobs *jobs
}

var _ framework.Store = jobStore{}

// At implements [framework.Store].
func (s jobStore) At(_ context.Context, n framework.BlockNumber) (framework.State, error) {
	job, err := s.jobs.find(n + 1)
	if err != nil {
		return nil, err
	}
	return openState{job.Base}, nil
}

// openState stays open when the scheduler's side closes it.
type openState struct{ framework.State }

// Close implements [framework.State].
func (openState) Close() error { return nil }

// linkedExecutor and linkedState are what a job holds on this side.
type linkedExecutor struct {
	framework.Executor
	name string
}

// LinkName implements [schedlink.Linked].
func (e linkedExecutor) LinkName() string { return e.name }

type linkedState struct {
	framework.State
	name   string
	number framework.BlockNumber
}

// LinkName implements [schedlink.Linked].
func (s linkedState) LinkName() string { return s.name }

// Number implements [schedlink.LinkedState].
func (s linkedState) Number() framework.BlockNumber { return s.number }
